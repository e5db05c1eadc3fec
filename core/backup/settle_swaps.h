// Ends exchanges of two regions' extents that were begun: made, or taken back.
#pragma once

#include "core/array/array.h"
#include "core/base/error.h"
#include "core/catalog/catalog.h"

#include <cstdint>

namespace cairn {

struct SettledSwap {
    bool made = false;         // The regions have exchanged their extents.
    GenerationNumber kept = 0; // What keeps the old content, where that is new.
    bool nodesPlaced = true;   // The kernel has both nodes where the table says, or has none.
};

// With the right to write. Which extents the table has, its primary copy where that is valid,
// decides alone: both copies are made equal to that, the region that is in use from now on gets its
// signatures back, and the record says so. It can be done again after whatever cut it short, and
// until its last commit the swap stays open. MemberMissing where its member is away, and
// RegionInUse where signatures are missing of a region in use: nothing was changed.
[[nodiscard]] Result<SettledSwap> settleSwap(Array& array, Catalog& catalog, const RegionSwap& swap,
                                             const Array::SealRecorder& recorder);

// All of them, at the beginning of a verb that writes, with the catalog and the tables as they are
// now. One that cannot be settled stays as it is; its regions are refused, others are not.
void settleSwaps(Array& array, Catalog& catalog, const Array::SealRecorder& recorder);

} // namespace cairn
