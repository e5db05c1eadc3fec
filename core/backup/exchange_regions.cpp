// Intent, seal, table, settlement: in that order.
#include "core/backup/exchange_regions.h"

#include "core/backup/seal.h"

#include <algorithm>
#include <tuple>

namespace cairn {
namespace {

std::unexpected<Error> cannot(const Region& region, const char* why)
{
    return failure(ErrorCode::CannotSwap, region.name, why);
}

Result<void> requireChangeable(Attachment& attachment, const Records& records, const Region& region)
{
    auto refusals = recordRefusals(attachment, records, region);
    const auto own = regionRefusals(records.layout, region, region.extent.lengthBytes);
    refusals.insert(refusals.end(), own.begin(), own.end());
    std::ranges::stable_sort(refusals, {}, &Refusal::reason);
    if (const auto refused = firstFinal(refusals, region))
        return std::unexpected(*refused);
    return requireNoBackupOf(attachment, records, region);
}

std::string diskOf(Attachment& attachment, const RegionSwap& swap)
{
    const ArrayLayout layout = attachment.array().layout();
    const Member* member = layout.findMember(swap.source.member);
    return member != nullptr ? member->location : swap.source.member.toString();
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
                                    const RegionSwap& wanted)
{
    Array& array = attachment.array();
    RegionSwap swap = wanted;
    swap.id = CAIRN_TRY(catalog.beginSwap(wanted));
    const auto make = [&]() -> Result<void> {
        if (swap.seals) {
            CAIRN_TRY(attachment.followSeals());
            CAIRN_TRY(array.eraseSignatures(swap.source.id));
        }
        return array.exchangeExtents(swap.source.id, swap.target.id);
    };
    const auto made = make();
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
    if (settled && !settled->nodesPlaced)
        return failure(ErrorCode::KernelNotTold, diskOf(attachment, swap), swap.source.name,
                       settled->kept);
    return settled;
}

} // namespace cairn
