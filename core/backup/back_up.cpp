// Plans a backup, and carries the plan out.
#include "core/backup/back_up.h"

#include "core/backup/candidates.h"
#include "core/backup/copy_job.h"
#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "core/backup/one_history.h"
#include "core/backup/seal.h"
#include "core/backup/written_since.h"

#include <algorithm>

namespace cairn {
namespace {

Result<CandidateTarget> findCandidate(Attachment& attachment, const Records& records,
                                      const Region& source, const Region& target)
{
    const auto candidates = CAIRN_TRY(candidateTargets(attachment, records, source.id));
    const auto found = std::ranges::find(candidates, target.id, &CandidateTarget::region);
    if (found == candidates.end())
        return failure(ErrorCode::UnknownRegion, target.name);
    return *found;
}

// The candidate if the array allows it, or if all that speaks against it was confirmed.
Result<CandidateTarget> checkTarget(Attachment& attachment, const Records& records,
                                    const Region& source, const Region& target,
                                    const std::string& confirmedName)
{
    auto candidate = CAIRN_TRY(findCandidate(attachment, records, source, target));
    CAIRN_TRY(checkCandidate(attachment, candidate, target, confirmedName));
    return candidate;
}

Result<JobRegions> checkAgain(Attachment& attachment, const BackupPlan& plan)
{
    const ArrayLayout layout = attachment.array().layout();
    // The source's content may have moved on: it is what is backed up, whatever it is.
    JobRegions regions;
    regions.source = CAIRN_TRY(requireUnchanged(layout, plan.source, false));
    regions.target = CAIRN_TRY(requireUnchanged(layout, plan.target, true));
    CAIRN_TRY(checkBackupSource(attachment, regions.source, {}, plan.policy));
    const Records records = CAIRN_TRY(readRecords(attachment));
    const auto candidate = CAIRN_TRY(
        checkTarget(attachment, records, regions.source, regions.target, plan.confirmedName));
    CAIRN_TRY(requireAsPlanned(candidate, plan.candidate, plan.target));
    return regions;
}

// Whether the target looks as the replaced backup left it. What it really holds is seen when it is
// read back.
bool looksUntouched(const Region& target, const Generation& replaced)
{
    return target.role == RegionRole::Backup && sameContent(target.content, replaced.content);
}

// What was found before there was the right to write, and where the ledger stood before that.
struct Checked {
    HistoryMark mark;
    JobRegions regions;
};

// Now that no other process can write, and before the record: whoever came first has won.
Result<CandidateTarget> checkLast(Attachment& attachment, Catalog& catalog, const BackupPlan& plan,
                                  const Checked& checked)
{
    const JobRegions& regions = checked.regions;
    CAIRN_TRY(requireNotWrittenSince(catalog, checked.mark, {regions.source, regions.target}));
    const Records records = CAIRN_TRY(readRecordsAgain(attachment, catalog, {regions.target}));
    auto candidate = CAIRN_TRY(
        checkTarget(attachment, records, regions.source, regions.target, plan.confirmedName));
    CAIRN_TRY(requireAsPlanned(candidate, plan.candidate, plan.target));
    CAIRN_TRY(requireNoBackupOf(attachment, records, regions.target));
    return candidate;
}

Result<BackupOutcome> copyPlanned(Attachment& attachment, const BackupPlan& plan,
                                  const Checked& checked, CopyControl& control)
{
    const JobRegions& regions = checked.regions;
    // What cannot be opened must not cost the backup that the target holds its record. The source
    // first: who is asked whether it may be opened has seen nothing written.
    const auto source = CAIRN_TRY(claimUnused(attachment, regions.source));
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment, {regions.target.id}));
    Catalog& catalog = writing.catalog();
    const auto candidate = CAIRN_TRY(checkLast(attachment, catalog, plan, checked));
    NewGeneration record{.source = refTo(regions.source),
                         .target = refTo(regions.target),
                         .sizeBytes = regions.source.extent.lengthBytes,
                         .label = plan.label,
                         .note = plan.note,
                         .content = regions.source.content,
                         .consistency = regions.source.use.inUse ? Consistency::Inconsistent
                                                                 : Consistency::Offline,
                         .usedBy = regions.source.use.by,
                         .seal = plan.seal};
    if (candidate.replaces != 0) {
        const Generation replaced = CAIRN_TRY(catalog.generation(candidate.replaces));
        record.believed = looksUntouched(regions.target, replaced) ? replaced.number : 0;
    }
    auto hold = CAIRN_TRY(SourceHold::take(attachment.array(), regions.source, plan.policy));
    UnsealedForNow unsealed(
        attachment, catalog,
        plan.seal ? 0 : CAIRN_TRY(unsealForWriting(attachment, catalog, regions.target)));
    const GenerationNumber number = CAIRN_TRY(catalog.begin(record));
    unsealed.letGo();
    if (plan.seal)
        CAIRN_TRY(attachment.followSeals());
    const Job job = CAIRN_TRY(findJob(catalog, number, JobKind::Backup));
    BackupRun run{regions,     std::move(hold),   plan.policy,
                  plan.verify, plan.onUnreadable, plan.clone};
    auto copy = CAIRN_TRY(runBackup(attachment, catalog, job, std::move(run), control));
    return outcomeOf(attachment, catalog, number, std::move(copy), plan.policy.inUse);
}

} // namespace

