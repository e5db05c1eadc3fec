// Tells a disk that has lost its partition table from one that was never an array's.
#pragma once

#include "core/base/environment.h"
#include "core/base/error.h"

namespace cairn {

// The error that refused a disk, or TableLost (subject: the disk; amount: where its catalog begins,
// in bytes) where it has no partition table, and a catalog is on it all the same: what else the
// disk is taken for, an empty one or a stranger's, its owner is told to erase. Reads two pages
// of each of the disk's first 64 MiB.
[[nodiscard]] Error orTableLost(Error error, const Environment& environment);

} // namespace cairn
