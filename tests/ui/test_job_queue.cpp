// The queue: one writer for each member, in order, put forward, paused and canceled while waiting.
#include "tests/ui/child.h"
#include "tests/ui/sample_snapshot.h"
#include "ui/jobs/job_queue.h"
#include "ui/widgets/jobs_panel.h"

#include <QSignalSpy>
#include <QTest>
#include <QToolButton>
#include <atomic>
#include <mutex>
#include <set>

using namespace cairn;
using namespace cairn::test;

class TestJobQueue : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aMemberHasOneWriterAtATime();
    void jobsOfOtherMembersAndReadersDoNotWait();
    void aJobThatIsPutForwardBeginsEarlier();
    void aPausedJobLetsOthersPass();
    void aWaitingJobThatIsCanceledNeverRuns();
    void theDestructorEndsWhatRunsAndWhatWaits();
    void aFailedJobCanBeTriedAgainFromItsRow();
    void rowsStayWhereTheyAre();
    void theThroughputOfARunningJobIsMeasured();
};

namespace {

// Verbs that run until they are let go, and what ran when.
class Runs {
public:
    // `member` 0: it only reads.
    JobRequest request(int name, std::uint8_t member)
    {
        JobRequest made;
        made.title = QString::number(name);
        if (member != 0)
            made.member = uuid(member);
        made.run = [this, name](CopyControl& control) -> Result<JobOutcome> {
            {
                const std::lock_guard lock(m_mutex);
                m_began.push_back(name);
            }
            while (control.checkpoint({CopyPhase::Copying, 0, 100, 0})) {
                const std::lock_guard lock(m_mutex);
                if (m_ended.contains(name))
                    return JobOutcome(std::uint64_t{1});
            }
            return failure(ErrorCode::Canceled);
        };
        return made;
    }
    void end(int name)
    {
        const std::lock_guard lock(m_mutex);
        m_ended.insert(name);
    }
    [[nodiscard]] std::vector<int> began() const
    {
        const std::lock_guard lock(m_mutex);
        return m_began;
    }

private:
    mutable std::mutex m_mutex;
    std::vector<int> m_began;
    std::set<int> m_ended;
};

} // namespace

void TestJobQueue::aMemberHasOneWriterAtATime()
{
    Runs runs;
    JobQueue queue;
    const QSignalSpy ends(&queue, &JobQueue::done);
    queue.add(runs.request(1, 7));
    const RunningJob* second = queue.add(runs.request(2, 7));
    queue.add(runs.request(3, 7));
    QTRY_COMPARE(runs.began(), std::vector<int>{1});
    QCOMPARE(second->state(), RunningJob::State::Waiting);
    QVERIFY(!second->handedOver());
    QVERIFY2(second->progressText().contains(QStringLiteral("writes the same member")),
             qPrintable(second->progressText()));
    QCOMPARE(queue.unfinished(), 3);
    runs.end(1);
    QTRY_COMPARE(runs.began(), (std::vector<int>{1, 2}));
    runs.end(2);
    runs.end(3);
    QTRY_COMPARE(ends.count(), 3);
    QCOMPARE(runs.began(), (std::vector<int>{1, 2, 3}));
    QCOMPARE(queue.unfinished(), 0);
}

void TestJobQueue::jobsOfOtherMembersAndReadersDoNotWait()
{
    Runs runs;
    JobQueue queue;
    queue.add(runs.request(1, 7));
    queue.add(runs.request(2, 8));
    queue.add(runs.request(3, 0));
    queue.add(runs.request(4, 0));
    QTRY_COMPARE(runs.began().size(), std::size_t{4});
    // Four at once are enough.
    const RunningJob* fifth = queue.add(runs.request(5, 9));
    QVERIFY(!fifth->handedOver());
    runs.end(3);
    QTRY_COMPARE(runs.began().size(), std::size_t{5});
}

void TestJobQueue::aJobThatIsPutForwardBeginsEarlier()
{
    Runs runs;
    JobQueue queue;
    queue.add(runs.request(1, 7));
    queue.add(runs.request(2, 7));
    RunningJob* third = queue.add(runs.request(3, 7));
    QCOMPARE(third->waitingAhead(), 1);
    queue.putForward(third);
    QCOMPARE(third->waitingAhead(), 0);
    queue.putForward(third); // It is next already.
    QTRY_COMPARE(runs.began(), std::vector<int>{1});
    runs.end(1);
    QTRY_COMPARE(runs.began(), (std::vector<int>{1, 3}));
}

void TestJobQueue::aPausedJobLetsOthersPass()
{
    Runs runs;
    JobQueue queue;
    queue.add(runs.request(1, 7));
    RunningJob* second = queue.add(runs.request(2, 7));
    queue.add(runs.request(3, 7));
    second->pause();
    QCOMPARE(second->state(), RunningJob::State::Paused);
    QTRY_COMPARE(runs.began(), std::vector<int>{1});
    runs.end(1);
    QTRY_COMPARE(runs.began(), (std::vector<int>{1, 3}));
    runs.end(3);
    QTRY_COMPARE(queue.unfinished(), 1);
    second->resume();
    QTRY_COMPARE(runs.began(), (std::vector<int>{1, 3, 2}));
}

