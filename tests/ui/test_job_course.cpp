// The progress of a job is that of all its steps, and the map is told what each reads and writes.
#include "tests/ui/sample_snapshot.h"
#include "ui/job_steps.h"

#include <QSignalSpy>
#include <QTest>
#include <semaphore>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 1536 * kMiB;

RestorePlan planOf(const SampleArray& sample, bool undo)
{
    return {.generation = sample.snapshot().generations.front(),
            .backup = sample.region(20),
            .target = sample.region(10),
            .undo = undo};
}

CopyProgress report(CopyPhase phase, std::uint64_t doneBytes, std::uint64_t totalBytes)
{
    return {.phase = phase, .doneBytes = doneBytes, .totalBytes = totalBytes};
}

double shareOf(const JobCourse& course)
{
    const Standing now = course.standing();
    return static_cast<double>(now.doneBytes) / static_cast<double>(now.totalBytes);
}

// A job that stands where it was told to, until it is let go.
class HeldJob {
public:
    HeldJob(JobRequest request, std::vector<CopyProgress> reports)
    {
        request.run = [this,
                       reports = std::move(reports)](CopyControl& control) -> Result<JobOutcome> {
            for (const CopyProgress& each : reports)
                std::ignore = control.checkpoint(each);
            m_reported = true;
            m_gate.acquire();
            return std::uint64_t{1};
        };
        m_jobs.push_back(std::make_unique<RunningJob>(std::move(request), m_pool, nullptr));
    }
    ~HeldJob()
    {
        m_gate.release();
        m_jobs.clear();
    }
    HeldJob(const HeldJob&) = delete;
    HeldJob& operator=(const HeldJob&) = delete;

    [[nodiscard]] bool reported() const { return m_reported; }
    [[nodiscard]] const std::vector<std::unique_ptr<RunningJob>>& jobs() const { return m_jobs; }
    [[nodiscard]] RunningJob& job() const { return *m_jobs.front(); }

private:
    QThreadPool m_pool;
    std::binary_semaphore m_gate{0};
    std::atomic<bool> m_reported{false};
    std::vector<std::unique_ptr<RunningJob>> m_jobs;
};

// What a restore that keeps what it overwrites reports, to the beginning of its steps.
std::vector<CopyProgress> toTheKeeping()
{
    return {report(CopyPhase::Verifying, 0, kSize),
            report(CopyPhase::Verifying, kSize, kSize),
            report(CopyPhase::Preparing, 0, kSize),
            report(CopyPhase::Preparing, kSize, kSize),
            report(CopyPhase::Preparing, 0, 0),
            report(CopyPhase::Copying, 0, 100 * kMiB),
            report(CopyPhase::Copying, 50 * kMiB, 100 * kMiB)};
}

} // namespace

class TestJobCourse : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void aPhaseThatComesTwiceIsTwoSteps();
    void theTimeLeftIsThatOfTheWholeJob();
    void theShareNeverGoesBack();
    void whatDiffersIsKnownOnceItIsKept();
    void theMapIsToldWhatIsReadAndWhatIsWritten();
    void whatIsReadBackIsUnprovedUntilTheEnd();
    void theUndoAreaIsWrittenAndTheTargetOnlyReadWhileItIsKept();
    void anUndoReadsItsAreaAndWritesTheTarget();
    void aVerificationOnlyReads();
};

// The second verifying stood at 100 % until it was as far as the first.
void TestJobCourse::aPhaseThatComesTwiceIsTwoSteps()
{
    const SampleArray sample;
    JobCourse course(stepsOf(planOf(sample, false)));
    course.take(report(CopyPhase::Verifying, 0, kSize));
    course.take(report(CopyPhase::Verifying, kSize, kSize));
    QCOMPARE(course.standing().step, std::size_t{1});
    course.take(report(CopyPhase::Verifying, 0, kSize));
    QCOMPARE(course.standing().step, std::size_t{2});
    QCOMPARE(course.standing().current.work, StepWork::ReadTarget);
    QCOMPARE(course.progress().doneBytes, std::uint64_t{0});
    course.take(report(CopyPhase::Verifying, 10 * kMiB, kSize));
    QCOMPARE(course.progress().doneBytes, 10 * kMiB);
    QCOMPARE(course.standing().doneBytes, kSize + 10 * kMiB);
}

