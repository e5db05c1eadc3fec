// Tells the kernel of a changed table, so that its partition nodes follow.
#pragma once

#include "core/base/byte_range.h"
#include "core/io/device_identity.h"

#include <cstdint>

namespace cairn {

// Whether the kernel has partitions of that disk: then it is told of changes.
[[nodiscard]] bool hasKernelPartitions(const DeviceIdentity& disk);

// Whether a disk without any is one that gets some: a loop device with the partscan flag, any other
// device that the kernel partitions. A new table is then told as a whole, which a kernel that
// parses tables would have read for itself.
[[nodiscard]] bool takesKernelPartitions(const DeviceIdentity& disk);

// The table is what counts, and it is written already: a kernel that refuses keeps its old nodes
// until the disk is attached again, and I/O goes through the disk where no node fits.
// Whether it did.
bool addKernelPartition(int disk, std::uint32_t number, ByteRange extent);
// 0 where the kernel has none of that number from then on; otherwise why it keeps it, as errno(3):
// EBUSY while somebody has the node open, EACCES for who is not root.
[[nodiscard]] int removeKernelPartition(int disk, std::uint32_t number);

// What the disk's own page cache has of partitions that were written through their nodes is stale.
void dropDiskCache(int disk);

} // namespace cairn
