// What is mounted on this host, and on which of it a file lies.
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct MountPoint {
    std::uint64_t id = 0;
    // The filesystem's own number: that of its block device, or an anonymous one (btrfs).
    std::uint64_t filesystem = 0;
    std::string path;
    std::string source; // A device's path, or whatever else was mounted.
};

// What /proc/self/mountinfo tells, in its order. OpenFailed.
[[nodiscard]] Result<std::vector<MountPoint>> readMountTable();

// The number of the block device at that path; nothing where there is none.
[[nodiscard]] std::optional<std::uint64_t> blockDeviceAt(const std::string& path);

// A filesystem, as one of the mount points of the host leads to it.
class MountTable {
public:
    [[nodiscard]] static Result<MountTable> read();

    // The filesystem that the file lies on; of a path that does not exist, its nearest parent's.
    // Nothing for what lies on none of those that are mounted, as a pipe.
    [[nodiscard]] std::optional<std::uint64_t> filesystemOf(const std::string& path) const;
    [[nodiscard]] std::optional<std::uint64_t> filesystemOf(int descriptor) const;

    // Whether writing to what the path leads to, a file or a block device, writes to the
    // filesystem in the end: through loop devices, partitions, and what sysfs calls slaves.
    [[nodiscard]] bool restsOn(const std::string& path, std::uint64_t filesystem) const;
    [[nodiscard]] bool descriptorRestsOn(int descriptor, std::uint64_t filesystem) const;

    // An open directory or file of the filesystem; OpenFailed where no mount point leads to it.
    // The caller closes it.
    [[nodiscard]] Result<int> open(std::uint64_t filesystem) const;

    // The devices that are mounted with it.
    [[nodiscard]] std::vector<std::string> devicesOf(std::uint64_t filesystem) const;

private:
    explicit MountTable(std::vector<MountPoint> mounts) : m_mounts(std::move(mounts)) {}
    [[nodiscard]] std::optional<std::uint64_t> filesystemAt(int directory, const char* path) const;
    [[nodiscard]] bool deviceRestsOn(std::uint64_t device, std::uint64_t filesystem,
                                     int depth) const;
    [[nodiscard]] bool filesystemRestsOn(std::optional<std::uint64_t> upper,
                                         std::uint64_t filesystem, int depth) const;

    std::vector<MountPoint> m_mounts;
};

} // namespace cairn
