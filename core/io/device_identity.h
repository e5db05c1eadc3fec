// Tells whether an open descriptor still leads to the device or file that was confirmed.
#pragma once

#include "core/base/error.h"

#include <cstdint>
#include <string>

namespace cairn {

struct DeviceIdentity {
    bool blockDevice = false;
    std::uint64_t device = 0;       // st_rdev of a block device, st_dev of a file.
    std::uint64_t inode = 0;        // Of a file; 0 for a block device.
    std::uint64_t diskSequence = 0; // BLKGETDISKSEQ: changes at every re-attach; 0: unknown.
    std::string serial;             // From sysfs, where the device has one.
    std::string wwn;
    std::uint64_t sizeBytes = 0;
    friend bool operator==(const DeviceIdentity&, const DeviceIdentity&) = default;
};

// Of the block device that the node leads to now, told by the kernel without opening it. OpenFailed
// where there is none (osError 0: a file, or something else).
[[nodiscard]] Result<DeviceIdentity> identifyNode(const std::string& path);

// Asked of the descriptor, never of the path. OpenFailed for anything but a block device or a
// regular file.
[[nodiscard]] Result<DeviceIdentity> identify(int descriptor, const std::string& name);

} // namespace cairn
