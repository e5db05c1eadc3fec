// The layout of a management region, byte by byte: supers, lease, documentation, journal, main.
#pragma once

#include "core/base/byte_range.h"
#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/io/region_io.h"

#include <cstdint>
#include <string>

namespace cairn {

inline constexpr std::uint64_t kPageBytes = 4096;
inline constexpr std::uint64_t kPageReservedBytes = 32; // Hold our stamp at the end of each page.
inline constexpr std::uint64_t kSuperSlotOffsets[2] = {0, 64 * kKiB};
inline constexpr std::uint64_t kLeaseOffset = 128 * kKiB;            // One page; claims follow.
inline constexpr ByteRange kDocumentation = {192 * kKiB, 64 * kKiB}; // Plain text for people.
inline constexpr std::uint64_t kAreasOffset = 1 * kMiB;
inline constexpr std::uint64_t kMinimumManagementBytes = 4 * kMiB;

// Bytes that processes of one host lock, relative to the region (they need not exist on disk).
inline constexpr ByteRange kWriterLock = {kLeaseOffset, 1};             // Who writes the catalog.
inline constexpr std::uint64_t kDatabaseLockOffset = kLeaseOffset + 16; // SQLite's lock bytes.

struct ManagementAreas {
    ByteRange journal; // Large enough for a journal of every page of main.
    ByteRange main;    // The SQLite database, from its first byte; at most 1 GiB.
};

// Of a region of that size: InvalidSize under kMinimumManagementBytes. Part of the format: areas
// are those of SuperBlock::regionBytes, also in a region that was made larger since.
[[nodiscard]] Result<ManagementAreas> managementAreas(std::uint64_t regionBytes);

struct SuperBlock {
    std::uint32_t formatVersion = 1;
    Uuid arrayId;
    Uuid memberId;
    std::uint64_t sequence =
        0; // Of this slot's writing; the valid slot with the higher one counts.
    std::uint64_t commitId =
        0; // Newest commit when the slot was written; the database knows better.
    std::uint64_t regionBytes = 0; // When it was formatted.
    bool repairing = false;        // repairCopy() was interrupted: the database is a mixture.
};

// How it begins that a management region was copied, with dd perhaps, from the disk that its super
// block names: no catalog of the disk that it lies on, nor to be overwritten unasked.
inline constexpr const char* kOfAnotherDisk = "its management region is that of another disk";
// That, and of which; empty where the super block was written for the disk.
[[nodiscard]] std::string whyOfAnotherDisk(const SuperBlock& super, const Uuid& disk);

// The newer valid slot. CatalogForeign: no slot has Cairn's magic; CatalogDamaged: the magic is
// there, but no slot's checksum holds; FormatNewer is the caller's to judge.
[[nodiscard]] Result<SuperBlock> readSuperBlock(RegionIo& region);
// Writes the older slot and flushes; sequence is set from what is there. InvalidSize.
[[nodiscard]] Result<void> writeSuperBlock(RegionIo& region, SuperBlock super);
// Writes the text for people, which names the areas that the super block implies.
[[nodiscard]] Result<void> describeManagementRegion(RegionIo& region, const SuperBlock& super);
// Zeroes headers of journal and main area, writes documentation and both slots, and flushes. The
// lease block stays as it is: whoever formats may hold it.
[[nodiscard]] Result<void> formatManagementRegion(RegionIo& region, const SuperBlock& super);

} // namespace cairn
