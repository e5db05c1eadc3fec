// Reads from the catalog which regions are sealed, for the array.
#include "core/backup/sealed_regions.h"

#include <utility>

namespace cairn {

void showSealed(Array& array, Catalog* catalog, const Array::SealRecorder& recorder)
{
    Array::SealedRegions sealed;
    if (auto seals = catalog != nullptr ? catalog->seals() : std::vector<RegionSeal>()) {
        for (RegionSeal& seal : *seals)
            sealed.emplace(seal.region, std::move(seal.pieces));
    }
    array.setSealed(sealed, recorder);
}

} // namespace cairn
