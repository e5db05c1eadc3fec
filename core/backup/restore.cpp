// Plans a restore, and carries the plan out.
#include "core/backup/restore.h"

#include "core/backup/copy_job.h"
#include "core/backup/guards.h"

#include <algorithm>

namespace cairn {
namespace {

struct Checked {
    Generation generation;
    JobRegions regions; // The source of the bytes is the region that holds the backup.
    GenerationNumber newestBackupOfTarget = 0;
};

Result<Generation> requireUsable(Attachment& attachment, GenerationNumber number)
{
    // The catalog's own record: of a forgotten one it is said that it was forgotten.
    const auto catalog = CAIRN_TRY(attachment.catalog());
    Generation generation = CAIRN_TRY(catalog->generation(number));
    if (!isUsable(generation))
        return failure(ErrorCode::BackupNotUsable, generation.source.name,
                       stateName(generation.state), number);
    return generation;
}

GenerationNumber newestBackupOf(const Records& records, const RegionId& source)
{
    const auto newest =
        std::ranges::find_if(records.generations, [&](const Generation& generation) {
            return generation.source.id == source && isUsable(generation) &&
                   records.layout.find(generation.target.id) != nullptr;
        });
    return newest == records.generations.end() ? 0 : newest->number;
}

Result<void> checkTarget(Attachment& attachment, const Records& records, const Checked& checked,
                         const std::string& confirmedName)
{
    const Region& target = checked.regions.target;
    if (target.id == checked.generation.target.id)
        return failure(ErrorCode::SourceIsTarget, target.name);
    auto refusals = recordRefusals(attachment, records, target);
    // Another restore into the same region takes the place of one that was interrupted there.
    std::erase_if(refusals, [](const Refusal& refusal) {
        return refusal.reason == RefusalReason::RestoreUnfinished;
    });
    const auto own = regionRefusals(records.layout, target, checked.generation.sizeBytes);
    refusals.insert(refusals.end(), own.begin(), own.end());
    std::ranges::stable_sort(refusals, {}, &Refusal::reason);
    if (const auto refused = firstFinal(refusals, target))
        return std::unexpected(*refused);
    return checkConfirmation(records.layout, target, confirmedName, true,
                             refusals.empty() ? nullptr : &refusals.front());
}

Result<void> checkBackup(Attachment& attachment, const Region& backup)
{
    if (attachment.isBeingWritten(backup.id))
        return failure(ErrorCode::RegionBusy, backup.name);
    return {};
}

Result<Checked> checkAgain(Attachment& attachment, const RestorePlan& plan)
{
    const Records records = CAIRN_TRY(readRecords(attachment));
    Checked checked;
    checked.generation = CAIRN_TRY(requireUsable(attachment, plan.generation.number));
    checked.regions.source = CAIRN_TRY(requireUnchanged(records.layout, plan.backup, false));
    checked.regions.target = CAIRN_TRY(requireUnchanged(records.layout, plan.target, true));
    if (checked.generation.target.id != plan.backup.id)
        return failure(ErrorCode::PlanChanged, plan.backup.name, "generation");
    CAIRN_TRY(checkBackup(attachment, checked.regions.source));
    CAIRN_TRY(checkTarget(attachment, records, checked, plan.confirmedName));
    return checked;
}

Result<CopyOutcome> copyPlanned(Attachment& attachment, const Checked& checked,
                                const VerifyOutcome& proof, CopyControl& control)
{
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    Catalog& catalog = writing.catalog();
    // Another process may have written while the backup was read; from here on none can.
    const Generation now = CAIRN_TRY(catalog.generation(checked.generation.number));
    if (!isUsable(now) || now.held != checked.generation.held)
        return failure(ErrorCode::PlanChanged, checked.regions.source.name, "generation");
    CAIRN_TRY(catalog.recordVerification(now.number, proof));
    CAIRN_TRY(attachment.array().openRegion(checked.regions.target.id, Access::Write));

    const auto jobId = CAIRN_TRY(catalog.beginRestore(now.number, refTo(checked.regions.target)));
    const Job job = CAIRN_TRY(findJob(catalog, now.number, JobKind::Restore, jobId));
    return runRestore(attachment, catalog, job, checked.regions, control);
}

} // namespace

Result<RestorePlan> planRestore(Attachment& attachment, GenerationNumber number,
                                const std::optional<RegionId>& to, const std::string& confirmedName)
{
    return catchOutOfMemory([&]() -> Result<RestorePlan> {
        const Records records = CAIRN_TRY(readRecords(attachment));
        Checked checked;
        checked.generation = CAIRN_TRY(requireUsable(attachment, number));
        const Generation& generation = checked.generation;
        checked.regions.source = CAIRN_TRY(requireRegion(records.layout, generation.target));
        checked.regions.target = CAIRN_TRY(to ? requireRegion(records.layout, *to)
                                              : requireRegion(records.layout, generation.source));
        CAIRN_TRY(checkBackup(attachment, checked.regions.source));
        CAIRN_TRY(checkTarget(attachment, records, checked, confirmedName));
        return RestorePlan{.generation = generation,
                           .backup = checked.regions.source,
                           .target = checked.regions.target,
                           .newestBackupOfTarget =
                               newestBackupOf(records, checked.regions.target.id),
                           .confirmedName = confirmedName};
    });
}

Result<CopyOutcome> restore(Attachment& attachment, const RestorePlan& plan, CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<CopyOutcome> {
        CAIRN_TRY(attachment.refresh());
        const Checked checked = CAIRN_TRY(checkAgain(attachment, plan));
        const CopyProgress start{.phase = CopyPhase::Verifying,
                                 .totalBytes = checked.generation.sizeBytes};
        if (!control.checkpoint(start))
            return failure(ErrorCode::Canceled, checked.regions.target.name);
        const auto claim = CAIRN_TRY(
            RegionClaim::take(attachment, checked.regions.source.id, checked.regions.target));
        const auto proof =
            CAIRN_TRY(proveBackup(attachment, checked.generation, checked.regions.source, control));
        return copyPlanned(attachment, checked, proof, control);
    });
}

} // namespace cairn
