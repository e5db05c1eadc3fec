// Plans a restore by exchange, and carries the plan out.
#include "core/backup/swap_restore.h"

#include "core/backup/copy_job.h"
#include "core/backup/copy_presence.h"
#include "core/backup/exchange_regions.h"
#include "core/backup/one_history.h"
#include "core/backup/seal.h"
#include "core/backup/verify.h"
#include "core/backup/written_since.h"

#include <memory>
#include <optional>
#include <tuple>

namespace cairn {
namespace {

Result<SwapPlan> check(Attachment& attachment, Catalog& catalog, const Records& records,
                       GenerationNumber number, const std::string& confirmedName)
{
    SwapPlan plan;
    plan.confirmedName = confirmedName;
    plan.generation = CAIRN_TRY(requireRestorable(catalog, number));
    plan.backup = CAIRN_TRY(requireCopyRegion(records.layout, plan.generation));
    if (const FoundCopy found = findCopy(records.layout, plan.generation); !found.present())
        return failure(ErrorCode::BackupNotUsable, plan.backup.name, found.detail, number);
    CAIRN_TRY(requireSignatures(catalog, plan.backup, number));
    plan.source = CAIRN_TRY(requireRegion(records.layout, plan.generation.source));
    CAIRN_TRY(requireNotToBeWritten(records, plan.backup));
    CAIRN_TRY(requireNotToBeWritten(records, plan.source));
    CAIRN_TRY(requireExchangeable(attachment, catalog, records, plan.source, plan.backup));
    if (plan.generation.sizeBytes != plan.source.extent.lengthBytes)
        return failure(ErrorCode::CannotSwap, plan.backup.name, kAnotherSize, number);
    const auto missed = records.missedWith(plan.generation);
    CAIRN_TRY(checkConfirmation(records.layout, plan.backup, confirmedName, missed.has_value(),
                                missed ? &*missed : nullptr));
    return plan;
}

Result<SwapPlan> checkNow(Attachment& attachment, GenerationNumber number,
                          const std::string& confirmedName,
                          const std::vector<PlannedUse>& planned = {})
{
    const Records records = CAIRN_TRY(readRecords(attachment, planned));
    const auto catalog = CAIRN_TRY(attachment.catalog());
    return check(attachment, *catalog, records, number, confirmedName);
}

Result<void> requireSamePlan(const SwapPlan& now, const SwapPlan& planned,
                             const ArrayLayout& layout)
{
    CAIRN_TRY(requireUnchanged(layout, planned.backup, false));
    CAIRN_TRY(requireUnchanged(layout, planned.source, true));
    if (now.backup.id != planned.backup.id || now.source.id != planned.source.id)
        return failure(ErrorCode::PlanChanged, planned.backup.name, "generation");
    return {};
}

// So that nobody of this host writes to them while one is read.
struct Claims {
    RegionClaim source;
    RegionClaim backup;
    std::unique_ptr<RegionIo> sourceNode;
    std::unique_ptr<RegionIo> backupNode;
};

Result<Claims> claimBoth(Attachment& attachment, const Region& source, const Region& backup)
{
    auto one = CAIRN_TRY(RegionClaim::take(attachment, std::nullopt, source));
    auto other = CAIRN_TRY(RegionClaim::take(attachment, std::nullopt, backup));
    auto sourceNode = CAIRN_TRY(attachment.array().claimSource(source.id));
    auto backupNode = CAIRN_TRY(attachment.array().claimSource(backup.id));
    return Claims{std::move(one), std::move(other), std::move(sourceNode), std::move(backupNode)};
}

// Only what nobody has open is taken away from the kernel; until then both stay claimed.
Result<SettledSwap> exchange(Attachment& attachment, Catalog& catalog, const RegionSwap& swap,
                             Claims& claims)
{
    return exchangeRegions(attachment, catalog, swap, [&claims] {
        claims.sourceNode.reset();
        claims.backupNode.reset();
    });
}

Result<SettledSwap> swapChecked(Attachment& attachment, const SwapPlan& plan,
                                const HistoryMark& mark, const VerifyOutcome& proof, Claims& claims)
{
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    Catalog& catalog = writing.catalog();
    // Now that no other process can write: what was checked, read and confirmed still holds.
    CAIRN_TRY(requireNotWrittenSince(catalog, mark, {plan.source, plan.backup}));
    const Records records =
        CAIRN_TRY(readRecordsAgain(attachment, catalog, {plan.source, plan.backup}));
    const GenerationNumber number = plan.generation.number;
    const SwapPlan now = CAIRN_TRY(check(attachment, catalog, records, number, plan.confirmedName));
    CAIRN_TRY(requireSamePlan(now, plan, records.layout));
    CAIRN_TRY(catalog.recordVerification(number, proof));
    RegionSwap swap = CAIRN_TRY(plannedSwap(attachment, catalog, plan.source, plan.backup));
    swap.generation = number;
    return exchange(attachment, catalog, swap, claims);
}

struct CheckedBack {
    UndoPlan plan;
    std::optional<Generation> restored; // Where it can be compared with what the region holds.
};

Result<CheckedBack> checkBack(Attachment& attachment, Catalog& catalog, const Records& records,
                              GenerationNumber number, const std::string& confirmedName)
{
    const Generation kept = CAIRN_TRY(catalog.generation(number));
    if (!kept.undo || !kept.undo->swapped || !canBeUndone(kept))
        return failure(ErrorCode::BackupNotUsable, kept.source.name,
                       kept.undo && kept.undo->undoneMs != 0 ? "undone" : stateName(kept.state),
                       number);
    for (const Generation& later : records.generations) {
        if (later.number > number && later.source.id == kept.source.id && later.undo &&
            later.undo->swapped && canBeUndone(later))
            return failure(ErrorCode::CannotSwap, kept.source.name, kLaterSwap, later.number);
    }
    CheckedBack checked;
    checked.plan.kept = kept;
    checked.plan.confirmedName = confirmedName;
    checked.plan.area = CAIRN_TRY(requireCopyRegion(records.layout, kept));
    checked.plan.target = CAIRN_TRY(requireRegion(records.layout, kept.source));
    CAIRN_TRY(requireNotToBeWritten(records, checked.plan.area));
    CAIRN_TRY(requireNotToBeWritten(records, checked.plan.target));
    CAIRN_TRY(
        requireExchangeable(attachment, catalog, records, checked.plan.target, checked.plan.area));
    const Generation* restored = records.find(kept.undo->restored);
    if (restored != nullptr && restored->supersededBy == number)
        checked.restored = *restored;
    CAIRN_TRY(
        checkConfirmation(records.layout, checked.plan.target, confirmedName, !checked.restored));
    return checked;
}

Result<CheckedBack> checkBackNow(Attachment& attachment, GenerationNumber number,
                                 const std::string& confirmedName,
                                 const std::vector<PlannedUse>& planned = {})
{
    const Records records = CAIRN_TRY(readRecords(attachment, planned));
    const auto catalog = CAIRN_TRY(attachment.catalog());
    return checkBack(attachment, *catalog, records, number, confirmedName);
}

Result<std::optional<VerifyOutcome>> compareBack(Attachment& attachment, const CheckedBack& checked,
                                                 CopyControl& control)
{
    if (!checked.restored)
        return std::optional<VerifyOutcome>();
    const Region& target = checked.plan.target;
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const auto digests = CAIRN_TRY(catalog->digests(checked.restored->number));
    auto proof =
        CAIRN_TRY(readBack(attachment, target, checked.restored->sizeBytes, *digests, control));
    CAIRN_TRY(checkConfirmation(attachment.array().layout(), target, checked.plan.confirmedName,
                                !proof.good()));
    return std::optional(std::move(proof));
}

ChunkMap damagedIn(const std::optional<VerifyOutcome>& proof)
{
    ChunkMap damaged;
    if (!proof)
        return damaged;
    for (const ChunkMap* chunks : {&proof->different, &proof->unreadable}) {
        for (const ChunkMap::Run& run : chunks->runs()) {
            for (std::uint64_t chunk = run.first; chunk < run.first + run.count; ++chunk)
                damaged.add(chunk);
        }
    }
    return damaged;
}

Result<void> swapBackChecked(Attachment& attachment, const CheckedBack& checked,
                             const HistoryMark& mark, const std::optional<VerifyOutcome>& proof,
                             Claims& claims)
{
    const UndoPlan& plan = checked.plan;
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    Catalog& catalog = writing.catalog();
    CAIRN_TRY(requireNotWrittenSince(catalog, mark, {plan.target, plan.area}));
    const Records records =
        CAIRN_TRY(readRecordsAgain(attachment, catalog, {plan.target, plan.area}));
    const GenerationNumber number = plan.kept.number;
    const CheckedBack now =
        CAIRN_TRY(checkBack(attachment, catalog, records, number, plan.confirmedName));
    if (now.restored.has_value() != checked.restored.has_value() ||
        now.plan.target.id != plan.target.id || now.plan.area.id != plan.area.id)
        return failure(ErrorCode::PlanChanged, plan.area.name, "generation");
    CAIRN_TRY(requireUnchanged(records.layout, plan.area, false));
    CAIRN_TRY(requireUnchanged(records.layout, plan.target, true));
    RegionSwap swap = CAIRN_TRY(plannedSwap(attachment, catalog, plan.target, plan.area));
    swap.generation = number;
    swap.undoes = true;
    swap.damaged = damagedIn(proof);
    CAIRN_TRY(exchange(attachment, catalog, swap, claims));
    // It is undone, whether or not that can be recorded too.
    if (proof && proof->good())
        std::ignore = catalog.recordVerification(checked.restored->number, *proof);
    return {};
}

} // namespace

Result<SwapPlan> planSwap(Attachment& attachment, GenerationNumber number,
                          const std::string& confirmedName, const std::vector<PlannedUse>& planned)
{
    return catchOutOfMemory([&]() -> Result<SwapPlan> {
        CAIRN_TRY(requireOneHistory(attachment));
        return checkNow(attachment, number, confirmedName, planned);
    });
}

Result<SwapOutcome> swapRestore(Attachment& attachment, const SwapPlan& plan, CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<SwapOutcome> {
        Clock& clock = attachment.environment().clock;
        const auto started = clock.monotonic();
        CAIRN_TRY(attachment.refresh());
        const GenerationNumber number = plan.generation.number;
        const CopyProgress start{.phase = CopyPhase::Verifying,
                                 .totalBytes = plan.generation.sizeBytes};
        if (!control.checkpoint(start))
            return failure(ErrorCode::Canceled, plan.source.name);
        CAIRN_TRY(requireDigests(attachment, number, control));
        const HistoryMark mark = CAIRN_TRY(ledgerMark(attachment));
        const SwapPlan now = CAIRN_TRY(checkNow(attachment, number, plan.confirmedName));
        CAIRN_TRY(requireSamePlan(now, plan, attachment.array().layout()));
        Claims claims = CAIRN_TRY(claimBoth(attachment, now.source, now.backup));
        const auto proof = CAIRN_TRY(proveBackup(attachment, now.generation, now.backup, control));
        const auto proved = clock.monotonic();
        const SettledSwap settled = CAIRN_TRY(swapChecked(attachment, now, mark, proof, claims));
        return SwapOutcome{.undo = settled.kept,
                           .verifiedBytes = proof.verifiedBytes,
                           .verifying = proved - started,
                           .swapping = clock.monotonic() - proved};
    });
}

