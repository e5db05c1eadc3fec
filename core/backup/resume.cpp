// Finds interrupted jobs, and goes on with them or gives them up.
#include "core/backup/resume.h"

#include "core/backup/copy_job.h"
#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "core/backup/seal.h"
#include "core/backup/undo.h"
#include "core/backup/undo_area.h"
#include "core/backup/written_since.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace cairn {
namespace {

struct Resumed {
    Job job;
    Generation generation;
    JobRegions regions;
    bool keepsFirst = false; // A restore that has overwritten nothing, and must not yet.
};

Result<Resumed> findInterrupted(Attachment& attachment, const Records& records, std::uint64_t jobId)
{
    const auto job = std::ranges::find(records.jobs, jobId, &Job::id);
    const Generation* generation =
        job == records.jobs.end() ? nullptr : records.find(job->generation);
    if (generation == nullptr)
        return failure(ErrorCode::UnknownGeneration, {}, "job", jobId);
    if (!attachment.isInterrupted(*job))
        return failure(ErrorCode::RegionBusy, job->target.name, {}, job->generation);
    return Resumed{.job = *job, .generation = *generation, .regions = {}};
}

Result<void> checkSource(Attachment& attachment, const Records& records, const Resumed& resumed,
                         const SourcePolicy& policy)
{
    const Region& source = resumed.regions.source;
    if (attachment.isBeingWritten(source.id))
        return failure(ErrorCode::RegionBusy, source.name);
    if (source.extent.lengthBytes < resumed.job.sizeBytes)
        return failure(ErrorCode::PlanChanged, source.name, "extent");
    // What a restore reads is nobody's to change.
    const bool isBackup = resumed.job.kind == JobKind::Backup;
    CAIRN_TRY(checkSourceUse(attachment.array(), source, isBackup ? policy : SourcePolicy{}));
    if (isBackup)
        CAIRN_TRY(requireWhole(records, source));
    if (resumed.job.kind == JobKind::Restore && !isRestorable(resumed.generation))
        return failure(ErrorCode::BackupNotUsable, resumed.generation.source.name,
                       stateName(resumed.generation.state), resumed.generation.number);
    return {};
}

// That the target loses its old content was confirmed when the job began. What came there since
// was not: a later backup, or a filesystem that somebody made. A half-written copy has no
// signature, so that a recognised one is either the finished copy's own or not the job's.
Result<void> checkTarget(const Records& records, const Resumed& resumed)
{
    const Region& target = resumed.regions.target;
    const auto refusals = regionRefusals(records.layout, target, resumed.job.sizeBytes);
    if (const auto refused = firstFinal(refusals, target))
        return std::unexpected(*refused);
    // Until a restore has kept what it will overwrite, what was there when it began still is.
    const Generation* occupant = records.occupant(target.id);
    const bool since = occupant != nullptr && occupant->number > resumed.job.undo;
    if (resumed.keepsFirst && !since && (occupant == nullptr || !occupant->held))
        return {};
    const bool ownTarget = makesGeneration(resumed.job.kind) && occupant != nullptr &&
                           occupant->number == resumed.generation.number;
    if (occupant != nullptr && !ownTarget && occupant->held)
        return failure(ErrorCode::GenerationHeld, target.name, {}, occupant->number);
    if (occupant != nullptr && !ownTarget)
        return failure(ErrorCode::RegionHoldsBackup, target.name, {}, occupant->number);
    if (!resumed.job.done.empty() && target.content.kind == ContentKind::Recognised &&
        !sameContent(target.content, resumed.generation.content))
        return failure(ErrorCode::ContentRecognised, target.name, contentText(target.content));
    return {};
}

Result<Resumed> checkAgain(Attachment& attachment, std::uint64_t jobId,
                           const SourcePolicy& policy = {})
{
    const Records records = CAIRN_TRY(readRecords(attachment));
    Resumed resumed = CAIRN_TRY(findInterrupted(attachment, records, jobId));
    resumed.regions.target = CAIRN_TRY(requireRegion(records.layout, resumed.job.target));
    const Generation* kept = records.find(resumed.job.undo);
    resumed.keepsFirst = resumed.job.undo != 0 && (kept == nullptr || !keepsOverwritten(*kept));
    if (resumed.job.kind != JobKind::Import) {
        resumed.regions.source =
            CAIRN_TRY(resumed.job.kind == JobKind::Restore
                          ? requireCopyRegion(records.layout, resumed.generation)
                          : requireRegion(records.layout, resumed.job.source));
        CAIRN_TRY(checkSource(attachment, records, resumed, policy));
    }
    CAIRN_TRY(checkTarget(records, resumed));
    if (resumed.job.kind == JobKind::Restore)
        CAIRN_TRY(requireNoBackupOf(attachment, records, resumed.regions.target));
    return resumed;
}

// From here on the job runs.
Result<Job> takeUp(Catalog& catalog, const Resumed& resumed)
{
    // The map is read again: another process may have gone on with the job before us.
    Job job =
        CAIRN_TRY(findJob(catalog, resumed.generation.number, resumed.job.kind, resumed.job.id));
    // What a restore found of its target would not be true any more.
    const bool wentOn = job.kind == JobKind::Restore && job.done != resumed.job.done;
    if (job.undo != resumed.job.undo || wentOn)
        return failure(ErrorCode::PlanChanged, job.target.name, "job");
    CAIRN_TRY(catalog.recordResumed(job.id));
    return job;
}

// What a restore that has overwritten nothing yet has to keep first, and where.
struct KeptFirst {
    Overwritten overwritten;
    Region area;
};

// The area that it had, or another; the target may have changed since, so all is looked at anew.
Result<KeptFirst> findKeptFirst(Attachment& attachment, const Resumed& resumed,
                                CopyControl& control)
{
    const Region& target = resumed.regions.target;
    auto overwritten = CAIRN_TRY(findOverwritten(attachment, resumed.generation, target, control));
    const Records records = CAIRN_TRY(readRecords(attachment));
    const RestoreRegions regions{.backup = resumed.regions.source.id, .target = target.id};
    const std::uint64_t bytes = overwritten.bytes();
    if (const Generation* kept = records.find(resumed.job.undo)) {
        if (auto area = requireArea(attachment, records, kept->target.id, regions, bytes, {}))
            return KeptFirst{std::move(overwritten), *std::move(area)};
    }
    if (auto area = chooseArea(attachment, records, regions, bytes))
        return KeptFirst{std::move(overwritten), *std::move(area)};
    return failure(ErrorCode::ConfirmationNeeded, target.name, kNoUndoRoom, bytes);
}

Result<VerifyOutcome> keepAgain(Attachment& attachment, Catalog& catalog, Job job,
                                const Resumed& resumed, const KeptFirst& first,
                                CopyControl& control)
{
    const auto undo = newUndo(first.area, resumed.regions.target, job.sizeBytes, first.overwritten);
    const auto restarted = [&]() -> Result<GenerationNumber> {
        UnsealedForNow unsealed(attachment, catalog,
                                CAIRN_TRY(unsealForWriting(attachment, catalog, first.area)));
        const GenerationNumber number = CAIRN_TRY(catalog.restartKeeping(job.id, undo));
        unsealed.letGo();
        return number;
    }();
    if (!restarted) {
        std::ignore = catalog.failRestore(job.id, restarted.error(), false);
        return std::unexpected(restarted.error());
    }
    job.undo = *restarted;
    return keepOverwritten(attachment, catalog, job, first.overwritten, control);
}

// What was found before the job goes on.
struct Found {
    std::optional<KeptFirst> first;
    ChunkMap different;                             // Of a restore's target.
    OnUnreadable onUnreadable = OnUnreadable::Fail; // Of a backup's source.
};

Result<ResumeOutcome> goOn(Attachment& attachment, const Resumed& resumed, const Found& found,
                           const SourcePolicy& policy, CopyControl& control)
{
    const auto& first = found.first;
    std::vector<RegionId> targets{resumed.job.target.id};
    if (first)
        targets.push_back(first->area.id);
    // First: who is asked whether it may be opened has seen nothing written.
    const auto source = CAIRN_TRY(claimUnused(attachment, resumed.regions.source));
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment, targets));
    Catalog& catalog = writing.catalog();
    CAIRN_TRY(requireAsSeen(attachment, {resumed.regions.target}));
    if (first)
        CAIRN_TRY(requireAsSeen(attachment, {first->area}));
    auto hold = CAIRN_TRY(SourceHold::take(attachment.array(), resumed.regions.source, policy));
    Job job = CAIRN_TRY(takeUp(catalog, resumed));
    if (job.kind == JobKind::Backup) {
        auto copy = CAIRN_TRY(runBackup(
            attachment, catalog, job,
            {resumed.regions, std::move(hold), policy, true, found.onUnreadable}, control));
        return outcomeOf(attachment, catalog, job.generation, std::move(copy), policy.inUse);
    }
    RestoreStart start{.target = resumed.regions.target, .different = found.different};
    if (first) {
        start.kept = CAIRN_TRY(keepAgain(attachment, catalog, job, resumed, *first, control));
        job = CAIRN_TRY(findJob(catalog, job.generation, job.kind, job.id));
    }
    auto copy = CAIRN_TRY(runRestore(attachment, catalog, job, start, control));
    return outcomeOf(attachment, catalog, job, std::move(copy));
}

} // namespace

