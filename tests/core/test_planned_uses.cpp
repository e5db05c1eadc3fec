// What other jobs will write or read is offered to no job, before anything of it is recorded.
#include "core/backup/candidates.h"
#include "core/backup/export_generation.h"
#include "core/backup/restore.h"
#include "core/backup/undo.h"
#include "tests/support/array_fixture.h"

#include <QTemporaryDir>
#include <QTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 6 * kMiB;

// "data" has a backup, and was changed since; "spare" and "other" are empty.
struct BackedUp {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString()};
    RegionId data = array.addRegion("data", kSize, 0);
    RegionId copy = array.addRegion("copy", kSize, 1);
    RegionId spare = array.addRegion("spare", kSize, 1);
    RegionId other = array.addRegion("other", 2 * kSize, 1);

    BackedUp()
    {
        array.fillRandom(data, 1);
        must(array.backUp(data, copy));
        array.fillRandom(data, 2);
    }

    [[nodiscard]] CandidateTarget candidate(const RegionId& source, const RegionId& target,
                                            const std::vector<PlannedUse>& planned = {})
    {
        const auto all = must(candidateTargets(*array, source, planned));
        const auto found = std::ranges::find(all, target, &CandidateTarget::region);
        if (found == all.end())
            qFatal("the target is not listed");
        return *found;
    }
};

// Stops once something was copied.
class StopCopying final : public CopyControl {
public:
    bool checkpoint(const CopyProgress& progress) override
    {
        return progress.phase != CopyPhase::Copying || progress.doneBytes == 0;
    }
};

template<typename T>
ErrorCode codeOf(const Result<T>& result)
{
    return result ? ErrorCode{} : result.error().code;
}

} // namespace

class TestPlannedUses : public QObject {
    Q_OBJECT

private slots:
    void whatAJobWillWriteOrReadsIsNoTarget();
    void whatAJobWillWriteIsNoSource();
    void theSourceOfABackupThatWasInterruptedIsNoTarget();
    void aRestoreKeepsNothingWhereAnotherJobWillWrite();
    void noUndoIsPlannedWhereAnotherJobUsesItsRegions();
    void aRegionThatIsExportedIsNotChanged();
    void aBackupThatIsExportedIsNotOverwritten();
};

void TestPlannedUses::whatAJobWillWriteOrReadsIsNoTarget()
{
    BackedUp backup;
    QVERIFY(backup.candidate(backup.data, backup.spare).allowed());
    const std::vector<PlannedUse> planned{{backup.spare, true, "Back up web"},
                                          {backup.other, false, "Restore 7"}};
    const auto written = backup.candidate(backup.data, backup.spare, planned);
    QVERIFY(
        (written.refusals == std::vector<Refusal>{{RefusalReason::ToBeWritten, 0, "Back up web"}}));
    QVERIFY(!written.allowedIfConfirmed());
    const auto read = backup.candidate(backup.data, backup.other, planned);
    QVERIFY((read.refusals == std::vector<Refusal>{{RefusalReason::BeingRead, 0, "Restore 7"}}));
    QVERIFY(!read.allowedIfConfirmed());
    // The order follows: what is refused comes last.
    QCOMPARE(must(candidateTargets(*backup.array, backup.data, planned)).front().region,
             backup.copy);
    QCOMPARE(codeOf(planRestore(*backup.array, 1, {.to = backup.spare, .planned = planned})),
             ErrorCode::RegionBusy);
}

void TestPlannedUses::whatAJobWillWriteIsNoSource()
{
    BackedUp backup;
    const Region data = backup.array.region(backup.data);
    QVERIFY(checkBackupSource(*backup.array, data, {{backup.data, false, "Back up data"}}));
    const auto refused = checkBackupSource(*backup.array, data, {{backup.data, true, "Restore 1"}});
    QCOMPARE(codeOf(refused), ErrorCode::RegionBusy);
    QCOMPARE(refused.error().detail, std::string("Restore 1"));
    QCOMPARE(codeOf(planRestore(*backup.array, 1, {.planned = {{backup.copy, true, "Next"}}})),
             ErrorCode::RegionBusy);
}

// It was listed as one, and refused once its name was typed.
void TestPlannedUses::theSourceOfABackupThatWasInterruptedIsNoTarget()
{
    BackedUp backup;
    HookAt copying(CopyPhase::Copying, [&] {
        const auto running = backup.candidate(backup.other, backup.data);
        QVERIFY(std::ranges::count(running.refusals, Refusal{RefusalReason::BeingRead, 2, {}}) ==
                1);
    });
    must(backup.array.backUp(backup.data, backup.spare, copying));
    QVERIFY(copying.reached());
    const auto ended = backup.candidate(backup.other, backup.data);
    QVERIFY(std::ranges::find(ended.refusals, RefusalReason::BeingRead, &Refusal::reason) ==
            ended.refusals.end());
    StopCopying stopped;
    QVERIFY(!backup.array.backUp(backup.data, backup.other, stopped));
    QCOMPARE(backup.array.state(3), GenerationState::Interrupted);
    const auto waiting = backup.candidate(backup.copy, backup.data);
    QVERIFY(std::ranges::count(waiting.refusals, Refusal{RefusalReason::BeingRead, 3, {}}) == 1);
}

