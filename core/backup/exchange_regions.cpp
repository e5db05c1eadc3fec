// Intent, seal, table, settlement: in that order.
#include "core/backup/exchange_regions.h"

#include "core/backup/seal.h"

#include <algorithm>
#include <optional>
#include <tuple>

namespace cairn {
namespace {

std::unexpected<Error> cannot(const Region& region, const char* why)
{
    return failure(ErrorCode::CannotSwap, region.name, why);
}

Result<void> requireChangeable(Attachment& attachment, const Records& records, const Region& region)
{
    const auto refusals = targetRefusals(attachment, records, region, region.extent.lengthBytes);
    if (const auto refused = firstFinal(refusals, region))
        return std::unexpected(*refused);
    CAIRN_TRY(requireNoSwapOf(records, region));
    return requireNoBackupOf(attachment, records, region);
}

// Attached alone, a copy that was left behind would know nothing of the swap, or end it when others
// have long done so.
bool isLeftBehind(Attachment& attachment, Catalog& catalog, const Uuid& member)
{
    const ArrayLayout layout = attachment.array().layout();
    const bool holds = std::ranges::any_of(layout.regions, [&](const Region& region) {
        return region.member == member && region.role == RegionRole::Management;
    });
    return holds && std::ranges::none_of(catalog.status().copies, [&](const auto& copy) {
               return copy.member == member && copy.state == CatalogCopyState::Current;
           });
}

Result<std::optional<RegionSwap>> openSwapOf(Attachment& attachment, const RegionId& region)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    for (const RegionSwap& swap : CAIRN_TRY(catalog->swaps())) {
        if (swap.names(region))
            return std::optional(swap);
    }
    return std::optional<RegionSwap>();
}

} // namespace

Result<void> requireExchangeable(Attachment& attachment, Catalog& catalog, const Records& records,
                                 const Region& source, const Region& kept)
{
    if (source.member != kept.member)
        return cannot(kept, kAnotherMember);
    if (source.extent.lengthBytes != kept.extent.lengthBytes)
        return cannot(kept, kAnotherSize);
    CAIRN_TRY(requireChangeable(attachment, records, source));
    CAIRN_TRY(requireChangeable(attachment, records, kept));
    const Generation* held = records.occupant(source.id);
    if (held != nullptr && hasCopy(*held))
        return failure(ErrorCode::CannotSwap, source.name, kSourceHoldsBackup, held->number);
    if (source.role == RegionRole::Backup)
        return cannot(source, kSourceHoldsBackup);
    for (const RegionSeal& seal : CAIRN_TRY(catalog.seals())) {
        if (seal.region == source.id)
            return cannot(source, kSourceIsSealed);
        if (seal.region == kept.id && seal.sealedMs == 0)
            return cannot(kept, kHalfSealed);
    }
    const ArrayLayout layout = attachment.array().layout();
    const Member* member = layout.findMember(source.member);
    if (member == nullptr || !member->problem.empty())
        return cannot(source, kDamagedTable);
    return {};
}

Result<RegionSwap> plannedSwap(Attachment& attachment, Catalog& catalog, const Region& source,
                               const Region& kept)
{
    if (isLeftBehind(attachment, catalog, source.member))
        return cannot(source, kStaleCatalog);
    RegionSwap swap;
    swap.source = refTo(source);
    swap.target = refTo(kept);
    swap.sourceOffsetBytes = source.extent.offsetBytes;
    swap.targetOffsetBytes = kept.extent.offsetBytes;
    swap.sizeBytes = source.extent.lengthBytes;
    swap.seals =
        CAIRN_TRY(isSealed(catalog, kept.id)) || sealsByDefault(attachment.array().layout(), kept);
    return swap;
}

Result<SettledSwap> exchangeRegions(Attachment& attachment, Catalog& catalog,
                                    const RegionSwap& wanted, const std::function<void()>& letGo)
{
    Array& array = attachment.array();
    RegionSwap swap = wanted;
    swap.id = CAIRN_TRY(catalog.beginSwap(wanted));
    if (isLeftBehind(attachment, catalog, swap.source.member)) {
        CAIRN_TRY(catalog.failSwap(swap.id, kStaleCatalog));
        return failure(ErrorCode::CannotSwap, swap.source.name, kStaleCatalog);
    }
    const auto make = [&]() -> Result<void> {
        if (swap.seals) {
            CAIRN_TRY(attachment.followSeals());
            CAIRN_TRY(array.eraseSignatures(swap.source.id));
        }
        letGo();
        return array.exchangeExtents(swap.source.id, swap.target.id);
    };
    const auto made = make();
    letGo();
    // What the medium holds after a flush that failed, this process cannot know.
    if (!made && made.error().code == ErrorCode::FlushFailed)
        return std::unexpected(made.error());
    const auto record = [&catalog](const RegionId& region, const std::vector<SealedBytes>& pieces) {
        return catalog.recordSealedBytes(region, pieces);
    };
    auto settled = settleSwap(array, catalog, swap, record);
    std::ignore = attachment.followSeals();
    if (!made && (!settled || !settled->made))
        return std::unexpected(made.error());
    if (settled && !settled->made)
        return failure(ErrorCode::PlanChanged, swap.source.name, "partition table");
    return settled;
}

Result<std::optional<FoundSwap>> endSwapOf(Attachment& attachment, const RegionId& region)
{
    const auto open = CAIRN_TRY(openSwapOf(attachment, region));
    if (!open)
        return std::optional<FoundSwap>();
    {
        const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    }
    CAIRN_TRY(attachment.refresh());
    for (FoundSwap& found : attachment.foundSwaps()) {
        if (found.swap.id != open->id)
            continue;
        if (!found.settled)
            return std::unexpected(std::move(found.settled).error());
        return std::optional(std::move(found));
    }
    return failure(ErrorCode::CannotSwap, open->source.name, kSwapUnfinished, open->generation);
}

} // namespace cairn
