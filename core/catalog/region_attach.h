// Finds the areas of one copy of the database in a formatted region.
#pragma once

#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/catalog/management_region.h"
#include "core/catalog/region_copies.h"
#include "core/io/region_io.h"

namespace cairn {

struct AttachedCopy {
    StoredCopy copy;
    SuperBlock super;
};

// CatalogForeign: not this array's; CatalogDamaged: no super block, or the region was cut off.
// Whether a repair was interrupted is the caller's to judge.
[[nodiscard]] Result<AttachedCopy> attachCopy(RegionIo& io, const Uuid& arrayId);

} // namespace cairn
