// The commands that give a disk and its partitions the GUIDs back by which an array knows them.
#pragma once

#include "core/backup/former_guids.h"

#include <string>
#include <vector>

namespace cairn {

// Of the disk at the path, and of the regions on it; printable.
[[nodiscard]] std::string commandForDisk(const FormerDisk& former, const std::string& path);

// Of regions of a member that has its own GUID.
[[nodiscard]] std::string commandForRegions(const std::vector<FormerRegion>& regions,
                                            const std::string& path);

} // namespace cairn