Result<std::vector<Job>> interruptedJobs(Attachment& attachment)
{
    return catchOutOfMemory([&]() -> Result<std::vector<Job>> {
        // Every command asks: the history, which may be long, is not read for it.
        const auto catalog = CAIRN_TRY(attachment.catalog());
        std::vector<Job> interrupted;
        for (const Job& job : CAIRN_TRY(catalog->jobs())) {
            if (attachment.isInterrupted(job))
                interrupted.push_back(job);
        }
        std::ranges::stable_partition(interrupted,
                                      [](const Job& job) { return !makesGeneration(job.kind); });
        return interrupted;
    });
}

const CopyOutcome& copyOf(const ResumeOutcome& outcome)
{
    if (const auto* backup = std::get_if<BackupOutcome>(&outcome))
        return backup->copy;
    if (const auto* restored = std::get_if<RestoreOutcome>(&outcome))
        return restored->copy;
    return std::get<CopyOutcome>(outcome);
}

Result<ResumeOutcome> resume(Attachment& attachment, const Job& job, CopyControl& control,
                             OnUnreadable onUnreadable, const SourcePolicy& policy)
{
    return catchOutOfMemory([&]() -> Result<ResumeOutcome> {
        if (job.kind == JobKind::Undo) {
            const UndoPlan plan = CAIRN_TRY(planUndo(attachment, job.generation, {}));
            return undo(attachment, plan, control);
        }
        CAIRN_TRY(attachment.refresh());
        const Resumed resumed = CAIRN_TRY(checkAgain(attachment, job.id, policy));
        if (resumed.job.kind == JobKind::Import)
            return failure(ErrorCode::BackupNotUsable, resumed.regions.target.name,
                           "its bytes come from a file, which is needed again", job.generation);
        const CopyProgress start{.phase = CopyPhase::Preparing,
                                 .totalBytes = resumed.job.sizeBytes};
        if (!control.checkpoint(start))
            return failure(ErrorCode::Canceled, resumed.regions.source.name);
        const auto claim = CAIRN_TRY(
            RegionClaim::take(attachment, resumed.regions.source.id, resumed.regions.target));
        if (resumed.job.kind == JobKind::Restore)
            CAIRN_TRY(proveBackup(attachment, resumed.generation, resumed.regions.source, control));
        Found found;
        found.onUnreadable = onUnreadable;
        std::optional<RegionClaim> areaClaim;
        if (resumed.keepsFirst) {
            found.first = CAIRN_TRY(findKeptFirst(attachment, resumed, control));
            found.different = found.first->overwritten.chunks;
            areaClaim.emplace(
                CAIRN_TRY(RegionClaim::take(attachment, std::nullopt, found.first->area)));
        } else if (resumed.job.kind == JobKind::Restore) {
            found.different = CAIRN_TRY(
                findDifferent(attachment, resumed.generation, resumed.regions.target, control));
        }
        return goOn(attachment, resumed, found, policy, control);
    });
}

