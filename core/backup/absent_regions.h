// Finds the regions that the catalog knows of and that lie on members that are away.
#pragma once

#include "core/backup/attachment.h"

#include <vector>

namespace cairn {

struct AbsentRegion {
    RegionRef region;            // Its member is null where no record tells on which it lies.
    std::vector<Member> members; // Missing or Failed; it lies on one of them.
};

// In order of name. What records name as source or target, and what the ledger says was added and
// not removed; what was never in either (as partitions that a disk brought along) nobody can list.
// Nothing where no member is away. The catalog's error where it cannot be read.
[[nodiscard]] Result<std::vector<AbsentRegion>> absentRegions(Attachment& attachment);

} // namespace cairn
