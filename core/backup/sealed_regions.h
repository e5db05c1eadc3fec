// Tells an array what its catalog keeps of sealed regions.
#pragma once

#include "core/array/array.h"
#include "core/catalog/catalog.h"

#include <map>
#include <optional>
#include <vector>

namespace cairn {

// To which region what is kept of each belongs while swaps are open, as the table is now: it goes
// with the bytes, which some region may have, or none. Others are not told of.
using SealPlaces = std::map<RegionId, std::optional<RegionId>>;
[[nodiscard]] SealPlaces sealPlaces(const std::vector<RegionSwap>& swaps,
                                    const ArrayLayout& layout);
// Each with the region that has its bytes.
[[nodiscard]] std::vector<RegionSeal> sealsInPlace(std::vector<RegionSeal> seals,
                                                   const SealPlaces& places);

// Of no catalog, or one that cannot tell: none, since that must not keep anybody from reading what
// there is.
void showSealed(Array& array, Catalog* catalog, const Array::SealRecorder& recorder);

} // namespace cairn
