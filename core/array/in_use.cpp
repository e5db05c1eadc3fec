// Who uses a device, from mountinfo, swaps, holders and loop devices.
#include "core/array/in_use.h"

#include "core/array/mount_table.h"
#include "core/io/sysfs.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <iterator>
#include <libmount.h>
#include <linux/loop.h>
#include <optional>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace cairn {
namespace {

namespace fs = std::filesystem;

// Loop devices over partitions of loop devices …: nobody nests them deeper on purpose.
constexpr int kMaxDepth = 4;

struct Partition {
    std::uint64_t device = 0;
    std::string name;
    std::uint64_t number = 0;
    ByteRange extent;
};

std::vector<Partition> partitionsOf(std::uint64_t device)
{
    std::vector<Partition> partitions;
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(sysfsPath(device), ignored)) {
        const auto number = sysfsNumber(entry.path() / "partition");
        const auto node = sysfsDevice(entry.path() / "dev");
        const auto start = sysfsNumber(entry.path() / "start");
        const auto size = sysfsNumber(entry.path() / "size");
        if (number && node && start && size) {
            partitions.push_back({*node,
                                  entry.path().filename().string(),
                                  *number,
                                  {*start * kSysfsSectorBytes, *size * kSysfsSectorBytes}});
        }
    }
    return partitions;
}

std::string holderOf(std::uint64_t device)
{
    std::error_code ignored;
    for (const auto& entry : fs::directory_iterator(sysfsPath(device) / "holders", ignored))
        return fmt::format("held by {}", entry.path().filename().string());
    return {};
}

// The part of `inner` (on the backing device) that lies in `outer`, counted from outer's start.
ByteRange partOf(const ByteRange& outer, const ByteRange& inner)
{
    const std::uint64_t outerEnd = outer.end().value_or(UINT64_MAX);
    const std::uint64_t innerEnd = inner.end().value_or(UINT64_MAX);
    const std::uint64_t start = std::max(outer.offsetBytes, inner.offsetBytes);
    const std::uint64_t end = std::min(outerEnd, innerEnd);
    return {start - outer.offsetBytes, end > start ? end - start : 0};
}

// Where an extent of a device lies on the one below, of which the device shows `shown`.
ByteRange extentBelow(const ByteRange& shown, const ByteRange& extent)
{
    return {shown.offsetBytes + extent.offsetBytes, extent.lengthBytes};
}

// The disk of a partition, and where the partition lies on it.
std::optional<Partition> diskOf(std::uint64_t device)
{
    std::error_code error;
    const fs::path partition = fs::canonical(sysfsPath(device), error);
    if (error || !fs::exists(partition / "partition", error))
        return std::nullopt;
    const auto disk = sysfsDevice(partition.parent_path() / "dev");
    const auto start = sysfsNumber(partition / "start");
    const auto size = sysfsNumber(partition / "size");
    if (!disk || !start || !size)
        return std::nullopt;
    return Partition{.device = *disk,
                     .name = {},
                     .extent = {*start * kSysfsSectorBytes, *size * kSysfsSectorBytes}};
}

} // namespace

bool isUnknownUse(const RegionUse& use)
{
    return use.by.starts_with(kUnknownUse);
}

HostUse HostUse::read()
{
    HostUse use;
    use.readMounts();
    use.readSwaps();
    use.readLoops();
    return use;
}

void HostUse::readMounts()
{
    const auto mounts = readMountTable();
    if (!mounts)
        m_unknown = fmt::format("{} cannot be read", mounts.error().subject);
    for (const MountPoint& mount : mounts.value_or(std::vector<MountPoint>())) {
        const auto by = fmt::format("mounted at {}", mount.path);
        m_users.push_back({{mount.filesystem, 0}, by, mount.filesystem});
        // btrfs mounts carry an anonymous device number: the source's own is looked at too.
        const auto device = blockDeviceAt(mount.source);
        if (device && *device != mount.filesystem)
            m_users.push_back({{*device, 0}, by, mount.filesystem});
    }
}