void TestJobCourse::theTimeLeftIsThatOfTheWholeJob()
{
    const SampleArray sample;
    JobCourse course(stepsOf(planOf(sample, false)));
    course.take(report(CopyPhase::Verifying, kSize / 2, kSize));
    const Standing now = course.standing();
    QCOMPARE(now.steps, std::size_t{4});
    QVERIFY(now.totalBytes - now.doneBytes > 3 * kSize);
    QVERIFY(!now.exact); // How much differs is not known yet: the time is at most that.
}

void TestJobCourse::theShareNeverGoesBack()
{
    const SampleArray sample;
    JobCourse course(stepsOf(planOf(sample, true)));
    std::vector<CopyProgress> reports = toTheKeeping();
    reports.insert(
        reports.end(),
        {report(CopyPhase::Copying, 100 * kMiB, 100 * kMiB),
         report(CopyPhase::Flushing, 100 * kMiB, 100 * kMiB),
         report(CopyPhase::Verifying, 0, 100 * kMiB),
         report(CopyPhase::Verifying, 100 * kMiB, 100 * kMiB), report(CopyPhase::Preparing, 0, 0),
         report(CopyPhase::Copying, kSize - 100 * kMiB, kSize),
         report(CopyPhase::Copying, kSize, kSize), report(CopyPhase::Flushing, kSize, kSize),
         report(CopyPhase::Verifying, 0, kSize), report(CopyPhase::Verifying, kSize / 2, kSize),
         report(CopyPhase::Verifying, kSize, kSize)});
    double before = 0;
    std::uint64_t doneBefore = 0;
    for (const CopyProgress& each : reports) {
        course.take(each);
        QVERIFY2(shareOf(course) >= before, qPrintable(QString::number(shareOf(course))));
        QVERIFY(course.standing().doneBytes >= doneBefore);
        before = shareOf(course);
        doneBefore = course.standing().doneBytes;
    }
    QCOMPARE(course.standing().step, std::size_t{6});
    QCOMPARE(before, 1.0);
}

void TestJobCourse::whatDiffersIsKnownOnceItIsKept()
{
    const SampleArray sample;
    JobCourse course(stepsOf(planOf(sample, true)));
    course.take(report(CopyPhase::Verifying, 0, kSize));
    QCOMPARE(course.standing().totalBytes, 6 * kSize);
    for (const CopyProgress& each : toTheKeeping())
        course.take(each);
    QVERIFY(course.standing().exact);
    QCOMPARE(course.standing().totalBytes, 3 * kSize + 3 * 100 * kMiB);
}

void TestJobCourse::theMapIsToldWhatIsReadAndWhatIsWritten()
{
    const SampleArray sample;
    JobRequest request;
    request.target = RegionId{uuid(10)};
    request.steps = stepsOf(planOf(sample, false));
    const HeldJob held(std::move(request), {report(CopyPhase::Verifying, 0, kSize),
                                            report(CopyPhase::Verifying, kSize, kSize),
                                            report(CopyPhase::Verifying, 0, kSize),
                                            report(CopyPhase::Verifying, kSize, kSize),
                                            report(CopyPhase::Copying, 0, kSize)});
    QTRY_VERIFY(held.reported());
    const auto activity = activityOf(held.jobs(), sample.snapshot());
    QCOMPARE(activity.size(), std::size_t{2});
    QVERIFY(activity.at(RegionId{uuid(10)}).writes);
    QVERIFY(!activity.at(RegionId{uuid(20)}).writes);
}

// Incident: a target that was being read back was painted as what it had held before.
void TestJobCourse::whatIsReadBackIsUnprovedUntilTheEnd()
{
    const SampleArray sample;
    BackupPlan plan;
    plan.source = sample.region(10);
    plan.target = sample.region(20);
    plan.verify = true;
    JobRequest request;
    request.target = plan.target.id;
    request.steps = stepsOf(plan);
    const HeldJob held(std::move(request), {report(CopyPhase::Copying, kSize, kSize),
                                            report(CopyPhase::Verifying, kMiB, kSize)});
    QTRY_VERIFY(held.reported());
    const auto activity = activityOf(held.jobs(), sample.snapshot());
    QVERIFY(!activity.at(plan.target.id).writes);
    QVERIFY(activity.at(plan.target.id).unproved);
}

