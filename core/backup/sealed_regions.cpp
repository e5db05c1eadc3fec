// Reads from the catalog which regions are sealed, for the array.
#include "core/backup/sealed_regions.h"

#include <utility>

namespace cairn {
namespace {

// Of the regions that have exchanged their extents already, which the catalog does not say yet:
// what is kept goes with the bytes.
std::map<RegionId, RegionId> exchangedRegions(Array& array, Catalog& catalog)
{
    std::map<RegionId, RegionId> exchanged;
    const auto swaps = catalog.swaps();
    if (!swaps)
        return exchanged;
    const ArrayLayout layout = array.layout();
    for (const RegionSwap& swap : *swaps) {
        if (stateOf(swap, layout) != SwapState::After)
            continue;
        exchanged.emplace(swap.source.id, swap.target.id);
        exchanged.emplace(swap.target.id, swap.source.id);
    }
    return exchanged;
}

RegionId followed(const std::map<RegionId, RegionId>& exchanged, const RegionId& region)
{
    const auto other = exchanged.find(region);
    return other == exchanged.end() ? region : other->second;
}

} // namespace

void showSealed(Array& array, Catalog* catalog, const Array::SealRecorder& recorder)
{
    Array::SealedRegions sealed;
    std::map<RegionId, RegionId> exchanged;
    if (catalog != nullptr)
        exchanged = exchangedRegions(array, *catalog);
    if (auto seals = catalog != nullptr ? catalog->seals() : std::vector<RegionSeal>()) {
        for (RegionSeal& seal : *seals)
            sealed.emplace(followed(exchanged, seal.region), std::move(seal.pieces));
    }
    if (!recorder || exchanged.empty()) {
        array.setSealed(sealed, recorder);
        return;
    }
    array.setSealed(sealed, [recorder, exchanged](const RegionId& region,
                                                  const std::vector<SealedBytes>& pieces) {
        return recorder(followed(exchanged, region), pieces);
    });
}

} // namespace cairn
