// What map and job panel show while a job runs, and how its card tells of each end.
#include "core/backup/resume.h"
#include "tests/ui/window_on_array.h"
#include "ui/dialogs/confirm_dialog.h"
#include "ui/dialogs/restore_dialog.h"
#include "ui/models/candidate_model.h"

#include <QToolButton>

using namespace cairn;
using namespace cairn::test;

class TestJobsXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init() { m_driven.emplace(); }
    void cleanup() { m_driven.reset(); }
    void theMapShowsWhatARestoreReadsAndWrites();
    void aRestoreIsNeverAtItsEndWhileItReads();
    void aRestoreWithoutUndoIsTriedAgainAsItWasChosen();
    void aHalfRestoredRegionSaysWhichBackupHoldsIt();
    void anEndBeforeTheFirstWriteLeavesNothingToResume();
    void everyEndSaysWhatStateThingsAreIn();
    void aBackupThatNeverBeganIsAskedForAgainFromItsOwnSource();
    void whatAnotherJobWillWriteIsRefusedBeforeItIsAskedFor();
    void whereARestoreMayKeepSomethingIsNoTarget();
    void aRestoreOntoTheSourceOfAJobIsRefusedInItsDialog();
    void whatAJobUsesCannotBeChangedMeanwhile();
    void aRestoreIsNotUndoneWhileAJobReadsItsRegion();
    void whatIsExportedIsNoTargetMeanwhile();
    void aJobIsNotResumedWhileItsRegionIsExported();
    void theCardOfAHalfRestoreTellsWhatBecameOfIt();
    void aRestoreCanceledWhileItIsReadBackHasWrittenEverything();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }
    [[nodiscard]] const ArraySnapshot& snapshot() const { return m_driven->snapshot(); }
    [[nodiscard]] RunningJob* job() const { return m_driven->job(); }
    [[nodiscard]] QString activity(const char* region) const;
    [[nodiscard]] QString card() const { return m_driven->card(); }
    [[nodiscard]] QString againTip() const { return m_driven->againTip(); }
    void photograph(const char* name) const { m_driven->photograph(name); }
    void selectTheBackup() { m_driven->openWithABackup(); }
    void startRestore(bool keeps);
    void startBackup(const char* source, const char* target)
    {
        m_driven->startBackup(source, target);
    }
    void startUnasked(const char* source, const char* target);
    void startExport(const char* region, const QString& file)
    {
        m_driven->startExport(region, file);
    }
    // Why the verb cannot be chosen, or nothing where it can.
    [[nodiscard]] QString whyNot(const char* verb) const;
    // What the list of targets says of that region, for the source.
    [[nodiscard]] QString verdict(const char* source, const char* target);
    void cancelAndWaitForTheCard();
    void waitUntilItOverwrites();
    void cancelARestoreHalfway();

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

QString TestJobsXcb::activity(const char* region) const
{
    const ArrayMap* map = window().view()->map();
    for (int index = 0; index < map->cellCount(); ++index) {
        if (map->cellAt(index).region && map->cellAt(index).name == QLatin1StringView(region))
            return map->activityText(index);
    }
    return QStringLiteral("no such region");
}

void TestJobsXcb::startRestore(bool keeps)
{
    const std::size_t before = m_driven->array().jobs().size();
    m_driven->press(Qt::Key_R, Qt::ControlModifier);
    auto* asked = m_driven->dialog<RestoreDialog>();
    auto* keep = child<QCheckBox>(*asked, "keepUndo");
    QTRY_VERIFY_WITH_TIMEOUT(keep->isVisible(), kPatienceMs);
    if (keep->isChecked() != keeps)
        keep->click();
    if (!keeps)
        QTest::keyClicks(child<QLineEdit>(*asked, "typedName"), QStringLiteral("db"));
    photograph(keeps ? "restore-kept" : "restore-without-undo");
    click(child<QPushButton>(*asked, "overwrite"));
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->array().jobs().size(), before + 1, kPatienceMs);
}

