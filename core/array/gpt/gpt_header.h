// The bytes of a GUID partition table: reading them as untrusted input.
#pragma once

#include "core/base/byte_range.h"
#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/io/region_io.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cairn {

// One used entry of the table. UEFI Specification 2.10, table 5-6.
struct GptEntry {
    std::uint32_t number = 0; // From 1.
    Uuid type;
    Uuid id;
    ByteRange extent;
    std::uint64_t attributes = 0;
    std::string name; // UTF-8; a lone surrogate becomes U+FFFD.
    friend bool operator==(const GptEntry&, const GptEntry&) = default;
};

// A header whose checksum, position and bounds hold. UEFI Specification 2.10, table 5-5. All
// numbers are logical blocks of the member.
struct GptHeader {
    Uuid diskId;
    std::uint64_t block = 0; // Where this header stands.
    std::uint64_t otherBlock = 0;
    std::uint64_t firstUsable = 0;
    std::uint64_t lastUsable = 0;
    std::uint64_t entriesBlock = 0;
    std::uint32_t entryCount = 0;
    std::uint32_t entryBytes = 0;
    std::uint32_t entriesChecksum = 0;

    [[nodiscard]] std::uint64_t entriesBytes() const
    {
        return std::uint64_t{entryCount} * entryBytes;
    }
};

// A header with the entries that belong to it, as they stand on the member.
struct GptCopy {
    GptHeader header;
    std::vector<std::byte> headerBlock; // One sector.
    std::vector<std::byte> entryBlocks; // Whole sectors.
};

// The disk as the checks need it.
struct GptGeometry {
    std::uint64_t sizeBytes = 0;
    std::uint32_t sectorBytes = 512;

    [[nodiscard]] std::uint64_t blocks() const { return sizeBytes / sectorBytes; }
};

// Reads and checks the copy whose header stands at that block: signature, revision, sizes,
// checksums, position, and that table and usable blocks lie inside the disk and apart. The error's
// detail says what is wrong (InvalidTable), or is ReadFailed.
// InvalidTable (amount: bytes that the device is shorter than the table says, or 0).
[[nodiscard]] Result<GptCopy> readGptCopy(RegionIo& member, const GptGeometry& geometry,
                                          std::uint64_t block);

// The used entries, in the table's order. InvalidTable for one that is reversed, outside the
// usable blocks, overlaps another, or has no identity of its own.
[[nodiscard]] Result<std::vector<GptEntry>> parseEntries(const GptCopy& copy,
                                                         const GptGeometry& geometry);

// Replaces the name of a used entry, and both checksums with it. libfdisk 2.38 writes no character
// beyond U+FFFF. The name is valid UTF-8 of at most 36 UTF-16 units.
void setEntryName(GptCopy& copy, std::uint32_t number, const std::string& name);

// Exchanges the extents of two used entries, and no other byte of them, and replaces both
// checksums.
void exchangeEntryExtents(GptCopy& copy, std::uint32_t number, std::uint32_t other);

// Whether block 0 is a protective MBR: signature 55AA and a partition of type EEh.
[[nodiscard]] bool isProtectiveMbr(std::span<const std::byte> block);

// CRC-32 of IEEE 802.3, as the UEFI Specification uses it.
[[nodiscard]] std::uint32_t crc32(std::span<const std::byte> bytes);

} // namespace cairn
