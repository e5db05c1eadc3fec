// Plans the undoing of a restore, and carries the plan out.
#include "core/backup/undo.h"

#include "core/backup/copy_job.h"
#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "core/backup/one_history.h"
#include "core/backup/seal.h"
#include "core/backup/swap_restore.h"
#include "core/backup/written_since.h"
#include "core/copy/chunk_view.h"
#include "core/copy/segment_cache.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <vector>

namespace cairn {
namespace {

struct Checked {
    Generation kept;
    Region area;
    Region target;
    std::optional<Job> restoring; // The restore that it undoes, where that was interrupted.
    std::optional<Job> undoing;   // An undo of it that was interrupted.

    [[nodiscard]] bool nothingOverwritten() const { return !keepsOverwritten(kept); }
};

Result<void> findJobs(Attachment& attachment, const Records& records, Checked& checked)
{
    for (const Job& job : records.jobs) {
        const bool restores = job.undo == checked.kept.number;
        const bool undoes = job.kind == JobKind::Undo && job.generation == checked.kept.number;
        if (!restores && !undoes)
            continue;
        if (!isInterrupted(attachment, records, job))
            return failure(ErrorCode::RegionBusy, job.target.name, {}, job.generation);
        (restores ? checked.restoring : checked.undoing) = job;
    }
    return {};
}

Result<void> checkKept(const Checked& checked)
{
    const Generation& kept = checked.kept;
    if (kept.undo && kept.undo->undoneMs != 0)
        return failure(ErrorCode::BackupNotUsable, kept.source.name, "undone", kept.number);
    if (kept.undo && checked.nothingOverwritten() && checked.restoring)
        return {};
    if (!canBeUndone(kept))
        return failure(ErrorCode::BackupNotUsable, kept.source.name,
                       kept.undo ? stateName(kept.state) : "it undoes nothing", kept.number);
    return {};
}

// Whether the restored backup can be restored again, should the undo be regretted.
bool canBeRedone(const Records& records, const Generation& kept)
{
    const Generation* restored = records.find(kept.undo->restored);
    return restored != nullptr && isRestorable(*restored) &&
           findCopy(records.layout, *restored).present();
}

// Whether somebody made a filesystem there since. A half-written extent carries no signature: a
// recognised one is that of the backup or of what is kept, or of neither.
bool isForeign(const Records& records, const Checked& checked)
{
    const Content& content = checked.target.content;
    const Generation* restored = records.find(checked.kept.undo->restored);
    return content.kind == ContentKind::Recognised && !sameContent(content, checked.kept.content) &&
           (restored == nullptr || !sameContent(content, restored->content));
}

Result<void> checkTarget(Attachment& attachment, const Records& records, const Checked& checked,
                         const std::string& confirmedName)
{
    const Region& target = checked.target;
    auto refusals = targetRefusals(attachment, records, target, checked.kept.undo->sizeBytes);
    // Undoing is a way out for a region that is half restored, or half undone.
    std::erase_if(refusals, [](const Refusal& refusal) {
        return refusal.reason == RefusalReason::RestoreUnfinished ||
               refusal.reason == RefusalReason::RestoreWaiting;
    });
    if (const auto refused = firstFinal(refusals, target))
        return std::unexpected(*refused);
    if (!checked.nothingOverwritten())
        CAIRN_TRY(requireNoBackupOf(attachment, records, target));
    const bool since = records.occupant(target.id) != nullptr || isForeign(records, checked);
    // What an undo that was interrupted loses was confirmed when it began.
    const bool needed = since || (!checked.undoing && !canBeRedone(records, checked.kept));
    return checkConfirmation(records.layout, target, confirmedName,
                             needed && !checked.nothingOverwritten(),
                             refusals.empty() ? nullptr : &refusals.front());
}

Result<Checked> check(Attachment& attachment, const Records& records, GenerationNumber number,
                      const std::string& confirmedName)
{
    const Generation* found = records.find(number);
    if (found == nullptr)
        return failure(ErrorCode::UnknownGeneration, std::to_string(number), {}, number);
    Checked checked{.kept = *found, .area = {}, .target = {}, .restoring = {}, .undoing = {}};
    CAIRN_TRY(findJobs(attachment, records, checked));
    CAIRN_TRY(checkKept(checked));
    checked.area =
        CAIRN_TRY(checked.nothingOverwritten() ? requireRegion(records.layout, found->target)
                                               : requireCopyRegion(records.layout, *found));
    checked.target = CAIRN_TRY(requireRegion(records.layout, found->source));
    if (attachment.isBeingWritten(checked.area.id))
        return failure(ErrorCode::RegionBusy, checked.area.name);
    CAIRN_TRY(requireNotToBeWritten(records, checked.area));
    if (checked.area.use.inUse && !checked.nothingOverwritten())
        return failure(ErrorCode::RegionInUse, checked.area.name, checked.area.use.by);
    CAIRN_TRY(checkTarget(attachment, records, checked, confirmedName));
    return checked;
}

// What the target holds now, and what it would hold with the kept chunks brought back.
struct Contents {
    Digest now;
    Digest undone;
};

Result<Contents> readContents(Attachment& attachment, const Checked& checked, CopyControl& control)
{
    const UndoCopy& undo = *checked.kept.undo;
    const ChunkSelection selection(undo.chunks, undo.sizeBytes);
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const auto digests = CAIRN_TRY(catalog->digests(checked.kept.number));
    const auto area = CAIRN_TRY(attachment.array().openRegion(checked.area.id, Access::Read));
    const auto target = CAIRN_TRY(attachment.array().openRegion(checked.target.id, Access::Read));
    SegmentCache kept([&](std::uint64_t index) { return digests->segment(index); });
    RunningDigest now;
    RunningDigest undone;
    const auto look = [&](std::uint64_t chunk, const Digest& digest) -> Result<void> {
        now.add(digest);
        const auto slot = selection.slotOf(chunk);
        if (!slot) {
            undone.add(digest);
            return {};
        }
        const ByteRange range = chunkRange(chunk, undo.sizeBytes);
        if (range.lengthBytes < kChunkBytes) {
            // The digest that is kept is that of the whole slot.
            std::vector<std::byte> bytes(static_cast<std::size_t>(range.lengthBytes));
            CAIRN_TRY(area->read(*slot * kChunkBytes, bytes));
            undone.add(digestOf(bytes));
            return {};
        }
        const auto known = CAIRN_TRY(kept.find(*slot));
        if (!known)
            return failure(ErrorCode::CatalogDamaged, checked.area.name, "digests");
        undone.add(*known);
        return {};
    };
    CAIRN_TRY(readChunks(*target, undo.sizeBytes, look, control, attachment.environment()));
    return Contents{now.digest(), undone.digest()};
}

Result<void> checkContents(Attachment& attachment, const Checked& checked,
                           const std::string& confirmedName, CopyControl& control)
{
    const UndoCopy& undo = *checked.kept.undo;
    const Contents contents = CAIRN_TRY(readContents(attachment, checked, control));
    if (contents.undone != undo.contentBefore)
        return failure(ErrorCode::ContentChanged, checked.target.name, {}, checked.kept.number);
    // Within an interrupted job nothing is known of what it has written, and nothing is lost.
    const bool asRestored = checked.restoring || checked.undoing ||
                            contents.now == undo.contentAfter || contents.now == undo.contentBefore;
    return checkConfirmation(attachment.array().layout(), checked.target, confirmedName,
                             !asRestored);
}

// A backup that the restore had overwritten is marked and sealed as it was. What of that fails
// costs no byte: unmarked, it passes for something that somebody put there, and more is asked.
void markBroughtBack(Attachment& attachment, Catalog& catalog, const RegionId& region)
{
    GenerationFilter filter;
    filter.target = region;
    filter.currentOnly = true;
    const auto generations = catalog.generations(filter).value_or(std::vector<Generation>());
    // Also one that lacks some of its source.
    const auto backup = std::ranges::find_if(generations, [](const Generation& generation) {
        return hasCopy(generation) && !generation.undo;
    });
    if (backup == generations.end())
        return;
    std::ignore = attachment.array().markRegion(region, RegionRole::Backup);
    if (wasSealed(catalog, backup->number).value_or(false))
        std::ignore = sealAgain(attachment, catalog, backup->number);
}

// All that was read before there was the right to write.
struct Proved {
    const Checked& checked;
    HistoryMark mark; // Of before.
    VerifyOutcome proof;
    std::string confirmedName;
};

// Another process may have written while the two were read; from here on none can.
Result<void> checkLast(Attachment& attachment, Catalog& catalog, const Proved& proved)
{
    const Checked& checked = proved.checked;
    CAIRN_TRY(requireNotWrittenSince(catalog, proved.mark, {checked.area, checked.target}));
    const Records records = CAIRN_TRY(readRecordsAgain(attachment, catalog, {checked.target}));
    const Checked now =
        CAIRN_TRY(check(attachment, records, checked.kept.number, proved.confirmedName));
    const auto idOf = [](const std::optional<Job>& job) { return job ? job->id : 0; };
    if (idOf(now.undoing) != idOf(checked.undoing) ||
        idOf(now.restoring) != idOf(checked.restoring) ||
        now.nothingOverwritten() != checked.nothingOverwritten())
        return failure(ErrorCode::PlanChanged, checked.target.name, "job");
    return {};
}

Result<CopyOutcome> bringBack(Attachment& attachment, const Proved& proved, CopyControl& control)
{
    const Checked& checked = proved.checked;
    // First: who is asked whether it may be opened has seen nothing written.
    const auto area = CAIRN_TRY(attachment.array().claimSource(checked.area.id));
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment, {checked.target.id}));
    Catalog& catalog = writing.catalog();
    const GenerationNumber number = checked.kept.number;
    CAIRN_TRY(checkLast(attachment, catalog, proved));
    UnsealedForNow unsealed(attachment, catalog,
                            CAIRN_TRY(unsealForWriting(attachment, catalog, checked.target)));
    CAIRN_TRY(catalog.recordVerification(number, proved.proof));
    std::uint64_t jobId = 0;
    if (checked.undoing) {
        jobId = checked.undoing->id;
        CAIRN_TRY(catalog.recordResumed(jobId));
    } else {
        jobId = CAIRN_TRY(catalog.beginUndo(number));
    }
    const Job job = CAIRN_TRY(findJob(catalog, number, JobKind::Undo, jobId));
    auto broughtBack = runUndo(attachment, catalog, job, control);
    if (broughtBack) {
        unsealed.letGo();
        markBroughtBack(attachment, catalog, job.target.id);
    }
    return broughtBack;
}

