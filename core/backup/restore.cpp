// Plans a restore, and carries the plan out.
#include "core/backup/restore.h"

#include "core/backup/copy_job.h"
#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "core/backup/one_history.h"
#include "core/backup/seal.h"
#include "core/backup/undo_area.h"
#include "core/backup/verify.h"
#include "core/backup/written_since.h"

#include <algorithm>

namespace cairn {
namespace {

struct Checked {
    Generation generation;
    JobRegions regions; // The source of the bytes is the region that holds the backup.
    GenerationNumber newestBackupOfTarget = 0;
};

GenerationNumber newestBackupOf(const Records& records, const RegionId& source)
{
    // What is half-written is in no backup.
    if (records.unfinishedIn(source) != nullptr)
        return 0;
    const Generation* newest = records.newestBackup(source);
    return newest == nullptr ? 0 : newest->number;
}

RestoreRegions regionsOf(const Checked& checked)
{
    return {.backup = checked.regions.source.id, .target = checked.regions.target.id};
}

// Whether some region could keep a little; what is really needed is known when the target was read.
bool mayBeKept(Attachment& attachment, const Records& records, const Checked& checked,
               const RestorePlan& plan)
{
    return plan.undo && (plan.undoTo || chooseArea(attachment, records, regionsOf(checked), 1));
}

// Where the operator did not choose to keep nothing, it is said why nothing can be kept.
Result<void> confirmNothingKept(const Records& records, const Region& target,
                                const RestorePlan& plan, bool needed, std::uint64_t bytes = 0)
{
    const Refusal why{RefusalReason::TooSmall, bytes, plan.undo ? kNoUndoRoom : ""};
    auto confirmed = checkConfirmation(records.layout, target, plan.confirmedName, needed, &why);
    if (!confirmed && confirmed.error().detail == kNoUndoRoom)
        confirmed.error().amount = bytes;
    return confirmed;
}

// The record that the restore costs, if one; fails for what no typed name sets aside.
Result<std::optional<Refusal>> costOfTarget(Attachment& attachment, const Records& records,
                                            const Checked& checked)
{
    const Region& target = checked.regions.target;
    auto refusals = targetRefusals(attachment, records, target, checked.generation.sizeBytes);
    // Another restore into the same region takes the place of one that was interrupted there.
    std::erase_if(refusals, [](const Refusal& refusal) {
        return refusal.reason == RefusalReason::RestoreUnfinished ||
               refusal.reason == RefusalReason::RestoreWaiting;
    });
    if (const auto refused = firstFinal(refusals, target))
        return std::unexpected(*refused);
    CAIRN_TRY(requireNoBackupOf(attachment, records, target));
    const auto cost = std::ranges::find_if(refusals, costsARecord);
    return cost == refusals.end() ? std::nullopt : std::optional(*cost);
}

Result<void> checkTarget(Attachment& attachment, const Records& records, const Checked& checked,
                         const RestorePlan& plan)
{
    const Region& target = checked.regions.target;
    if (target.id == checked.generation.target.id)
        return failure(ErrorCode::SourceIsTarget, target.name);
    if (const auto cost = CAIRN_TRY(costOfTarget(attachment, records, checked)))
        CAIRN_TRY(checkConfirmation(records.layout, target, plan.confirmedName, true, &*cost));
    else
        CAIRN_TRY(confirmNothingKept(records, target, plan,
                                     !mayBeKept(attachment, records, checked, plan)));
    if (plan.undo && plan.undoTo)
        CAIRN_TRY(requireArea(attachment, records, *plan.undoTo, regionsOf(checked), 1,
                              plan.undoToConfirmed));
    return {};
}

Result<void> checkBackup(Attachment& attachment, const Records& records, const Region& backup,
                         GenerationNumber number)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    CAIRN_TRY(requireSignatures(*catalog, backup, number));
    if (attachment.isBeingWritten(backup.id))
        return failure(ErrorCode::RegionBusy, backup.name);
    CAIRN_TRY(requireNotToBeWritten(records, backup));
    CAIRN_TRY(requireNoSwapOf(records, backup));
    if (backup.use.inUse)
        return failure(ErrorCode::RegionInUse, backup.name, backup.use.by);
    return {};
}

Result<Checked> checkAgain(Attachment& attachment, const RestorePlan& plan)
{
    const Records records = CAIRN_TRY(readRecords(attachment));
    const auto catalog = CAIRN_TRY(attachment.catalog());
    Checked checked;
    checked.generation = CAIRN_TRY(requireRestorable(*catalog, plan.generation.number));
    CAIRN_TRY(requireCopyRegion(records.layout, checked.generation));
    checked.regions.source = CAIRN_TRY(requireUnchanged(records.layout, plan.backup, false));
    checked.regions.target = CAIRN_TRY(requireUnchanged(records.layout, plan.target, true));
    if (checked.generation.target.id != plan.backup.id)
        return failure(ErrorCode::PlanChanged, plan.backup.name, "generation");
    CAIRN_TRY(checkBackup(attachment, records, checked.regions.source, checked.generation.number));
    CAIRN_TRY(checkTarget(attachment, records, checked, plan));
    return checked;
}

// What will be overwritten and where it is to be kept; without an area nothing is.
struct Keeping {
    ChunkMap different; // Of the target.
    Overwritten overwritten;
    std::optional<Region> area;
    GenerationNumber replaces = 0; // In the area.
};

GenerationNumber occupantOf(const Records& records, const Region& region)
{
    const Generation* occupant = records.occupant(region.id);
    return occupant != nullptr ? occupant->number : 0;
}

// One that only seems empty is read, and passed over where something is in it.
Result<std::optional<Region>> chooseEmptyArea(Attachment& attachment, Records& records,
                                              const RestoreRegions& restore, std::uint64_t bytes,
                                              CopyControl& control)
{
    for (;;) {
        const auto area = chooseArea(attachment, records, restore, bytes);
        if (!area || !area->content.sampled || records.occupant(area->id) != nullptr ||
            !CAIRN_TRY(attachment.array().findData(area->id, control)))
            return area;
        records = CAIRN_TRY(readRecords(attachment, std::move(records.planned)));
    }
}

Result<Keeping> findKeeping(Attachment& attachment, const Checked& checked, const RestorePlan& plan,
                            CopyControl& control)
{
    Keeping keeping;
    const Region& target = checked.regions.target;
    if (!plan.undo) {
        keeping.different =
            CAIRN_TRY(findDifferent(attachment, checked.generation, target, control));
        return keeping;
    }
    keeping.overwritten =
        CAIRN_TRY(findOverwritten(attachment, checked.generation, target, control));
    keeping.different = keeping.overwritten.chunks;
    if (!keeping.overwritten.differs())
        return keeping;
    const std::uint64_t bytes = keeping.overwritten.bytes();
    Records records = CAIRN_TRY(readRecords(attachment, plan.planned));
    if (plan.undoTo)
        keeping.area = CAIRN_TRY(requireArea(attachment, records, *plan.undoTo, regionsOf(checked),
                                             bytes, plan.undoToConfirmed));
    else
        keeping.area =
            CAIRN_TRY(chooseEmptyArea(attachment, records, regionsOf(checked), bytes, control));
    if (keeping.area && plan.undoTo)
        CAIRN_TRY(requireNothingLost(attachment, *keeping.area, plan.undoToConfirmed, control));
    if (keeping.area)
        keeping.replaces = occupantOf(records, *keeping.area);
    else
        CAIRN_TRY(confirmNothingKept(records, target, plan, true, bytes));
    return keeping;
}

// All that was read before there was the right to write.
struct Proved {
    HistoryMark mark; // Of before.
    VerifyOutcome proof;
    Keeping keeping;