// The free region was taken from a backup that had waited for it.
void TestPlannedUses::aRestoreKeepsNothingWhereAnotherJobWillWrite()
{
    BackedUp backup;
    const std::vector<PlannedUse> all{{backup.spare, true, "Back up web"},
                                      {backup.other, true, "Back up mail"}};
    QCOMPARE(codeOf(planRestore(*backup.array, 1, {.planned = all})),
             ErrorCode::ConfirmationNeeded);
    const std::vector<PlannedUse> planned{{backup.spare, true, "Back up web"}};
    const auto plan = must(planRestore(*backup.array, 1, {.planned = planned}));
    UncontrolledCopy control;
    const auto outcome = must(restore(*backup.array, plan, control));
    QCOMPARE(backup.array.generation(outcome.undo).target.id, backup.other);
}

// It was asked for in its dialog, and refused when its turn came.
void TestPlannedUses::noUndoIsPlannedWhereAnotherJobUsesItsRegions()
{
    BackedUp backup;
    UncontrolledCopy control;
    const auto plan = must(planRestore(*backup.array, 1, {.undoTo = backup.spare}));
    const GenerationNumber kept = must(restore(*backup.array, plan, control)).undo;
    QVERIFY(planUndo(*backup.array, kept, {}).has_value());
    const auto refused = [&](const RegionId& region, bool writes) {
        const auto undone = planUndo(*backup.array, kept, {}, {{region, writes, "Next"}});
        const bool busy = codeOf(undone) == ErrorCode::RegionBusy;
        return busy ? undone.error().detail : std::string();
    };
    QCOMPARE(refused(backup.data, true), std::string("Next"));
    QCOMPARE(refused(backup.data, false), std::string("Next"));
    QCOMPARE(refused(backup.spare, true), std::string("Next"));
    QCOMPARE(refused(backup.spare, false), std::string()); // It is only read by both.
    QCOMPARE(refused(backup.other, true), std::string());
}

// The file held the first half of one content and the second half of another.
void TestPlannedUses::aRegionThatIsExportedIsNotChanged()
{
    BackedUp backup;
    Attachment& array = *backup.array;
    const auto before = backup.array.read(backup.data);
    std::vector<std::byte> exported;
    std::vector<ErrorCode> met;
    const ByteSink sink = [&](std::span<const std::byte> bytes) -> Result<void> {
        exported.insert(exported.end(), bytes.begin(), bytes.end());
        if (!met.empty())
            return {};
        UncontrolledCopy control;
        met.push_back(codeOf(backup.array.backUp(backup.spare, backup.data)));
        met.push_back(codeOf(backup.array.restore(1)));
        met.push_back(codeOf(importRegion(
            array, {.region = backup.data, .confirmedName = "data"},
            [](std::span<std::byte> into) -> Result<std::size_t> { return into.size(); },
            control)));
        met.push_back(codeOf(removeRegion(array, backup.data, "data")));
        met.push_back(codeOf(renameRegion(array, backup.data, "moved")));
        return {};
    };
    UncontrolledCopy control;
    must(exportRegion(array, backup.data, sink, control));
    QCOMPARE(met, std::vector(5, ErrorCode::RegionBusy));
    QVERIFY(exported == before);
    must(renameRegion(array, backup.data, "moved"));
}

void TestPlannedUses::aBackupThatIsExportedIsNotOverwritten()
{
    BackedUp backup;
    ErrorCode met = {};
    const ByteSink sink = [&](std::span<const std::byte>) -> Result<void> {
        if (met == ErrorCode{})
            met = codeOf(backup.array.backUp(backup.data, backup.copy));
        return {};
    };
    UncontrolledCopy control;
    must(exportGeneration(*backup.array, 1, sink, control));
    QCOMPARE(met, ErrorCode::RegionBusy);
    HookAt copying(CopyPhase::Copying, [&] {
        QCOMPARE(codeOf(exportRegion(*backup.array, backup.copy, sink, control)),
                 ErrorCode::RegionBusy);
        // What is only read can be read twice.
        QVERIFY(exportRegion(*backup.array, backup.data, sink, control).has_value());
    });
    must(backup.array.backUp(backup.data, backup.copy, copying));
    QVERIFY(copying.reached());
}

QTEST_GUILESS_MAIN(TestPlannedUses)
#include "test_planned_uses.moc"