void TestJobQueue::aWaitingJobThatIsCanceledNeverRuns()
{
    Runs runs;
    JobQueue queue;
    queue.add(runs.request(1, 7));
    RunningJob* second = queue.add(runs.request(2, 7));
    const QSignalSpy ends(&queue, &JobQueue::done);
    second->cancel();
    QTRY_COMPARE(ends.count(), 1);
    QVERIFY(second->finished());
    QCOMPARE(second->outcome().error().code, ErrorCode::Canceled);
    runs.end(1);
    QTRY_COMPARE(queue.unfinished(), 0);
    QCOMPARE(runs.began(), std::vector<int>{1});
}

void TestJobQueue::theDestructorEndsWhatRunsAndWhatWaits()
{
    Runs runs;
    {
        JobQueue queue;
        queue.add(runs.request(1, 7));
        queue.add(runs.request(2, 7));
        QTRY_COMPARE(runs.began().size(), std::size_t{1});
    }
    QCOMPARE(runs.began(), std::vector<int>{1});
}

void TestJobQueue::aFailedJobCanBeTriedAgainFromItsRow()
{
    JobQueue queue;
    JobsPanel panel;
    JobRequest request;
    request.run = [](CopyControl&) -> Result<JobOutcome> {
        return failure(ErrorCode::ReadFailed, "disk");
    };
    RunningJob* job = queue.add(request);
    panel.add(job);
    panel.show();
    auto* retry = panel.findChild<QToolButton*>(QStringLiteral("retryJob"));
    QVERIFY(!retry->isVisible());
    QTRY_VERIFY(job->finished());
    QVERIFY(!retry->isVisible()); // What it left behind is not known yet.
    job->setReport({JobReport::Tone::Bad, QStringLiteral("Failed."), QStringLiteral("Resume")});
    QVERIFY(retry->isVisible());
    QCOMPARE(retry->toolTip(), QStringLiteral("Resume"));
    QSignalSpy wanted(&panel, &JobsPanel::retryWanted);
    retry->click();
    QCOMPARE(wanted.count(), 1);
    QCOMPARE(wanted.first().first().value<RunningJob*>(), job);
}

// Incident: a new job pushed the others down, under the mouse that aimed at one of them.
void TestJobQueue::rowsStayWhereTheyAre()
{
    Runs runs;
    JobQueue queue;
    JobsPanel panel;
    panel.resize(400, 600);
    panel.show();
    const auto tops = [&] {
        std::vector<int> found;
        for (const QWidget* row : panel.findChildren<QWidget*>(QStringLiteral("jobRow")))
            found.push_back(row->y());
        return found;
    };
    const auto settled = [&](std::size_t rows) {
        return QTest::qWaitFor([&] { return tops().size() == rows && tops().back() > 0; });
    };
    RunningJob* first = queue.add(runs.request(1, 7));
    panel.add(first);
    panel.add(queue.add(runs.request(2, 7)));
    QVERIFY(settled(2));
    const std::vector<int> before = tops();
    panel.add(queue.add(runs.request(3, 7)));
    QVERIFY(settled(3));
    QVERIFY(tops()[1] < tops()[2]);
    RunningJob* newest = queue.jobs().back().get();
    QVERIFY(panel.togglePause());
    QCOMPARE(newest->state(), RunningJob::State::Paused);
    QVERIFY(panel.togglePause());
    queue.putForward(newest);
    JobRequest ended;
    ended.run = [](CopyControl&) -> Result<JobOutcome> { return failure(ErrorCode::Canceled); };
    RunningJob* last = queue.add(ended);
    panel.add(last);
    QTRY_VERIFY(last->finished());
    QVERIFY(
        QTest::qWaitFor([&] { return child<QPushButton>(panel, "clearFinished")->isVisible(); }));
    std::vector<int> after = tops();
    after.resize(2);
    QCOMPARE(after, before);
}

void TestJobQueue::theThroughputOfARunningJobIsMeasured()
{
    std::atomic<std::uint64_t> doneBytes = 0;
    QElapsedTimer clock;
    clock.start();
    JobQueue queue;
    JobRequest request;
    // 10 MB each second, by the clock.
    request.run = [&](CopyControl& control) -> Result<JobOutcome> {
        do
            doneBytes = static_cast<std::uint64_t>(clock.elapsed()) * 10'000;
        while (control.checkpoint({CopyPhase::Copying, doneBytes, UINT64_MAX, 0}));
        return failure(ErrorCode::Canceled);
    };
    const RunningJob* job = queue.add(request);
    QTRY_VERIFY_WITH_TIMEOUT(job->rates().size() >= 3, 30'000);
    for (const double rate : job->rates())
        QVERIFY2(rate > 5e6 && rate < 20e6, qPrintable(QString::number(rate)));
}

QTEST_MAIN(TestJobQueue)
#include "test_job_queue.moc"
