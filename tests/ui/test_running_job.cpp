// Jobs of the window: pausing blocks the copy, canceling ends it, and no outcome is lost.
#include "ui/jobs/running_job.h"

#include <QSignalSpy>
#include <QTest>
#include <atomic>
#include <semaphore>

using namespace cairn;

class TestRunningJob : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theOutcomeOfTheVerbIsKept();
    void aPausedJobMakesNoProgressUntilResumed();
    void aCanceledJobEndsAtItsNextChunk();
    void cancelEndsAPause();
    void aJobCanceledBeforeItBeganNeverRuns();
    void theDestructorCancelsAndWaits();
    void progressNeverGoesBackWithinAPhase();
    void aMillionReportsAreFewSignals();
    void theRateIsTheMeanOfRecentSamples();
    void aCopyThatDoesNotMoveIsStalled();
};

namespace {

// Reports chunk after chunk until it is told to stop.
Result<JobOutcome> endless(CopyControl& control, std::atomic<std::uint64_t>& chunks)
{
    while (control.checkpoint({.phase = CopyPhase::Copying,
                               .doneBytes = std::min<std::uint64_t>(chunks.load(), 1000),
                               .totalBytes = 1000,
                               .writtenBytes = 0}))
        ++chunks;
    return failure(ErrorCode::Canceled, "target");
}

JobRequest request(std::function<Result<JobOutcome>(CopyControl&)> run)
{
    JobRequest made;
    made.title = QStringLiteral("test");
    made.run = std::move(run);
    return made;
}

} // namespace

void TestRunningJob::theOutcomeOfTheVerbIsKept()
{
    QThreadPool pool;
    RunningJob job(request([](CopyControl&) -> Result<JobOutcome> { return std::uint64_t{77}; }),
                   pool, nullptr);
    QVERIFY(QSignalSpy(&job, &RunningJob::done).wait() || job.finished());
    QVERIFY(job.outcome().has_value());
    QCOMPARE(std::get<std::uint64_t>(*job.outcome()), std::uint64_t{77});
    QCOMPARE(job.fraction(), 1.0);
}

void TestRunningJob::aPausedJobMakesNoProgressUntilResumed()
{
    QThreadPool pool;
    std::atomic<std::uint64_t> chunks = 0;
    RunningJob job(request([&](CopyControl& control) { return endless(control, chunks); }), pool,
                   nullptr);
    QTRY_VERIFY(chunks > 10);
    job.pause();
    QCOMPARE(job.state(), RunningJob::State::Paused);
    // One report may have passed the check already; after two equal readings it stands.
    std::uint64_t before = 0;
    QTRY_VERIFY(std::exchange(before, chunks.load()) == chunks.load());
    QVERIFY(job.progressText().contains(QStringLiteral("paused")));
    job.resume();
    QTRY_VERIFY(chunks > before + 10);
}

void TestRunningJob::aCanceledJobEndsAtItsNextChunk()
{
    QThreadPool pool;
    std::atomic<std::uint64_t> chunks = 0;
    RunningJob job(request([&](CopyControl& control) { return endless(control, chunks); }), pool,
                   nullptr);
    QTRY_VERIFY(chunks > 10);
    job.cancel();
    QTRY_VERIFY(job.finished());
    QVERIFY(!job.outcome().has_value());
    QCOMPARE(job.outcome().error().code, ErrorCode::Canceled);
    QCOMPARE(QString::fromStdString(job.outcome().error().subject), QStringLiteral("target"));
}

void TestRunningJob::cancelEndsAPause()
{
    QThreadPool pool;
    std::atomic<std::uint64_t> chunks = 0;
    RunningJob job(request([&](CopyControl& control) { return endless(control, chunks); }), pool,
                   nullptr);
    QTRY_VERIFY(chunks > 10);
    job.pause();
    job.cancel();
    QTRY_VERIFY(job.finished());
}

