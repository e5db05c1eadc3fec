// The choice of a target: none is preselected, and what is overwritten needs its name typed.
#include "tests/ui/child.h"
#include "tests/ui/sample_snapshot.h"
#include "ui/dialogs/backup_dialog.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace cairn;
using namespace cairn::test;

class TestBackupDialog : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void noTargetIsPreselected();
    void anEmptyTargetNeedsNoName();
    void aLastGoodCopyNeedsItsRegionsName();
    void aRefusedTargetCannotBeChosen();
    void whatTheBackupDialogShowsIsThePlan();
    void returnOverwritesOnlyWhatWasTyped();
    void returnStartsNoBackupFromTheTable();
    void typingInTheListOfTargetsChoosesNone();
    void aSourceThatWasAcceptedHalfWrittenIsToldSo();
    void theOnlyCopyOfAFilesystemNeedsItsRegionsName();
    void theListFollowsTheArrayWhileItIsOpen();
    void aTargetThatCostsMoreThanBeforeIsChosenAnew();
    void aSourceThatCannotBeBackedUpAnyMoreIsToldSo();
    void aSourceInUseIsReadAsTheOperatorChose();
    void onlyRootFreezesAndTheCommandForThatCanBeCopied();
    void whoElseUsesTheSourceIsAskedAboutAnew();
    void aTargetIsSealedAsItsKindWasLastTime();

private:
    static std::vector<CandidateTarget> candidates();
    static void choose(BackupDialog& dialog, int row);
};

std::vector<CandidateTarget> TestBackupDialog::candidates()
{
    return {
        {.region = {uuid(21)}, .refusals = {}},
        {.region = {uuid(20)}, .refusals = {{RefusalReason::LastGoodCopy, 2, "db"}}, .replaces = 2},
        {.region = {uuid(11)}, .refusals = {{RefusalReason::TooSmall, kGiB, {}}}}};
}

void TestBackupDialog::choose(BackupDialog& dialog, int row)
{
    auto* table = child<QTableView>(dialog, "candidateTable");
    const QRect cell = table->visualRect(table->model()->index(row, 0));
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, cell.center());
}

void TestBackupDialog::noTargetIsPreselected()
{
    const SampleArray sample;
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
    dialog.show();
    QVERIFY(!child<QTableView>(dialog, "candidateTable")->selectionModel()->hasSelection());
    QVERIFY(!child<QPushButton>(dialog, "startBackup")->isEnabled());
    QVERIFY(!dialog.plan().has_value());
}

void TestBackupDialog::anEmptyTargetNeedsNoName()
{
    const SampleArray sample;
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
    dialog.show();
    choose(dialog, 0);
    QVERIFY(child<QPushButton>(dialog, "startBackup")->isEnabled());
    QVERIFY(!child<QLineEdit>(dialog, "typedName")->isVisible());
    QCOMPARE(dialog.plan()->confirmedName, std::string());
}

void TestBackupDialog::aLastGoodCopyNeedsItsRegionsName()
{
    const SampleArray sample;
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
    dialog.show();
    choose(dialog, 1);
    auto* start = child<QPushButton>(dialog, "startBackup");
    auto* typed = child<QLineEdit>(dialog, "typedName");
    QVERIFY(!start->isEnabled());
    QVERIFY(typed->isVisible());
    QVERIFY(start->property("danger").toBool());
    QVERIFY(child<QLabel>(dialog, "consequence")->text().contains(QStringLiteral("Backup 2")));
    QTest::keyClicks(typed, QStringLiteral("vault-2"));
    QVERIFY(!start->isEnabled());
    typed->clear();
    QTest::keyClicks(typed, QStringLiteral("vault-1"));
    QVERIFY(start->isEnabled());
    QCOMPARE(dialog.plan()->confirmedName, std::string("vault-1"));
    choose(dialog, 0); // Another target forgets what was typed for this one.
    choose(dialog, 1);
    QVERIFY(start->isEnabled() == (typed->text() == QStringLiteral("vault-1")));
}