void TestJobsXcb::startUnasked(const char* source, const char* target)
{
    const auto find = [&](const char* name) {
        return *std::ranges::find(snapshot().layout.regions, name, &Region::name);
    };
    const auto attached = Attachment::attach({m_driven->disk().uri()}, systemEnvironment());
    QVERIFY(attached.has_value());
    const auto plan = planBackup(**attached, find(source).id, find(target).id, {});
    QVERIFY(plan.has_value());
    m_driven->array().start(
        {.verb = Verb::BackUp,
         .title = QStringLiteral("unasked"),
         .target = plan->target.id,
         .member = plan->target.member,
         .source = plan->source.id,
         .run = {}},
        [plan = *plan](Attachment& attachment, CopyControl& control) -> Result<JobOutcome> {
            auto outcome = cairn::backUp(attachment, plan, control);
            if (!outcome)
                return std::unexpected(std::move(outcome).error());
            return JobOutcome(*std::move(outcome));
        });
}

QString TestJobsXcb::whyNot(const char* verb) const
{
    const auto* action = child<QAction>(window(), verb);
    return action->isEnabled() ? QString() : action->toolTip();
}

QString TestJobsXcb::verdict(const char* source, const char* target)
{
    m_driven->clickRegion(source);
    m_driven->press(Qt::Key_B, Qt::ControlModifier);
    auto* asked = m_driven->dialog<BackupDialog>();
    const auto* model = child<QTableView>(*asked, "candidateTable")->model();
    QString said;
    for (int row = 0; row < model->rowCount(); ++row) {
        if (model->index(row, CandidateModel::Name).data() == QLatin1StringView(target))
            said = model->index(row, CandidateModel::Reasons).data().toString();
    }
    if (said != QStringLiteral("Free to use"))
        photograph("targets");
    QTest::keyClick(asked, Qt::Key_Escape);
    if (!QTest::qWaitFor([&] { return window().findChild<BackupDialog*>() == nullptr; },
                         kPatienceMs))
        qFatal("the dialog stays");
    return said;
}

void TestJobsXcb::cancelAndWaitForTheCard()
{
    job()->cancel();
    QTRY_VERIFY_WITH_TIMEOUT(job()->finished(), kPatienceMs);
    QTRY_VERIFY2_WITH_TIMEOUT(card().startsWith(QStringLiteral("Canceled.")), qPrintable(card()),
                              kPatienceMs);
}

// Incident: a pause on a busy machine came before the first write, and nothing was half restored.
void TestJobsXcb::waitUntilItOverwrites()
{
    QTRY_VERIFY_WITH_TIMEOUT(job()->standing().current.work == StepWork::Copy &&
                                 job()->progress().doneBytes > 4 * kMiB,
                             kPatienceMs);
}

// It keeps nothing, and some of what it overwrites is written.
void TestJobsXcb::cancelARestoreHalfway()
{
    selectTheBackup();
    m_driven->disk().setBandwidth(8 * kMiB, 0);
    startRestore(false);
    waitUntilItOverwrites();
    cancelAndWaitForTheCard();
}

void TestJobsXcb::theMapShowsWhatARestoreReadsAndWrites()
{
    m_driven->disk().addSpare();
    selectTheBackup();
    m_driven->disk().setBandwidth(4 * kMiB, 0); // The disk with db and spare.
    startRestore(true);
    QTRY_COMPARE_WITH_TIMEOUT(job()->standing().current.work, StepWork::KeepOld, kPatienceMs);
    job()->pause(); // What is shown stays true while it is looked at.
    QTRY_COMPARE_WITH_TIMEOUT(activity("spare"), QStringLiteral("being overwritten"), kPatienceMs);
    QCOMPARE(activity("db"), QStringLiteral("being read"));
    QCOMPARE(activity("vault"), QString());
    m_driven->readAgain();
    QVERIFY2(!m_driven->cell("spare").halfRestored, "an undo copy that is being made is not half");
    QVERIFY(!m_driven->cell("db").halfRestored);
    photograph("keeping");
    m_driven->disk().setBandwidth(8 * kMiB, 0);
    job()->resume();
    waitUntilItOverwrites();
    job()->pause();
    QTRY_COMPARE_WITH_TIMEOUT(activity("db"), QStringLiteral("being overwritten"), kPatienceMs);
    QCOMPARE(activity("vault"), QStringLiteral("being read"));
    QCOMPARE(activity("spare"), QString());
    photograph("overwriting");
    // Incident: one click on the wrong row left a region half restored.
    click(child<QToolButton>(window(), "cancelJob"));
    auto* asked = m_driven->dialog<ConfirmDialog>();
    photograph("cancel-asked");
    asked->reject();
    QVERIFY(!job()->finished());
    cancelAndWaitForTheCard();
    QTRY_VERIFY_WITH_TIMEOUT(m_driven->cell("db").halfRestored, kPatienceMs);
    QVERIFY(!m_driven->cell("spare").halfRestored);
    QVERIFY2(card().contains(QStringLiteral("undo the restore")), qPrintable(card()));
    QCOMPARE(againTip(), QStringLiteral("Resume"));
    photograph("canceled-after-the-first-write");
}

