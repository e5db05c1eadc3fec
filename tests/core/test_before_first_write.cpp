// A restore or undo that fails before its first write leaves its target what it was, in the catalog
// as on the medium.
#include "core/backup/guards.h"
#include "core/backup/half_written.h"
#include "core/backup/resume.h"
#include "core/backup/undo.h"
#include "tests/support/array_fixture.h"

#include <QTemporaryDir>
#include <QTest>
#include <functional>
#include <mutex>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 8 * kMiB;

ErrorCode codeOf(const auto& result)
{
    return result ? ErrorCode{} : result.error().code;
}

// "data" with a good backup in "copy", and changed all over since; "more" will keep an undo.
struct Changed {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId data = array.addRegion("data", kSize, 0);
    RegionId copy = array.addRegion("copy", kSize, 1);
    RegionId spare = array.addRegion("spare", kSize, 1);
    RegionId more = array.addRegion("more", kSize, 1);

    Changed()
    {
        array.fillRandom(data, 1);
        must(array.backUp(data, copy));
        array.fillRandom(data, 2);
        must((*array).refresh());
    }

    // So that no chunk is any more what it was proved to be.
    [[nodiscard]] std::function<void()> damage(const RegionId& region)
    {
        return [this, region] { array.fillRandom(region, 99); };
    }

    [[nodiscard]] bool isUnmarked()
    {
        return must(halfWrittenRegions(*array)).empty() &&
               must(must((*array).catalog())->unfinished()).empty();
    }
};

// Runs the hook at the first checkpoint of the last copying: after what is kept was read back.
class HookAtRestoring final : public CopyControl {
public:
    HookAtRestoring(unsigned copies, std::function<void()> hook)
        : m_copiesLeft(copies), m_hook(std::move(hook))
    {}
    bool checkpoint(const CopyProgress& progress) override
    {
        const std::scoped_lock lock(m_mutex);
        const bool copying = progress.phase == CopyPhase::Copying;
        if (copying && !m_copying && --m_copiesLeft == 0)
            m_hook();
        m_copying = copying;
        return true;
    }
    [[nodiscard]] bool reached() const { return m_copiesLeft == 0; }

private:
    std::mutex m_mutex;
    unsigned m_copiesLeft;
    bool m_copying = false;
    std::function<void()> m_hook;
};

} // namespace

class TestBeforeFirstWrite : public QObject {
    Q_OBJECT

private slots:
    // Incident: home was unchanged, and half-written for the catalog: no backup of it was possible.
    void aFailedRestoreLeavesNoMark();
    void aFailedRestoreThatKeepsNothingLeavesNoMark();
    void aFailedUndoLeavesNoMark();
    void theBackupInTheTargetStaysOne();
    void whatWasKeptInVainIsNoUndo();
    void stoppedThereItWaitsAndTheRegionIsASource();
    void whereNothingDiffersNothingIsEverMarked();
};

void TestBeforeFirstWrite::aFailedRestoreLeavesNoMark()
{
    Changed changed;
    const auto before = changed.array.read(changed.data);
    HookAtRestoring control(2, changed.damage(changed.copy));
    const auto plan = must(planRestore(*changed.array, 1, {}));
    QCOMPARE(codeOf(restore(*changed.array, plan, control)), ErrorCode::DigestMismatch);
    QVERIFY(control.reached());
    QVERIFY(changed.array.read(changed.data) == before);
    QVERIFY(changed.isUnmarked());
    QVERIFY(must(interruptedJobs(*changed.array)).empty());
    must((*changed.array).refresh());
    must(changed.array.backUp(changed.data, changed.more));
    QVERIFY(!changed.array.generation(3).takenAsIs);
}

void TestBeforeFirstWrite::aFailedRestoreThatKeepsNothingLeavesNoMark()
{
    Changed changed;
    const auto before = changed.array.read(changed.data);
    HookAtRestoring control(1, changed.damage(changed.copy));
    QCOMPARE(codeOf(changed.array.restore(1, std::nullopt, control)), ErrorCode::DigestMismatch);
    QVERIFY(control.reached());
    QVERIFY(changed.array.read(changed.data) == before);
    QVERIFY(changed.isUnmarked());
    QVERIFY(must(interruptedJobs(*changed.array)).empty());
}

