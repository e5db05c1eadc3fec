// Reads mountinfo, and follows devices down to the filesystems that carry them.
#include "core/array/mount_table.h"

#include "core/io/sysfs.h"

#include <algorithm>
#include <fcntl.h>
#include <filesystem>
#include <libmount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <system_error>
#include <unistd.h>

namespace cairn {
namespace {

namespace fs = std::filesystem;

constexpr int kMostLayers = 16; // As deep as nobody stacks them.

// The devices that a block device is made of; nothing for a disk.
std::vector<std::uint64_t> devicesBelow(std::uint64_t device)
{
    std::vector<std::uint64_t> below;
    std::error_code error;
    const fs::path block = fs::canonical(sysfsPath(device), error);
    if (error)
        return below;
    if (fs::exists(block / "partition", error)) {
        if (const auto disk = sysfsDevice(block.parent_path() / "dev"))
            below.push_back(*disk);
    }
    for (const auto& slave : fs::directory_iterator(block / "slaves", error)) {
        if (const auto number = sysfsDevice(slave.path() / "dev"))
            below.push_back(*number);
    }
    return below;
}

} // namespace

std::optional<std::uint64_t> blockDeviceAt(const std::string& path)
{
    struct stat status{};
    if (path.empty() || path.front() != '/' || ::stat(path.c_str(), &status) != 0 ||
        !S_ISBLK(status.st_mode))
        return std::nullopt;
    return status.st_rdev;
}

Result<std::vector<MountPoint>> readMountTable()
{
    constexpr const char* kPath = "/proc/self/mountinfo";
    libmnt_table* table = mnt_new_table_from_file(kPath);
    libmnt_iter* iterator = mnt_new_iter(MNT_ITER_FORWARD);
    const bool readable = table != nullptr && iterator != nullptr;
    std::vector<MountPoint> mounts;
    libmnt_fs* entry = nullptr;
    while (readable && mnt_table_next_fs(table, iterator, &entry) == 0) {
        const char* target = mnt_fs_get_target(entry);
        const char* source = mnt_fs_get_srcpath(entry);
        mounts.push_back({.id = static_cast<std::uint64_t>(mnt_fs_get_id(entry)),
                          .filesystem = mnt_fs_get_devno(entry),
                          .path = target == nullptr ? "" : target,
                          .source = source == nullptr ? "" : source});
    }
    mnt_free_iter(iterator);
    mnt_unref_table(table);
    if (!readable)
        return failure(ErrorCode::OpenFailed, kPath);
    return mounts;
}

Result<MountTable> MountTable::read()
{
    return MountTable(CAIRN_TRY(readMountTable()));
}

std::optional<std::uint64_t> MountTable::filesystemAt(int directory, const char* path) const
{
    struct statx status{};
    const int flags = AT_NO_AUTOMOUNT | (path[0] == '\0' ? AT_EMPTY_PATH : 0);
    if (::statx(directory, path, flags, STATX_BASIC_STATS | STATX_MNT_ID, &status) != 0)
        return std::nullopt;
    if ((status.stx_mask & STATX_MNT_ID) == 0) // A kernel before 5.8.
        return ::makedev(status.stx_dev_major, status.stx_dev_minor);
    const auto found = std::ranges::find(m_mounts, status.stx_mnt_id, &MountPoint::id);
    return found == m_mounts.end() ? std::nullopt : std::optional(found->filesystem);
}

std::optional<std::uint64_t> MountTable::filesystemOf(const std::string& path) const
{
    std::error_code error;
    fs::path at = fs::absolute(path, error);
    while (!error && !fs::exists(at, error) && at.has_relative_path())
        at = at.parent_path();
    return filesystemAt(AT_FDCWD, at.c_str());
}

std::optional<std::uint64_t> MountTable::filesystemOf(int descriptor) const
{
    return filesystemAt(descriptor, "");
}

bool MountTable::filesystemRestsOn(std::optional<std::uint64_t> upper, std::uint64_t filesystem,
                                   int depth) const
{
    if (!upper)
        return false;
    if (*upper == filesystem || depth == 0)
        return true;
    if (::major(static_cast<dev_t>(*upper)) != 0)
        return deviceRestsOn(*upper, filesystem, depth - 1);
    return std::ranges::any_of(devicesOf(*upper), [&](const std::string& path) {
        const auto device = blockDeviceAt(path);
        return device && deviceRestsOn(*device, filesystem, depth - 1);
    });
}

bool MountTable::deviceRestsOn(std::uint64_t device, std::uint64_t filesystem, int depth) const
{
    if (depth == 0)
        return true;
    const std::string backing = sysfsLine(sysfsPath(device) / "loop" / "backing_file");
    if (!backing.empty()) {
        const auto below = blockDeviceAt(backing);
        return below ? deviceRestsOn(*below, filesystem, depth - 1)
                     : filesystemRestsOn(filesystemOf(backing), filesystem, depth - 1);
    }
    return std::ranges::any_of(devicesBelow(device), [&](std::uint64_t below) {
        return deviceRestsOn(below, filesystem, depth - 1);
    });
}

bool MountTable::restsOn(const std::string& path, std::uint64_t filesystem) const
{
    if (const auto device = blockDeviceAt(path))
        return deviceRestsOn(*device, filesystem, kMostLayers);
    return filesystemRestsOn(filesystemOf(path), filesystem, kMostLayers);
}

bool MountTable::descriptorRestsOn(int descriptor, std::uint64_t filesystem) const
{
    return filesystemRestsOn(filesystemOf(descriptor), filesystem, kMostLayers);
}

Result<int> MountTable::open(std::uint64_t filesystem) const
{
    for (const MountPoint& mount : m_mounts) {
        if (mount.filesystem != filesystem)
            continue;
        // Another mount may hide it by now, and a bound file need not be one to open.
        const int opened = ::open(mount.path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (opened >= 0 && filesystemOf(opened) == filesystem)
            return opened;
        if (opened >= 0)
            ::close(opened);
    }
    return failure(ErrorCode::OpenFailed, {}, "no mount point leads to the filesystem any more");
}

std::vector<std::string> MountTable::devicesOf(std::uint64_t filesystem) const
{
    std::vector<std::string> devices;
    for (const MountPoint& mount : m_mounts) {
        if (mount.filesystem == filesystem && blockDeviceAt(mount.source) &&
            std::ranges::find(devices, mount.source) == devices.end())
            devices.push_back(mount.source);
    }
    return devices;
}

} // namespace cairn
