// The digests of a running copy that its journal does not hold yet.
#pragma once

#include "core/copy/chunk_digest.h"
#include "core/copy/chunk_map.h"
#include "core/copy/copy_engine.h"

#include <cstdint>
#include <map>
#include <vector>

namespace cairn {

[[nodiscard]] constexpr std::uint64_t countSegments(std::uint64_t sizeBytes)
{
    return divideUp(chunkCount(sizeBytes), kChunksPerSegment);
}

// The chunks of a segment: kChunksPerSegment, but for the last one.
[[nodiscard]] constexpr std::uint64_t chunksInSegment(std::uint64_t segment,
                                                      std::uint64_t sizeBytes)
{
    const std::uint64_t rest = chunkCount(sizeBytes) - segment * kChunksPerSegment;
    return rest < kChunksPerSegment ? rest : kChunksPerSegment;
}

// Holds the segments being worked on and drops them once they are complete and recorded, so that
// its size does not grow with that of the copy. For one thread at a time.
class DigestTable {
public:
    explicit DigestTable(std::uint64_t sizeBytes) : m_sizeBytes(sizeBytes) {}

    [[nodiscard]] bool holds(std::uint64_t chunk) const;
    // Takes in the segment of the chunk as the journal has it; digests of chunks that are not in
    // `done` are cleared.
    void load(std::uint64_t chunk, std::vector<Digest> digests, const ChunkMap& done);
    // The segment is held.
    void set(std::uint64_t chunk, const Digest& digest);

    // What changed since the last call of recorded().
    struct Changes {
        std::vector<DigestSegment> segments;
        std::vector<std::uint64_t> versions; // Of each segment.
    };
    [[nodiscard]] Changes changes() const;
    // The journal holds these changes; of the chunks in `finished` nothing will change again.
    void recorded(const Changes& changes, const ChunkMap& finished);

    // The digests of a segment, or nullptr where it is not held.
    [[nodiscard]] const std::vector<Digest>* find(std::uint64_t segment) const;

private:
    struct Entry {
        std::vector<Digest> digests;
        std::uint64_t version = 0;
        std::uint64_t recordedVersion = 0;
    };
    [[nodiscard]] bool isComplete(std::uint64_t segment, const ChunkMap& finished) const;

    std::uint64_t m_sizeBytes;
    std::map<std::uint64_t, Entry> m_entries;
};

} // namespace cairn
