// Copies the places where signatures can be, and gives them to libblkid in a child process.
#include "core/array/probe.h"

#include "core/array/memory_file.h"
#include "core/array/signatures.h"
#include "core/array/superblock_use.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

namespace cairn {
namespace {

constexpr std::uint64_t kHeadBytes = 512 * kKiB;
// What usedBytesOf() looks at.
constexpr std::size_t kSuperblockBytes = 72 * kKiB;
constexpr std::uint64_t kSampleBytes = 4 * kKiB;
constexpr std::uint64_t kSamples = 64;
// Room for each of signatureRanges() and labelRanges(); one huge page.
constexpr std::uint64_t kBufferBytes = 2 * kMiB;
// Of a region without a signature, so much is read whole before it is only sampled.
constexpr std::uint64_t kReadWholeBytes = 8 * kMiB;

bool allZero(std::span<const std::byte> bytes)
{
    return bytes.empty() || (bytes[0] == std::byte{0} &&
                             std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0);
}

std::uint64_t littleAt(std::span<const std::byte> bytes, std::size_t offset, std::size_t size)
{
    std::uint64_t number = 0;
    for (std::size_t i = size; i > 0; --i)
        number = number << 8U | std::to_integer<std::uint64_t>(bytes[offset + i - 1]);
    return number;
}

// Where libblkid reads a label that stands far from the superblock: NTFS keeps it in the file
// table, FAT and exFAT in the root directory. Only a hint, of bounded length.
std::vector<ByteRange> labelRanges(std::span<const std::byte> head)
{
    if (head.size() < 512)
        return {};
    const auto is = [&head](std::size_t offset, const char* text) {
        return std::memcmp(head.data() + offset, text, std::strlen(text)) == 0;
    };
    const std::uint64_t sector = littleAt(head, 11, 2);
    const std::uint64_t cluster = sector * littleAt(head, 13, 1);
    std::uint64_t offset = 0;
    if (is(3, "NTFS    ")) {
        offset = checkedMultiply(littleAt(head, 48, 8), cluster).value_or(0);
    } else if (is(3, "EXFAT   ")) {
        const std::uint64_t sectorShift = std::min<std::uint64_t>(littleAt(head, 108, 1), 12);
        const std::uint64_t clusterShift = std::min<std::uint64_t>(littleAt(head, 109, 1), 25);
        const std::uint64_t first = littleAt(head, 88, 4) << sectorShift;
        const std::uint64_t root = littleAt(head, 96, 4);
        offset = first + ((root < 2 ? 0 : root - 2) << (sectorShift + clusterShift));
    } else if (is(82, "FAT32   ")) {
        const std::uint64_t tables = littleAt(head, 16, 1) * littleAt(head, 36, 4);
        const std::uint64_t root = littleAt(head, 44, 4);
        offset = (littleAt(head, 14, 2) + tables) * sector + (root < 2 ? 0 : root - 2) * cluster;
    }
    if (offset < kHeadBytes)
        return {};
    return {{roundDown(offset, 4 * kKiB), 64 * kKiB}};
}

class Probe {
public:
    Probe(RegionIo& region, ProbeChild& child, std::span<std::byte> buffer)
        : m_region(region), m_child(child), m_buffer(buffer), m_size(region.sizeBytes()),
          m_file(m_size)
    {}

