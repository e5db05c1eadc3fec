// How a disk gets the GUIDs back by which the array knows it.
#pragma once

#include "core/backup/former_guids.h"

#include <string>

namespace cairn::ctl {

// What happened to the disk at the path, and the command that undoes it; without a full stop.
[[nodiscard]] std::string wayToFormerGuids(const FormerDisk& former, const std::string& path);

// The command alone, of partitions of a member that has its own GUID.
[[nodiscard]] std::string wayToFormerRegions(const std::vector<FormerRegion>& regions,
                                             const std::string& path);

} // namespace cairn::ctl
