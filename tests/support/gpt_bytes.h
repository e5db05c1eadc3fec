// Changes fields of a GPT in a test's device as a careful attacker would: checksums fit again.
#pragma once

#include "core/array/gpt/gpt_header.h"
#include "core/array/gpt/gpt_table.h"
#include "core/array/gpt/gpt_types.h"
#include "core/base/environment.h"
#include "tests/support/memory_io.h"

#include <cstring>
#include <string>

namespace cairn::test {

// The fields of a header by their offset, UEFI Specification 2.10, table 5-5.
inline constexpr std::size_t kFirstUsableField = 40;
inline constexpr std::size_t kLastUsableField = 48;
inline constexpr std::size_t kEntriesBlockField = 72;
inline constexpr std::size_t kEntryCountField = 80;
inline constexpr std::size_t kEntryBytesField = 84;

template<typename Number>
void put(std::vector<std::byte>& bytes, std::size_t offset, Number number)
{
    std::memcpy(bytes.data() + offset, &number, sizeof number);
}

template<typename Number>
Number get(const std::vector<std::byte>& bytes, std::size_t offset)
{
    Number number{};
    std::memcpy(&number, bytes.data() + offset, sizeof number);
    return number;
}

// Of the primary header (block 1) or the backup's; the table must lie where it says.
inline void fixChecksums(std::vector<std::byte>& disk, std::uint64_t block, std::uint32_t sector)
{
    const std::size_t header = block * sector;
    const auto table = get<std::uint64_t>(disk, header + kEntriesBlockField) * sector;
    const auto bytes = std::uint64_t{get<std::uint32_t>(disk, header + kEntryCountField)} *
                       get<std::uint32_t>(disk, header + kEntryBytesField);
    if (table < disk.size() && bytes <= disk.size() - table)
        put(disk, header + 88, crc32(std::span(disk).subspan(table, bytes)));
    put(disk, header + 16, std::uint32_t{0});
    put(disk, header + 16, crc32(std::span(disk).subspan(header, 92)));
}

inline IoTraits traitsOf(std::uint32_t sectorBytes)
{
    IoTraits traits = MemoryIo::defaultTraits();
    traits.sectorBytes = sectorBytes;
    return traits;
}

inline GptEntry wantedEntry(const std::string& name, ByteRange extent, RandomSource& random)
{
    return {.number = 0,
            .type = kLinuxFilesystemType,
            .id = Uuid::random(random),
            .extent = extent,
            .attributes = 0,
            .name = name};
}

} // namespace cairn::test