    Result<Content> run()
    {
        Content content;
        if (m_region.traits().sparse) {
            const auto data = CAIRN_TRY(m_region.nextData(0));
            if (data.empty()) {
                content.kind = ContentKind::Empty;
                return content;
            }
        }
        if (m_file.descriptor() < 0)
            return osFailure(ErrorCode::OutOfMemory, m_region.name());
        for (const ByteRange& range : signatureRanges(m_size))
            CAIRN_TRY(copy(range));
        if (!m_zero) {
            for (const ByteRange& range : labelRanges(m_head))
                CAIRN_TRY(copy(range));
            BlkidFinding found = m_child.ask(m_file.descriptor());
            content.kind = ContentKind::Unknown;
            if (found.answer == BlkidAnswer::Found && !found.type.empty()) {
                content.kind = ContentKind::Recognised;
                content.usedBytes = usedBytesOf(found.type, m_head, m_size);
                content.type = std::move(found.type);
                content.label = std::move(found.label);
                content.uuid = std::move(found.uuid);
            }
            return content;
        }
        const Rest rest = CAIRN_TRY(lookAtRest());
        content.kind = rest == Rest::Filled ? ContentKind::Unknown : ContentKind::Empty;
        content.sampled = rest == Rest::Sampled;
        return content;
    }

private:
    // Puts what is not zero there into the file.
    Result<void> copy(ByteRange range)
    {
        if (range.offsetBytes >= m_size)
            return {};
        range.lengthBytes = std::min(range.lengthBytes, m_size - range.offsetBytes);
        const auto bytes = m_buffer.first(range.lengthBytes);
        const auto data = CAIRN_TRY(m_region.nextData(range.offsetBytes));
        const bool hole = data.empty() || data.offsetBytes >= range.offsetBytes + range.lengthBytes;
        if (hole && range.offsetBytes != 0)
            return {};
        CAIRN_TRY(m_region.read(range.offsetBytes, bytes));
        if (range.offsetBytes == 0) {
            const auto head = bytes.first(std::min(kSuperblockBytes, bytes.size()));
            m_head.assign(head.begin(), head.end());
        }
        if (allZero(bytes))
            return {};
        m_zero = false;
        if (!m_file.put(range.offsetBytes, bytes))
            return osFailure(ErrorCode::OutOfMemory, m_region.name());
        return {};
    }

    Result<bool> isZeroAt(ByteRange range)
    {
        std::vector<std::byte> bytes(range.lengthBytes);
        CAIRN_TRY(m_region.read(range.offsetBytes, bytes));
        return allZero(bytes);
    }

    // Where there was no signature: nothing but zeroes, or zeroes wherever it looked.
    enum class Rest : std::uint8_t { Zero, Sampled, Filled };
    Result<Rest> lookAtRest()
    {
        std::uint64_t budget = kReadWholeBytes;
        for (std::uint64_t at = 0; budget > 0;) {
            const auto data = CAIRN_TRY(m_region.nextData(at));
            if (data.empty())
                return Rest::Zero;
            const ByteRange piece{data.offsetBytes,
                                  std::min({data.lengthBytes, budget, kHeadBytes})};
            if (!CAIRN_TRY(isZeroAt(piece)))
                return Rest::Filled;
            budget -= piece.lengthBytes;
            at = piece.offsetBytes + piece.lengthBytes;
            if (at >= m_size)
                return Rest::Zero;
        }
        for (std::uint64_t i = 0; i < kSamples; ++i) {
            const std::uint64_t at = roundDown(m_size / kSamples * i, kSampleBytes);
            if (!CAIRN_TRY(isZeroAt({at, std::min(kSampleBytes, m_size - at)})))
                return Rest::Filled;
        }
        return Rest::Sampled;
    }

    RegionIo& m_region;
    ProbeChild& m_child;
    std::span<std::byte> m_buffer;
    std::uint64_t m_size;
    MemoryFile m_file;
    std::vector<std::byte> m_head;
    bool m_zero = true;
};

} // namespace

Content ContentProbe::probe(RegionIo& region)
{
    auto content = catchOutOfMemory([&]() -> Result<Content> {
        if (!m_buffer)
            m_buffer = CAIRN_TRY(AlignedBuffer::create(kBufferBytes));
        return Probe(region, m_child, m_buffer->bytes()).run();
    });
    return content ? std::move(*content) : Content{};
}

Content probeContent(RegionIo& region)
{
    return ContentProbe().probe(region);
}

} // namespace cairn
