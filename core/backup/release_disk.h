// Removes Cairn from a disk: its partitions and what they hold stay.
#pragma once

#include "core/backup/member_loss.h"

#include <string>

namespace cairn {

// What giving a member up costs; read before the operator is asked.
struct DiskRelease {
    Member member;
    std::optional<Region> management; // Its copy of the catalog.
    bool lastCatalog = false;         // No other attached member has one: the history goes.
    MemberLoss loss;                  // Nobody can restore what lies on it any more.
};
// UnknownMember, MemberMissing; ForeignMember where the catalog does not list it. Refuses what
// releaseDisk() would refuse now whatever is confirmed: GenerationHeld, RegionBusy,
// RestoreUnfinished …
[[nodiscard]] Result<DiskRelease> planRelease(Attachment& attachment, const Uuid& member);

// Records, where another member keeps the catalog, that the disk is none of the array's; leaves a
// table without Cairn's partition and types. The management region's name must be confirmed, since
// its content is given up. What planRelease() refuses is refused: nothing was written.
[[nodiscard]] Result<void> releaseDisk(Attachment& attachment, const Uuid& member,
                                       const std::string& confirmedName);

} // namespace cairn
