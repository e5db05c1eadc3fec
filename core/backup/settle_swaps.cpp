// Takes swaps to before or after, never between.
#include "core/backup/settle_swaps.h"

#include "core/backup/sealed_regions.h"

#include <algorithm>
#include <optional>
#include <utility>

namespace cairn {
namespace {

Result<bool> isKept(Catalog& catalog, const RegionId& region)
{
    const auto seals = CAIRN_TRY(catalog.seals());
    return std::ranges::find(seals, region, &RegionSeal::region) != seals.end();
}

Result<GenerationNumber> finish(Array& array, Catalog& catalog, const RegionSwap& swap)
{
    CAIRN_TRY(array.markSealed(swap.target.id, swap.seals));
    // The catalog has it still under the name of the region that had the extent before.
    if (CAIRN_TRY(isKept(catalog, swap.target.id)))
        CAIRN_TRY(array.writeSignaturesBack(swap.source.id));
    const ArrayLayout layout = array.layout();
    const Region* kept = layout.find(swap.target.id);
    return catalog.endSwap(swap.id, kept != nullptr ? kept->content : Content());
}

Result<void> takeBack(Array& array, Catalog& catalog, const RegionSwap& swap)
{
    if (CAIRN_TRY(isKept(catalog, swap.source.id)))
        CAIRN_TRY(array.writeSignaturesBack(swap.source.id));
    return catalog.failSwap(swap.id, "not made");
}

// Who has the bytes now that the region had before.
std::optional<RegionId> regionAt(const ArrayLayout& layout, const RegionSwap& swap,
                                 std::uint64_t offsetBytes)
{
    const ByteRange extent{offsetBytes, swap.sizeBytes};
    for (const Region& region : layout.regions) {
        if (region.member == swap.source.member && region.extent == extent &&
            region.role != RegionRole::Management)
            return region.id;
    }
    return std::nullopt;
}

Result<void> giveUp(Array& array, Catalog& catalog, const RegionSwap& swap)
{
    const ArrayLayout layout = array.layout();
    auto source = regionAt(layout, swap, swap.sourceOffsetBytes);
    const auto target = regionAt(layout, swap, swap.targetOffsetBytes);
    // It is in use, and was sealed only to leave.
    if (swap.seals && source == swap.source.id) {
        CAIRN_TRY(array.writeSignaturesBack(swap.source.id));
        source.reset();
    }
    return catalog.giveUpSwap(swap.id, source, target);
}

Result<bool> alignTable(Array& array, const RegionSwap& swap)
{
    return array.alignTable(swap.source.member, {swap.source.id, swap.target.id});
}

std::unexpected<Error> kernelNotTold(const ArrayLayout& layout, const RegionSwap& swap)
{
    const Member* member = layout.findMember(swap.source.member);
    return failure(ErrorCode::KernelNotTold,
                   member != nullptr ? member->location : swap.source.member.toString(),
                   swap.source.name, swap.generation);
}

} // namespace

Result<SettledSwap> settleSwap(Array& array, Catalog& catalog, const RegionSwap& swap,
                               const Array::SealRecorder& recorder)
{
    SettledSwap settled;
    SwapState state = stateOf(swap, array.layout());
    if (state == SwapState::Away)
        return failure(ErrorCode::MemberMissing, swap.source.name);
    bool placed = true;
    if (state != SwapState::Neither)
        placed = CAIRN_TRY(alignTable(array, swap));
    const ArrayLayout layout = array.layout();
    if (const SwapState onMedium = stateOf(swap, layout); onMedium != state) {
        state = onMedium;
        showSealed(array, &catalog, {});
    }
    showSealed(array, &catalog, recorder);
    if (!placed)
        return kernelNotTold(layout, swap);
    switch (state) {
    case SwapState::Away:
        return failure(ErrorCode::MemberMissing, swap.source.name);
    case SwapState::Neither:
        CAIRN_TRY(giveUp(array, catalog, swap));
        break;
    case SwapState::Before:
        CAIRN_TRY(takeBack(array, catalog, swap));
        break;
    case SwapState::After:
        settled.made = true;
        settled.kept = CAIRN_TRY(finish(array, catalog, swap));
        break;
    }
    showSealed(array, &catalog, recorder);
    return settled;
}

std::vector<UnsettledSwap> settleSwaps(Array& array, Catalog& catalog,
                                       const Array::SealRecorder& recorder)
{
    std::vector<UnsettledSwap> unsettled;
    const auto swaps = catalog.swaps();
    if (!swaps)
        return unsettled;
    for (const RegionSwap& swap : *swaps) {
        if (auto settled = settleSwap(array, catalog, swap, recorder); !settled)
            unsettled.push_back({swap.id, std::move(settled).error()});
    }
    return unsettled;
}

} // namespace cairn
