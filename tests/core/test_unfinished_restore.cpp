// A region that an interrupted restore left half done is neither source nor target of anything
// else.
#include "core/backup/candidates.h"
#include "core/backup/keep.h"
#include "core/backup/resume.h"
#include "tests/support/array_fixture.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 12 * kMiB;

// Two good backups of "data", in "first" and "second"; the restore of backup 2 was interrupted
// after some of its chunks were written.
struct Interrupted {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId data = array.addRegion("data", kSize, 0);
    RegionId first = array.addRegion("first", kSize, 1);
    RegionId second = array.addRegion("second", kSize, 1);
    RegionId third = array.addRegion("third", kSize, 1);

    Interrupted()
    {
        array.fillRandom(data, 1);
        must(array.backUp(data, first));
        must(array.backUp(data, second));
        array.fillRandom(data, 2);
        std::uint64_t copied = 0;
        StopCopying control(copied);
        const auto stopped = array.restore(2, std::nullopt, control);
        if (stopped || stopped.error().code != ErrorCode::Canceled || copied == 0)
            stopTest("interrupting", stopped ? Error{} : stopped.error());
    }

    // Stops in the middle of the copying, after the verification.
    class StopCopying final : public CopyControl {
    public:
        explicit StopCopying(std::uint64_t& copied) : m_copied(copied) {}
        bool checkpoint(const CopyProgress& progress) override
        {
            const std::scoped_lock lock(m_mutex);
            if (progress.phase != CopyPhase::Copying || progress.writtenBytes < 4 * kMiB)
                return true;
            m_copied = progress.writtenBytes;
            return false;
        }

    private:
        std::mutex m_mutex;
        std::uint64_t& m_copied;
    };

    [[nodiscard]] std::vector<RefusalReason> reasons(const RegionId& source, const RegionId& target)
    {
        const auto candidates = must(candidateTargets(*array, source));
        const auto found = std::ranges::find(candidates, target, &CandidateTarget::region);
        std::vector<RefusalReason> reasons;
        for (const Refusal& refusal : found->refusals)
            reasons.push_back(refusal.reason);
        return reasons;
    }
};

template<typename T>
ErrorCode codeOf(const Result<T>& result)
{
    return result ? ErrorCode{} : result.error().code;
}

bool has(const std::vector<RefusalReason>& reasons, RefusalReason wanted)
{
    return std::ranges::find(reasons, wanted) != reasons.end();
}

} // namespace

class TestUnfinishedRestore : public QObject {
    Q_OBJECT

private slots:
    // Incident: a nightly backup took a half-restored region for good, and its next one overwrote
    // the only copy that could have finished the restore.
    void halfRestoredIsNoSource();
    void whatTheRestoreReadsIsNoTarget();
    void halfRestoredIsNoTarget();
    void whatTheRestoreReadsIsNotForgotten();
    // Incident: resuming overwrote what had been imported since.
    void nothingIsImportedIntoIt();
    void itIsNotRemoved();
    void resumedItIsASourceAgain();
    // Incident: given up, the half-restored region counted as a good source.
    void givenUpItStaysHalfWritten();
    void anotherRestoreTakesItsPlace();
};

void TestUnfinishedRestore::halfRestoredIsNoSource()
{
    Interrupted interrupted;
    QCOMPARE(codeOf(interrupted.array.backUp(interrupted.data, interrupted.first)),
             ErrorCode::RestoreUnfinished);
    QCOMPARE(codeOf(interrupted.array.backUp(interrupted.data, interrupted.third)),
             ErrorCode::RestoreUnfinished);
    QCOMPARE(interrupted.array.state(1), GenerationState::Good);
}

void TestUnfinishedRestore::whatTheRestoreReadsIsNoTarget()
{
    Interrupted interrupted;
    const RegionId other = interrupted.array.addRegion("other", kSize);
    interrupted.array.fillRandom(other, 5);
    QVERIFY(has(interrupted.reasons(other, interrupted.second), RefusalReason::NeededByRestore));
    QCOMPARE(codeOf(interrupted.array.backUp(other, interrupted.second)),
             ErrorCode::NeededByRestore);
    QCOMPARE(interrupted.array.state(2), GenerationState::Good);
}

void TestUnfinishedRestore::halfRestoredIsNoTarget()
{
    Interrupted interrupted;
    const RegionId other = interrupted.array.addRegion("other", kSize);
    interrupted.array.fillRandom(other, 5);
    QVERIFY(has(interrupted.reasons(other, interrupted.data), RefusalReason::RestoreUnfinished));
    QCOMPARE(codeOf(interrupted.array.backUp(other, interrupted.data)),
             ErrorCode::RestoreUnfinished);
}

void TestUnfinishedRestore::whatTheRestoreReadsIsNotForgotten()
{
    Interrupted interrupted;
    QCOMPARE(codeOf(forget(*interrupted.array, 2, "second")), ErrorCode::NeededByRestore);
    QCOMPARE(must(interruptedJobs(*interrupted.array)).size(), std::size_t{1});
    must(forget(*interrupted.array, 1, "first"));
}

void TestUnfinishedRestore::nothingIsImportedIntoIt()
{
    Interrupted interrupted;
    const auto before = interrupted.array.read(interrupted.data);
    bool asked = false;
    const ByteSource stream = [&](std::span<std::byte> into) -> Result<std::size_t> {
        asked = true;
        return into.size();
    };
    StopAt control(0);
    QCOMPARE(codeOf(importRegion(*interrupted.array,
                                 {.region = interrupted.data, .confirmedName = "data"}, stream,
                                 control)),
             ErrorCode::RestoreUnfinished);
    QVERIFY(!asked);
    QVERIFY(interrupted.array.read(interrupted.data) == before);
}

void TestUnfinishedRestore::itIsNotRemoved()
{
    Interrupted interrupted;
    QCOMPARE(codeOf(removeRegion(*interrupted.array, interrupted.data, "data")),
             ErrorCode::RestoreUnfinished);
    QCOMPARE(codeOf(removeRegion(*interrupted.array, interrupted.second, "second")),
             ErrorCode::NeededByRestore);
}

void TestUnfinishedRestore::resumedItIsASourceAgain()
{
    Interrupted interrupted;
    const auto jobs = must(interruptedJobs(*interrupted.array));
    QCOMPARE(jobs.size(), std::size_t{1});
    StopAt control(0);
    must(resume(*interrupted.array, jobs.front(), control));
    must(interrupted.array.backUp(interrupted.data, interrupted.third));
    must(forget(*interrupted.array, 2, "second"));
}

void TestUnfinishedRestore::givenUpItStaysHalfWritten()
{
    Interrupted interrupted;
    must(discard(*interrupted.array, must(interruptedJobs(*interrupted.array)).front()));
    QCOMPARE(codeOf(interrupted.array.backUp(interrupted.data, interrupted.third)),
             ErrorCode::HalfWritten);
    QVERIFY(
        has(interrupted.reasons(interrupted.first, interrupted.data), RefusalReason::HalfWritten));
    must(forget(*interrupted.array, 2, "second"));
}

void TestUnfinishedRestore::anotherRestoreTakesItsPlace()
{
    Interrupted interrupted;
    must(interrupted.array.restore(1));
    QVERIFY(must(interruptedJobs(*interrupted.array)).empty());
    QVERIFY(interrupted.array.read(interrupted.data) == interrupted.array.read(interrupted.first));
}

QTEST_GUILESS_MAIN(TestUnfinishedRestore)
#include "test_unfinished_restore.moc"