void TestBackupDialog::aRefusedTargetCannotBeChosen()
{
    const SampleArray sample;
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
    dialog.show();
    choose(dialog, 2);
    QVERIFY(!child<QPushButton>(dialog, "startBackup")->isEnabled());
    QVERIFY(!dialog.plan().has_value());
}

void TestBackupDialog::whatTheBackupDialogShowsIsThePlan()
{
    const SampleArray sample;
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
    dialog.show();
    choose(dialog, 0);
    QTest::keyClicks(child<QLineEdit>(dialog, "backupLabel"), QStringLiteral("weekly"));
    QTest::keyClicks(child<QLineEdit>(dialog, "backupNote"), QStringLiteral("a note"));
    QTest::mouseClick(child<QCheckBox>(dialog, "backupVerify"), Qt::LeftButton, {}, QPoint(8, 8));
    const auto plan = dialog.plan();
    QVERIFY(plan.has_value());
    QCOMPARE(plan->source, sample.region(10));
    QCOMPARE(plan->target, sample.region(21));
    QCOMPARE(plan->label, std::string("weekly"));
    QCOMPARE(plan->note, std::string("a note"));
    QVERIFY(!plan->verify);
    QCOMPARE(plan->onUnreadable, OnUnreadable::Fail);
    QTest::mouseClick(child<QCheckBox>(dialog, "backupSkipUnreadable"), Qt::LeftButton, {},
                      QPoint(8, 8));
    QCOMPARE(dialog.plan()->onUnreadable, OnUnreadable::Skip);
}

void TestBackupDialog::returnOverwritesOnlyWhatWasTyped()
{
    const SampleArray sample;
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
    dialog.show();
    choose(dialog, 1);
    auto* typed = child<QLineEdit>(dialog, "typedName");
    const QSignalSpy ended(&dialog, &QDialog::finished);
    QTest::keyClicks(typed, QStringLiteral("vault"));
    QTest::keyClick(typed, Qt::Key_Return);
    QCOMPARE(ended.count(), 0);
    QTest::keyClicks(typed, QStringLiteral("-1"));
    auto* label = child<QLineEdit>(dialog, "backupLabel");
    label->setFocus();
    QTest::keyClick(label, Qt::Key_Return); // The name is typed, but Return means the label.
    QCOMPARE(ended.count(), 0);
    typed->setFocus();
    QTest::keyClick(typed, Qt::Key_Return);
    QCOMPARE(dialog.result(), int(QDialog::Accepted));
    QCOMPARE(dialog.plan()->confirmedName, std::string("vault-1"));
}

void TestBackupDialog::returnStartsNoBackupFromTheTable()
{
    const SampleArray sample;
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
    dialog.show();
    choose(dialog, 0);
    const QSignalSpy ended(&dialog, &QDialog::finished);
    QTest::keyClick(child<QTableView>(dialog, "candidateTable"), Qt::Key_Return);
    QTest::keyClick(child<QLineEdit>(dialog, "backupLabel"), Qt::Key_Return);
    QCOMPARE(ended.count(), 0);
    dialog.activateWindow();
    QVERIFY(QTest::qWaitForWindowActive(&dialog));
    auto* start = child<QPushButton>(dialog, "startBackup");
    start->setFocus();
    QTest::keyClick(start, Qt::Key_Return); // The operator went there.
    QCOMPARE(dialog.result(), int(QDialog::Accepted));
}

// Who typed the name to confirm while the list had the focus got another target.
void TestBackupDialog::typingInTheListOfTargetsChoosesNone()
{
    const SampleArray sample;
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
    dialog.show();
    auto* table = child<QTableView>(dialog, "candidateTable");
    QTest::keyClicks(table, QStringLiteral("vault-2"));
    QVERIFY(!table->selectionModel()->hasSelection());
    choose(dialog, 1);
    QVERIFY(child<QLineEdit>(dialog, "typedName")->isVisible());
    QTest::keyClicks(table, QStringLiteral("vault-2"));
    QCOMPARE(table->selectionModel()->selectedRows().size(), 1);
    QCOMPARE(table->selectionModel()->selectedRows().constFirst().row(), 1);
    QVERIFY(!dialog.plan().has_value());
    QTest::keyClick(table, Qt::Key_Up); // Arrows remain.
    QCOMPARE(table->selectionModel()->selectedRows().constFirst().row(), 0);
}