// The restore was interrupted before it overwrote anything.
Result<CopyOutcome> giveUpRestore(Attachment& attachment, const Checked& checked)
{
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    const Job job = CAIRN_TRY(findJob(writing.catalog(), checked.restoring->generation,
                                      JobKind::Restore, checked.restoring->id));
    if (job.running || keepsOverwritten(CAIRN_TRY(writing.catalog().generation(job.undo))))
        return failure(ErrorCode::PlanChanged, checked.target.name, "job");
    const Error why{ErrorCode::Canceled, 0, checked.target.name, "undone", 0};
    CAIRN_TRY(writing.catalog().failRestore(job.id, why, true));
    return CopyOutcome{};
}

Result<bool> isKeptBySwap(Attachment& attachment, GenerationNumber number)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const auto kept = catalog->generation(number);
    return kept && kept->undo && kept->undo->swapped;
}

} // namespace

Result<GenerationNumber> newestUndo(Attachment& attachment)
{
    return catchOutOfMemory([&]() -> Result<GenerationNumber> {
        const Records records = CAIRN_TRY(readRecords(attachment));
        for (const Generation& generation : records.generations) {
            const bool pending = std::ranges::any_of(records.jobs, [&](const Job& job) {
                return job.undo != 0 && job.undo == generation.number;
            });
            if (canBeUndone(generation) || pending)
                return generation.number;
        }
        return failure(ErrorCode::UnknownGeneration, {}, "undo");
    });
}

