// Tells who on this host uses a device or an extent of it.
#pragma once

#include "core/array/region.h"
#include "core/base/byte_range.h"
#include "core/base/error.h"
#include "core/io/device_identity.h"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

// What this host uses, as read at one moment: for asking about many regions at once.
class HostUse {
public:
    [[nodiscard]] static HostUse read();

    // As findUse() below.
    [[nodiscard]] RegionUse find(const DeviceIdentity& identity, ByteRange extent) const;

    // The number of the one mounted filesystem, as mountinfo has it, that alone uses the extent.
    // CannotFreeze (detail: why) where nothing or anything else uses it too.
    [[nodiscard]] Result<std::uint64_t> onlyFilesystem(const DeviceIdentity& identity,
                                                       ByteRange extent) const;

private:
    struct Node { // A block device, or a file: device and inode.
        std::uint64_t device = 0;
        std::uint64_t inode = 0; // 0 of a block device.
        [[nodiscard]] bool isBlockDevice() const { return inode == 0; }
        friend bool operator==(const Node&, const Node&) = default;
    };
    struct User {
        Node node;
        std::string by;
        std::optional<std::uint64_t> filesystem = {}; // Of what is mounted.
    };
    struct Loop {
        Node backing;
        std::uint64_t device = 0; // Of the loop device itself.
        std::string name;         // "/dev/loop3".
        ByteRange range;          // Of the backing device or file.
        bool readOnly = false;
    };
    void readMounts();
    void readSwaps();
    // Unknown: it changed while it was looked at, or may not be looked at.
    enum class Seen : std::uint8_t { Attached, Detached, Unknown };
    [[nodiscard]] static Seen lookAtLoop(const std::filesystem::path& block, Loop& loop);
    void readLoops();
    // An extent of a node, and the device above it from which the search came down: it looks at
    // what else is above.
    struct Place {
        Node node;
        ByteRange extent;
        std::optional<std::uint64_t> cameFrom = {};
    };
    [[nodiscard]] std::optional<Place> placeBelow(const Place& place) const;
    // Everyone who uses it, as a User whose node does not matter.
    [[nodiscard]] std::vector<User> findAll(const DeviceIdentity& identity, ByteRange extent) const;
    void addByNode(const Node& node, std::vector<User>& users) const;
    void addAbove(const Place& place, int depth, std::vector<User>& users) const;
    void addByLoops(const Place& place, int depth, std::vector<User>& users) const;

    std::vector<User> m_users;
    std::vector<Loop> m_loops;
    std::string m_unknown; // Why it cannot be told: then everything may be in use. A clause.
};

// How it begins who uses a region of which that cannot be told.
inline constexpr const char* kUnknownUse = "unknown: ";
[[nodiscard]] bool isUnknownUse(const RegionUse& use);

// Looks at mountinfo, /proc/swaps, sysfs holders and loop backing files; of a whole disk also at
// its partitions' nodes that overlap the extent, of an image file at the loop devices over it and
// their partitions. A loop device is followed to its file, a partition to its disk: whoever else
// uses those bytes there uses the extent. What cannot be read counts as unused only if the kernel
// says that it is not there.
[[nodiscard]] RegionUse findUse(const DeviceIdentity& identity, ByteRange extent);

// The path of the partition node of exactly that extent of a block device, or empty.
[[nodiscard]] std::string findPartitionNode(const DeviceIdentity& disk, ByteRange extent,
                                            std::uint32_t sectorBytes);

// Where the kernel has the partition of that number; nothing where it has none.
[[nodiscard]] std::optional<ByteRange> kernelExtentOf(const DeviceIdentity& disk,
                                                      std::uint32_t number);

} // namespace cairn
