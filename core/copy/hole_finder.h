// Remembers where a region's next data begins, so that a hole is asked about once and not once a
// chunk.
#pragma once

#include "core/io/region_io.h"

namespace cairn {

// For one worker, which goes through the region in order and is the only one to write what it asks
// about: a hole that it knows of is still one.
class HoleFinder {
public:
    explicit HoleFinder(RegionIo& region) : m_region(&region) {}

    // Whether the range is known to hold nothing but zeroes.
    [[nodiscard]] Result<bool> isHole(ByteRange range);

private:
    RegionIo* m_region;
    // [m_askedBytes, m_data.offsetBytes) is a hole, m_data is not.
    std::uint64_t m_askedBytes = 0;
    ByteRange m_data;
};

} // namespace cairn