    [[nodiscard]] std::vector<Region> writtenRegions(const Checked& checked) const
    {
        std::vector<Region> regions{checked.regions.target};
        if (keeping.area)
            regions.push_back(*keeping.area);
        return regions;
    }
};

// Now that no other process can write: what was checked, read and confirmed still holds.
Result<void> checkLast(Attachment& attachment, Catalog& catalog, const Checked& checked,
                       const Proved& proved, const RestorePlan& plan)
{
    const Region& target = checked.regions.target;
    const auto written = proved.writtenRegions(checked);
    auto read = written;
    read.push_back(checked.regions.source);
    CAIRN_TRY(requireNotWrittenSince(catalog, proved.mark, read));
    const Generation now = CAIRN_TRY(catalog.generation(checked.generation.number));
    if (!isUsable(now) || now.held != checked.generation.held)
        return failure(ErrorCode::PlanChanged, checked.regions.source.name, "generation");
    const Records records = CAIRN_TRY(readRecordsAgain(attachment, catalog, written));
    if (const auto cost = CAIRN_TRY(costOfTarget(attachment, records, checked)))
        CAIRN_TRY(checkConfirmation(records.layout, target, plan.confirmedName, true, &*cost));
    const Keeping& keeping = proved.keeping;
    if (!keeping.area)
        return {};
    if (occupantOf(records, *keeping.area) != keeping.replaces)
        return failure(ErrorCode::PlanChanged, keeping.area->name, "replaces");
    CAIRN_TRY(requireArea(attachment, records, keeping.area->id, regionsOf(checked),
                          keeping.overwritten.bytes(), plan.undoTo ? plan.undoToConfirmed : ""));
    return {};
}

Result<RestoreOutcome> copyPlanned(Attachment& attachment, const Checked& checked,
                                   const Proved& proved, const RestorePlan& plan,
                                   CopyControl& control)
{
    const Keeping& keeping = proved.keeping;
    std::vector<RegionId> targets;
    for (const Region& region : proved.writtenRegions(checked))
        targets.push_back(region.id);
    // First: who is asked whether it may be opened has seen nothing written.
    const auto source = CAIRN_TRY(attachment.array().claimSource(checked.regions.source.id));
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment, targets));
    Catalog& catalog = writing.catalog();
    CAIRN_TRY(checkLast(attachment, catalog, checked, proved, plan));
    const GenerationNumber number = checked.generation.number;
    const Region& target = checked.regions.target;
    CAIRN_TRY(catalog.recordVerification(number, proved.proof));
    UnsealedForNow unsealed(
        attachment, catalog,
        keeping.area ? CAIRN_TRY(unsealForWriting(attachment, catalog, *keeping.area)) : 0);
    std::optional<NewUndo> undo;
    if (keeping.area)
        undo = newUndo(*keeping.area, target, checked.generation.sizeBytes, keeping.overwritten);
    const auto jobId =
        CAIRN_TRY(catalog.beginRestore(number, refTo(target), undo ? &*undo : nullptr));
    unsealed.letGo();
    const Job job = CAIRN_TRY(findJob(catalog, number, JobKind::Restore, jobId));
    RestoreStart start{.target = target, .different = keeping.different};
    if (undo)
        start.kept =
            CAIRN_TRY(keepOverwritten(attachment, catalog, job, keeping.overwritten, control));
    auto copy = CAIRN_TRY(runRestore(attachment, catalog, job, start, control));
    return outcomeOf(attachment, catalog, job, std::move(copy));
}

} // namespace