void HostUse::readSwaps()
{
    libmnt_table* table = mnt_new_table();
    libmnt_iter* iterator = mnt_new_iter(MNT_ITER_FORWARD);
    const int result =
        table == nullptr || iterator == nullptr ? -ENOMEM : mnt_table_parse_swaps(table, nullptr);
    // A kernel without swap has no such file.
    if (result != 0 && result != -ENOENT && ::access("/proc/swaps", F_OK) == 0)
        m_unknown = "/proc/swaps cannot be read";
    libmnt_fs* entry = nullptr;
    while (result == 0 && mnt_table_next_fs(table, iterator, &entry) == 0) {
        const char* source = mnt_fs_get_source(entry);
        struct stat status{};
        if (source == nullptr || ::stat(source, &status) != 0)
            continue;
        if (S_ISBLK(status.st_mode))
            m_users.push_back({{status.st_rdev, 0}, "swap"});
        else
            m_users.push_back({{status.st_dev, status.st_ino}, "swap"});
    }
    mnt_free_iter(iterator);
    mnt_unref_table(table);
}

HostUse::Seen HostUse::lookAtLoop(const fs::path& block, Loop& loop)
{
    const fs::path attributes = block / "loop";
    std::error_code ignored;
    if (!fs::exists(attributes, ignored))
        return Seen::Detached;
    loop.name = "/dev/" + block.filename().string();
    loop.device = sysfsDevice(block / "dev").value_or(0);
    loop.readOnly = sysfsNumber(block / "ro").value_or(0) != 0;
    // The kernel knows the inode, whatever the path says by now; sysfs gives only the path.
    loop_info64 info{};
    const int device = ::open(loop.name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const bool asked = device >= 0 && ::ioctl(device, LOOP_GET_STATUS64, &info) == 0;
    // ENXIO: over nothing by now (loop_get_status() and lo_open() in drivers/block/loop.c).
    const bool detached = !asked && errno == ENXIO;
    if (device >= 0)
        ::close(device);
    struct stat status{};
    if (::stat(sysfsLine(attributes / "backing_file").c_str(), &status) == 0) {
        loop.backing =
            S_ISBLK(status.st_mode) ? Node{status.st_rdev, 0} : Node{status.st_dev, status.st_ino};
    } else if (asked) {
        loop.backing =
            info.lo_rdevice != 0 ? Node{info.lo_rdevice, 0} : Node{info.lo_device, info.lo_inode};
    } else {
        return detached ? Seen::Detached : Seen::Unknown;
    }
    loop.range.offsetBytes = sysfsNumber(attributes / "offset").value_or(0);
    const std::uint64_t limit = sysfsNumber(attributes / "sizelimit").value_or(0);
    loop.range.lengthBytes = limit != 0 ? limit : UINT64_MAX - loop.range.offsetBytes;
    return Seen::Attached;
}

void HostUse::readLoops()
{
    // Somebody may detach it, and attach another file, while this reads: then it is looked at
    // again. What stays attached must be known.
    constexpr int kLooks = 16;
    // Incident: in a rescue shell with /proc and without /sys, what was mounted was overwritten:
    // loop devices, partitions and holders are told by sysfs alone.
    std::error_code unread;
    fs::directory_iterator blocks("/sys/block", unread);
    if (unread)
        m_unknown = "/sys/block cannot be read";
    for (const auto& entry : blocks) {
        if (!entry.path().filename().string().starts_with("loop"))
            continue;
        Loop loop;
        Seen seen = Seen::Unknown;
        for (int look = 0; seen == Seen::Unknown && look < kLooks; ++look)
            seen = lookAtLoop(entry.path(), loop);
        if (seen == Seen::Unknown)
            m_unknown =
                fmt::format("{} is over {}, at which this user cannot look, and which may be "
                            "it: try as root, or detach that device",
                            loop.name, sysfsLine(entry.path() / "loop" / "backing_file"));
        if (seen == Seen::Attached)
            m_loops.push_back(std::move(loop));
    }
}

void HostUse::addByNode(const Node& node, std::vector<User>& users) const
{
    std::ranges::copy_if(m_users, std::back_inserter(users),
                         [&](const User& user) { return user.node == node; });
}

void HostUse::addAbove(const Place& place, int depth, std::vector<User>& users) const
{
    addByNode(place.node, users);
    if (place.node.isBlockDevice()) {
        if (auto by = holderOf(place.node.device); !by.empty())
            users.push_back({{}, std::move(by)});
        for (const Partition& partition : partitionsOf(place.node.device)) {
            if (partition.device == place.cameFrom || !partition.extent.overlaps(place.extent))
                continue;
            const ByteRange part = partOf(partition.extent, place.extent);
            addAbove({{partition.device, 0}, part}, depth, users);
        }
    }
    addByLoops(place, depth, users);
}

void HostUse::addByLoops(const Place& place, int depth, std::vector<User>& users) const
{
    std::vector<User> attached;
    for (const Loop& loop : m_loops) {
        if (loop.backing != place.node || loop.device == place.cameFrom ||
            !loop.range.overlaps(place.extent))
            continue;
        const std::size_t before = users.size();
        if (depth < kMaxDepth) {
            const ByteRange part = partOf(loop.range, place.extent);
            addAbove({{loop.device, 0}, part}, depth + 1, users);
        }
        // A loop device that only reads and that nobody uses does no harm and takes none.
        if (users.size() == before && (!loop.readOnly || depth >= kMaxDepth))
            attached.push_back({{}, fmt::format("attached as {}", loop.name)});
    }
    std::ranges::move(attached, std::back_inserter(users));
}

std::optional<HostUse::Place> HostUse::placeBelow(const Place& place) const
{
    if (!place.node.isBlockDevice())
        return std::nullopt;
    const std::uint64_t device = place.node.device;
    const auto loop = std::ranges::find(m_loops, device, &Loop::device);
    if (loop != m_loops.end())
        return Place{loop->backing, extentBelow(loop->range, place.extent), device};
    if (const auto disk = diskOf(device))
        return Place{{disk->device, 0}, extentBelow(disk->extent, place.extent), device};
    return std::nullopt;
}

std::vector<HostUse::User> HostUse::findAll(const DeviceIdentity& identity, ByteRange extent) const
{
    const Node node{identity.device, identity.blockDevice ? 0 : identity.inode};
    std::vector<User> users;
    std::optional<Place> place = Place{node, extent};
    for (int depth = 0; place; ++depth, place = placeBelow(*place)) {
        if (depth > 2 * kMaxDepth) {
            users.push_back({{}, kUnknownUse + std::string("it lies too deep")});
            break;
        }
        addAbove(*place, 0, users);
    }
    if (!m_unknown.empty())
        users.push_back({{}, kUnknownUse + m_unknown});
    return users;
}

RegionUse HostUse::find(const DeviceIdentity& identity, ByteRange extent) const
{
    const auto users = findAll(identity, extent);
    return users.empty() ? RegionUse{} : RegionUse{true, users.front().by};
}

Result<std::uint64_t> HostUse::onlyFilesystem(const DeviceIdentity& identity,
                                              ByteRange extent) const
{
    const auto users = findAll(identity, extent);
    if (users.empty())
        return failure(ErrorCode::CannotFreeze, {}, "nothing is mounted from it now");
    const auto mounted = users.front().filesystem;
    for (const User& user : users) {
        if (!user.filesystem)
            return failure(ErrorCode::CannotFreeze, {},
                           fmt::format("it is no mounted filesystem alone: {}", user.by));
        if (user.filesystem != mounted)
            return failure(
                ErrorCode::CannotFreeze, {},
                fmt::format("it holds several filesystems, {}, {}", users.front().by, user.by));
    }
    return *mounted;
}

RegionUse findUse(const DeviceIdentity& identity, ByteRange extent)
{
    return HostUse::read().find(identity, extent);
}

std::string findPartitionNode(const DeviceIdentity& disk, ByteRange extent,
                              std::uint32_t sectorBytes)
{
    if (!disk.blockDevice || extent.offsetBytes % sectorBytes != 0)
        return {};
    for (const Partition& partition : partitionsOf(disk.device)) {
        if (partition.extent != extent)
            continue;
        // The name in sysfs has "!" where the node has a directory.
        std::string node = "/dev/" + partition.name;
        std::ranges::replace(node, '!', '/');
        struct stat status{};
        if (::stat(node.c_str(), &status) == 0 && S_ISBLK(status.st_mode) &&
            status.st_rdev == partition.device)
            return node;
    }
    return {};
}

std::optional<ByteRange> kernelExtentOf(const DeviceIdentity& disk, std::uint32_t number)
{
    if (!disk.blockDevice)
        return std::nullopt;
    for (const Partition& partition : partitionsOf(disk.device)) {
        if (partition.number == number)
            return partition.extent;
    }
    return std::nullopt;
}

} // namespace cairn
