// BLKPG, the means by which partx(8) adds and removes partition nodes.
#include "core/array/gpt/kernel_partitions.h"

#include "core/io/sysfs.h"

#include <cerrno>
#include <filesystem>
#include <linux/blkpg.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <tuple>

namespace cairn {
namespace {

bool tell(int disk, int operation, blkpg_partition& partition)
{
    blkpg_ioctl_arg argument{};
    argument.op = operation;
    argument.datalen = sizeof partition;
    argument.data = &partition;
    return ::ioctl(disk, BLKPG, &argument) == 0;
}

} // namespace

bool hasKernelPartitions(const DeviceIdentity& disk)
{
    if (!disk.blockDevice)
        return false;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(sysfsPath(disk.device), ignored)) {
        if (std::filesystem::exists(entry.path() / "partition", ignored))
            return true;
    }
    return false;
}

bool takesKernelPartitions(const DeviceIdentity& disk)
{
    if (!disk.blockDevice)
        return false;
    const std::filesystem::path attributes = sysfsPath(disk.device);
    std::error_code ignored;
    // Without the flag a loop device keeps its nodes when it is detached, for whoever comes next.
    if (std::filesystem::exists(attributes / "loop", ignored))
        return sysfsNumber(attributes / "loop" / "partscan") == 1;
    return sysfsNumber(attributes / "ext_range").value_or(0) > 1;
}

bool addKernelPartition(int disk, std::uint32_t number, ByteRange extent)
{
    blkpg_partition partition{};
    partition.pno = static_cast<int>(number);
    partition.start = static_cast<long long>(extent.offsetBytes);
    partition.length = static_cast<long long>(extent.lengthBytes);
    return tell(disk, BLKPG_ADD_PARTITION, partition);
}

int removeKernelPartition(int disk, std::uint32_t number)
{
    blkpg_partition partition{};
    partition.pno = static_cast<int>(number);
    return tell(disk, BLKPG_DEL_PARTITION, partition) || errno == ENXIO ? 0 : errno;
}

void dropDiskCache(int disk)
{
    // Of what is no block device there is nothing to drop.
    std::ignore = ::ioctl(disk, BLKFLSBUF, 0);
}

} // namespace cairn