Result<RestorePlan> planRestore(Attachment& attachment, GenerationNumber number,
                                const RestoreOptions& options)
{
    return catchOutOfMemory([&]() -> Result<RestorePlan> {
        CAIRN_TRY(requireOneHistory(attachment));
        const Records records = CAIRN_TRY(readRecords(attachment, options.planned));
        const auto catalog = CAIRN_TRY(attachment.catalog());
        Checked checked;
        checked.generation = CAIRN_TRY(requireRestorable(*catalog, number));
        const Generation& generation = checked.generation;
        checked.regions.source = CAIRN_TRY(requireCopyRegion(records.layout, generation));
        checked.regions.target =
            CAIRN_TRY(options.to ? requireRegion(records.layout, *options.to)
                                 : requireRegion(records.layout, generation.source));
        const RestorePlan plan{.generation = generation,
                               .backup = checked.regions.source,
                               .target = checked.regions.target,
                               .newestBackupOfTarget =
                                   newestBackupOf(records, checked.regions.target.id),
                               .confirmedName = options.confirmedName,
                               .undo = options.undo,
                               .undoTo = options.undoTo,
                               .undoToConfirmed = options.undoToConfirmed,
                               .planned = options.planned};
        CAIRN_TRY(checkBackup(attachment, records, checked.regions.source, number));
        CAIRN_TRY(checkTarget(attachment, records, checked, plan));
        return plan;
    });
}

Result<RestoreOutcome> restore(Attachment& attachment, const RestorePlan& plan,
                               CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<RestoreOutcome> {
        CAIRN_TRY(attachment.refresh());
        Proved proved;
        proved.mark = CAIRN_TRY(ledgerMark(attachment));
        Checked checked = CAIRN_TRY(checkAgain(attachment, plan));
        const CopyProgress start{.phase = CopyPhase::Verifying,
                                 .totalBytes = checked.generation.sizeBytes};
        if (!control.checkpoint(start))
            return failure(ErrorCode::Canceled, checked.regions.target.name);
        if (lacksDigests(checked.generation)) {
            CAIRN_TRY(requireDigests(attachment, checked.generation.number, control));
            proved.mark = CAIRN_TRY(ledgerMark(attachment));
            checked = CAIRN_TRY(checkAgain(attachment, plan));
        }
        const auto claim = CAIRN_TRY(
            RegionClaim::take(attachment, checked.regions.source.id, checked.regions.target));
        proved.proof =
            CAIRN_TRY(proveBackup(attachment, checked.generation, checked.regions.source, control));
        proved.keeping = CAIRN_TRY(findKeeping(attachment, checked, plan, control));
        const Keeping& keeping = proved.keeping;
        if (!plan.undo)
            CAIRN_TRY(requireNothingLost(attachment, checked.regions.target, plan.confirmedName,
                                         control));
        std::optional<RegionClaim> areaClaim;
        if (keeping.area)
            areaClaim.emplace(
                CAIRN_TRY(RegionClaim::take(attachment, std::nullopt, *keeping.area)));
        return copyPlanned(attachment, checked, proved, plan, control);
    });
}

Result<RestoreOutcome> outcomeOf(Attachment& attachment, Catalog& catalog, const Job& job,
                                 CopyOutcome copy)
{
    RestoreOutcome outcome{.copy = std::move(copy),
                           .backupTakenAway = takenAway(attachment, job.source.id)};
    if (job.undo == 0)
        return outcome;
    if (const Generation kept = CAIRN_TRY(catalog.generation(job.undo)); keepsOverwritten(kept)) {
        outcome.undo = kept.number;
        outcome.undoTakenAway = takenAway(attachment, kept.target.id);
    }
    return outcome;
}

} // namespace cairn
