// Reads super blocks to tell what is the array's from what was copied or is another's.
#include "core/backup/foreign_disks.h"

#include "core/catalog/management_region.h"

#include <utility>

namespace cairn {

std::string whyUnlisted(Array& array, const ArrayLayout& layout, const Uuid& disk,
                        const Uuid& arrayId)
{
    std::string why = kNotListed;
    for (const Region& region : layout.regions) {
        if (region.member != disk || region.role != RegionRole::Management)
            continue;
        const auto io = array.openRegion(region.id, Access::Read);
        const auto super = io ? readSuperBlock(**io) : std::unexpected(io.error());
        if (!super)
            continue;
        const std::string copied = whyOfAnotherDisk(*super, disk);
        if (copied.empty() && super->arrayId == arrayId)
            return {};
        if (!copied.empty())
            why = copied;
    }
    return why;
}

std::map<Uuid, std::string> findCopied(const std::vector<CatalogCopy>& copies)
{
    std::map<Uuid, std::string> found;
    for (const CatalogCopy& copy : copies) {
        const auto super = readSuperBlock(*copy.io);
        std::string why = super ? whyOfAnotherDisk(*super, copy.member) : "";
        if (!why.empty())
            found.emplace(copy.member, std::move(why));
    }
    return found;
}

} // namespace cairn
