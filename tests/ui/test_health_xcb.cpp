// Health in the real window: what waits, and the faults of a simulated disk that a job meets.
#include "tests/ui/window_on_array.h"
#include "ui/widgets/health_panel.h"

using namespace cairn;
using namespace cairn::test;

class TestHealthXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void aDiskPulledDuringABackupEndsItWithItsReason();
    void aHalfWrittenRegionIsSelectedForItsVerbs();

private:
    std::optional<WindowSetup> m_setup;
};

void TestHealthXcb::aDiskPulledDuringABackupEndsItWithItsReason()
{
    WindowOnArray driven;
    driven.open();
    driven.disk().setBandwidth(4 * kMiB);
    driven.press(Qt::Key_F5);
    driven.backUp();
    RunningJob* job = driven.array().jobs().front().get();
    QTRY_VERIFY_WITH_TIMEOUT(
        job->progress().phase == CopyPhase::Copying && job->progress().doneBytes > 0, kPatienceMs);
    driven.press(Qt::Key_H, Qt::ControlModifier);
    auto* panel = child<HealthPanel>(driven.window(), "healthPanel");
    QTRY_VERIFY(panel->isVisible());
    // A pulled disk has no regions any more: its panel is another one then.
    const auto second = [panel] { return panel->findChildren<FaultPanel*>().at(1); };
    QCOMPARE(panel->findChildren<FaultPanel*>().size(), 2);
    child<QCheckBox>(*second(), "faultPulled")->setChecked(true);
    child<QPushButton>(*second(), "applyFaults")->click();
    QTRY_VERIFY_WITH_TIMEOUT(job->finished(), kPatienceMs);
    QVERIFY(!job->outcome().has_value());
    QVERIFY(job->outcome().error().code != ErrorCode::Canceled);
    QTRY_VERIFY_WITH_TIMEOUT(driven.snapshot().layout.members.at(1).state != MemberState::Present,
                             kPatienceMs);
    // Put back, the backup goes on where it stands.
    QVERIFY(child<QCheckBox>(*second(), "faultPulled")->isChecked());
    child<QPushButton>(*second(), "clearFaults")->click();
    QTRY_VERIFY_WITH_TIMEOUT(driven.snapshot().layout.members.at(1).state == MemberState::Present,
                             kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(!driven.snapshot().interrupted.empty(), kPatienceMs);
    click(child<QPushButton>(driven.window(), "resumeJob"));
    QTRY_VERIFY_WITH_TIMEOUT(driven.snapshot().generations.front().state == GenerationState::Good &&
                                 driven.idle(),
                             kPatienceMs);
}

void TestHealthXcb::aHalfWrittenRegionIsSelectedForItsVerbs()
{
    WindowOnArray driven;
    driven.disk().importHalf("db");
    driven.open();
    driven.press(Qt::Key_H, Qt::ControlModifier);
    const auto* panel = child<HealthPanel>(driven.window(), "healthPanel");
    QTRY_VERIFY(panel->isVisible());
    const auto* accept = child<QAction>(driven.window(), "acceptContent");
    QVERIFY(!accept->isEnabled());
    click(child<QPushButton>(*panel, "selectRegion"));
    QTRY_VERIFY(accept->isEnabled());
    QCOMPARE(driven.snapshot().layout.find(*driven.window().view()->selection().region)->name,
             std::string("db"));
}

QTEST_MAIN(TestHealthXcb)
#include "test_health_xcb.moc"
