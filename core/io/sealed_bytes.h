// Bytes of a region that are kept elsewhere, while the region has zeroes in their place.
#pragma once

#include "core/base/byte_range.h"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace cairn {

struct SealedBytes {
    std::uint64_t offsetBytes = 0; // In the region.
    std::vector<std::byte> bytes;

    [[nodiscard]] ByteRange range() const { return {offsetBytes, bytes.size()}; }
    friend bool operator==(const SealedBytes&, const SealedBytes&) = default;
};

// Of one region, far more than any content has signatures: what is beyond is not believed.
inline constexpr std::size_t kMostSealedPieces = 4096;
inline constexpr std::size_t kMostSealedPieceBytes = 4096;

} // namespace cairn
