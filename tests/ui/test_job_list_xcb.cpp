// The list of jobs: what a card offers, what is cleared, and what closing the window says of each.
#include "tests/ui/window_on_array.h"

#include <QMessageBox>

using namespace cairn;
using namespace cairn::test;

class TestJobListXcb : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_setup.emplace(); }
    void init() { m_driven.emplace(); }
    void cleanup() { m_driven.reset(); }
    void anExportIsDoneAgainWithoutWhatCannotBeRead();
    void theListOfTargetsFollowsWhatOthersDo();
    void closingTheWindowTellsWhatBecomesOfEachJob();
    void finishedJobsAreClearedAtOnce();

private:
    [[nodiscard]] MainWindow& window() const { return m_driven->window(); }
    [[nodiscard]] const ArraySnapshot& snapshot() const { return m_driven->snapshot(); }
    [[nodiscard]] RunningJob* job() const { return m_driven->job(); }
    [[nodiscard]] QString card() const { return m_driven->card(); }
    void photograph(const char* name) const { m_driven->photograph(name); }

    std::optional<WindowSetup> m_setup;
    std::optional<WindowOnArray> m_driven;
};

void TestJobListXcb::anExportIsDoneAgainWithoutWhatCannotBeRead()
{
    const QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("db.img"));
    m_driven->open();
    const auto db = std::ranges::find(snapshot().layout.regions, "db", &Region::name)->extent;
    Faults bad;
    bad.unreadable = {{db.offsetBytes + 8 * kMiB, 8 * kKiB}};
    QVERIFY(setFaults(m_driven->disk().directory(), 0, bad).has_value());
    m_driven->startExport("db", file);
    QTRY_VERIFY2_WITH_TIMEOUT(card().startsWith(QStringLiteral("Failed:")), qPrintable(card()),
                              kPatienceMs);
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->againTip(),
                              QStringLiteral("Export again, skipping what cannot be read"),
                              kPatienceMs);
    photograph("export-cannot-read");
    click(child<QPushButton>(window(), "exportSkipping"));
    const auto said = [&] { return window().messages()->newestText(); };
    QTRY_VERIFY2_WITH_TIMEOUT(said().contains(QStringLiteral("8,192 bytes (8 KiB) could not")),
                              qPrintable(said()), kPatienceMs);
    // The card of the one that failed goes.
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->array().jobs().size(), std::size_t{1}, kPatienceMs);
    photograph("export-in-part");
    QFile exported(file);
    QVERIFY(exported.open(QIODevice::ReadOnly));
    const QByteArray bytes = exported.readAll();
    QCOMPARE(bytes.size(), qsizetype(ArrayOnDisk::kSourceBytes));
    QCOMPARE(bytes.mid(8 * kMiB, 8 * kKiB), QByteArray(8 * kKiB, '\0'));
    QVERIFY(bytes.mid(8 * kMiB + 8 * kKiB, 4096) != QByteArray(4096, '\0'));
}

void TestJobListXcb::theListOfTargetsFollowsWhatOthersDo()
{
    m_driven->open();
    m_driven->clickRegion("db");
    m_driven->press(Qt::Key_B, Qt::ControlModifier);
    auto* asked = m_driven->dialog<BackupDialog>();
    const auto* model = child<QTableView>(*asked, "candidateTable")->model();
    const int before = model->rowCount();
    WindowOnArray::chooseTarget(asked, "vault");
    QVERIFY(asked->plan().has_value());
    m_driven->disk().addBeside("vault", "third", ArrayOnDisk::kSourceBytes);
    QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), before + 1, kPatienceMs);
    QVERIFY(asked->plan().has_value());
    QCOMPARE(asked->plan()->target.name, std::string("vault"));
    WindowOnArray::chooseTarget(asked, "third");
    QCOMPARE(asked->plan()->target.name, std::string("third"));
    QTest::keyClick(asked, Qt::Key_Escape);
}

// Incident: it named no job, and said of a canceled import that it could be resumed.
void TestJobListXcb::closingTheWindowTellsWhatBecomesOfEachJob()
{
    const QTemporaryDir folder;
    m_driven->disk().addBeside("vault", "third", ArrayOnDisk::kSourceBytes);
    m_driven->open();
    m_driven->disk().setBandwidth(4 * kMiB, 0);
    m_driven->startBackup("db", "third");
    QTRY_VERIFY_WITH_TIMEOUT(job()->progress().doneBytes > kMiB, kPatienceMs);
    job()->pause();
    m_driven->startExport("db", folder.filePath(QStringLiteral("db.img")));
    job()->pause();
    window().close();
    QVERIFY(window().isVisible());
    auto* box = m_driven->dialog<QMessageBox>();
    const QString told = box->informativeText();
    QVERIFY2(told.contains(QStringLiteral("Back up db → third: what it has copied is kept")),
             qPrintable(told));
    QVERIFY2(told.contains(QStringLiteral("Export db: no file is made")), qPrintable(told));
    photograph("closing");
    click(child<QPushButton>(*box, "keepRunning"));
    QTRY_VERIFY_WITH_TIMEOUT(window().findChild<QMessageBox*>() == nullptr, kPatienceMs);
    QCOMPARE(m_driven->array().runningJobs(), 2);
}

void TestJobListXcb::finishedJobsAreClearedAtOnce()
{
    m_driven->openWithABackup();
    auto* clear = child<QPushButton>(window(), "clearFinished");
    QVERIFY(!clear->isVisible());
    m_driven->press(Qt::Key_Y, Qt::ControlModifier);
    QTRY_VERIFY_WITH_TIMEOUT(m_driven->idle(), kPatienceMs);
    m_driven->disk().setBandwidth(4 * kMiB);
    m_driven->press(Qt::Key_Y, Qt::ControlModifier);
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->array().jobs().size(), std::size_t{2}, kPatienceMs);
    QTRY_VERIFY_WITH_TIMEOUT(clear->isVisible(), kPatienceMs);
    photograph("clear-finished");
    const RunningJob* running = job();
    click(clear);
    QTRY_COMPARE_WITH_TIMEOUT(m_driven->array().jobs().size(), std::size_t{1}, kPatienceMs);
    QCOMPARE(job(), running);
    QTRY_VERIFY_WITH_TIMEOUT(!clear->isVisible(), kPatienceMs);
    QVERIFY(!child<QAction>(window(), "clearFinishedJobs")->isEnabled());
}

QTEST_MAIN(TestJobListXcb)
#include "test_job_list_xcb.moc"
