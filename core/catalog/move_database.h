// Puts a database into a part of a management region where nothing of the one that is there lies.
//
// The areas follow from the size that the super block names, and the journal area comes first: a
// super block that names only the bytes before the main area has both its areas within the journal
// area of the whole region. A database that is written there leaves the other one alone until a
// super block, which is one sector, says that it counts.
#pragma once

#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/io/region_io.h"

namespace cairn {

// Writes the database of `draft`, a formatted and closed region, beside the one in `copy`, and then
// the super block of `copy`, which makes it the one that counts. The caller is the array's only
// writer. Until that block is written `copy` holds the old one, whole or damaged as it was; only a
// journal that was hot is rolled back before. False, and no more than that was written: there is no
// room beside it, or the old one has no super block of this array or a journal that may be needed.
[[nodiscard]] Result<bool> installBeside(RegionIo& draft, RegionIo& copy, const Uuid& arrayId);

// Whether the database in `copy` lies in a part of the region from which it can be moved to where
// the region's whole size has it, and is moved there by the next call.
[[nodiscard]] bool canBeEnlarged(RegionIo& copy, const Uuid& arrayId);
// The same, cut anywhere, leaves the database in one of the two places. The caller is the array's
// only writer, and nobody has the database open.
[[nodiscard]] Result<void> enlarge(RegionIo& copy, const Uuid& arrayId);

} // namespace cairn
