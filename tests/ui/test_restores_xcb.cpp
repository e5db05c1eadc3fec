// Restoring in the real window, undoing it, and what is offered when it was interrupted.
#include "tests/ui/window_on_array.h"
#include "ui/dialogs/confirm_dialog.h"
#include "ui/dialogs/restore_dialog.h"
#include "ui/dialogs/undo_dialog.h"

#include <QToolButton>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

class TestRestoresXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init() { m_driven.emplace(); }
    void cleanup() { m_driven.reset(); }
    void aRestoreIsUndoneFromItsMessage();
    void anUndoIsFoundInMenuListAndMap();
    void aRestoreThatFindsNoRoomAsksForTheName();
    void aRestoreThatFoundNoRoomKeepsWhatItOverwritesInARegionAddedSince();
    void aRestoreOfACopyInDoubtEndsBeforeItOverwrites();
    void aHalfRestoredRegionIsShownAndIsNoSource();
    void anInterruptedJobIsDiscardedOnlyAfterAQuestion();
    void aJobThatIsResumedIsOfferedNoMore();
    void aRestoreCanceledWhileVerifyingHasOverwrittenNothing();
    void aBackupCanceledWhileVerifyingIsVerifiedByTryAgain();
    void backUpOnASelectedBackupAsksAboutItsSource();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }
    [[nodiscard]] const ArraySnapshot& snapshot() const { return m_driven->snapshot(); }
    [[nodiscard]] QAction* action(const char* name) const { return child<QAction>(window(), name); }
    [[nodiscard]] QString said() const { return window().messages()->newestText(); }
    [[nodiscard]] const Generation* record(GenerationNumber number) const
    {
        return snapshot().find(number);
    }

    // db was backed up to vault, and holds something else since; the backup is selected.
    void makeBackupAndLoseTheSource();
    RestoreDialog* askRestore();
    // Half of the backup lies in db, whose old content is kept nowhere.
    void leaveHalfRestored();

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

void TestRestoresXcb::makeBackupAndLoseTheSource()
{
    m_driven->disk().backUpInto("vault", "nightly");
    m_driven->disk().overwriteSource(2);
    m_driven->open();
    QTRY_COMPARE_WITH_TIMEOUT(window().view()->table()->model()->rowCount(), 1, kPatienceMs);
    m_driven->clickRow(0);
}

RestoreDialog* TestRestoresXcb::askRestore()
{
    m_driven->press(Qt::Key_R, Qt::ControlModifier);
    auto* asked = m_driven->dialog<RestoreDialog>();
    auto* keep = child<QCheckBox>(*asked, "keepUndo");
    if (!QTest::qWaitFor([&] { return keep->isVisible(); }, kPatienceMs))
        qFatal("no plan came");
    return asked;
}

void TestRestoresXcb::leaveHalfRestored()
{
    makeBackupAndLoseTheSource();
    m_driven->disk().setBandwidth(8 * kMiB, 0);
    auto* asked = askRestore();
    child<QCheckBox>(*asked, "keepUndo")->click();
    auto* typed = child<QLineEdit>(*asked, "typedName");
    QTest::keyClicks(typed, QStringLiteral("db"));
    typed->setFocus();
    QTest::keyClick(typed, Qt::Key_Return);
    QTRY_VERIFY_WITH_TIMEOUT(!m_driven->array().jobs().empty(), kPatienceMs);
    RunningJob* job = m_driven->array().jobs().front().get();
    QTRY_VERIFY_WITH_TIMEOUT(job->progress().phase == CopyPhase::Copying &&
                                 job->progress().doneBytes > 4 * kMiB,
                             kPatienceMs);
    job->cancel();
    QTRY_VERIFY_WITH_TIMEOUT(job->finished(), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(snapshot().interrupted.size() == 1, kPatienceMs);
}

void TestRestoresXcb::aRestoreIsUndoneFromItsMessage()
{
    m_driven->disk().addSpare();
    makeBackupAndLoseTheSource();
    auto* asked = askRestore();
    QVERIFY(child<QCheckBox>(*asked, "keepUndo")->isChecked());
    QVERIFY(!child<QLineEdit>(*asked, "typedName")->isVisible());
    QVERIFY2(child<QLabel>(*asked, "keepingText")->text().contains(QStringLiteral("spare")),
             qPrintable(child<QLabel>(*asked, "keepingText")->text()));
    click(child<QPushButton>(*asked, "overwrite"));
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("Restore backup 1 → db: done")),
                              qPrintable(said()), kPatienceMs);
    QVERIFY(m_driven->disk().sourceHolds(1));
    QTRY_VERIFY_WITH_TIMEOUT(record(2) != nullptr && canBeUndone(*record(2)), kPatienceMs);

    click(child<QPushButton>(window(), "undoThis"));
    auto* undo = m_driven->dialog<UndoDialog>();
    QVERIFY(undo->findChild<QLineEdit*>(QStringLiteral("typedName")) == nullptr);
    click(child<QPushButton>(*undo, "accept"));
    QTRY_VERIFY2_WITH_TIMEOUT(
        said().contains(QStringLiteral("Undo restore of backup 1 → db: done")), qPrintable(said()),
        kPatienceMs);
    QVERIFY(m_driven->disk().sourceHolds(2));
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->tableText(0, CatalogModel::State),
                              QStringLiteral("↶ good, undone"), kPatienceMs);
}

