// Tells who on this host uses a device or an extent of it.
#pragma once

#include "core/array/region.h"
#include "core/base/byte_range.h"
#include "core/io/device_identity.h"

#include <string>

namespace cairn {

// Looks at mountinfo, /proc/swaps, sysfs holders and loop backing files; of a whole disk also at
// its partitions' nodes that overlap the extent, of an image file at the loop devices over it and
// their partitions. What cannot be read counts as unused only if the kernel says that it is not
// there.
[[nodiscard]] RegionUse findUse(const DeviceIdentity& identity, ByteRange extent);

// The path of the partition node of exactly that extent of a block device, or empty.
[[nodiscard]] std::string findPartitionNode(const DeviceIdentity& disk, ByteRange extent,
                                            std::uint32_t sectorBytes);

} // namespace cairn
