// An exchange of the extents of two regions that was begun: what the catalog knows until it ended.
#pragma once

#include "core/array/region.h"
#include "core/catalog/records.h"

#include <cstdint>

namespace cairn {

// Durable before the first byte of a table or region changes for it. Whether it was made is what
// the partition table says, by where the source begins, and nothing else. What the catalog keeps of
// either region as sealed is of the extent that the region had before.
struct RegionSwap {
    std::uint64_t id = 0; // Of the event that began it; 0: not begun.
    // The backup in `target` that `source` will lead to; of an undo, what keeps the old content.
    GenerationNumber generation = 0;
    bool undoes = false;
    RegionRef source;                    // The region that the backup is of,
    RegionRef target;                    // and the one that keeps the other of the two contents.
    std::uint64_t sourceOffsetBytes = 0; // On their member, before.
    std::uint64_t targetOffsetBytes = 0;
    std::uint64_t sizeBytes = 0; // Of each.
    bool seals = false;          // What leaves the source is sealed.
    // Of an undo: chunks of the backup that are not what they were, for the source was written to.
    ChunkMap damaged = {};

    [[nodiscard]] bool names(const RegionId& region) const
    {
        return source.id == region || target.id == region;
    }
    friend bool operator==(const RegionSwap&, const RegionSwap&) = default;
};

// Detail of a CannotSwap: a swap of the region has not ended. amount: its generation.
inline constexpr const char* kSwapUnfinished = "unfinished";

enum class SwapState : std::uint8_t {
    Away,    // Its member cannot be asked now.
    Before,  // Both regions lie where they lay when it was begun.
    After,   // Each lies where the other did.
    Neither, // Somebody else has changed the table.
};
[[nodiscard]] SwapState stateOf(const RegionSwap& swap, const ArrayLayout& layout);

} // namespace cairn
