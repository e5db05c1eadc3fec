// Keeps the blocks that were written, and nothing for those that were not.
#include "core/io/scratch_io.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::uint64_t kBlockBytes = 64 * kKiB;

// Of a range, the piece that lies in the block of its first byte.
struct Piece {
    std::uint64_t block = 0;
    std::size_t within = 0;
    std::size_t length = 0;
};

Piece firstPiece(ByteRange range)
{
    const std::uint64_t block = roundDown(range.offsetBytes, kBlockBytes);
    const std::uint64_t within = range.offsetBytes - block;
    return {block, static_cast<std::size_t>(within),
            static_cast<std::size_t>(std::min(range.lengthBytes, kBlockBytes - within))};
}

} // namespace

IoTraits ScratchIo::traits() const
{
    return IoTraits{.readBack = ReadBack::Cached, .writable = true, .sparse = true};
}

Result<void> ScratchIo::checkRange(ByteRange range) const
{
    if (!ByteRange{0, m_sizeBytes}.contains(range))
        return failure(ErrorCode::OutsideFence, name());
    return {};
}

Result<void> ScratchIo::read(std::uint64_t offsetBytes, std::span<std::byte> into)
{
    CAIRN_TRY(checkRange({offsetBytes, into.size()}));
    const std::scoped_lock lock(m_mutex);
    while (!into.empty()) {
        const Piece piece = firstPiece({offsetBytes, into.size()});
        const auto found = m_blocks.find(piece.block);
        if (found == m_blocks.end())
            std::ranges::fill(into.first(piece.length), std::byte{0});
        else
            std::ranges::copy(std::span(found->second).subspan(piece.within, piece.length),
                              into.begin());
        into = into.subspan(piece.length);
        offsetBytes += piece.length;
    }
    return {};
}

Result<void> ScratchIo::write(std::uint64_t offsetBytes, std::span<const std::byte> from)
{
    CAIRN_TRY(checkRange({offsetBytes, from.size()}));
    return catchOutOfMemory([&]() -> Result<void> {
        const std::scoped_lock lock(m_mutex);
        while (!from.empty()) {
            const Piece piece = firstPiece({offsetBytes, from.size()});
            auto& block = m_blocks[piece.block];
            block.resize(kBlockBytes);
            std::ranges::copy(from.first(piece.length),
                              std::span(block).subspan(piece.within).begin());
            from = from.subspan(piece.length);
            offsetBytes += piece.length;
        }
        return {};
    });
}

Result<void> ScratchIo::zero(ByteRange range)
{
    CAIRN_TRY(checkRange(range));
    const std::scoped_lock lock(m_mutex);
    while (!range.empty()) {
        const Piece piece = firstPiece(range);
        if (const auto found = m_blocks.find(piece.block); found != m_blocks.end())
            std::ranges::fill(std::span(found->second).subspan(piece.within, piece.length),
                              std::byte{0});
        range.offsetBytes += piece.length;
        range.lengthBytes -= piece.length;
    }
    return {};
}

Result<ByteRange> ScratchIo::nextData(std::uint64_t offsetBytes)
{
    const std::scoped_lock lock(m_mutex);
    const auto found = m_blocks.lower_bound(roundDown(offsetBytes, kBlockBytes));
    if (offsetBytes >= m_sizeBytes || found == m_blocks.end())
        return ByteRange{m_sizeBytes, 0};
    const std::uint64_t start = std::max(offsetBytes, found->first);
    const std::uint64_t end = std::min(found->first + kBlockBytes, m_sizeBytes);
    return ByteRange{start, end - start};
}

} // namespace cairn