void TestBeforeFirstWrite::aFailedUndoLeavesNoMark()
{
    Changed changed;
    UncontrolledCopy uncontrolled;
    must(restore(*changed.array, must(planRestore(*changed.array, 1, {})), uncontrolled));
    const auto restored = changed.array.read(changed.data);
    HookAtRestoring control(1, changed.damage(changed.more));
    const auto plan = must(planUndo(*changed.array, 2, {}));
    QCOMPARE(codeOf(undo(*changed.array, plan, control)), ErrorCode::DigestMismatch);
    QVERIFY(control.reached());
    QVERIFY(changed.array.read(changed.data) == restored);
    QVERIFY(changed.isUnmarked());
    QVERIFY(must(interruptedJobs(*changed.array)).empty());
}

void TestBeforeFirstWrite::theBackupInTheTargetStaysOne()
{
    Changed changed;
    must(changed.array.backUp(changed.data, changed.more));
    HookAtRestoring control(2, changed.damage(changed.copy));
    const auto plan =
        must(planRestore(*changed.array, 1, {.to = changed.more, .confirmedName = "more"}));
    QCOMPARE(codeOf(restore(*changed.array, plan, control)), ErrorCode::DigestMismatch);
    QVERIFY(control.reached());
    QCOMPARE(changed.array.state(2), GenerationState::Good);
    must((*changed.array).refresh());
    QCOMPARE(changed.array.region(changed.more).role, RegionRole::Backup);
    must(changed.array.restore(2));
}

void TestBeforeFirstWrite::whatWasKeptInVainIsNoUndo()
{
    Changed changed;
    HookAtRestoring control(2, changed.damage(changed.copy));
    const auto plan = must(planRestore(*changed.array, 1, {}));
    QVERIFY(!restore(*changed.array, plan, control));
    QCOMPARE(changed.array.state(2), GenerationState::Failed);
    QCOMPARE(codeOf(newestUndo(*changed.array)), ErrorCode::UnknownGeneration);
}

void TestBeforeFirstWrite::stoppedThereItWaitsAndTheRegionIsASource()
{
    Changed changed;
    const auto before = changed.array.read(changed.data);
    class StopThere final : public CopyControl {
    public:
        bool checkpoint(const CopyProgress& progress) override
        {
            return progress.phase != CopyPhase::Copying;
        }
    } control;
    QCOMPARE(codeOf(changed.array.restore(1, std::nullopt, control)), ErrorCode::Canceled);
    const auto waiting = must(interruptedJobs(*changed.array));
    QCOMPARE(waiting.size(), std::size_t{1});
    QVERIFY(changed.array.read(changed.data) == before);
    QVERIFY(changed.isUnmarked());
    const auto refusal =
        unfinishedRestore(*changed.array, must(readRecords(*changed.array)), changed.data);
    QVERIFY(refusal && refusal->reason == RefusalReason::RestoreWaiting);
    must(changed.array.backUp(changed.data, changed.more));
    UncontrolledCopy goOn;
    must(resume(*changed.array, waiting.front(), goOn));
    QVERIFY(changed.array.read(changed.data) == changed.array.read(changed.copy));
    QVERIFY(changed.isUnmarked());
}

void TestBeforeFirstWrite::whereNothingDiffersNothingIsEverMarked()
{
    Changed changed;
    must(changed.array.restore(1));
    UncontrolledCopy uncontrolled;
    const auto outcome =
        must(restore(*changed.array, must(planRestore(*changed.array, 1, {})), uncontrolled));
    QCOMPARE(outcome.undo, GenerationNumber{0});
    QCOMPARE(outcome.copy.writtenBytes, std::uint64_t{0});
    QVERIFY(changed.isUnmarked());
    QVERIFY(must(interruptedJobs(*changed.array)).empty());
}

QTEST_GUILESS_MAIN(TestBeforeFirstWrite)
#include "test_before_first_write.moc"
