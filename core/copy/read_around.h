// Reads what is left of bytes that cannot be read all at once.
#pragma once

#include "core/base/byte_range.h"
#include "core/io/region_io.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace cairn {

enum class OnUnreadable : std::uint8_t { Fail, Skip };

// Whether it is some sector that cannot be read, and not the device that is gone.
[[nodiscard]] bool isUnreadable(const Error& error);

// Fills `into`: once more as a whole, then in halves down to the logical sector, of which each gets
// a second try. What cannot be read then is zeroes, and added to `unreadable`, which is in order
// and ends before it. `checkpoint` comes before each read; its error, and any of the device that
// is not of single sectors, ends it.
[[nodiscard]] Result<void> readAround(RegionIo& io, std::uint64_t offsetBytes,
                                      std::span<std::byte> into, std::vector<ByteRange>& unreadable,
                                      const std::function<Result<void>()>& checkpoint);

} // namespace cairn
