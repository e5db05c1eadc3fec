// Bytes that come or go one after the other: a file, a pipe, a tape.
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

namespace cairn {

// Fills a span from its beginning and returns how many bytes it gave; 0 at the end.
using ByteSource = std::function<Result<std::size_t>(std::span<std::byte>)>;

// Takes all bytes.
using ByteSink = std::function<Result<void>(std::span<const std::byte>)>;

// Passes over that many bytes of a source and returns how many it did pass over: all of them, or
// none where the source can only be read.
using ByteSkip = std::function<Result<std::uint64_t>(std::uint64_t)>;

} // namespace cairn