void TestRestoresXcb::anUndoIsFoundInMenuListAndMap()
{
    m_driven->disk().addSpare();
    makeBackupAndLoseTheSource();
    QVERIFY(!action("undoRestore")->isEnabled());
    click(child<QPushButton>(*askRestore(), "overwrite"));
    QTRY_VERIFY_WITH_TIMEOUT(record(2) != nullptr && canBeUndone(*record(2)) && m_driven->idle(),
                             kPatienceMs);
    // The backup that was restored is still selected: its restore can be undone.
    QTRY_VERIFY_WITH_TIMEOUT(action("undoRestore")->isEnabled(), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->tableText(0, CatalogModel::State),
                              QStringLiteral("↶ good, undoes #1"), kPatienceMs);
    QCOMPARE(child<QLabel>(window(), "backupCount")->text(), QStringLiteral("1, undo copies: 1"));
    QVERIFY2(m_driven->cell("spare").summary.contains(QStringLiteral("undo of db")),
             qPrintable(m_driven->cell("spare").summary));

    m_driven->clickRow(0);
    QVERIFY(!action("restore")->isEnabled());
    QVERIFY2(action("restore")->toolTip().contains(QStringLiteral("Undo restore brings it back")),
             qPrintable(action("restore")->toolTip()));
    QCOMPARE(child<QLabel>(window(), "detailsTitle")->text(), QStringLiteral("Undo copy 2 of db"));
    m_driven->press(Qt::Key_Z, Qt::ControlModifier);
    auto* undo = m_driven->dialog<UndoDialog>();
    // While it is asked, somebody changes what the restore has written.
    m_driven->disk().overwriteSource(3);
    click(child<QPushButton>(*undo, "accept"));
    QTRY_VERIFY_WITH_TIMEOUT(!m_driven->array().jobs().empty() && m_driven->idle(), kPatienceMs);
    auto* confirm = [&] {
        QPushButton* button = nullptr;
        const auto offered = [&] {
            button = window().findChild<QPushButton*>(QStringLiteral("confirmByName"));
            return button != nullptr;
        };
        return QTest::qWaitFor(offered, kPatienceMs) ? button : nullptr;
    }();
    QVERIFY2(confirm != nullptr, qPrintable(said()));
    click(confirm);
    auto* again = m_driven->dialog<UndoDialog>();
    auto* typed = child<QLineEdit>(*again, "typedName");
    typed->setFocus();
    QTest::keyClicks(typed, QStringLiteral("db"));
    QTest::keyClick(typed, Qt::Key_Return);
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("→ db: done")), qPrintable(said()),
                              kPatienceMs);
    QVERIFY(m_driven->disk().sourceHolds(2));
}

void TestRestoresXcb::aRestoreThatFindsNoRoomAsksForTheName()
{
    makeBackupAndLoseTheSource(); // Only "small" is free: too small for what changes.
    auto* asked = askRestore();
    QVERIFY(child<QLabel>(*asked, "keepingText")->text().contains(QStringLiteral("asked again")));
    click(child<QPushButton>(*asked, "overwrite"));
    const auto offered = [&] {
        return window().findChild<QPushButton*>(QStringLiteral("confirmByName")) != nullptr;
    };
    QTRY_VERIFY_WITH_TIMEOUT(offered(), kPatienceMs);
    QVERIFY2(said().contains(QStringLiteral("Nothing was changed")), qPrintable(said()));
    QVERIFY(m_driven->disk().sourceHolds(2));
    click(child<QPushButton>(window(), "confirmByName"));
    auto* again = m_driven->dialog<RestoreDialog>();
    auto* typed = child<QLineEdit>(*again, "typedName");
    QTRY_VERIFY_WITH_TIMEOUT(typed->isVisible(), kPatienceMs);
    QVERIFY(!child<QCheckBox>(*again, "keepUndo")->isEnabled());
    QTest::keyClicks(typed, QStringLiteral("db"));
    typed->setFocus();
    QTest::keyClick(typed, Qt::Key_Return);
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("→ db: done")), qPrintable(said()),
                              kPatienceMs);
    QVERIFY(m_driven->disk().sourceHolds(1));
}

