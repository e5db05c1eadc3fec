// Some chunks of an extent put together, as if they alone were a region.
#pragma once

#include "core/copy/chunk_digest.h"
#include "core/copy/chunk_map.h"
#include "core/io/region_io.h"

#include <optional>
#include <vector>

namespace cairn {

// Which chunks of an extent stand together, one in each slot of a whole chunk: in ascending order,
// but for the first and the last, which are exchanged. So a filesystem's signature, which is in the
// first chunk, does not lie where it would be recognised, and whoever writes the edges of the view
// last writes the edges of the extent last.
class ChunkSelection {
public:
    // Not empty, and inside sizeBytes.
    ChunkSelection(const ChunkMap& chunks, std::uint64_t sizeBytes);

    [[nodiscard]] std::uint64_t slotCount() const { return m_slots; }
    [[nodiscard]] std::uint64_t viewBytes() const { return m_slots * kChunkBytes; }
    [[nodiscard]] std::uint64_t extentBytes() const { return m_sizeBytes; }
    [[nodiscard]] std::uint64_t chunkIn(std::uint64_t slot) const;
    [[nodiscard]] std::optional<std::uint64_t> slotOf(std::uint64_t chunk) const;
    // From the first chunk of the selection to the end of the last.
    [[nodiscard]] ByteRange span() const;

private:
    [[nodiscard]] std::uint64_t withEndsExchanged(std::uint64_t position) const;

    std::vector<ChunkMap::Run> m_runs;
    std::vector<std::uint64_t> m_before; // Of each run: how many chunks come before it.
    std::uint64_t m_slots = 0;
    std::uint64_t m_sizeBytes = 0;
};

// Reads and writes the chunks of the selection, and no other byte of the extent. Where the extent
// ends within a chunk, the rest of its slot reads as zeroes, and what is written there is dropped.
class ChunkView final : public RegionIo {
public:
    ChunkView(RegionIo& extent, const ChunkSelection& selection);

    std::uint64_t sizeBytes() const override { return m_selection.viewBytes(); }
    IoTraits traits() const override { return m_extent.traits(); }
    std::string name() const override { return m_extent.name(); }
    Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override;
    Result<void> write(std::uint64_t offsetBytes, std::span<const std::byte> from) override;
    Result<void> zero(ByteRange range) override;
    Result<void> flush() override { return m_extent.flush(); }
    // Knows of no holes.
    Result<ByteRange> nextData(std::uint64_t offsetBytes) override;
    Result<void> dropCache(ByteRange range) override;
    Result<void> checkNamed() override { return m_extent.checkNamed(); }
    // Unsupported: locks belong to the extent.
    Result<bool> tryLock(ByteRange range, LockMode mode) override;

private:
    // A part of the view that lies in one slot, and what of it there is in the extent.
    struct Piece {
        std::uint64_t lengthBytes = 0;
        ByteRange extent;
    };
    [[nodiscard]] Piece pieceAt(std::uint64_t offsetBytes, std::uint64_t lengthBytes) const;

    RegionIo& m_extent;
    const ChunkSelection& m_selection;
};

} // namespace cairn