void TestJobsXcb::aRestoreIsNeverAtItsEndWhileItReads()
{
    selectTheBackup();
    m_driven->disk().setBandwidth(12 * kMiB, 0);
    startRestore(false);
    QTRY_COMPARE_WITH_TIMEOUT(job()->standing().current.work, StepWork::ReadTarget, kPatienceMs);
    QVERIFY2(job()->fraction() < 0.5, qPrintable(job()->progressText()));
    QTRY_VERIFY2_WITH_TIMEOUT(
        job()->progressText().contains(QStringLiteral("step 2 of 4: reading what is there")),
        qPrintable(job()->progressText()), kPatienceMs);
    QTRY_VERIFY2_WITH_TIMEOUT(job()->progressText().contains(QStringLiteral("at most")),
                              qPrintable(job()->progressText()), kPatienceMs);
    m_driven->disk().setBandwidth(0, 0);
    QTRY_VERIFY_WITH_TIMEOUT(m_driven->idle(), kPatienceMs);
    QVERIFY(m_driven->disk().sourceHolds(1));
}

void TestJobsXcb::aRestoreWithoutUndoIsTriedAgainAsItWasChosen()
{
    m_driven->disk().addSpare();
    selectTheBackup();
    m_driven->disk().setBandwidth(4 * kMiB);
    startRestore(false);
    cancelAndWaitForTheCard();
    m_driven->disk().setBandwidth(0);
    QCOMPARE(againTip(), QStringLiteral("Try again …"));
    click(child<QToolButton>(window(), "retryJob"));
    auto* asked = m_driven->dialog<RestoreDialog>();
    auto* keep = child<QCheckBox>(*asked, "keepUndo");
    QTRY_VERIFY_WITH_TIMEOUT(keep->isVisible(), kPatienceMs);
    QVERIFY(keep->isEnabled());
    QVERIFY(!keep->isChecked());
    QVERIFY(!child<QPushButton>(*asked, "overwrite")->isEnabled()); // Nothing was typed.
    QTest::keyClick(asked, Qt::Key_Escape);
    QCOMPARE(m_driven->array().jobs().size(), std::size_t{1}); // It can still be tried again.
    QVERIFY(m_driven->disk().sourceHolds(2));
}

void TestJobsXcb::aHalfRestoredRegionSaysWhichBackupHoldsIt()
{
    cancelARestoreHalfway();
    QVERIFY2(card().contains(QStringLiteral("not kept for an undo")), qPrintable(card()));
    QTRY_VERIFY_WITH_TIMEOUT(snapshot().interrupted.size() == 1, kPatienceMs);
    const auto strip = [&] {
        QStringList said;
        for (const QLabel* label : window().messages()->findChildren<QLabel*>())
            said.append(label->text());
        return said.join(u'\n');
    };
    QTRY_VERIFY2_WITH_TIMEOUT(strip().contains(QStringLiteral("Backup 1 holds what it held on")),
                              qPrintable(strip()), kPatienceMs);
    QVERIFY2(strip().contains(QStringLiteral("changed since is not in it")), qPrintable(strip()));
    photograph("half-restored-without-undo");
}

