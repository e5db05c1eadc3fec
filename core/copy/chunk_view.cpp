// Maps the slots of a view to the chunks of its extent.
#include "core/copy/chunk_view.h"

#include <algorithm>

namespace cairn {

ChunkSelection::ChunkSelection(const ChunkMap& chunks, std::uint64_t sizeBytes)
    : m_runs(chunks.runs()), m_sizeBytes(sizeBytes)
{
    CAIRN_ASSERT(!m_runs.empty());
    CAIRN_ASSERT(m_runs.back().first + m_runs.back().count <= chunkCount(sizeBytes));
    m_before.reserve(m_runs.size());
    for (const ChunkMap::Run& run : m_runs) {
        m_before.push_back(m_slots);
        m_slots += run.count;
    }
}

std::uint64_t ChunkSelection::withEndsExchanged(std::uint64_t position) const
{
    if (position == 0)
        return m_slots - 1;
    return position == m_slots - 1 ? 0 : position;
}

std::uint64_t ChunkSelection::chunkIn(std::uint64_t slot) const
{
    CAIRN_ASSERT(slot < m_slots);
    const std::uint64_t position = withEndsExchanged(slot);
    const auto after = std::ranges::upper_bound(m_before, position);
    const auto run = static_cast<std::size_t>(after - m_before.begin()) - 1;
    return m_runs[run].first + position - m_before[run];
}

std::optional<std::uint64_t> ChunkSelection::slotOf(std::uint64_t chunk) const
{
    const auto after = std::ranges::upper_bound(m_runs, chunk, {}, &ChunkMap::Run::first);
    if (after == m_runs.begin())
        return std::nullopt;
    const auto run = static_cast<std::size_t>(after - m_runs.begin()) - 1;
    const std::uint64_t within = chunk - m_runs[run].first;
    if (within >= m_runs[run].count)
        return std::nullopt;
    return withEndsExchanged(m_before[run] + within);
}

ByteRange ChunkSelection::span() const
{
    const std::uint64_t begin = m_runs.front().first * kChunkBytes;
    const std::uint64_t end = (m_runs.back().first + m_runs.back().count) * kChunkBytes;
    return {begin, std::min(end, m_sizeBytes) - begin};
}

ChunkView::ChunkView(RegionIo& extent, const ChunkSelection& selection)
    : m_extent(extent), m_selection(selection)
{
    CAIRN_ASSERT(extent.sizeBytes() >= selection.extentBytes());
}

ChunkView::Piece ChunkView::pieceAt(std::uint64_t offsetBytes, std::uint64_t lengthBytes) const
{
    const std::uint64_t within = offsetBytes % kChunkBytes;
    const ByteRange chunk =
        chunkRange(m_selection.chunkIn(offsetBytes / kChunkBytes), m_selection.extentBytes());
    Piece piece{.lengthBytes = std::min(lengthBytes, kChunkBytes - within), .extent = {}};
    if (within < chunk.lengthBytes)
        piece.extent = {chunk.offsetBytes + within,
                        std::min(piece.lengthBytes, chunk.lengthBytes - within)};
    return piece;
}

Result<void> ChunkView::read(std::uint64_t offsetBytes, std::span<std::byte> into)
{
    while (!into.empty()) {
        const Piece piece = pieceAt(offsetBytes, into.size());
        const auto bytes = into.first(static_cast<std::size_t>(piece.lengthBytes));
        const auto there = bytes.first(static_cast<std::size_t>(piece.extent.lengthBytes));
        if (!there.empty())
            CAIRN_TRY(m_extent.read(piece.extent.offsetBytes, there));
        std::ranges::fill(bytes.subspan(there.size()), std::byte{0});
        into = into.subspan(bytes.size());
        offsetBytes += piece.lengthBytes;
    }
    return {};
}

Result<void> ChunkView::write(std::uint64_t offsetBytes, std::span<const std::byte> from)
{
    while (!from.empty()) {
        const Piece piece = pieceAt(offsetBytes, from.size());
        const auto there = from.first(static_cast<std::size_t>(piece.extent.lengthBytes));
        if (!there.empty())
            CAIRN_TRY(m_extent.write(piece.extent.offsetBytes, there));
        from = from.subspan(static_cast<std::size_t>(piece.lengthBytes));
        offsetBytes += piece.lengthBytes;
    }
    return {};
}

Result<void> ChunkView::zero(ByteRange range)
{
    while (range.lengthBytes > 0) {
        const Piece piece = pieceAt(range.offsetBytes, range.lengthBytes);
        if (piece.extent.lengthBytes > 0)
            CAIRN_TRY(m_extent.zero(piece.extent));
        range = {range.offsetBytes + piece.lengthBytes, range.lengthBytes - piece.lengthBytes};
    }
    return {};
}

Result<ByteRange> ChunkView::nextData(std::uint64_t offsetBytes)
{
    const std::uint64_t end = m_selection.viewBytes();
    return ByteRange{offsetBytes, end - std::min(offsetBytes, end)};
}

Result<void> ChunkView::dropCache(ByteRange range)
{
    // Once for all: a call costs more than the pages that it drops needlessly.
    return range.lengthBytes == 0 ? Result<void>() : m_extent.dropCache(m_selection.span());
}

Result<bool> ChunkView::tryLock(ByteRange, LockMode)
{
    return failure(ErrorCode::Unsupported, m_extent.name());
}

} // namespace cairn