void TestRestoresXcb::aRestoreThatFoundNoRoomKeepsWhatItOverwritesInARegionAddedSince()
{
    makeBackupAndLoseTheSource(); // Only "small" is free.
    click(child<QPushButton>(*askRestore(), "overwrite"));
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("Add one of at least 24 MiB")),
                              qPrintable(said()), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(m_driven->idle(), kPatienceMs);
    m_driven->disk().addBeside("db", "added", 24 * kMiB);
    m_driven->readAgain();
    const auto isAdded = [](const Region& region) { return region.name == "added"; };
    QTRY_VERIFY_WITH_TIMEOUT(std::ranges::any_of(snapshot().layout.regions, isAdded), kPatienceMs);
    click(child<QToolButton>(window(), "retryJob"));
    auto* again = m_driven->dialog<RestoreDialog>();
    const auto* keep = child<QCheckBox>(*again, "keepUndo");
    QTRY_VERIFY_WITH_TIMEOUT(keep->isVisible(), kPatienceMs);
    QVERIFY(keep->isEnabled());
    QVERIFY(keep->isChecked());
    click(child<QPushButton>(*again, "overwrite"));
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("→ db: done")), qPrintable(said()),
                              kPatienceMs);
    QVERIFY(m_driven->disk().sourceHolds(1));
    QTRY_VERIFY_WITH_TIMEOUT(record(2) != nullptr && canBeUndone(*record(2)), kPatienceMs);
}

void TestRestoresXcb::aRestoreOfACopyInDoubtEndsBeforeItOverwrites()
{
    m_driven->disk().backUpInto("vault", "nightly");
    m_driven->disk().overwriteSource(2);
    m_driven->disk().zeroBehindItsBack("vault");
    m_driven->open();
    QTRY_COMPARE_WITH_TIMEOUT(window().view()->table()->model()->rowCount(), 1, kPatienceMs);
    m_driven->clickRow(0);
    QVERIFY2(m_driven->tableText(0, CatalogModel::State).contains(QStringLiteral("region changed")),
             qPrintable(m_driven->tableText(0, CatalogModel::State)));
    auto* asked = askRestore();
    QVERIFY(child<QLabel>(*asked, "restoreDoubt")->isVisible());
    child<QCheckBox>(*asked, "keepUndo")->setChecked(false);
    auto* typed = child<QLineEdit>(*asked, "typedName");
    QTest::keyClicks(typed, QStringLiteral("db"));
    click(child<QPushButton>(*asked, "overwrite"));
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("Restore backup 1 → db: not")),
                              qPrintable(said()), kPatienceMs);
    QVERIFY2(said().contains(QStringLiteral("Nothing was overwritten")), qPrintable(said()));
    QVERIFY2(said().contains(QStringLiteral("No other backup of db")), qPrintable(said()));
    QVERIFY(m_driven->disk().sourceHolds(2));
    QTRY_VERIFY_WITH_TIMEOUT(record(1)->state == GenerationState::Partial, kPatienceMs);
}

void TestRestoresXcb::aHalfRestoredRegionIsShownAndIsNoSource()
{
    leaveHalfRestored();
    QTRY_VERIFY2_WITH_TIMEOUT(
        m_driven->cell("db").halfRestored &&
            m_driven->cell("db").summary.contains(QStringLiteral("half restored")),
        qPrintable(m_driven->cell("db").summary), kPatienceMs);
    m_driven->clickRegion("db");
    QStringList details;
    for (const QLabel* label : child<QWidget>(window(), "detailsPanel")->findChildren<QLabel*>())
        details.append(label->text());
    QVERIFY2(details.join(u'\n').contains(QStringLiteral("neither can be used")),
             qPrintable(details.join(u'\n')));
    m_driven->press(Qt::Key_B, Qt::ControlModifier);
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("db cannot be backed up now")),
                              qPrintable(said()), kPatienceMs);
    QVERIFY(window().findChild<BackupDialog*>() == nullptr);
    QVERIFY(action("resumeInterrupted")->isEnabled());
    QVERIFY(action("discardInterrupted")->isEnabled());
}