Result<UndoPlan> planSwapBack(Attachment& attachment, GenerationNumber number,
                              const std::string& confirmedName,
                              const std::vector<PlannedUse>& planned)
{
    return catchOutOfMemory([&]() -> Result<UndoPlan> {
        return CAIRN_TRY(checkBackNow(attachment, number, confirmedName, planned)).plan;
    });
}

Result<void> swapBack(Attachment& attachment, const UndoPlan& plan, CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<void> {
        CAIRN_TRY(attachment.refresh());
        const CopyProgress start{.phase = CopyPhase::Verifying, .totalBytes = plan.kept.sizeBytes};
        if (!control.checkpoint(start))
            return failure(ErrorCode::Canceled, plan.target.name);
        const HistoryMark mark = CAIRN_TRY(ledgerMark(attachment));
        const auto checked =
            CAIRN_TRY(checkBackNow(attachment, plan.kept.number, plan.confirmedName));
        CAIRN_TRY(requireUnchanged(attachment.array().layout(), plan.area, false));
        CAIRN_TRY(requireUnchanged(attachment.array().layout(), plan.target, true));
        Claims claims = CAIRN_TRY(claimBoth(attachment, checked.plan.target, checked.plan.area));
        const auto proof = CAIRN_TRY(compareBack(attachment, checked, control));
        return swapBackChecked(attachment, checked, mark, proof, claims);
    });
}

} // namespace cairn
