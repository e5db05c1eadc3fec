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

// Attached alone, a copy that was left behind would end the swap when others have long done so.
bool isLeftBehind(Catalog& catalog, const Uuid& member)
{
    return std::ranges::any_of(catalog.status().copies, [&](const CatalogCopyStatus& copy) {
        return copy.member == member && copy.state != CatalogCopyState::Current;
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
    if (CAIRN_TRY(isSealed(catalog, source.id)))
        return cannot(source, kSourceIsSealed);
    const ArrayLayout layout = attachment.array().layout();
    const Member* member = layout.findMember(source.member);
    if (member == nullptr || !member->problem.empty())
        return cannot(source, kDamagedTable);
    return {};
}

Result<RegionSwap> plannedSwap(Attachment& attachment, Catalog& catalog, const Region& source,
                               const Region& kept)
{
    if (isLeftBehind(catalog, source.member))
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

Result<void> endSwapOf(Attachment& attachment, const RegionId& region)
{
    if (!CAIRN_TRY(openSwapOf(attachment, region)))
        return {};
    {
        const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    }
    CAIRN_TRY(attachment.refresh());
    const auto open = CAIRN_TRY(openSwapOf(attachment, region));
    if (!open)
        return {};
    for (const UnsettledSwap& unsettled : attachment.unsettledSwaps()) {
        if (unsettled.id == open->id)
            return std::unexpected(unsettled.why);
    }
    return failure(ErrorCode::CannotSwap, open->source.name, kSwapUnfinished, open->generation);
}

} // namespace cairn
