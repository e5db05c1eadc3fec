// Finds the regions whose copy was made by a history that was given up, as far as the ledger tells.
#pragma once

#include "core/backup/attachment.h"

#include <cstdint>
#include <map>
#include <vector>

namespace cairn {

// When the history was given up, by regions that are marked as a backup, that no record names as
// its target, and into which that history's backup or undo copy was begun last. The ledger tells of
// a backup's target by name: one that two regions share now tells nothing.
using GivenUpCopies = std::map<RegionId, std::int64_t>;

// `events` as in a ledger, oldest first; `records`: at least the newest one of each target.
[[nodiscard]] GivenUpCopies givenUpCopies(const std::vector<Region>& regions,
                                          const std::vector<Generation>& records,
                                          const std::vector<Event>& events);

// Reads the ledger only where there is such a region. The catalog's error where it cannot be read.
[[nodiscard]] Result<GivenUpCopies> givenUpCopies(Attachment& attachment,
                                                  const std::vector<Generation>& records);

} // namespace cairn
