// Tells whether a file may be replaced by another one, or an array would be lost with it.
#pragma once

#include "core/base/error.h"

#include <string>

namespace cairn {

// RegionInUse (detail: why) for a block device or file that this host uses, for a disk whose table
// has partitions of Cairn's, whichever array it belongs to, and for the description and the disks
// of a simulated array. What cannot be told counts as an array: whoever knows better can remove the
// file. OpenFailed, ReadFailed. Success where nothing is there, and for pipes and the like.
[[nodiscard]] Result<void> checkReplaceable(const std::string& path);

} // namespace cairn