Result<UndoPlan> planUndo(Attachment& attachment, GenerationNumber number,
                          const std::string& confirmedName, const std::vector<PlannedUse>& planned)
{
    return catchOutOfMemory([&]() -> Result<UndoPlan> {
        CAIRN_TRY(requireOneHistory(attachment));
        if (CAIRN_TRY(isKeptBySwap(attachment, number)))
            return planSwapBack(attachment, number, confirmedName, planned);
        const Records records = CAIRN_TRY(readRecords(attachment, planned));
        const Checked checked = CAIRN_TRY(check(attachment, records, number, confirmedName));
        return UndoPlan{.kept = checked.kept,
                        .area = checked.area,
                        .target = checked.target,
                        .nothingOverwritten = checked.nothingOverwritten(),
                        .confirmedName = confirmedName};
    });
}

Result<CopyOutcome> undo(Attachment& attachment, const UndoPlan& plan, CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<CopyOutcome> {
        if (plan.kept.undo && plan.kept.undo->swapped) {
            CAIRN_TRY(swapBack(attachment, plan, control));
            return CopyOutcome{};
        }
        CAIRN_TRY(attachment.refresh());
        const HistoryMark mark = CAIRN_TRY(ledgerMark(attachment));
        const Records records = CAIRN_TRY(readRecords(attachment));
        const Checked checked =
            CAIRN_TRY(check(attachment, records, plan.kept.number, plan.confirmedName));
        CAIRN_TRY(requireUnchanged(attachment.array().layout(), plan.area, false));
        CAIRN_TRY(requireUnchanged(attachment.array().layout(), plan.target, true));
        if (checked.nothingOverwritten() != plan.nothingOverwritten)
            return failure(ErrorCode::PlanChanged, plan.target.name, "job");
        const CopyProgress start{.phase = CopyPhase::Verifying,
                                 .totalBytes = checked.kept.sizeBytes};
        if (!control.checkpoint(start))
            return failure(ErrorCode::Canceled, checked.target.name);
        const auto claim =
            CAIRN_TRY(RegionClaim::take(attachment, checked.area.id, checked.target));
        if (checked.nothingOverwritten())
            return giveUpRestore(attachment, checked);
        const auto proof = CAIRN_TRY(proveBackup(attachment, checked.kept, checked.area, control));
        CAIRN_TRY(checkContents(attachment, checked, plan.confirmedName, control));
        return bringBack(attachment, {checked, mark, proof, plan.confirmedName}, control);
    });
}

} // namespace cairn
