// Removes a member from the array: Cairn from its disk where that is attached, and from the list.
#pragma once

#include "core/backup/member_loss.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

// What giving a member up costs; read before the operator is asked.
struct DiskRelease {
    Member member;
    std::optional<Region> management; // Its copy of the catalog, where it is attached.
    bool lastCatalog = false;         // No other attached member has one: the history goes.
    MemberLoss loss;                  // Nobody can restore what lies on it any more.
    // Of a disk that is away, what the records name on it, with PARTUUIDs for those without a name;
    // on one that is attached, the regions stay.
    std::vector<std::string> regions;
    // Whose name must be confirmed: the management region, or, of a disk that is away, the region
    // with the first last copy that goes.
    std::optional<Region> losing;
};

// UnknownMember; RegionInUse where it is missing only because it was not named; ForeignMember where
// the catalog does not list it. Refuses what releaseDisk() would refuse now whatever is confirmed:
// GenerationHeld, RegionBusy, RestoreUnfinished …
[[nodiscard]] Result<DiskRelease> planRelease(Attachment& attachment, const Uuid& member);

// Records, where another member keeps the catalog, that the disk is none of the array's; leaves a
// table without Cairn's partition and types where it is attached. What `losing` is in planRelease()
// must be confirmed. What that refuses is refused: nothing was written.
[[nodiscard]] Result<void> releaseDisk(Attachment& attachment, const Uuid& member,
                                       const std::string& confirmedName);

} // namespace cairn
