// Closing while jobs run: what is waited for, and what the window says meanwhile.
#include "tests/ui/window_on_array.h"

#include <QLabel>
#include <QMessageBox>

using namespace cairn;
using namespace cairn::test;

class TestClosingXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init() { m_driven.emplace(); }
    void cleanup() { m_driven.reset(); }
    void whatIsWaitedForIsSaidAndNothingElseCanBeBegun();
    void aVerificationIsNotWaitedFor();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }
    [[nodiscard]] QAction* action(const char* name) const { return child<QAction>(window(), name); }
    // Every reading of the disk, 0: of db, 1: of vault.
    void slowDown(std::size_t disk, std::uint64_t latencyUs) const
    {
        Faults slow;
        slow.latencyUs = latencyUs;
        if (!setFaults(m_driven->disk().directory(), disk, slow))
            qFatal("the disk was not made slow");
    }

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

// Incident: after "Cancel jobs" nothing but a word on the job's card told for a minute that the
// window closes, and all verbs looked as if they could be used.
void TestClosingXcb::whatIsWaitedForIsSaidAndNothingElseCanBeBegun()
{
    m_driven->open();
    m_driven->disk().setBandwidth(4 * kMiB);
    m_driven->backUp();
    QTRY_VERIFY_WITH_TIMEOUT(m_driven->job()->progress().doneBytes > 0, kPatienceMs);
    slowDown(1, 200'000);
    QCOMPARE(child<QLabel>(window(), "lockState")->text(), QStringLiteral("Writing"));
    QVERIFY(action("openArray")->isEnabled());
    QVERIFY(!window().close());
    click(child<QPushButton>(*m_driven->dialog<QMessageBox>(), "cancelJobs"));
    QTRY_VERIFY2_WITH_TIMEOUT(
        window().messages()->newestText().startsWith(QStringLiteral("Closing: waits for ")),
        qPrintable(window().messages()->newestText()), kPatienceMs);
    QVERIFY(!m_driven->job()->finished());
    for (const char* verb : {"openArray", "newArray", "closeArray", "backUp", "addRegion"})
        QVERIFY2(!action(verb)->isEnabled(), verb);
    QVERIFY(!window().close()); // Asks nothing again.
    QTRY_VERIFY_WITH_TIMEOUT(!window().isVisible(), kPatienceMs);
    QVERIFY(m_driven->job()->finished());
    slowDown(1, 0);
}

void TestClosingXcb::aVerificationIsNotWaitedFor()
{
    m_driven->openWithABackup();
    slowDown(1, 1'500'000);
    action("verify")->trigger();
    QTRY_VERIFY_WITH_TIMEOUT(!m_driven->array().jobs().empty(), kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->job()->state(), RunningJob::State::Running, kPatienceMs);
    QCOMPARE(child<QLabel>(window(), "lockState")->text(), QStringLiteral("Open read-only"));
    QVERIFY(!window().close());
    click(child<QPushButton>(*m_driven->dialog<QMessageBox>(), "cancelJobs"));
    QTRY_VERIFY(!window().isVisible());
    QVERIFY(!m_driven->job()->finished());
    QVERIFY(window().onlyReads()); // So that the program ends.
    slowDown(1, 0);
}

QTEST_MAIN(TestClosingXcb)
#include "test_closing_xcb.moc"
