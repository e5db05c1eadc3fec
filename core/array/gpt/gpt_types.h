// The partition types that Cairn writes, and the attribute that keeps desktops off its regions.
#pragma once

#include "core/array/region.h"
#include "core/base/uuid.h"

#include <cstdint>

namespace cairn {

// GPT partition type of a management region: 81393b9e-798c-45cc-9b30-2f678ea2cdea.
inline constexpr Uuid kManagementType{{0x81, 0x39, 0x3b, 0x9e, 0x79, 0x8c, 0x45, 0xcc, 0x9b, 0x30,
                                       0x2f, 0x67, 0x8e, 0xa2, 0xcd, 0xea}};
// GPT partition type of a region that holds a backup: 35228883-f5a2-4b49-9779-9d5845670e8d.
inline constexpr Uuid kBackupType{{0x35, 0x22, 0x88, 0x83, 0xf5, 0xa2, 0x4b, 0x49, 0x97, 0x79, 0x9d,
                                   0x58, 0x45, 0x67, 0x0e, 0x8d}};
// GPT partition type of a region that keeps what a restore overwrote, chunk by chunk and in an
// order of its own, so that it is no backup: 8b3108f0-24c1-4141-b19a-da977680b202.
inline constexpr Uuid kUndoAreaType{{0x8b, 0x31, 0x08, 0xf0, 0x24, 0xc1, 0x41, 0x41, 0xb1, 0x9a,
                                     0xda, 0x97, 0x76, 0x80, 0xb2, 0x02}};
// "Linux filesystem data", what every other region gets: 0fc63daf-8483-4772-8e79-3d69d8477de4.
inline constexpr Uuid kLinuxFilesystemType{{0x0f, 0xc6, 0x3d, 0xaf, 0x84, 0x83, 0x47, 0x72, 0x8e,
                                            0x79, 0x3d, 0x69, 0xd8, 0x47, 0x7d, 0xe4}};

// Bit 63, "do not automount": Discoverable Partitions Specification, and Microsoft's
// GPT_BASIC_DATA_ATTRIBUTE_NO_DRIVE_LETTER.
inline constexpr std::uint64_t kNoAutomount = std::uint64_t{1} << 63U;

// Bit 48, of the eight that belong to the type, on a region that holds a backup: its signatures are
// in the catalog.
inline constexpr std::uint64_t kSealedMark = std::uint64_t{1} << 48U;

inline constexpr const char* kManagementName = "cairn-catalog";

[[nodiscard]] constexpr RegionRole roleOf(const Uuid& type)
{
    if (type == kManagementType)
        return RegionRole::Management;
    return type == kBackupType || type == kUndoAreaType ? RegionRole::Backup : RegionRole::Data;
}

[[nodiscard]] constexpr const Uuid& typeOf(RegionRole role)
{
    if (role == RegionRole::Management)
        return kManagementType;
    return role == RegionRole::Backup ? kBackupType : kLinuxFilesystemType;
}

} // namespace cairn
