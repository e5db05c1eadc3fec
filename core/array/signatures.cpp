// Asks libblkid again and again, each time without the magic numbers that it has named.
#include "core/array/signatures.h"

#include "core/array/memory_file.h"
#include "core/copy/chunk_digest.h"
#include "core/io/sealed_bytes.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace cairn {
namespace {

constexpr std::uint64_t kPieceBytes = 64 * kKiB;
// btrfs(5): the copies of its superblock, and where the magic number is in each.
constexpr std::array<std::uint64_t, 3> kBtrfsSuperblocks = {64 * kKiB, 64 * kMiB, 256 * kGiB};
constexpr std::uint64_t kBtrfsMagicOffset = 64;
constexpr std::array<char, 9> kBtrfsMagic{"_BHRfS_M"};
constexpr std::uint64_t kBtrfsMagicBytes = kBtrfsMagic.size() - 1;

class Search {
public:
    Search(const SignatureFinder::Bytes& region, ProbeChild& child)
        : m_region(region), m_child(child), m_file(region.sizeBytes)
    {}

    Result<std::vector<ByteRange>> run()
    {
        if (m_file.descriptor() < 0)
            return osFailure(ErrorCode::OutOfMemory, m_region.name);
        bool anything = false;
        for (const ByteRange& range : sealableRanges(m_region.sizeBytes))
            anything = CAIRN_TRY(copy(range)) || anything;
        if (!anything)
            return m_found;
        CAIRN_TRY(findBtrfs());
        while (CAIRN_TRY(findMore())) {
            if (m_found.size() > kMostSealedPieces)
                return failure(ErrorCode::Unsupported, m_region.name, "too many signatures");
        }
        return joined(std::move(m_found));
    }

private:
    // Whether anything but zeroes is there.
    Result<bool> copy(ByteRange range)
    {
        std::vector<std::byte> bytes(static_cast<std::size_t>(range.lengthBytes));
        CAIRN_TRY(m_region.read(range.offsetBytes, bytes));
        if (isZero(bytes))
            return false;
        if (!m_file.put(range.offsetBytes, bytes))
            return osFailure(ErrorCode::OutOfMemory, m_region.name);
        return true;
    }

    Result<void> findBtrfs()
    {
        for (const std::uint64_t superblock : kBtrfsSuperblocks) {
            const ByteRange magic{superblock + kBtrfsMagicOffset, kBtrfsMagicBytes};
            if (!ByteRange{0, m_region.sizeBytes}.contains(magic))
                continue;
            std::array<std::byte, kBtrfsMagicBytes> bytes{};
            CAIRN_TRY(m_region.read(magic.offsetBytes, bytes));
            if (std::memcmp(bytes.data(), kBtrfsMagic.data(), bytes.size()) == 0)
                CAIRN_TRY(take(magic));
        }
        return {};
    }

    Result<void> take(const ByteRange& magic)
    {
        const std::vector<std::byte> zeroes(static_cast<std::size_t>(magic.lengthBytes));
        if (!m_file.put(magic.offsetBytes, zeroes))
            return osFailure(ErrorCode::OutOfMemory, m_region.name);
        m_found.push_back(magic);
        return {};
    }

    Result<bool> findMore()
    {
        const BlkidFinding finding = m_child.askMagics(m_file.descriptor());
        if (finding.answer == BlkidAnswer::Died)
            return failure(ErrorCode::Unsupported, m_region.name, "libblkid failed on its content");
        bool more = false;
        for (const ByteRange& magic : finding.magics) {
            // What is zero already would be named for ever.
            if (!ByteRange{0, m_region.sizeBytes}.contains(magic) || magic.empty() ||
                magic.lengthBytes > kMostSealedPieceBytes)
                continue;
            const bool known = std::ranges::any_of(
                m_found, [&](const ByteRange& one) { return one.contains(magic); });
            if (!known)
                CAIRN_TRY(take(magic));
            more = more || !known;
        }
        return more;
    }

    const SignatureFinder::Bytes& m_region;
    ProbeChild& m_child;
    MemoryFile m_file;
    std::vector<ByteRange> m_found;
};

} // namespace

std::vector<ByteRange> signatureRanges(std::uint64_t sizeBytes)
{
    constexpr std::uint64_t kHeadBytes = 512 * kKiB;
    std::vector<ByteRange> ranges = {{0, kHeadBytes},
                                     {kMiB, kPieceBytes},
                                     {2 * kMiB, kPieceBytes},
                                     {4 * kMiB, kPieceBytes},
                                     {64 * kMiB, kPieceBytes}};
    const std::uint64_t tail = std::min(sizeBytes, 1600 * kKiB);
    ranges.push_back({roundDown(sizeBytes - tail, 4 * kKiB), tail + 4 * kKiB});
    return ranges;
}

std::vector<ByteRange> sealableRanges(std::uint64_t sizeBytes)
{
    auto ranges = signatureRanges(sizeBytes);
    ranges.push_back({kBtrfsSuperblocks.back(), 4 * kKiB});
    std::erase_if(ranges, [&](const ByteRange& range) { return range.offsetBytes >= sizeBytes; });
    for (ByteRange& range : ranges)
        range.lengthBytes = std::min(range.lengthBytes, sizeBytes - range.offsetBytes);
    return joined(std::move(ranges));
}

Result<std::vector<ByteRange>> SignatureFinder::find(const Bytes& region)
{
    return Search(region, m_child).run();
}

std::vector<ByteRange> joined(std::vector<ByteRange> ranges)
{
    std::ranges::sort(ranges, {}, &ByteRange::offsetBytes);
    std::vector<ByteRange> result;
    for (const ByteRange& range : ranges) {
        if (range.empty())
            continue;
        if (result.empty() || result.back().end().value_or(UINT64_MAX) < range.offsetBytes) {
            result.push_back(range);
            continue;
        }
        ByteRange& last = result.back();
        const std::uint64_t end =
            std::max(last.end().value_or(UINT64_MAX), range.end().value_or(UINT64_MAX));
        last.lengthBytes = end - last.offsetBytes;
    }
    return result;
}

} // namespace cairn