void TestRestoresXcb::anInterruptedJobIsDiscardedOnlyAfterAQuestion()
{
    leaveHalfRestored();
    const auto discardButton = [&] {
        return window().findChild<QPushButton*>(QStringLiteral("discardJob"));
    };
    QTRY_VERIFY_WITH_TIMEOUT(discardButton() != nullptr, kPatienceMs);
    discardButton()->click();
    auto* asked = m_driven->dialog<ConfirmDialog>();
    QStringList texts;
    for (const QLabel* label : asked->findChildren<QLabel*>())
        texts.append(label->text());
    const QString text = texts.join(u'\n');
    QVERIFY2(text.contains(QStringLiteral("db holds half of its old content")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("marked so")), qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("Backup 1 holds what it held on")), qPrintable(text));
    QTest::keyClick(asked, Qt::Key_Return);
    QVERIFY(asked->isVisible());
    QTest::keyClick(asked, Qt::Key_Escape);
    m_driven->readAgain();
    QCOMPARE(snapshot().interrupted.size(), std::size_t{1});
    QVERIFY(discardButton() != nullptr); // It can still be chosen.

    m_driven->clickRegion("db");
    action("discardInterrupted")->trigger();
    const auto open = [&] {
        asked = window().findChild<ConfirmDialog*>();
        return asked != nullptr && asked->isVisible();
    };
    QTRY_VERIFY_WITH_TIMEOUT(open(), kPatienceMs);
    click(child<QPushButton>(*asked, "accept"));
    QTRY_VERIFY_WITH_TIMEOUT(snapshot().interrupted.empty(), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(discardButton() == nullptr, kPatienceMs);
}

void TestRestoresXcb::aJobThatIsResumedIsOfferedNoMore()
{
    leaveHalfRestored();
    const auto resumeButton = [&] {
        return window().findChild<QPushButton*>(QStringLiteral("resumeJob"));
    };
    QTRY_VERIFY_WITH_TIMEOUT(resumeButton() != nullptr, kPatienceMs);
    m_driven->clickRegion("db");
    action("resumeInterrupted")->trigger();
    RunningJob* job = m_driven->array().jobs().back().get();
    QTRY_VERIFY_WITH_TIMEOUT(resumeButton() == nullptr, kPatienceMs);
    QVERIFY(!job->finished());
    QVERIFY(!action("resumeInterrupted")->isEnabled());
    m_driven->readAgain(); // The array still calls it interrupted while the backup is verified.
    QVERIFY(resumeButton() == nullptr);
    m_driven->disk().setBandwidth(0, 0);
    QTRY_VERIFY_WITH_TIMEOUT(job->finished() && m_driven->idle(), kPatienceMs);
    QVERIFY(m_driven->disk().sourceHolds(1));
    QTRY_VERIFY_WITH_TIMEOUT(!m_driven->cell("db").halfRestored, kPatienceMs);
}

void TestRestoresXcb::aRestoreCanceledWhileVerifyingHasOverwrittenNothing()
{
    m_driven->disk().addSpare();
    makeBackupAndLoseTheSource();
    m_driven->disk().setBandwidth(4 * kMiB);
    click(child<QPushButton>(*askRestore(), "overwrite"));
    QTRY_VERIFY_WITH_TIMEOUT(!m_driven->array().jobs().empty(), kPatienceMs);
    RunningJob* job = m_driven->array().jobs().front().get();
    QTRY_VERIFY_WITH_TIMEOUT(job->progress().doneBytes > 0, kPatienceMs);
    QCOMPARE(job->progress().phase, CopyPhase::Verifying);
    job->cancel();
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("Nothing was overwritten.")),
                              qPrintable(said()), kPatienceMs);
    m_driven->disk().setBandwidth(0);
    QVERIFY(m_driven->disk().sourceHolds(2));
}

void TestRestoresXcb::aBackupCanceledWhileVerifyingIsVerifiedByTryAgain()
{
    m_driven->open();
    m_driven->disk().setBandwidth(8 * kMiB);
    m_driven->backUp();
    RunningJob* job = m_driven->array().jobs().front().get();
    QTRY_VERIFY_WITH_TIMEOUT(job->progress().phase == CopyPhase::Verifying &&
                                 job->progress().doneBytes > 0,
                             kPatienceMs);
    job->cancel();
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("All is copied and recorded")),
                              qPrintable(said()), kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(record(1) != nullptr && record(1)->state == GenerationState::Copied,
                             kPatienceMs);
    m_driven->disk().setBandwidth(0);
    click(child<QToolButton>(window(), "retryJob"));
    QTRY_VERIFY_WITH_TIMEOUT(record(1)->state == GenerationState::Good && m_driven->idle(),
                             kPatienceMs);
    QVERIFY2(said().contains(QStringLiteral("Backup 1 is good")), qPrintable(said()));
    QCOMPARE(snapshot().generations.size(), std::size_t{1});
}

void TestRestoresXcb::backUpOnASelectedBackupAsksAboutItsSource()
{
    makeBackupAndLoseTheSource();
    m_driven->press(Qt::Key_B, Qt::ControlModifier);
    auto* asked = m_driven->dialog<BackupDialog>();
    QCOMPARE(asked->windowTitle(), QStringLiteral("Back up db"));
    QTest::keyClick(asked, Qt::Key_Escape);
}

QTEST_MAIN(TestRestoresXcb)
#include "test_restores_xcb.moc"
