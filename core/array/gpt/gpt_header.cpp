// Checking a GUID partition table before anything believes it.
#include "core/array/gpt/gpt_header.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <fmt/format.h>
#include <string_view>

namespace cairn {
namespace {

constexpr std::size_t kHeaderBytes = 92;
constexpr std::uint32_t kRevision = 0x00010000;
constexpr std::uint32_t kMaxEntries = 1024;
constexpr std::size_t kNameUnits = 36;

// Bytes at fixed places, little-endian.
template<typename Number>
Number numberAt(std::span<const std::byte> bytes, std::size_t offset)
{
    static_assert(std::endian::native == std::endian::little);
    CAIRN_ASSERT(offset + sizeof(Number) <= bytes.size());
    Number number{};
    std::memcpy(&number, bytes.data() + offset, sizeof number);
    return number;
}

template<typename Number>
void putNumber(std::span<std::byte> bytes, std::size_t offset, Number number)
{
    CAIRN_ASSERT(offset + sizeof(Number) <= bytes.size());
    std::memcpy(bytes.data() + offset, &number, sizeof number);
}

Uuid uuidAt(std::span<const std::byte> bytes, std::size_t offset)
{
    return Uuid::fromGptBytes(numberAt<std::array<std::uint8_t, 16>>(bytes, offset));
}

std::unexpected<Error> invalid(const RegionIo& member, std::string detail)
{
    return failure(ErrorCode::InvalidTable, member.name(), std::move(detail));
}

Result<GptHeader> parseHeader(const RegionIo& member, std::span<const std::byte> block,
                              std::uint64_t expectedBlock)
{
    if (std::memcmp(block.data(), "EFI PART", 8) != 0)
        return invalid(member, fmt::format("no GPT header at block {}", expectedBlock));
    const auto headerBytes = numberAt<std::uint32_t>(block, 12);
    if (numberAt<std::uint32_t>(block, 8) != kRevision || headerBytes < kHeaderBytes ||
        headerBytes > block.size())
        return invalid(member, fmt::format("header of unknown form at block {}", expectedBlock));
    std::vector<std::byte> summed(block.begin(), block.begin() + headerBytes);
    std::fill_n(summed.begin() + 16, 4, std::byte{0});
    if (crc32(summed) != numberAt<std::uint32_t>(block, 16))
        return invalid(member, fmt::format("header checksum at block {}", expectedBlock));
    GptHeader header;
    header.block = numberAt<std::uint64_t>(block, 24);
    header.otherBlock = numberAt<std::uint64_t>(block, 32);
    header.firstUsable = numberAt<std::uint64_t>(block, 40);
    header.lastUsable = numberAt<std::uint64_t>(block, 48);
    header.diskId = uuidAt(block, 56);
    header.entriesBlock = numberAt<std::uint64_t>(block, 72);
    header.entryCount = numberAt<std::uint32_t>(block, 80);
    header.entryBytes = numberAt<std::uint32_t>(block, 84);
    header.entriesChecksum = numberAt<std::uint32_t>(block, 88);
    return header;
}

// What is wrong with the numbers of a header, or nothing.
std::string boundsProblem(const GptHeader& header, const GptGeometry& geometry,
                          std::uint64_t expectedBlock)
{
    const std::uint64_t blocks = geometry.blocks();
    if (header.block != expectedBlock)
        return fmt::format("header for block {} at block {}", header.block, expectedBlock);
    const bool primary = expectedBlock == 1;
    if (primary ? header.otherBlock <= 1 || header.otherBlock >= blocks : header.otherBlock != 1)
        return fmt::format("other header at block {} of {}", header.otherBlock, blocks);
    if (header.entryBytes < 128 || header.entryBytes > 4096 ||
        !std::has_single_bit(header.entryBytes))
        return fmt::format("entry size {}", header.entryBytes);
    if (header.entryCount < 1 || header.entryCount > kMaxEntries)
        return fmt::format("{} entries", header.entryCount);
    if (header.firstUsable <= 1 || header.lastUsable >= blocks ||
        header.firstUsable > header.lastUsable)
        return fmt::format("usable blocks {} to {} of {}", header.firstUsable, header.lastUsable,
                           blocks);
    const std::uint64_t tableBlocks = divideUp(header.entriesBytes(), geometry.sectorBytes);
    const auto tableEnd = checkedAdd(header.entriesBlock, tableBlocks);
    const bool tableInPlace =
        tableEnd &&
        (primary ? header.entriesBlock >= 2 && *tableEnd <= header.firstUsable
                 : header.entriesBlock > header.lastUsable && *tableEnd <= header.block);
    if (!tableInPlace)
        return fmt::format("table at block {}, {} blocks", header.entriesBlock, tableBlocks);
    const std::uint64_t backupBlock = primary ? header.otherBlock : header.block;
    if (backupBlock <= header.lastUsable)
        return fmt::format("backup header at block {} among the usable blocks", backupBlock);
    if (header.diskId.isNull())
        return "no disk identity";
    return {};
}

void appendUtf8(std::string& text, char32_t point)
{
    const auto put = [&text](char32_t byte) { text.push_back(static_cast<char>(byte)); };
    if (point < 0x80) {
        put(point);
    } else if (point < 0x800) {
        put(0xc0U | point >> 6U);
        put(0x80U | (point & 0x3fU));
    } else if (point < 0x10000) {
        put(0xe0U | point >> 12U);
        put(0x80U | (point >> 6U & 0x3fU));
        put(0x80U | (point & 0x3fU));
    } else {
        put(0xf0U | point >> 18U);
        put(0x80U | (point >> 12U & 0x3fU));
        put(0x80U | (point >> 6U & 0x3fU));
        put(0x80U | (point & 0x3fU));
    }
}

// The name ends at the first zero, or after all 36 units.
std::string nameAt(std::span<const std::byte> entry)
{
    std::string name;
    for (std::size_t i = 0; i < kNameUnits; ++i) {
        const auto unit = numberAt<std::uint16_t>(entry, 56 + 2 * i);
        if (unit == 0)
            break;
        char32_t point = unit;
        if (unit >= 0xd800 && unit <= 0xdfff) {
            char32_t next = 0;
            if (i + 1 < kNameUnits)
                next = numberAt<std::uint16_t>(entry, 56 + 2 * (i + 1));
            const bool paired = unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff;
            point = paired ? 0x10000U + ((unit - 0xd800U) << 10U) + (next - 0xdc00U) : 0xfffdU;
            i += paired ? 1 : 0;
        }
        appendUtf8(name, point);
    }
    return name;
}

// Of valid UTF-8.
std::u16string utf16Of(std::string_view text)
{
    std::u16string units;
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        CAIRN_ASSERT(i + length <= text.size());
        char32_t point = length == 1 ? lead : lead & (0xffU >> (length + 1));
        for (std::size_t k = 1; k < length; ++k)
            point = point << 6U | (static_cast<unsigned char>(text[i + k]) & 0x3fU);
        if (point >= 0x10000) {
            units.push_back(static_cast<char16_t>(0xd800U + ((point - 0x10000U) >> 10U)));
            units.push_back(static_cast<char16_t>(0xdc00U + ((point - 0x10000U) & 0x3ffU)));
        } else {
            units.push_back(static_cast<char16_t>(point));
        }
        i += length;
    }
    return units;
}

// Of entries sorted by offset: the problem of two that share a block.
std::string overlapProblem(std::vector<GptEntry> entries)
{
    std::ranges::sort(entries, {}, [](const GptEntry& entry) { return entry.extent.offsetBytes; });
    for (std::size_t i = 1; i < entries.size(); ++i) {
        if (entries[i - 1].extent.overlaps(entries[i].extent))
            return fmt::format("entries {} and {} overlap", entries[i - 1].number,
                               entries[i].number);
    }
    return {};
}

} // namespace

