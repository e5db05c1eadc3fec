// In the window: a backup that goes on around unreadable sectors, and is made whole afterwards.
#include "tests/ui/window_on_array.h"

using namespace cairn;
using namespace cairn::test;

class TestPartialXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init() { m_driven.emplace(); }
    void cleanup() { m_driven.reset(); }
    void aBackupThatCannotReadGoesOnAndIsMadeWhole();
    void aBackupIsSealedAndUnsealed();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }
    [[nodiscard]] QString said() const { return window().messages()->newestText(); }
    [[nodiscard]] const Generation& backup() const
    {
        return *m_driven->snapshot().find(GenerationNumber{1});
    }
    [[nodiscard]] QAction* action(const char* name) const { return child<QAction>(window(), name); }

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

// Incident: only the command could go on around what cannot be read, and read it again.
void TestPartialXcb::aBackupThatCannotReadGoesOnAndIsMadeWhole()
{
    m_driven->open();
    const auto& regions = m_driven->snapshot().layout.regions;
    const auto db = std::ranges::find(regions, "db", &Region::name)->extent;
    Faults bad;
    bad.unreadable = {{db.offsetBytes + 8 * kMiB, 8 * kKiB}};
    QVERIFY(setFaults(m_driven->disk().directory(), 0, bad).has_value());
    m_driven->backUp();
    QTRY_VERIFY2_WITH_TIMEOUT(m_driven->card().startsWith(QStringLiteral("Failed:")),
                              qPrintable(m_driven->card()), kPatienceMs);
    click(child<QPushButton>(window(), "resumeSkipping"));
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("Backup 1 is partial: 8 KiB")),
                              qPrintable(said()), kPatienceMs);
    m_driven->photograph("partial");
    QVERIFY(setFaults(m_driven->disk().directory(), 0, {}).has_value());
    m_driven->readAgain();
    m_driven->clickRegion("vault");
    QVERIFY2(action("resumeInterrupted")->isEnabled(),
             qPrintable(action("resumeInterrupted")->toolTip()));
    m_driven->press(Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("Backup 1 is complete and good")),
                              qPrintable(said()), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(backup().state, GenerationState::Good, kPatienceMs);
    m_driven->photograph("made-whole");
    QVERIFY(!action("resumeInterrupted")->isEnabled());
}

void TestPartialXcb::aBackupIsSealedAndUnsealed()
{
    m_driven->openWithABackup();
    m_driven->clickRegion("vault");
    QCOMPARE(backup().seal, SealState::Plain); // As in any image file.
    QVERIFY(!action("unseal")->isEnabled());
    action("seal")->trigger();
    QTRY_COMPARE_WITH_TIMEOUT(backup().seal, SealState::Sealed, kPatienceMs);
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("is sealed")), qPrintable(said()),
                              kPatienceMs);
    m_driven->photograph("sealed");
    QVERIFY2(action("seal")->toolTip().contains(QStringLiteral("sealed already")),
             qPrintable(action("seal")->toolTip()));
    m_driven->press(Qt::Key_U, Qt::ControlModifier | Qt::ShiftModifier);
    QTRY_COMPARE_WITH_TIMEOUT(backup().seal, SealState::Plain, kPatienceMs);
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("can be mounted")), qPrintable(said()),
                              kPatienceMs);
}

QTEST_MAIN(TestPartialXcb)
#include "test_partial_xcb.moc"