void TestJobsXcb::anEndBeforeTheFirstWriteLeavesNothingToResume()
{
    m_driven->disk().addSpare();
    selectTheBackup();
    m_driven->disk().setBandwidth(4 * kMiB);
    startRestore(true);
    QTRY_VERIFY_WITH_TIMEOUT(job()->progress().doneBytes > 0, kPatienceMs);
    cancelAndWaitForTheCard();
    QVERIFY2(card().contains(QStringLiteral("There is nothing to resume")), qPrintable(card()));
    QVERIFY(!card().contains(QStringLiteral("can be resumed")));
    const auto* resume = child<QAction>(window(), "resumeInterrupted");
    QVERIFY(!resume->isEnabled());
    QVERIFY2(resume->toolTip().contains(QStringLiteral("leaves nothing to resume")),
             qPrintable(resume->toolTip()));
    photograph("canceled-before-the-first-write");
    // While it keeps what it will overwrite there is a job to go on with, and it says so.
    m_driven->disk().setBandwidth(0);
    m_driven->disk().setBandwidth(6 * kMiB, 0);
    m_driven->clickRow(0);
    startRestore(true);
    QTRY_COMPARE_WITH_TIMEOUT(job()->standing().current.work, StepWork::KeepOld, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(job()->progress().doneBytes > kMiB, kPatienceMs);
    cancelAndWaitForTheCard();
    QVERIFY2(card().contains(QStringLiteral("Resume it, or give it up")), qPrintable(card()));
    QTRY_VERIFY_WITH_TIMEOUT(snapshot().interrupted.size() == 1, kPatienceMs);
    m_driven->clickRegion("db");
    QTRY_VERIFY_WITH_TIMEOUT(resume->isEnabled(), kPatienceMs);
    QVERIFY(!m_driven->cell("spare").halfRestored);
}

void TestJobsXcb::everyEndSaysWhatStateThingsAreIn()
{
    m_driven->disk().addSpare();
    m_driven->open();
    m_driven->backUp();
    QTRY_VERIFY2_WITH_TIMEOUT(card().contains(QStringLiteral("complete and good")),
                              qPrintable(card()), kPatienceMs);
    QVERIFY2(card().contains(QStringLiteral("24 MiB were read")), qPrintable(card()));
    const auto vault = std::ranges::find(snapshot().layout.regions, "vault", &Region::name)->extent;
    Faults bad;
    bad.unreadable = {{vault.offsetBytes + 8 * kMiB, 2 * kMiB}};
    QVERIFY(setFaults(m_driven->disk().directory(), 1, bad).has_value());
    m_driven->readAgain();
    m_driven->clickRegion("vault");
    m_driven->press(Qt::Key_Y, Qt::ControlModifier);
    QTRY_VERIFY2_WITH_TIMEOUT(card().contains(QStringLiteral("Backup 1 is only partial")),
                              qPrintable(card()), kPatienceMs);
    QCOMPARE(job()->report().tone, JobReport::Tone::Bad);
    photograph("done-and-partial");
    QVERIFY(setFaults(m_driven->disk().directory(), 1, {}).has_value());
    const auto db = std::ranges::find(snapshot().layout.regions, "db", &Region::name)->extent;
    bad.unreadable = {{db.offsetBytes + 8 * kMiB, 2 * kMiB}};
    QVERIFY(setFaults(m_driven->disk().directory(), 0, bad).has_value());
    m_driven->clickRegion("db");
    m_driven->press(Qt::Key_B, Qt::ControlModifier);
    auto* asked = m_driven->dialog<BackupDialog>();
    WindowOnArray::chooseTarget(asked, "spare");
    click(child<QPushButton>(*asked, "startBackup"));
    QTRY_VERIFY2_WITH_TIMEOUT(card().startsWith(QStringLiteral("Failed:")), qPrintable(card()),
                              kPatienceMs);
    QVERIFY2(card().contains(QStringLiteral("The source is untouched")), qPrintable(card()));
    QVERIFY2(card().contains(QStringLiteral("Resume it")), qPrintable(card()));
    photograph("failed");
}

// The queue had let another backup into its target first, and that one was verified by the button
// of the card, which went.
void TestJobsXcb::aBackupThatNeverBeganIsAskedForAgainFromItsOwnSource()
{
    m_driven->disk().addSpare();
    m_driven->disk().overwrite("spare", 3);
    m_driven->disk().addBeside("vault", "third", ArrayOnDisk::kSourceBytes);
    m_driven->open();
    m_driven->disk().setBandwidth(4 * kMiB);
    startBackup("db", "third");
    job()->pause();
    startBackup("spare", "vault");
    RunningJob* refused = job();
    // The list of targets would not offer it any more.
    startUnasked("db", "vault");
    m_driven->array().putForward(job());
    m_driven->disk().setBandwidth(0);
    m_driven->array().jobs().front()->resume();
    QTRY_VERIFY_WITH_TIMEOUT(m_driven->idle() && !refused->report().text.isEmpty(), kPatienceMs);
    QVERIFY2(refused->report().text.contains(QStringLiteral("no longer what you confirmed")),
             qPrintable(refused->report().text));
    QToolButton* retry = nullptr;
    for (auto* button : window().findChildren<QToolButton*>(QStringLiteral("retryJob"))) {
        if (button->isVisible())
            retry = button;
    }
    QVERIFY(retry != nullptr);
    QVERIFY2(retry->accessibleName().contains(QStringLiteral("Try again …: Back up spare")),
             qPrintable(retry->accessibleName()));
    click(retry);
    auto* asked = m_driven->dialog<BackupDialog>();
    QVERIFY(!asked->plan());
    WindowOnArray::chooseTarget(asked, "third");
    QVERIFY(!asked->plan() || asked->plan()->source.name == "spare");
    QTest::keyClick(asked, Qt::Key_Escape);
    QCOMPARE(m_driven->array().jobs().size(), std::size_t{3});
    QVERIFY(retry->isVisible());
}

// It was offered as a free target, and refused when its turn came.
void TestJobsXcb::whatAnotherJobWillWriteIsRefusedBeforeItIsAskedFor()
{
    m_driven->disk().addSpare();
    m_driven->disk().overwrite("spare", 3);
    m_driven->disk().addBeside("vault", "third", ArrayOnDisk::kSourceBytes);
    m_driven->open();
    m_driven->disk().setBandwidth(4 * kMiB);
    startBackup("db", "third");
    job()->pause();
    QCOMPARE(verdict("db", "vault"), QStringLiteral("Free to use"));
    startBackup("spare", "vault"); // Waits: the other one writes the same member.
    QCOMPARE(job()->state(), RunningJob::State::Waiting);
    QCOMPARE(verdict("db", "vault"), QStringLiteral("A job will write it: Back up spare → vault"));
    const QString read = verdict("db", "spare");
    QVERIFY2(read.contains(QStringLiteral("A job reads it: Back up spare → vault")),
             qPrintable(read));
    job()->cancel();
    QTRY_VERIFY_WITH_TIMEOUT(job()->finished(), kPatienceMs);
    QCOMPARE(verdict("db", "vault"), QStringLiteral("Free to use"));
}

void TestJobsXcb::whereARestoreMayKeepSomethingIsNoTarget()
{
    m_driven->disk().addSpare();
    selectTheBackup();
    m_driven->disk().setBandwidth(4 * kMiB, 0);
    startRestore(true);
    // Until it has read its target, nobody knows how much there is to keep, and where.
    QTRY_COMPARE_WITH_TIMEOUT(job()->standing().current.work, StepWork::ReadTarget, kPatienceMs);
    job()->pause();
    QCOMPARE(verdict("vault", "spare"),
             QStringLiteral("A job will write it: Restore backup 1 → db"));
    cancelAndWaitForTheCard();
    QCOMPARE(verdict("vault", "spare"), QStringLiteral("Free to use"));
}

void TestJobsXcb::aRestoreOntoTheSourceOfAJobIsRefusedInItsDialog()
{
    m_driven->disk().addBeside("db", "second", ArrayOnDisk::kSourceBytes);
    selectTheBackup();
    m_driven->disk().setBandwidth(2 * kMiB, 0);
    startBackup("db", "second");
    QTRY_COMPARE_WITH_TIMEOUT(window().view()->table()->model()->rowCount(), 2, kPatienceMs);
    job()->pause();
    m_driven->disk().setBandwidth(0, 0);
    m_driven->clickRow(1); // The backup in vault.
    m_driven->press(Qt::Key_R, Qt::ControlModifier);
    auto* asked = m_driven->dialog<RestoreDialog>();
    const auto* problem = child<QLabel>(*asked, "restoreProblem");
    QTRY_VERIFY2_WITH_TIMEOUT(
        problem->text().startsWith(QStringLiteral("Another job uses “db” (Back up db → second).")),
        qPrintable(problem->text()), kPatienceMs);
    QVERIFY(!asked->plan());
    photograph("restore-onto-a-source");
}

// Each was asked for in its dialog, and refused when it was to begin.
void TestJobsXcb::whatAJobUsesCannotBeChangedMeanwhile()
{
    m_driven->disk().addBeside("vault", "third", ArrayOnDisk::kSourceBytes);
    m_driven->open();
    m_driven->disk().setBandwidth(4 * kMiB);
    startBackup("db", "third");
    job()->pause();
    const QString read = QStringLiteral("A job reads it: Back up db → third.");
    const QString written = QStringLiteral("A job will write it: Back up db → third.");
    m_driven->clickRegion("db");
    for (const char* verb : {"importImage", "renameRegion", "removeRegion"})
        QVERIFY2(whyNot(verb).contains(read), qPrintable(whyNot(verb)));
    QCOMPARE(whyNot("exportImage"), QString());
    m_driven->clickRegion("third");
    for (const char* verb : {"importImage", "renameRegion", "removeRegion", "exportImage"})
        QVERIFY2(whyNot(verb).contains(written), qPrintable(whyNot(verb)));
    photograph("used-by-a-job");
    job()->cancel();
    QTRY_VERIFY_WITH_TIMEOUT(job()->finished(), kPatienceMs);
    m_driven->clickRegion("db");
    QTRY_COMPARE_WITH_TIMEOUT(whyNot("renameRegion"), QString(), kPatienceMs);
    QCOMPARE(whyNot("importImage"), QString());
    QCOMPARE(whyNot("removeRegion"), QString());
}

void TestJobsXcb::aRestoreIsNotUndoneWhileAJobReadsItsRegion()
{
    m_driven->disk().addSpare();
    // On another disk than db: what the restore overwrites is kept there.
    m_driven->disk().addBeside("vault", "third", ArrayOnDisk::kSourceBytes);
    selectTheBackup();
    startRestore(true);
    QTRY_VERIFY_WITH_TIMEOUT(m_driven->idle(), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(whyNot("undoRestore"), QString(), kPatienceMs);
    auto* offered = child<QPushButton>(window(), "undoThis");
    m_driven->disk().setBandwidth(4 * kMiB, 0);
    startBackup("db", "spare");
    job()->pause();
    QVERIFY2(whyNot("undoRestore").contains(QStringLiteral("A job reads it: Back up db → spare.")),
             qPrintable(whyNot("undoRestore")));
    click(offered);
    const auto said = [&] { return window().messages()->newestText(); };
    QTRY_VERIFY2_WITH_TIMEOUT(
        said().contains(QStringLiteral("Another job uses “db” (Back up db → spare).")),
        qPrintable(said()), kPatienceMs);
    job()->cancel();
    QTRY_VERIFY_WITH_TIMEOUT(job()->finished(), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(whyNot("undoRestore"), QString(), kPatienceMs);
}

// The file got the beginning of one backup and the end of another.
void TestJobsXcb::whatIsExportedIsNoTargetMeanwhile()
{
    const QTemporaryDir folder;
    selectTheBackup();
    m_driven->disk().setBandwidth(2 * kMiB);
    startExport("vault", folder.filePath(QStringLiteral("vault.img")));
    job()->pause();
    m_driven->disk().setBandwidth(0);
    QCOMPARE(verdict("db", "vault").section(u'·', 0, 0).trimmed(),
             QStringLiteral("A job reads it: Export vault"));
    m_driven->clickRegion("vault");
    QVERIFY2(whyNot("renameRegion").contains(QStringLiteral("A job reads it: Export vault.")),
             qPrintable(whyNot("renameRegion")));
    QCOMPARE(whyNot("exportImage"), QString());
    QTRY_COMPARE_WITH_TIMEOUT(activity("vault"), QStringLiteral("being read"), kPatienceMs);
    job()->resume();
    QTRY_VERIFY_WITH_TIMEOUT(m_driven->idle(), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(whyNot("renameRegion"), QString(), kPatienceMs);
}

void TestJobsXcb::aJobIsNotResumedWhileItsRegionIsExported()
{
    const QTemporaryDir folder;
    cancelARestoreHalfway();
    m_driven->clickRegion("db");
    QTRY_COMPARE_WITH_TIMEOUT(whyNot("resumeInterrupted"), QString(), kPatienceMs);
    m_driven->chooseExport("db", folder.filePath(QStringLiteral("db.img")));
    click(child<QPushButton>(*m_driven->dialog<ConfirmDialog>(), "accept"));
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->array().jobs().size(), std::size_t{2}, kPatienceMs);
    job()->pause();
    const QString reads = QStringLiteral("A job reads it: Export half-written db.");
    QVERIFY2(whyNot("resumeInterrupted").contains(reads), qPrintable(whyNot("resumeInterrupted")));
    click(window().findChildren<QToolButton*>(QStringLiteral("retryJob")).front());
    const auto said = [&] { return window().messages()->newestText(); };
    QTRY_VERIFY2_WITH_TIMEOUT(
        said().contains(QStringLiteral("Another job uses “db” (Export half-written db).")),
        qPrintable(said()), kPatienceMs);
    QCOMPARE(m_driven->array().jobs().size(), std::size_t{2});
    job()->cancel();
    QTRY_COMPARE_WITH_TIMEOUT(whyNot("resumeInterrupted"), QString(), kPatienceMs);
}

void TestJobsXcb::theCardOfAHalfRestoreTellsWhatBecameOfIt()
{
    cancelARestoreHalfway();
    m_driven->disk().setBandwidth(0, 0);
    const RunningJob* canceled = job();
    QTRY_VERIFY_WITH_TIMEOUT(canceled->report().shown, kPatienceMs);
    m_driven->clickRegion("db");
    m_driven->press(Qt::Key_B, Qt::ControlModifier);
    const auto refused = [&] {
        QStringList said;
        for (const QLabel* label : window().messages()->findChildren<QLabel*>())
            said.append(label->text());
        return said.join(u'\n').contains(QStringLiteral("db cannot be backed up now"));
    };
    QTRY_VERIFY_WITH_TIMEOUT(refused(), kPatienceMs);
    const auto elsewhere = Attachment::attach({m_driven->disk().uri()}, systemEnvironment());
    QVERIFY(elsewhere.has_value());
    UncontrolledCopy control;
    QVERIFY(resume(**elsewhere, snapshot().interrupted.front(), control).has_value());
    QTRY_VERIFY2_WITH_TIMEOUT(card().contains(QStringLiteral("waits no more")), qPrintable(card()),
                              kPatienceMs);
    QVERIFY2(!card().contains(QStringLiteral("half")), qPrintable(card()));
    QVERIFY(!child<QToolButton>(window(), "retryJob")->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(!refused(), kPatienceMs);
}

void TestJobsXcb::aRestoreCanceledWhileItIsReadBackHasWrittenEverything()
{
    selectTheBackup();
    m_driven->disk().setBandwidth(8 * kMiB, 0);
    startRestore(false);
    QTRY_VERIFY_WITH_TIMEOUT(job()->standing().current.work == StepWork::ReadBack &&
                                 job()->progress().doneBytes > 0,
                             kPatienceMs);
    cancelAndWaitForTheCard();
    QVERIFY2(card().contains(QStringLiteral("Everything is written")), qPrintable(card()));
    QVERIFY2(!card().contains(QStringLiteral("half of its old")), qPrintable(card()));
    m_driven->disk().setBandwidth(0, 0);
    const RunningJob* canceled = job();
    click(child<QToolButton>(window(), "retryJob"));
    // It ends well: the card of the one that did not goes.
    QTRY_VERIFY_WITH_TIMEOUT(
        m_driven->array().jobs().size() == 1 && job() != canceled && m_driven->idle(), kPatienceMs);
    QVERIFY(m_driven->disk().sourceHolds(1));
}

QTEST_MAIN(TestJobsXcb)
#include "test_jobs_xcb.moc"
