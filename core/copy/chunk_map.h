// A set of chunk numbers: which chunks of a job are done, differ, or could not be read.
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace cairn {

// Sorted, disjoint, non-adjacent runs: a copy that goes on in order costs a few bytes whatever
// its size.
class ChunkMap {
public:
    struct Run {
        std::uint64_t first = 0;
        std::uint64_t count = 0;
        friend bool operator==(const Run&, const Run&) = default;
    };

    void add(std::uint64_t chunk);
    void add(const Run& run);
    void remove(std::uint64_t chunk);
    [[nodiscard]] bool contains(std::uint64_t chunk) const;
    [[nodiscard]] std::uint64_t count() const; // Chunks in the set.
    [[nodiscard]] bool empty() const { return m_runs.empty(); }
    [[nodiscard]] const std::vector<Run>& runs() const { return m_runs; }

    // LEB128 pairs (gap since the last run's end, count). decode() gives InvalidArgument for runs
    // that are empty, adjacent, or reach chunkLimit.
    [[nodiscard]] std::vector<std::byte> encode() const;
    [[nodiscard]] static Result<ChunkMap> decode(std::span<const std::byte> encoded,
                                                 std::uint64_t chunkLimit);

    friend bool operator==(const ChunkMap&, const ChunkMap&) = default;

private:
    std::vector<Run> m_runs;
};

} // namespace cairn