void TestBackupDialog::aSourceThatWasAcceptedHalfWrittenIsToldSo()
{
    SampleArray sample;
    const auto warning = [&] {
        BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
        dialog.show();
        const auto* label = child<QLabel>(dialog, "acceptedSource");
        return label->isVisible() ? label->text() : QString();
    };
    QCOMPARE(warning(), QString());
    UnfinishedWrite& write = sample.snapshot().accepted[RegionId{uuid(10)}];
    write.kind = WriteKind::RegionImport;
    write.acceptedMs = sample.snapshot().generations.front().startedMs;
    QVERIFY2(warning().contains(QStringLiteral("half-written, as an import left it")),
             qPrintable(warning()));
    QVERIFY(warning().contains(QStringLiteral("never counts as another good copy")));
}

void TestBackupDialog::theOnlyCopyOfAFilesystemNeedsItsRegionsName()
{
    const SampleArray sample;
    auto all = candidates();
    Refusal& why = all.at(1).refusals.front();
    why.reason = RefusalReason::LastRecognised;
    why.content = "ext4 \"home\"";
    BackupDialog dialog(sample.snapshot(), sample.region(10), {all});
    dialog.show();
    const auto* model = child<QTableView>(dialog, "candidateTable")->model();
    const QString shown = model->index(1, CandidateModel::Reasons).data().toString();
    QVERIFY2(shown.startsWith(QStringLiteral("Holds backup 2, the newest of “db” that holds ext4 "
                                             "“home”; newer ones hold nothing recognised")),
             qPrintable(shown));
    QCOMPARE(model->index(1, CandidateModel::Reasons).data(CandidateModel::ToneRole).toInt(),
             static_cast<int>(Tone::Warning));
    choose(dialog, 1);
    QVERIFY(!child<QPushButton>(dialog, "startBackup")->isEnabled());
    const QString told = child<QLabel>(dialog, "consequence")->text();
    QVERIFY2(told.contains(QStringLiteral("It is the newest backup of db that holds ext4")),
             qPrintable(told));
    QTest::keyClicks(child<QLineEdit>(dialog, "typedName"), QStringLiteral("vault-1"));
    QCOMPARE(dialog.plan()->confirmedName, std::string("vault-1"));
}

// A region that was added meanwhile was not offered, and one that a job had taken was.
void TestBackupDialog::theListFollowsTheArrayWhileItIsOpen()
{
    SampleArray sample;
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
    dialog.show();
    choose(dialog, 1);
    QTest::keyClicks(child<QLineEdit>(dialog, "typedName"), QStringLiteral("vault-1"));
    sample.addRegion(24, 2, "fresh", 2048 * kMiB, SampleArray::empty());
    auto now = candidates();
    now.insert(now.begin(), {.region = {uuid(24)}, .refusals = {}});
    now.at(1).refusals = {{RefusalReason::ToBeWritten, 0, "Back up web"}};
    dialog.setCandidates(sample.snapshot(), BackupTargets{now});
    const auto* table = child<QTableView>(dialog, "candidateTable");
    QCOMPARE(table->model()->rowCount(), 4);
    QCOMPARE(table->model()->index(0, CandidateModel::Name).data().toString(),
             QStringLiteral("fresh"));
    // What was chosen and typed stays, where it is now.
    QCOMPARE(table->selectionModel()->selectedRows().constFirst().row(), 2);
    QCOMPARE(dialog.plan()->confirmedName, std::string("vault-1"));
    choose(dialog, 1); // A job will write it.
    QCOMPARE(table->selectionModel()->selectedRows().constFirst().row(), 2);
    choose(dialog, 0);
    QCOMPARE(dialog.plan()->target.name, std::string("fresh"));
}