Result<void> checkBackupSource(Attachment& attachment, const Region& source,
                               const std::vector<PlannedUse>& planned, const SourcePolicy& policy)
{
    if (source.role == RegionRole::Management)
        return failure(ErrorCode::RegionHoldsCatalog, source.name);
    CAIRN_TRY(checkSourceUse(attachment.array(), source, policy));
    const Records records = CAIRN_TRY(readRecords(attachment, planned));
    for (const Refusal& refusal : recordRefusals(attachment, records, source)) {
        // Half of one content and half of another is nothing to call a good backup.
        if (refusal.reason == RefusalReason::BeingWritten ||
            refusal.reason == RefusalReason::ToBeWritten ||
            refusal.reason == RefusalReason::RestoreUnfinished)
            return std::unexpected(refusalError(refusal, source));
    }
    return requireWhole(records, source);
}

Result<BackupPlan> planBackup(Attachment& attachment, const RegionId& source,
                              const RegionId& target, const BackupOptions& options)
{
    return catchOutOfMemory([&]() -> Result<BackupPlan> {
        CAIRN_TRY(requireOneHistory(attachment));
        const ArrayLayout layout = attachment.array().layout();
        BackupPlan plan;
        plan.source = CAIRN_TRY(requireRegion(layout, source));
        plan.target = CAIRN_TRY(requireRegion(layout, target));
        plan.label = options.label;
        plan.note = options.note;
        plan.verify = options.verify;
        plan.onUnreadable = options.onUnreadable;
        plan.confirmedName = options.confirmedName;
        plan.policy = options.policy;
        plan.seal = options.seal.value_or(sealsByDefault(layout, plan.target));
        plan.clone = options.clone;
        if (source == target)
            return failure(ErrorCode::SourceIsTarget, plan.source.name);
        CAIRN_TRY(checkBackupSource(attachment, plan.source, {}, plan.policy));
        const Records records = CAIRN_TRY(readRecords(attachment));
        plan.candidate = CAIRN_TRY(
            checkTarget(attachment, records, plan.source, plan.target, plan.confirmedName));
        return plan;
    });
}

Result<BackupOutcome> outcomeOf(Attachment& attachment, Catalog& catalog, GenerationNumber number,
                                CopyOutcome copy, SourceInUse inUse)
{
    const Generation made = CAIRN_TRY(catalog.generation(number));
    BackupOutcome outcome{.number = number,
                          .state = made.state,
                          .copy = std::move(copy),
                          .sourceTakenAway = takenAway(attachment, made.source.id),
                          .consistency = made.consistency};
    if (made.consistency != Consistency::Inconsistent)
        return outcome;
    outcome.usedMeanwhile = toldOf(catalog, number, EventKind::SourceUsed).value_or(std::string());
    if (inUse == SourceInUse::Freeze && outcome.usedMeanwhile.empty())
        outcome.thawedEarly =
            toldOf(catalog, number, EventKind::SourceThawedEarly).value_or(std::string());
    return outcome;
}

Result<BackupOutcome> backUp(Attachment& attachment, const BackupPlan& plan, CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<BackupOutcome> {
        CAIRN_TRY(attachment.refresh());
        const HistoryMark mark = CAIRN_TRY(ledgerMark(attachment));
        const JobRegions regions = CAIRN_TRY(checkAgain(attachment, plan));
        const CopyProgress start{.phase = CopyPhase::Preparing,
                                 .totalBytes = regions.source.extent.lengthBytes};
        // Nothing has been written so far, the catalog included.
        if (!control.checkpoint(start))
            return failure(ErrorCode::Canceled, regions.source.name);
        const auto claim =
            CAIRN_TRY(RegionClaim::take(attachment, regions.source.id, regions.target));
        CAIRN_TRY(requireNothingLost(attachment, regions.target, plan.confirmedName, control));
        return copyPlanned(attachment, plan, {mark, regions}, control);
    });
}

} // namespace cairn
