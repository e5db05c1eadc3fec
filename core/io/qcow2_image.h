// A qcow2 file as the disk whose bytes it holds.
#pragma once

#include "core/io/region_io.h"

#include <memory>
#include <string>

namespace cairn {

// "QFI\xfb" in its first four bytes: a container, whose bytes are not those of a disk.
[[nodiscard]] Result<bool> isQcow2(RegionIo& file);

// Reads it through QEMU's qemu-nbd, which must be installed. An image from a stranger may name
// other files of this computer: one with a backing file or an external data file is refused, before
// QEMU sees it. Unsupported (detail: why) for these, for one that is encrypted, marked as corrupt
// or of a later version, damaged or cut off, and where there is no qemu-nbd; OpenFailed where QEMU
// does not open it.
[[nodiscard]] Result<std::unique_ptr<RegionIo>> openQcow2(const std::string& path);

} // namespace cairn
