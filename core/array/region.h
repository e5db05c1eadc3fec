// What an array consists of, as values: members, regions, and what the regions hold.
#pragma once

#include "core/base/byte_range.h"
#include "core/base/uuid.h"
#include "core/io/device_identity.h"

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

// The permanent identity of a region: its PARTUUID, never a kernel name.
struct RegionId {
    Uuid uuid;
    friend auto operator<=>(const RegionId&, const RegionId&) = default;
};

enum class RegionRole : std::uint8_t {
    Data,       // Anything that is not Cairn's.
    Backup,     // Marked in the GPT as holding a backup: own type GUID, no automount.
    Management, // Holds a copy of the catalog.
};

enum class ContentKind : std::uint8_t {
    Unread,  // Not probed, or unreadable.
    Empty,   // No signature known to libblkid, and nothing but zeroes where they were looked for.
    Unknown, // Something is there that libblkid does not name, or that it finds ambiguous.
    Recognised, // A filesystem, RAID member, swap …
};

// What libblkid recognises in a region; the texts are the device's own, unescaped.
struct Content {
    ContentKind kind = ContentKind::Unread;
    std::string type;                       // "ext4", "xfs", "crypto_LUKS" …
    std::string label;                      // Filesystem label.
    std::string uuid;                       // Filesystem UUID as libblkid prints it.
    std::optional<std::uint64_t> usedBytes; // Where the superblock tells (ext, XFS, btrfs, NTFS).
    bool sampled = false; // Of Empty: not every byte was looked at, so that data may be missed.

    // Nothing but zeroes, every byte of it.
    [[nodiscard]] bool surelyEmpty() const { return kind == ContentKind::Empty && !sampled; }
    friend bool operator==(const Content&, const Content&) = default;
};

// Who uses a region now, on this host.
struct RegionUse {
    bool inUse = false;
    std::string by; // "mounted at /home", "swap", "held by dm-0", "attached as /dev/loop3" …
    friend bool operator==(const RegionUse&, const RegionUse&) = default;
};

struct Region {
    RegionId id;
    std::string name; // The GPT partition name in UTF-8; may be empty or repeated on adopted disks.
    Uuid member;
    std::uint32_t entry = 0; // Number of its GPT entry, from 1: sda3 is entry 3 of sda.
    ByteRange extent;        // On the member.
    Uuid type;               // GPT partition type GUID.
    RegionRole role = RegionRole::Data;
    bool sealedMark = false; // Its entry says that its signatures were taken out of it.
    Content content;
    RegionUse use;
    DeviceIdentity device; // Of its member: a copy of a disk has the same GUIDs.
    friend bool operator==(const Region&, const Region&) = default;
};

enum class MemberState : std::uint8_t {
    Present,
    ReadOnly, // Opened, but the device or file cannot be written.
    Missing,  // Known from the catalog, not attached.
    Failed,   // Attached, but its table or device cannot be read.
    Foreign,  // Attached, but the array's catalog does not list it, or says that it left; or what
              // carries no table, where no member was ever seen.
};

struct Member {
    Uuid id;              // GPT disk GUID; null while it cannot be read.
    std::string location; // Path it was opened by; of a missing member, where it was last seen.
    std::string model;    // "Samsung PM9A3", "image file", "simulated".
    std::uint64_t sizeBytes = 0;
    std::uint32_t sectorBytes = 512;
    MemberState state = MemberState::Present;
    std::string problem; // Detail for ReadOnly, Failed and Foreign, and of a copied catalog.
    std::vector<ByteRange> free; // Usable and unallocated, aligned to 1 MiB, in order.
    bool holdsCatalog = false;   // Has a management region.
    bool blockDevice = false;    // Of this host, so that it looks for filesystems there.
    std::optional<Content> bare; // What it holds where it can be read and has no GPT.
    friend bool operator==(const Member&, const Member&) = default;
};

// All that is free on it; nothing where no table tells.
[[nodiscard]] std::optional<std::uint64_t> freeBytes(const Member& member);

// A snapshot of an array's structure; regions in order of member, then offset.
struct ArrayLayout {
    std::string uri; // What was attached, for messages: the first member's URI.
    std::vector<Member> members;
    std::vector<Region> regions;

    [[nodiscard]] const Region* find(const RegionId& id) const;
    [[nodiscard]] const Member* findMember(const Uuid& id) const;
};

} // namespace cairn
