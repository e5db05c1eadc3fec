// Sizes in bytes as people write and read them, in IEC units.
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace cairn {

// Reads "1048576", "64M", "64MiB", "1.5G", "2 TiB" (powers of 1024 whatever the spelling; case is
// ignored). InvalidSize for anything else, for a fraction of a byte, and beyond 2^63 - 1.
[[nodiscard]] Result<std::uint64_t> parseSize(std::string_view text);

// "0 B", "64 MiB", "1.5 GiB": at most one decimal, none from 100 on; rounded half up.
[[nodiscard]] std::string sizeText(std::uint64_t bytes);

} // namespace cairn
