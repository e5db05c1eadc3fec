// Makes a catalog that a member was given alone a copy of the array's again.
#pragma once

#include "core/backup/attachment.h"

#include <optional>

namespace cairn {

// The management region of a member of this array that holds another array's catalog, as after a
// rebuild of that member alone; nothing for any other member.
[[nodiscard]] std::optional<Region> foreignCopyOn(Attachment& attachment, const Uuid& member);

// Gives that catalog up for a copy of the array's own. The region must be confirmed.
// ForeignMember where there is none on a member of this array; HistoriesDiverged.
[[nodiscard]] Result<void> takeCopyBack(Attachment& attachment, const Uuid& member,
                                        const std::string& confirmedName);

} // namespace cairn
