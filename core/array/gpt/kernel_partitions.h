// Tells the kernel of a changed table, so that its partition nodes follow.
#pragma once

#include "core/base/byte_range.h"
#include "core/io/device_identity.h"

#include <cstdint>

namespace cairn {

// Whether the kernel has partitions of that disk: only then is it told of changes. A kernel
// without them gets none, and regions are reached through the disk.
[[nodiscard]] bool hasKernelPartitions(const DeviceIdentity& disk);

// The table is what counts, and it is written already: a kernel that refuses keeps its old nodes
// until the disk is attached again, and I/O goes through the disk where no node fits.
void addKernelPartition(int disk, std::uint32_t number, ByteRange extent);
// False while somebody has the node open.
bool removeKernelPartition(int disk, std::uint32_t number);

} // namespace cairn