void TestJobCourse::theUndoAreaIsWrittenAndTheTargetOnlyReadWhileItIsKept()
{
    SampleArray sample;
    sample.addGeneration(3, GenerationState::Copying, 10, 21);
    Generation& kept = sample.snapshot().generations.back();
    kept.undo.emplace();
    kept.undo->restored = 2;
    JobRequest request;
    request.target = RegionId{uuid(10)};
    request.generation = 2;
    request.steps = stepsOf(planOf(sample, true));
    const HeldJob held(std::move(request), toTheKeeping());
    QTRY_VERIFY(held.reported());
    const auto activity = activityOf(held.jobs(), sample.snapshot());
    QCOMPARE(activity.size(), std::size_t{2});
    QVERIFY(activity.at(RegionId{uuid(21)}).writes);
    QVERIFY(!activity.at(RegionId{uuid(10)}).writes);
    const QString text = held.job().progressText();
    QVERIFY2(text.contains(QStringLiteral("step 3 of 6: keeping what will be overwritten")),
             qPrintable(text));
    QVERIFY2(text.contains(QStringLiteral("50 MiB of 100 MiB")), qPrintable(text));
}

void TestJobCourse::anUndoReadsItsAreaAndWritesTheTarget()
{
    SampleArray sample;
    sample.addGeneration(3, GenerationState::Good, 10, 21);
    UndoPlan plan;
    plan.kept = sample.snapshot().generations.back();
    plan.kept.sizeBytes = 100 * kMiB;
    plan.kept.undo.emplace();
    plan.kept.undo->sizeBytes = kSize;
    std::vector<CopyProgress> reports{report(CopyPhase::Verifying, 0, 100 * kMiB),
                                      report(CopyPhase::Verifying, 100 * kMiB, 100 * kMiB),
                                      report(CopyPhase::Preparing, 0, kSize)};
    const auto activityAfter = [&] {
        JobRequest request;
        request.target = RegionId{uuid(10)};
        request.steps = stepsOf(plan);
        const HeldJob held(std::move(request), reports);
        const bool reported = QTest::qWaitFor([&] { return held.reported(); });
        return reported ? activityOf(held.jobs(), sample.snapshot())
                        : std::map<RegionId, RegionActivity>();
    };
    auto activity = activityAfter();
    QCOMPARE(activity.size(), std::size_t{1});
    QVERIFY(!activity.at(RegionId{uuid(10)}).writes); // It is only looked at.
    reports.push_back(report(CopyPhase::Preparing, kSize, kSize));
    reports.push_back(report(CopyPhase::Preparing, 0, 0));
    reports.push_back(report(CopyPhase::Copying, 0, 100 * kMiB));
    activity = activityAfter();
    QCOMPARE(activity.size(), std::size_t{2});
    QVERIFY(activity.at(RegionId{uuid(10)}).writes);
    QVERIFY(!activity.at(RegionId{uuid(21)}).writes);
}

void TestJobCourse::aVerificationOnlyReads()
{
    const SampleArray sample;
    JobRequest request;
    request.target = RegionId{uuid(20)};
    request.steps = stepsOfVerify(sample.snapshot().generations.front());
    const HeldJob held(std::move(request), {report(CopyPhase::Verifying, kMiB, kSize)});
    QTRY_VERIFY(held.reported());
    const auto activity = activityOf(held.jobs(), sample.snapshot());
    QCOMPARE(activity.size(), std::size_t{1});
    QVERIFY(!activity.at(RegionId{uuid(20)}).writes);
    QVERIFY(!activity.at(RegionId{uuid(20)}).unproved);
    QVERIFY(!held.job().progressText().contains(QStringLiteral("step")));
}

QTEST_MAIN(TestJobCourse)
#include "test_job_course.moc"
