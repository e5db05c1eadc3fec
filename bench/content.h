// What the images that are copied hold: random data, zeroes, holes, and changes.
#pragma once

#include "core/base/byte_range.h"
#include "core/base/error.h"

#include <cstdint>
#include <string>

namespace cairn::bench {

// A file, or a region within one.
struct Place {
    std::string path;
    ByteRange extent;
};

// A new file of that size with every block allocated, or one that is there already.
[[nodiscard]] Result<Place> makeFile(const std::string& path, std::uint64_t sizeBytes);

// The same seed gives the same bytes at every place of that size. All are flushed, past the cache.
[[nodiscard]] Result<void> fillRandom(const Place& place, std::uint64_t seed);

enum class Gaps : std::uint8_t { Zeroes, Holes };
// Of every ten chunks three are random, and seven are zeroes or holes.
[[nodiscard]] Result<void> fillSparsely(const Place& place, Gaps gaps, std::uint64_t seed);

struct Change {
    std::uint64_t blockBytes = 0; // Blocks of that size, each as a whole,
    std::uint64_t count = 0;      // so many of them, scattered
    std::uint64_t seed = 0;       // by this seed.
};
[[nodiscard]] Result<void> change(const Place& place, const Change& wanted);

// Drops what the page cache holds of the file.
void dropCache(const std::string& path);

} // namespace cairn::bench
