// BLKPG, the means by which partx(8) adds and removes partition nodes.
#include "core/array/gpt/kernel_partitions.h"

#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <linux/blkpg.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <tuple>

namespace cairn {
namespace {

bool tell(int disk, int operation, blkpg_partition& partition)
{
    blkpg_ioctl_arg argument{};
    argument.op = operation;
    argument.datalen = sizeof partition;
    argument.data = &partition;
    return ::ioctl(disk, BLKPG, &argument) == 0 || errno != EBUSY;
}

std::filesystem::path attributesOf(const DeviceIdentity& disk)
{
    const auto number = static_cast<dev_t>(disk.device);
    return fmt::format("/sys/dev/block/{}:{}", ::major(number), ::minor(number));
}

int numberIn(const std::filesystem::path& path)
{
    std::ifstream file(path);
    int number = 0;
    return file >> number ? number : 0;
}

} // namespace

bool hasKernelPartitions(const DeviceIdentity& disk)
{
    if (!disk.blockDevice)
        return false;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(attributesOf(disk), ignored)) {
        if (std::filesystem::exists(entry.path() / "partition", ignored))
            return true;
    }
    return false;
}

bool takesKernelPartitions(const DeviceIdentity& disk)
{
    if (!disk.blockDevice)
        return false;
    const std::filesystem::path attributes = attributesOf(disk);
    std::error_code ignored;
    // Without the flag a loop device keeps its nodes when it is detached, for whoever comes next.
    if (std::filesystem::exists(attributes / "loop", ignored))
        return numberIn(attributes / "loop" / "partscan") == 1;
    return numberIn(attributes / "ext_range") > 1;
}

void addKernelPartition(int disk, std::uint32_t number, ByteRange extent)
{
    blkpg_partition partition{};
    partition.pno = static_cast<int>(number);
    partition.start = static_cast<long long>(extent.offsetBytes);
    partition.length = static_cast<long long>(extent.lengthBytes);
    std::ignore = tell(disk, BLKPG_ADD_PARTITION, partition);
}

bool removeKernelPartition(int disk, std::uint32_t number)
{
    blkpg_partition partition{};
    partition.pno = static_cast<int>(number);
    return tell(disk, BLKPG_DEL_PARTITION, partition);
}

} // namespace cairn
