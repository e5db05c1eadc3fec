// Decides which generations stay.
#include "core/backup/keep.h"

#include "core/backup/guards.h"
#include "core/backup/one_history.h"

namespace cairn {
namespace {

Result<void> checkHold(const Generation& generation, bool held)
{
    if (held && !isUsable(generation) && generation.state != GenerationState::Partial)
        return failure(ErrorCode::BackupNotUsable, generation.source.name,
                       stateName(generation.state), generation.number);
    return {};
}

Result<void> setHeld(Attachment& attachment, GenerationNumber number, bool held)
{
    CAIRN_TRY(requireOneHistory(attachment));
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const Generation generation = CAIRN_TRY(catalog->generation(number));
    if (generation.held == held)
        return {};
    CAIRN_TRY(checkHold(generation, held));
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    // Now that no other process can write: it may be forgotten, or replaced.
    const Generation now = CAIRN_TRY(writing.catalog().generation(number));
    CAIRN_TRY(checkHold(now, held));
    return writing.catalog().setHeld(number, held);
}

Result<void> checkForget(Attachment& attachment, const Records& records,
                         const Generation& generation, const std::string& confirmedName)
{
    const Region target = targetOf(records.layout, generation);
    if (generation.held)
        return failure(ErrorCode::GenerationHeld, target.name, {}, generation.number);
    for (const Job& job : records.jobs) {
        if (job.generation == generation.number && !isInterrupted(attachment, records, job))
            return failure(ErrorCode::RegionBusy, target.name, {}, generation.number);
    }
    // Without it the interrupted restore could be neither finished nor gone back from.
    for (const Job& job : records.jobs) {
        if (job.undo == generation.number)
            return failure(ErrorCode::NeededByRestore, target.name, job.target.name,
                           generation.number);
    }
    const auto unfinished = unfinishedRestore(attachment, records, target.id);
    if (unfinished && unfinished->amount == generation.number)
        return std::unexpected(refusalError(*unfinished, target));
    auto why = records.missedWith(generation);
    if (canBeUndone(generation))
        why = Refusal{RefusalReason::KeepsUndo, generation.number, nameOrUuid(generation.source)};
    return checkConfirmation(records.layout, target, confirmedName, why.has_value(),
                             why ? &*why : nullptr);
}

} // namespace

Result<void> hold(Attachment& attachment, GenerationNumber number)
{
    return catchOutOfMemory([&] { return setHeld(attachment, number, true); });
}

Result<void> release(Attachment& attachment, GenerationNumber number)
{
    return catchOutOfMemory([&] { return setHeld(attachment, number, false); });
}

Result<void> forget(Attachment& attachment, GenerationNumber number,
                    const std::string& confirmedName)
{
    return catchOutOfMemory([&]() -> Result<void> {
        CAIRN_TRY(requireOneHistory(attachment));
        const Records records = CAIRN_TRY(readRecords(attachment));
        const Generation* generation = records.find(number);
        if (generation == nullptr) {
            // Never there, or forgotten already.
            const auto catalog = CAIRN_TRY(attachment.catalog());
            const Generation gone = CAIRN_TRY(catalog->generation(number));
            return failure(ErrorCode::BackupNotUsable, gone.source.name, stateName(gone.state),
                           number);
        }
        CAIRN_TRY(checkForget(attachment, records, *generation, confirmedName));
        const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
        // Now that no other process can write: the one that makes up for it may be gone.
        const Records now = CAIRN_TRY(readRecordsAgain(attachment, writing.catalog(), {}));
        const Generation* still = now.find(number);
        if (still == nullptr)
            return failure(ErrorCode::PlanChanged, generation->target.name, "generation");
        CAIRN_TRY(checkForget(attachment, now, *still, confirmedName));
        return writing.catalog().forget(number);
    });
}

} // namespace cairn
