// Takes swaps to before or after, never between.
#include "core/backup/settle_swaps.h"

#include "core/backup/sealed_regions.h"

#include <algorithm>
#include <tuple>
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

} // namespace

Result<SettledSwap> settleSwap(Array& array, Catalog& catalog, const RegionSwap& swap,
                               const Array::SealRecorder& recorder)
{
    SettledSwap settled;
    const SwapState state = stateOf(swap, array.layout());
    if (state == SwapState::Away)
        return failure(ErrorCode::MemberMissing, swap.source.name);
    if (state == SwapState::Neither) {
        CAIRN_TRY(catalog.giveUpSwap(swap.id));
        return settled;
    }
    settled.nodesPlaced =
        CAIRN_TRY(array.alignTable(swap.source.member, {swap.source.id, swap.target.id}));
    showSealed(array, &catalog, recorder);
    settled.made = state == SwapState::After;
    if (settled.made)
        settled.kept = CAIRN_TRY(finish(array, catalog, swap));
    else
        CAIRN_TRY(takeBack(array, catalog, swap));
    showSealed(array, &catalog, recorder);
    return settled;
}

void settleSwaps(Array& array, Catalog& catalog, const Array::SealRecorder& recorder)
{
    const auto swaps = catalog.swaps();
    if (!swaps)
        return; // The verb meets the same error where it reads its records.
    for (const RegionSwap& swap : *swaps)
        std::ignore = settleSwap(array, catalog, swap, recorder);
}

} // namespace cairn
