// Reads a copy's super block and derives its areas.
#include "core/catalog/region_attach.h"

namespace cairn {

Result<AttachedCopy> attachCopy(RegionIo& io, const Uuid& arrayId)
{
    const SuperBlock super = CAIRN_TRY(readSuperBlock(io));
    if (super.arrayId != arrayId)
        return failure(ErrorCode::CatalogForeign, io.name(), super.arrayId.toString());
    const ManagementAreas areas = CAIRN_TRY(managementAreas(super.regionBytes));
    if (super.regionBytes > io.sizeBytes())
        return failure(ErrorCode::CatalogDamaged, io.name(), "region cut off");
    return AttachedCopy{{&io, areas, false}, super};
}

} // namespace cairn