std::uint32_t crc32(std::span<const std::byte> bytes)
{
    static constexpr auto kTable = [] {
        std::array<std::uint32_t, 256> table{};
        for (std::uint32_t i = 0; i < table.size(); ++i) {
            std::uint32_t value = i;
            for (int bit = 0; bit < 8; ++bit)
                value = (value >> 1U) ^ ((value & 1U) != 0 ? 0xedb88320U : 0U);
            table[i] = value;
        }
        return table;
    }();
    std::uint32_t crc = 0xffffffffU;
    for (const std::byte byte : bytes)
        crc = (crc >> 8U) ^ kTable[(crc ^ std::to_integer<std::uint32_t>(byte)) & 0xffU];
    return ~crc;
}

namespace {

std::span<std::byte> entryBytes(GptCopy& copy, std::uint32_t number)
{
    const GptHeader& header = copy.header;
    CAIRN_ASSERT(number >= 1 && number <= header.entryCount);
    return std::span(copy.entryBlocks)
        .subspan(std::size_t{number - 1} * header.entryBytes, header.entryBytes);
}

void renewChecksums(GptCopy& copy)
{
    GptHeader& header = copy.header;
    header.entriesChecksum = crc32(std::span(copy.entryBlocks).first(header.entriesBytes()));
    putNumber(std::span(copy.headerBlock), 88, header.entriesChecksum);
    putNumber(std::span(copy.headerBlock), 16, std::uint32_t{0});
    const auto headerBytes = numberAt<std::uint32_t>(copy.headerBlock, 12);
    putNumber(std::span(copy.headerBlock), 16,
              crc32(std::span(copy.headerBlock).first(headerBytes)));
}

} // namespace

