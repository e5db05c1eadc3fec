// Reads the seals of a catalog.
#include "core/backup/sealed_regions.h"

#include <utility>

namespace cairn {
namespace {

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

} // namespace

SealPlaces sealPlaces(const std::vector<RegionSwap>& swaps, const ArrayLayout& layout)
{
    SealPlaces places;
    for (const RegionSwap& swap : swaps) {
        if (stateOf(swap, layout) == SwapState::Away)
            continue;
        places[swap.source.id] = regionAt(layout, swap, swap.sourceOffsetBytes);
        places[swap.target.id] = regionAt(layout, swap, swap.targetOffsetBytes);
    }
    return places;
}

std::vector<RegionSeal> sealsInPlace(std::vector<RegionSeal> seals, const SealPlaces& places)
{
    std::erase_if(seals, [&](RegionSeal& seal) {
        const auto place = places.find(seal.region);
        if (place == places.end())
            return false;
        seal.region = place->second.value_or(RegionId());
        return !place->second.has_value();
    });
    return seals;
}

void showSealed(Array& array, Catalog* catalog, const Array::SealRecorder& recorder)
{
    Array::SealedRegions sealed;
    SealPlaces places;
    if (const auto swaps = catalog != nullptr ? catalog->swaps() : std::vector<RegionSwap>())
        places = sealPlaces(*swaps, array.layout());
    if (auto seals = catalog != nullptr ? catalog->seals() : std::vector<RegionSeal>()) {
        for (RegionSeal& seal : sealsInPlace(*std::move(seals), places))
            sealed.emplace(seal.region, std::move(seal.pieces));
    }
    if (!recorder || places.empty()) {
        array.setSealed(sealed, recorder);
        return;
    }
    // What is recorded of them goes where it came from.
    std::map<RegionId, RegionId> named;
    for (const auto& [name, place] : places) {
        if (place)
            named[*place] = name;
    }
    array.setSealed(
        sealed, [recorder, named](const RegionId& region, const std::vector<SealedBytes>& pieces) {
            const auto name = named.find(region);
            return recorder(name != named.end() ? name->second : region, pieces);
        });
}

} // namespace cairn
