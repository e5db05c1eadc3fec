// Asks core with and without the typed name.
#include "ui/restore_offer.h"

#include "core/backup/guards.h"
#include "core/backup/undo_area.h"

namespace cairn {
namespace {

// Whether planning fails for want of a name alone; any other error is the answer.
template<typename Plan>
Result<bool> needsName(const Result<Plan>& withoutName)
{
    if (withoutName)
        return false;
    if (withoutName.error().code != ErrorCode::ConfirmationNeeded)
        return std::unexpected(withoutName.error());
    return true;
}

void chooseAreas(Attachment& attachment, const Records& records, const RestoreRegions& regions,
                 RestoreOffer& offer)
{
    const std::uint64_t allBytes = chunkCount(offer.plan.generation.sizeBytes) * kChunkBytes;
    // The one that is chosen for some bytes is chosen for all up to its size.
    for (std::uint64_t bytes = 1; bytes <= allBytes;) {
        const auto area = chooseArea(attachment, records, regions, bytes);
        if (!area)
            return;
        if (!offer.areaForLittle)
            offer.areaForLittle = area;
        offer.areas.push_back(area->id);
        offer.mostBytes = area->extent.lengthBytes;
        bytes = area->extent.lengthBytes + 1;
        if (bytes > allBytes)
            offer.areaForAll = area;
    }
}

} // namespace

Result<RestoreOffer> offerRestore(Attachment& attachment, GenerationNumber number,
                                  const RegionId& target, const std::vector<PlannedUse>& planned)
{
    return catchOutOfMemory([&]() -> Result<RestoreOffer> {
        const Records records = CAIRN_TRY(readRecords(attachment, planned));
        const Region region = CAIRN_TRY(requireRegion(records.layout, target));
        RestoreOffer offer;
        // The name stands in for the one that is typed later: planning only reads.
        offer.plan =
            CAIRN_TRY(planRestore(attachment, number,
                                  {.to = target,
                                   .confirmedName = confirmationText(records.layout, region),
                                   .planned = planned}));
        offer.plan.confirmedName.clear();
        const RestoreRegions regions{.backup = offer.plan.backup.id, .target = target};
        chooseAreas(attachment, records, regions, offer);
        if (offer.canBeKept())
            offer.nameNeeded = CAIRN_TRY(
                needsName(planRestore(attachment, number, {.to = target, .planned = planned})));
        else
            offer.nameNeeded = true;
        if (const Generation* occupant = records.occupant(target)) {
            offer.holds = *occupant;
            offer.missed = records.missedWith(*occupant);
        }
        return offer;
    });
}

Result<UndoOffer> offerUndo(Attachment& attachment, GenerationNumber number,
                            const std::vector<PlannedUse>& planned)
{
    return catchOutOfMemory([&]() -> Result<UndoOffer> {
        UndoOffer offer;
        auto plan = planUndo(attachment, number, {}, planned);
        offer.nameNeeded = CAIRN_TRY(needsName(plan));
        const Records records = CAIRN_TRY(readRecords(attachment));
        if (offer.nameNeeded) {
            const Generation* kept = records.find(number);
            const Region* target = kept != nullptr ? records.layout.find(kept->source.id) : nullptr;
            if (target == nullptr)
                return std::unexpected(plan.error());
            plan = planUndo(attachment, number, confirmationText(records.layout, *target), planned);
        }
        offer.plan = CAIRN_TRY(std::move(plan));
        offer.plan.confirmedName.clear();
        const Generation* restored = records.find(offer.plan.kept.undo->restored);
        offer.canBeRedone = restored != nullptr && isRestorable(*restored) &&
                            records.layout.find(restored->target.id) != nullptr;
        return offer;
    });
}

Result<SwapOffer> offerSwap(Attachment& attachment, GenerationNumber number,
                            const std::vector<PlannedUse>& planned)
{
    return catchOutOfMemory([&]() -> Result<SwapOffer> {
        SwapOffer offer;
        auto plan = planSwap(attachment, number, {}, planned);
        offer.nameNeeded = CAIRN_TRY(needsName(plan));
        if (offer.nameNeeded) {
            const Records records = CAIRN_TRY(readRecords(attachment));
            const Generation* backup = records.find(number);
            const Region* holder =
                backup != nullptr ? records.layout.find(backup->target.id) : nullptr;
            if (holder == nullptr)
                return std::unexpected(plan.error());
            plan = planSwap(attachment, number, confirmationText(records.layout, *holder), planned);
        }
        offer.plan = CAIRN_TRY(std::move(plan));
        offer.plan.confirmedName.clear();
        return offer;
    });
}

} // namespace cairn
