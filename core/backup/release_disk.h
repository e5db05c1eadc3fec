// Removes Cairn from a disk: its partitions and what they hold stay.
#pragma once

#include "core/backup/attachment.h"

#include <string>
#include <vector>

namespace cairn {

struct LostSource {
    std::string name;
    GenerationNumber number = 0; // The newest of its good copies that go.
    friend bool operator==(const LostSource&, const LostSource&) = default;
};

// What giving a member up costs; read before the operator is asked.
struct DiskRelease {
    Member member;
    std::optional<Region> management;      // Its copy of the catalog.
    bool lastCatalog = false;              // No other attached member has one: the history goes.
    std::vector<GenerationNumber> backups; // That lie on it: nobody can restore them any more.
    // Those of which no other attached member has a copy that stands for theirs; newest first.
    std::vector<LostSource> lastCopies;
};
// UnknownMember, MemberMissing; UnknownMember too where the catalog does not know it. Refuses what
// releaseDisk() would refuse now whatever is confirmed: GenerationHeld, RegionBusy,
// RestoreUnfinished …
[[nodiscard]] Result<DiskRelease> planRelease(Attachment& attachment, const Uuid& member);

// Records, where another member keeps the catalog, that the disk is none of the array's; leaves a
// table without Cairn's partition and types. The management region's name must be confirmed, since
// its content is given up. What planRelease() refuses is refused: nothing was written.
[[nodiscard]] Result<void> releaseDisk(Attachment& attachment, const Uuid& member,
                                       const std::string& confirmedName);

} // namespace cairn