Result<CopyOutcome> resumeImport(Attachment& attachment, std::uint64_t jobId, ChunkStream& chunks,
                                 bool verifyToo, CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<CopyOutcome> {
        CAIRN_TRY(attachment.refresh());
        const Resumed resumed = CAIRN_TRY(checkAgain(attachment, jobId));
        const Region& target = resumed.regions.target;
        if (!control.checkpoint({.totalBytes = resumed.job.sizeBytes}))
            return failure(ErrorCode::Canceled, target.name);
        const auto claim = CAIRN_TRY(RegionClaim::take(attachment, std::nullopt, target));
        const auto writing = CAIRN_TRY(WriteAccess::take(attachment, {target.id}));
        CAIRN_TRY(requireAsSeen(attachment, {target}));
        const Job job = CAIRN_TRY(takeUp(writing.catalog(), resumed));
        return runImport(attachment, writing.catalog(), job, target,
                         {chunks, resumed.generation.digest}, verifyToo, control);
    });
}

Result<void> discard(Attachment& attachment, const Job& job)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const Records records = CAIRN_TRY(readRecords(attachment));
        const Resumed resumed = CAIRN_TRY(findInterrupted(attachment, records, job.id));
        const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
        const Error givenUp{ErrorCode::Canceled, 0, resumed.job.target.name, {}, 0};
        if (makesGeneration(resumed.job.kind))
            return writing.catalog().abandon(resumed.generation.number, givenUp, false);
        return writing.catalog().failRestore(resumed.job.id, givenUp, true);
    });
}

} // namespace cairn
