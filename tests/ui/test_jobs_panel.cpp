// The list of jobs by itself: which row is in sight.
#include "ui/widgets/job_row.h"
#include "ui/widgets/jobs_panel.h"

#include <QCursor>
#include <QScrollArea>
#include <QScrollBar>
#include <QTest>
#include <memory>
#include <vector>

using namespace cairn;

namespace {
constexpr QPoint elsewhere(1000, 1000); // No window is there, and under the mouse no row moves.
}

class TestJobsPanel : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aJobThatBeginsIsInSight();
    void noRowMovesUnderTheMouse();

private:
    // `count` jobs that have ended.
    void addFinished(JobsPanel& panel, int count)
    {
        for (int n = 0; n < count; ++n) {
            JobRequest request;
            request.title = QStringLiteral("Import %1").arg(n);
            request.run = [](CopyControl&) -> Result<JobOutcome> { return std::uint64_t{1}; };
            m_jobs.push_back(std::make_unique<RunningJob>(std::move(request), m_pool, nullptr));
            panel.add(m_jobs.back().get());
            QVERIFY(QTest::qWaitFor([this] { return m_jobs.back()->finished(); }));
        }
    }
    RunningJob* addWaiting(JobsPanel& panel)
    {
        JobRequest request;
        request.title = QStringLiteral("Verify");
        request.run = [](CopyControl&) -> Result<JobOutcome> { return std::uint64_t{1}; };
        m_jobs.push_back(std::make_unique<RunningJob>(std::move(request), m_pool, nullptr,
                                                      RunningJob::Start::WhenTold));
        panel.add(m_jobs.back().get());
        return m_jobs.back().get();
    }
    static bool isInSight(const JobsPanel& panel, const RunningJob* job)
    {
        for (const JobRow* row : panel.findChildren<JobRow*>()) {
            if (row->job() == job)
                return row->visibleRegion().boundingRect() == row->rect();
        }
        return false;
    }

    QThreadPool m_pool;
    std::vector<std::unique_ptr<RunningJob>> m_jobs;
};

// Incident: below two that had ended neither its progress nor its buttons were seen.
void TestJobsPanel::aJobThatBeginsIsInSight()
{
    QCursor::setPos(elsewhere);
    JobsPanel panel;
    panel.resize(300, 220);
    panel.show();
    addFinished(panel, 3);
    const RunningJob* job = addWaiting(panel);
    QTRY_VERIFY(isInSight(panel, job));
    // How they ended is known later, and takes room.
    for (const auto& finished : m_jobs)
        finished->setReport(
            {.text = QString(QStringLiteral("What is safe now. ")).repeated(20), .again = {}});
    QTRY_VERIFY(isInSight(panel, job));
    m_jobs.clear();
}

void TestJobsPanel::noRowMovesUnderTheMouse()
{
    JobsPanel panel;
    panel.resize(300, 220);
    panel.show();
    addFinished(panel, 4);
    QCursor::setPos(panel.mapToGlobal(panel.rect().center()));
    QTRY_VERIFY(panel.underMouse());
    panel.findChild<QScrollArea*>()->verticalScrollBar()->setValue(0); // To read the first.
    const RunningJob* job = addWaiting(panel);
    QCoreApplication::processEvents();
    QVERIFY(!isInSight(panel, job));
    QCursor::setPos(elsewhere);
    QTRY_VERIFY(isInSight(panel, job));
    m_jobs.clear();
}

QTEST_MAIN(TestJobsPanel)
#include "test_jobs_panel.moc"
