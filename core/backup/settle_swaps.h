// Ends exchanges of two regions' extents that were begun: made, or taken back.
#pragma once

#include "core/array/array.h"
#include "core/base/error.h"
#include "core/catalog/catalog.h"

#include <cstdint>
#include <vector>

namespace cairn {

struct SettledSwap {
    bool made = false;         // The regions have exchanged their extents.
    GenerationNumber kept = 0; // What keeps the old content, where that is new.
};

// With the right to write. Which extents the table has, its primary copy where that is valid,
// decides alone: both copies are made equal to that, the region that is in use from now on gets its
// signatures back, and the record says so. It can be done again after whatever cut it short, and
// until its last commit the swap stays open. MemberMissing where its member is away, RegionInUse
// where signatures are missing of a region in use, KernelNotTold (subject: the disk) while somebody
// has a partition open that is not where the table says. Where somebody else has changed the table,
// so that it is neither, what is kept stays with its bytes, and the backup is in doubt.
[[nodiscard]] Result<SettledSwap> settleSwap(Array& array, Catalog& catalog, const RegionSwap& swap,
                                             const Array::SealRecorder& recorder);

// One that was open, and what has become of it; an error: it stays open, and its regions are
// refused, others are not.
struct FoundSwap {
    RegionSwap swap;
    Result<SettledSwap> settled;
};

// All of them, at the beginning of a verb that writes, with the catalog and the tables as they are
// now. Where the catalog cannot be read the verb meets the same error.
[[nodiscard]] std::vector<FoundSwap> settleSwaps(Array& array, Catalog& catalog,
                                                 const Array::SealRecorder& recorder);

} // namespace cairn