void TestBackupDialog::aTargetThatCostsMoreThanBeforeIsChosenAnew()
{
    const SampleArray sample;
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
    dialog.show();
    choose(dialog, 0);
    QVERIFY(dialog.plan().has_value());
    auto now = candidates();
    now.at(0).replaces = 1;
    dialog.setCandidates(sample.snapshot(), BackupTargets{now});
    QVERIFY(!dialog.plan().has_value());
    QCOMPARE(child<QLabel>(dialog, "consequence")->text(), QStringLiteral("Choose a target."));
}

void TestBackupDialog::aSourceThatCannotBeBackedUpAnyMoreIsToldSo()
{
    const SampleArray sample;
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
    dialog.show();
    choose(dialog, 0);
    dialog.setCandidates(sample.snapshot(),
                         failure(ErrorCode::RegionInUse, "db", "mounted at /srv"));
    QVERIFY(!dialog.plan().has_value());
    const QString told = child<QLabel>(dialog, "consequence")->text();
    QVERIFY2(told.contains(QStringLiteral("db cannot be backed up now. “db” is in use")),
             qPrintable(told));
    dialog.setCandidates(sample.snapshot(), BackupTargets{candidates()});
    choose(dialog, 0);
    QVERIFY(dialog.plan().has_value());
}

// Of the source that the sample's dialogs back up.
static void useSource(SampleArray& sample, const std::string& by)
{
    for (Region& region : sample.snapshot().layout.regions) {
        if (region.id.uuid == uuid(10))
            region.use = {.inUse = !by.empty(), .by = by};
    }
}

// P6: a source in use only by explicit choice.
void TestBackupDialog::aSourceInUseIsReadAsTheOperatorChose()
{
    SampleArray sample;
    BackupDialog unused(sample.snapshot(), sample.region(10), {candidates()});
    unused.show();
    QVERIFY(!child<QWidget>(unused, "sourceUse")->isVisible());
    useSource(sample, "mounted at /srv/db");
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
    dialog.show();
    choose(dialog, 0);
    auto* start = child<QPushButton>(dialog, "startBackup");
    auto* freeze = child<QRadioButton>(dialog, "sourceFreeze");
    auto* live = child<QRadioButton>(dialog, "sourceLive");
    QVERIFY(child<QLabel>(dialog, "sourceUsedBy")
                ->text()
                .contains(QStringLiteral("mounted at /srv/db")));
    QVERIFY(!freeze->isChecked() && !live->isChecked());
    QVERIFY(!start->isEnabled() && !dialog.plan());
    QVERIFY(start->toolTip().contains(QStringLiteral("Choose how db is read")));
    freeze->click();
    QVERIFY(start->isEnabled());
    QCOMPARE(dialog.plan()->policy.inUse, SourceInUse::Freeze);
    QCOMPARE(dialog.plan()->policy.freezeLimit, std::chrono::milliseconds(kFreezeLimit));
    child<QSpinBox>(dialog, "freezeLimit")->setValue(300);
    QCOMPARE(dialog.plan()->policy.freezeLimit, std::chrono::milliseconds(300'000));
    live->click();
    QVERIFY(!freeze->isChecked());
    QCOMPARE(dialog.plan()->policy.inUse, SourceInUse::Copy);
}

void TestBackupDialog::onlyRootFreezesAndTheCommandForThatCanBeCopied()
{
    SampleArray sample;
    useSource(sample, "mounted at /srv/db");
    const Error onlyRoot{ErrorCode::CannotFreeze, 0, "db", kOnlyRootFreezes, 0};
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates(), {}, onlyRoot});
    dialog.show();
    auto* freeze = child<QRadioButton>(dialog, "sourceFreeze");
    auto* command = child<QLineEdit>(dialog, "freezeCommand");
    auto* copy = child<QPushButton>(dialog, "copyFreezeCommand");
    QVERIFY(!freeze->isEnabled());
    QVERIFY(child<QLabel>(dialog, "whyNotFrozen")->isVisible());
    QVERIFY(command->isVisible() && command->text().isEmpty() && !copy->isEnabled());
    choose(dialog, 0);
    QTest::keyClicks(child<QLineEdit>(dialog, "backupLabel"), QStringLiteral("it's"));
    child<QSpinBox>(dialog, "freezeLimit")->setValue(90);
    const QString wanted =
        QStringLiteral("sudo cairnctl -a /images/disk-a.img -a /images/disk-b.img backup db "
                       "vault-2 --freeze --freeze-limit 90 --label='it'\\''s'");
    QCOMPARE(command->text(), wanted);
    copy->click();
    QCOMPARE(QGuiApplication::clipboard()->text(), wanted);
    QVERIFY(!dialog.plan()); // Copying the command is no choice for this window.
    child<QRadioButton>(dialog, "sourceLive")->click();
    QCOMPARE(dialog.plan()->policy.inUse, SourceInUse::Copy);
    choose(dialog, 1); // The last good copy: its region's name goes along once it was typed.
    QVERIFY(command->text().isEmpty());
    QTest::keyClicks(child<QLineEdit>(dialog, "typedName"), QStringLiteral("vault-1"));
    QVERIFY(command->text().endsWith(QStringLiteral("--confirm=vault-1")));
}