void setEntryName(GptCopy& copy, std::uint32_t number, const std::string& name)
{
    const auto units = utf16Of(name);
    CAIRN_ASSERT(units.size() <= kNameUnits);
    const auto entry = entryBytes(copy, number);
    for (std::size_t i = 0; i < kNameUnits; ++i)
        putNumber(entry, 56 + 2 * i, i < units.size() ? units[i] : char16_t{0});
    renewChecksums(copy);
}

void exchangeEntryExtents(GptCopy& copy, std::uint32_t number, std::uint32_t other)
{
    // First and last block stand side by side.
    const auto extent = entryBytes(copy, number).subspan(32, 16);
    std::ranges::swap_ranges(extent, entryBytes(copy, other).subspan(32, 16));
    renewChecksums(copy);
}

bool isProtectiveMbr(std::span<const std::byte> block)
{
    if (block.size() < 512 || block[510] != std::byte{0x55} || block[511] != std::byte{0xaa})
        return false;
    for (std::size_t partition = 0; partition < 4; ++partition) {
        if (block[446 + 16 * partition + 4] == std::byte{0xee})
            return true;
    }
    return false;
}

Result<GptCopy> readGptCopy(RegionIo& member, const GptGeometry& geometry, std::uint64_t block)
{
    if (block == 0 || block >= geometry.blocks())
        return invalid(member, fmt::format("no block {}", block));
    GptCopy copy;
    copy.headerBlock.resize(geometry.sectorBytes);
    CAIRN_TRY(member.read(block * geometry.sectorBytes, copy.headerBlock));
    copy.header = CAIRN_TRY(parseHeader(member, copy.headerBlock, block));
    // Of an image that was not copied whole: no damage, and no disk without a table.
    const std::uint64_t otherBlock = copy.header.otherBlock;
    if (block == 1 && copy.header.block == 1 && otherBlock >= geometry.blocks() &&
        otherBlock < INT64_MAX / geometry.sectorBytes) {
        return failure(ErrorCode::InvalidTable, member.name(), "the device is too short for it",
                       (otherBlock + 1 - geometry.blocks()) * geometry.sectorBytes);
    }
    if (auto problem = boundsProblem(copy.header, geometry, block); !problem.empty())
        return invalid(member, std::move(problem));
    // At most 4 MiB: the bounds were checked.
    copy.entryBlocks.resize(roundUp(copy.header.entriesBytes(), geometry.sectorBytes));
    CAIRN_TRY(member.read(copy.header.entriesBlock * geometry.sectorBytes, copy.entryBlocks));
    const auto summed = std::span(copy.entryBlocks).first(copy.header.entriesBytes());
    if (crc32(summed) != copy.header.entriesChecksum)
        return invalid(member, fmt::format("table checksum of the header at block {}", block));
    return copy;
}

Result<std::vector<GptEntry>> parseEntries(const GptCopy& copy, const GptGeometry& geometry)
{
    const auto problem = [](std::string detail) {
        return failure(ErrorCode::InvalidTable, {}, std::move(detail));
    };
    const GptHeader& header = copy.header;
    std::vector<GptEntry> entries;
    for (std::uint32_t i = 0; i < header.entryCount; ++i) {
        const auto raw = std::span(copy.entryBlocks)
                             .subspan(std::size_t{i} * header.entryBytes, header.entryBytes);
        GptEntry entry;
        entry.number = i + 1;
        entry.type = uuidAt(raw, 0);
        if (entry.type.isNull())
            continue;
        entry.id = uuidAt(raw, 16);
        if (entry.id.isNull())
            return problem(fmt::format("entry {} has no identity", entry.number));
        const auto first = numberAt<std::uint64_t>(raw, 32);
        const auto last = numberAt<std::uint64_t>(raw, 40);
        if (first > last || first < header.firstUsable || last > header.lastUsable) {
            return problem(fmt::format("entry {} from block {} to {}, usable are {} to {}",
                                       entry.number, first, last, header.firstUsable,
                                       header.lastUsable));
        }
        // Cannot wrap: the blocks lie inside the disk.
        entry.extent = {first * geometry.sectorBytes, (last - first + 1) * geometry.sectorBytes};
        entry.attributes = numberAt<std::uint64_t>(raw, 48);
        entry.name = nameAt(raw);
        entries.push_back(std::move(entry));
    }
    if (auto overlap = overlapProblem(entries); !overlap.empty())
        return problem(std::move(overlap));
    return entries;
}

} // namespace cairn
