// Looks up single digests where they can only be had a segment at a time.
#pragma once

#include "core/base/error.h"
#include "core/copy/chunk_digest.h"

#include <array>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

namespace cairn {

// Keeps the two segments used last: workers that go through chunks in order are in no more. Safe
// from any thread; the loader is called by one at a time.
class SegmentCache {
public:
    using Loader = std::function<Result<std::vector<Digest>>(std::uint64_t index)>;

    explicit SegmentCache(Loader load) : m_load(std::move(load)) {}

    // Nothing where the segment has no digest for the chunk.
    [[nodiscard]] Result<std::optional<Digest>> find(std::uint64_t chunk);

private:
    struct Entry {
        std::uint64_t index = UINT64_MAX;
        std::vector<Digest> digests;
    };
    Loader m_load;
    std::mutex m_mutex;             // Guards the entries, and is held while one is loaded.
    std::array<Entry, 2> m_entries; // The one used last comes first.
};

} // namespace cairn