void TestRunningJob::aJobCanceledBeforeItBeganNeverRuns()
{
    QThreadPool pool;
    pool.setMaxThreadCount(1);
    std::binary_semaphore gate(0);
    bool ran = false;
    RunningJob first(request([&](CopyControl&) -> Result<JobOutcome> {
                         gate.acquire();
                         return std::uint64_t{1};
                     }),
                     pool, nullptr);
    RunningJob second(request([&](CopyControl&) -> Result<JobOutcome> {
                          ran = true;
                          return std::uint64_t{2};
                      }),
                      pool, nullptr);
    second.cancel();
    gate.release();
    QTRY_VERIFY(first.finished());
    QTRY_VERIFY(second.finished());
    QVERIFY(!ran);
    QCOMPARE(second.outcome().error().code, ErrorCode::Canceled);
}

void TestRunningJob::theDestructorCancelsAndWaits()
{
    QThreadPool pool;
    std::atomic<std::uint64_t> chunks = 0;
    std::atomic<bool> returned = false;
    {
        const RunningJob job(request([&](CopyControl& control) {
                                 auto result = endless(control, chunks);
                                 returned = true;
                                 return result;
                             }),
                             pool, nullptr);
        QTRY_VERIFY(chunks > 0);
    }
    QVERIFY(returned);
}

void TestRunningJob::progressNeverGoesBackWithinAPhase()
{
    JobControl control;
    QVERIFY(control.checkpoint({CopyPhase::Copying, 500, 1000, 0}));
    QVERIFY(control.checkpoint({CopyPhase::Copying, 300, 1000, 0}));
    QCOMPARE(control.progress().doneBytes, std::uint64_t{500});
    QVERIFY(control.checkpoint({CopyPhase::Verifying, 100, 1000, 0}));
    QCOMPARE(control.progress().doneBytes, std::uint64_t{100});
}

void TestRunningJob::aMillionReportsAreFewSignals()
{
    QThreadPool pool;
    RunningJob job(request([](CopyControl& control) -> Result<JobOutcome> {
                       for (std::uint64_t chunk = 0; chunk < 1'000'000; ++chunk) {
                           if (!control.checkpoint({CopyPhase::Copying, chunk, 1'000'000, 0}))
                               return failure(ErrorCode::Canceled);
                       }
                       return std::uint64_t{1'000'000};
                   }),
                   pool, nullptr);
    QSignalSpy changes(&job, &RunningJob::changed);
    QElapsedTimer clock;
    clock.start();
    QTRY_VERIFY_WITH_TIMEOUT(job.finished(), 60'000);
    QVERIFY(changes.count() <= clock.elapsed() / 90 + 3);
}

void TestRunningJob::theRateIsTheMeanOfRecentSamples()
{
    RateEstimate rate;
    rate.add(0, 0);
    rate.add(500, 50);
    QCOMPARE(rate.bytesPerSecond(), std::nullopt); // Estimating.
    rate.add(1000, 100);
    QCOMPARE(rate.bytesPerSecond(), std::optional(100.0));
    QCOMPARE(rate.secondsLeft(300), std::optional<std::int64_t>(2));
    for (int second = 2; second <= 30; ++second)
        rate.add(std::int64_t{second} * 1000, 100 + static_cast<std::uint64_t>(second) * 1000);
    QVERIFY(*rate.bytesPerSecond() > 990);
    rate.reset();
    QCOMPARE(rate.bytesPerSecond(), std::nullopt);
}

void TestRunningJob::aCopyThatDoesNotMoveIsStalled()
{
    RateEstimate rate;
    rate.add(0, 100);
    rate.add(9000, 100);
    QVERIFY(!rate.stalled(9000));
    QVERIFY(rate.stalled(10'000));
    rate.add(10'500, 200);
    QVERIFY(!rate.stalled(10'600));
}

QTEST_MAIN(TestRunningJob)
#include "test_running_job.moc"