// Incident: the line about the source stayed as it was while another process wrote there.
void TestBackupDialog::whoElseUsesTheSourceIsAskedAboutAnew()
{
    SampleArray sample;
    useSource(sample, "mounted at /srv/db");
    BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
    dialog.show();
    choose(dialog, 0);
    child<QRadioButton>(dialog, "sourceLive")->click();
    dialog.setCandidates(sample.snapshot(), BackupTargets{candidates()});
    QVERIFY(dialog.plan().has_value());
    useSource(sample, "mounted at /mnt/other");
    for (Region& region : sample.snapshot().layout.regions) {
        if (region.id.uuid == uuid(10))
            region.content = filesystem("ext4", "anew", kMiB);
    }
    dialog.setCandidates(sample.snapshot(), BackupTargets{candidates()});
    QVERIFY(!dialog.plan());
    QVERIFY(child<QLabel>(dialog, "sourceLine")->text().contains(QStringLiteral("anew")));
    child<QRadioButton>(dialog, "sourceLive")->click();
    QCOMPARE(dialog.plan()->source, sample.region(10));
    useSource(sample, {});
    dialog.setCandidates(sample.snapshot(), BackupTargets{candidates()});
    QVERIFY(!child<QWidget>(dialog, "sourceUse")->isVisible());
    QCOMPARE(dialog.plan()->policy.inUse, SourceInUse::Refuse);
}

void TestBackupDialog::aTargetIsSealedAsItsKindWasLastTime()
{
    const QTemporaryDir settings;
    QApplication::setOrganizationName(QStringLiteral("cairn-test"));
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, settings.path());
    SampleArray sample;
    const auto onDevices = [&](bool yes) {
        for (Member& member : sample.snapshot().layout.members)
            member.blockDevice = yes;
    };
    const auto asks = [&](std::optional<bool> chosen) {
        BackupDialog dialog(sample.snapshot(), sample.region(10), {candidates()});
        dialog.show();
        auto* seal = child<QCheckBox>(dialog, "backupSeal");
        if (seal->isEnabled() || seal->toolTip().isEmpty())
            qFatal("it can be chosen for no target");
        choose(dialog, 0);
        if (!seal->isEnabled())
            qFatal("it cannot be chosen");
        const bool first = dialog.plan()->seal;
        if (chosen && *chosen != first)
            seal->click();
        if (chosen && dialog.plan()->seal != *chosen)
            qFatal("the plan is not what was chosen");
        if (chosen)
            dialog.accept();
        return first;
    };
    QVERIFY(!asks({})); // In a file: plain.
    onDevices(true);
    QVERIFY(asks({})); // On a block device: sealed,
    QVERIFY(asks(false));
    QVERIFY(!asks({})); // unless it was not, the last time.
    onDevices(false);
    QVERIFY(!asks(true));
    QVERIFY(asks({}));
}

QTEST_MAIN(TestBackupDialog)
#include "test_backup_dialog.moc"
