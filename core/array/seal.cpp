// Takes signatures out of what is written, and puts them into what is read.
#include "core/array/seal.h"

#include "core/copy/chunk_digest.h"

#include <algorithm>
#include <fmt/format.h>
#include <mutex>
#include <ranges>
#include <utility>

namespace cairn {
namespace {

// The part of both that they share.
ByteRange shared(const ByteRange& one, const ByteRange& other)
{
    if (!one.overlaps(other))
        return {};
    const std::uint64_t begin = std::max(one.offsetBytes, other.offsetBytes);
    const std::uint64_t end =
        std::min(one.offsetBytes + one.lengthBytes, other.offsetBytes + other.lengthBytes);
    return {begin, end - begin};
}

std::span<std::byte> part(std::span<std::byte> bytes, std::uint64_t offsetBytes,
                          const ByteRange& range)
{
    return bytes.subspan(static_cast<std::size_t>(range.offsetBytes - offsetBytes),
                         static_cast<std::size_t>(range.lengthBytes));
}

std::span<const std::byte> part(const SealedBytes& piece, const ByteRange& range)
{
    return std::span(piece.bytes)
        .subspan(static_cast<std::size_t>(range.offsetBytes - piece.offsetBytes),
                 static_cast<std::size_t>(range.lengthBytes));
}

// Whether the medium holds zeroes there, or has some of the piece's bytes back already.
bool isKeptFor(std::span<const std::byte> onMedium, std::span<const std::byte> piece)
{
    return std::ranges::equal(onMedium, piece, [](std::byte there, std::byte kept) {
        return there == std::byte{0} || there == kept;
    });
}

} // namespace

bool Seal::set(std::vector<SealedBytes> pieces)
{
    const std::unique_lock lock(m_mutex);
    const bool changed = pieces != m_pieces;
    m_pieces = std::move(pieces);
    return changed;
}

void Seal::setRecorder(Recorder recorder)
{
    const std::unique_lock lock(m_mutex);
    m_recorder = std::move(recorder);
}

Result<void> Seal::read(RegionIo& region, std::uint64_t offsetBytes, std::span<std::byte> into)
{
    const std::shared_lock lock(m_mutex);
    return readThrough(region, offsetBytes, into);
}

Result<void> Seal::readThrough(RegionIo& region, std::uint64_t offsetBytes,
                               std::span<std::byte> into)
{
    CAIRN_TRY(region.read(offsetBytes, into));
    const ByteRange range{offsetBytes, into.size()};
    for (const SealedBytes& piece : m_pieces) {
        const ByteRange both = shared(piece.range(), range);
        if (both.empty())
            continue;
        const auto onMedium = part(into, offsetBytes, both);
        if (both == piece.range()) {
            if (isKeptFor(onMedium, piece.bytes))
                std::ranges::copy(piece.bytes, onMedium.begin());
            continue;
        }
        // Whoever reads a part of it gets what one reading of the whole would give.
        std::vector<std::byte> whole(piece.bytes.size());
        CAIRN_TRY(region.read(piece.offsetBytes, whole));
        if (isKeptFor(whole, piece.bytes))
            std::ranges::copy(part(piece, both), onMedium.begin());
    }
    return {};
}

bool Seal::canHoldSignature(std::uint64_t sizeBytes, const ByteRange& range) const
{
    const auto overlaps = [&](const ByteRange& other) { return other.overlaps(range); };
    return std::ranges::any_of(sealableRanges(sizeBytes), overlaps) ||
           std::ranges::any_of(m_pieces, overlaps, &SealedBytes::range);
}

Result<std::vector<SealedBytes>> Seal::piecesOf(const std::vector<ByteRange>& ranges,
                                                const SignatureFinder::Bytes& bytes)
{
    std::vector<SealedBytes> pieces;
    for (const ByteRange& range : ranges) {
        SealedBytes& piece = pieces.emplace_back();
        piece.offsetBytes = range.offsetBytes;
        piece.bytes.resize(static_cast<std::size_t>(range.lengthBytes));
        CAIRN_TRY(bytes.read(range.offsetBytes, piece.bytes));
    }
    return pieces;
}

Result<void> Seal::record(std::vector<SealedBytes> pieces)
{
    if (pieces == m_pieces)
        return {};
    CAIRN_TRY(m_recorder(pieces));
    m_pieces = std::move(pieces);
    return {};
}

Result<void> Seal::erasePiece(RegionIo& region, const SealedBytes& piece)
{
    std::vector<std::byte> onMedium(piece.bytes.size());
    CAIRN_TRY(region.read(piece.offsetBytes, onMedium));
    // What belongs to something else is not erased.
    if (isZero(onMedium) || !isKeptFor(onMedium, piece.bytes))
        return {};
    return region.write(piece.offsetBytes, std::vector<std::byte>(onMedium.size()));
}

Result<void> Seal::erasePieces(RegionIo& region, const ByteRange& beside)
{
    for (const SealedBytes& piece : m_pieces) {
        if (!beside.contains(piece.range()))
            CAIRN_TRY(erasePiece(region, piece));
    }
    return {};
}

Result<void> Seal::write(RegionIo& region, std::uint64_t offsetBytes,
                         std::span<const std::byte> from)
{
    const ByteRange range{offsetBytes, from.size()};
    {
        const std::shared_lock lock(m_mutex);
        if (!canHoldSignature(region.sizeBytes(), range))
            return region.write(offsetBytes, from);
    }
    const std::unique_lock lock(m_mutex);
    if (!m_recorder)
        return failure(ErrorCode::ReadOnlyArray, region.name(), "it is sealed");
    const SignatureFinder::Bytes after{
        region.name(), region.sizeBytes(),
        [&](std::uint64_t at, std::span<std::byte> into) -> Result<void> {
            const ByteRange both = shared({at, into.size()}, range);
            if (both.lengthBytes != into.size())
                CAIRN_TRY(readThrough(region, at, into));
            if (!both.empty())
                std::ranges::copy(
                    from.subspan(static_cast<std::size_t>(both.offsetBytes - offsetBytes),
                                 static_cast<std::size_t>(both.lengthBytes)),
                    part(into, at, both).begin());
            return {};
        }};
    auto ranges = CAIRN_TRY(m_finder.find(after));
    for (const SealedBytes& piece : m_pieces) {
        if (!range.contains(piece.range()))
            ranges.push_back(piece.range());
    }
    auto pieces = CAIRN_TRY(piecesOf(joined(std::move(ranges)), after));
    CAIRN_TRY(record(std::move(pieces)));
    CAIRN_TRY(erasePieces(region, range));
    std::vector<std::byte> masked(from.begin(), from.end());
    for (const SealedBytes& piece : m_pieces) {
        const ByteRange both = shared(piece.range(), range);
        if (!both.empty())
            std::ranges::fill(part(masked, offsetBytes, both), std::byte{0});
    }
    return region.write(offsetBytes, masked);
}

Result<void> Seal::zero(RegionIo& region, ByteRange range)
{
    const std::unique_lock lock(m_mutex);
    std::vector<SealedBytes> left;
    for (const SealedBytes& piece : m_pieces) {
        if (range.contains(piece.range()))
            continue;
        SealedBytes& kept = left.emplace_back(piece);
        const ByteRange both = shared(piece.range(), range);
        if (!both.empty())
            std::ranges::fill(part(kept.bytes, kept.offsetBytes, both), std::byte{0});
    }
    if (left != m_pieces && !m_recorder)
        return failure(ErrorCode::ReadOnlyArray, region.name(), "it is sealed");
    CAIRN_TRY(record(std::move(left)));
    return region.zero(range);
}

Result<ByteRange> Seal::nextData(RegionIo& region, std::uint64_t offsetBytes)
{
    const std::shared_lock lock(m_mutex);
    ByteRange found = CAIRN_TRY(region.nextData(offsetBytes));
    for (const SealedBytes& piece : m_pieces) {
        const std::uint64_t begin = std::max(piece.offsetBytes, offsetBytes);
        const std::uint64_t end = piece.offsetBytes + piece.bytes.size();
        if (begin < end && (found.empty() || begin < found.offsetBytes))
            found = {begin, end - begin};
    }
    return found;
}

Result<void> Seal::erase(RegionIo& region)
{
    const std::unique_lock lock(m_mutex);
    if (!m_recorder)
        return failure(ErrorCode::ReadOnlyArray, region.name(), "not open for writing");
    const SignatureFinder::Bytes now{
        region.name(), region.sizeBytes(),
        [&](std::uint64_t at, std::span<std::byte> into) { return readThrough(region, at, into); }};
    auto ranges = CAIRN_TRY(m_finder.find(now));
    for (const SealedBytes& piece : m_pieces)
        ranges.push_back(piece.range());
    auto pieces = CAIRN_TRY(piecesOf(joined(std::move(ranges)), now));
    CAIRN_TRY(record(std::move(pieces)));
    // The first goes before the others, as it comes back after them: where it is, all are.
    if (!m_pieces.empty())
        CAIRN_TRY(erasePiece(region, m_pieces.front()));
    CAIRN_TRY(region.flush());
    CAIRN_TRY(erasePieces(region, {}));
    return region.flush();
}

Result<bool> Seal::needsPutBack(RegionIo& region)
{
    const std::unique_lock lock(m_mutex);
    bool first = true;
    for (const SealedBytes& piece : m_pieces) {
        std::vector<std::byte> onMedium(piece.bytes.size());
        CAIRN_TRY(region.read(piece.offsetBytes, onMedium));
        const bool there = onMedium == piece.bytes && !isZero(onMedium);
        if ((std::exchange(first, false) && there) || !isKeptFor(onMedium, piece.bytes))
            return false;
    }
    // What somebody has made there since has its signatures in other places.
    const SignatureFinder::Bytes now{
        region.name(), region.sizeBytes(),
        [&](std::uint64_t at, std::span<std::byte> into) { return region.read(at, into); }};
    const auto found = CAIRN_TRY(m_finder.find(now));
    const bool ownOnly = std::ranges::all_of(found, [this](const ByteRange& range) {
        return std::ranges::any_of(
            m_pieces, [&range](const SealedBytes& piece) { return piece.range().overlaps(range); });
    });
    return ownOnly && !m_pieces.empty();
}

Result<void> Seal::putBack(RegionIo& region)
{
    if (!CAIRN_TRY(needsPutBack(region)))
        return {};
    const std::unique_lock lock(m_mutex);
    for (const SealedBytes& piece : m_pieces | std::views::drop(1))
        CAIRN_TRY(region.write(piece.offsetBytes, piece.bytes));
    CAIRN_TRY(region.flush());
    CAIRN_TRY(region.write(m_pieces.front().offsetBytes, m_pieces.front().bytes));
    return region.flush();
}

Result<void> Seal::checkPlaces(RegionIo& region)
{
    const std::shared_lock lock(m_mutex);
    for (const SealedBytes& piece : m_pieces) {
        std::vector<std::byte> onMedium(piece.bytes.size());
        CAIRN_TRY(region.read(piece.offsetBytes, onMedium));
        if (!isKeptFor(onMedium, piece.bytes))
            return failure(ErrorCode::ContentUnknown, region.name(),
                           fmt::format("at byte {}", piece.offsetBytes));
    }
    return {};
}

Result<void> Seal::writeBack(RegionIo& region)
{
    const std::unique_lock lock(m_mutex);
    for (const SealedBytes& piece : m_pieces) {
        std::vector<std::byte> onMedium(piece.bytes.size());
        CAIRN_TRY(region.read(piece.offsetBytes, onMedium));
        if (onMedium != piece.bytes && isKeptFor(onMedium, piece.bytes))
            CAIRN_TRY(region.write(piece.offsetBytes, piece.bytes));
    }
    return region.flush();
}

} // namespace cairn
