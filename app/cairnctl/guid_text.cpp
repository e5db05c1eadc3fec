// Words what became of the GUIDs of a disk.
#include "app/cairnctl/guid_text.h"

#include "core/backup/guid_commands.h"
#include "core/base/printable_text.h"

#include <fmt/format.h>

namespace cairn::ctl {

std::string wayToFormerRegions(const std::vector<FormerRegion>& regions, const std::string& path)
{
    return '`' + commandForRegions(regions, path) + '`';
}

std::string wayToFormerGuids(const FormerDisk& former, const std::string& path)
{
    const std::string command = commandForDisk(former, path);
    if (former.location.empty())
        return fmt::format("Where it is the disk that it names, and its GUID was changed from "
                           "outside (as `sgdisk -G` does), this gives it back, with its catalog: "
                           "`{}`",
                           command);
    return fmt::format("It is the member of this array that was last seen at {}, or a clone of "
                       "that one, and its {} changed from outside (as `sgdisk -G` does). This "
                       "gives {} back, and its catalog and backups are the array's again: `{}`",
                       printableShort(former.location, 120),
                       former.regions.empty() ? "disk GUID was" : "GUIDs were",
                       former.regions.empty() ? "it" : "them", command);
}

} // namespace cairn::ctl
