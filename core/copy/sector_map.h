// Which bytes of a source could not be read: exact to the sector, and bounded.
#pragma once

#include "core/base/byte_range.h"
#include "core/copy/chunk_map.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cairn {

// Counted in units of 512 bytes, whatever the sectors of the disk are.
class SectorMap {
public:
    static constexpr std::uint64_t kUnitBytes = 512;
    // Where more ranges would be needed, ranges in one chunk become the whole chunk, and if those
    // are still too many, in two, four … chunks: never less than could not be read.
    static constexpr std::size_t kMostRanges = 16384;

    // Whole units: those that the range touches.
    void add(ByteRange range);
    void remove(ByteRange range);
    [[nodiscard]] bool empty() const { return m_units.empty(); }
    [[nodiscard]] std::uint64_t bytes() const { return m_units.count() * kUnitBytes; }
    [[nodiscard]] std::size_t count() const { return m_units.runs().size(); }
    [[nodiscard]] std::vector<ByteRange> ranges() const; // In order.
    // What of them lies in the range.
    [[nodiscard]] std::vector<ByteRange> within(ByteRange range) const;
    [[nodiscard]] ChunkMap chunks() const; // Those in which some lie.

    // As ChunkMap::encode(), of units. decode() gives InvalidArgument also for more ranges, or for
    // units beyond the end of a source of that size.
    [[nodiscard]] std::vector<std::byte> encode() const { return m_units.encode(); }
    [[nodiscard]] static Result<SectorMap> decode(std::span<const std::byte> encoded,
                                                  std::uint64_t sizeBytes);

    friend bool operator==(const SectorMap&, const SectorMap&) = default;

private:
    void coarsen();

    ChunkMap m_units;
};

} // namespace cairn
