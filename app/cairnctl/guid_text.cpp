// Words what sfdisk does for it: no verb of Cairn's changes the identity of a disk.
#include "app/cairnctl/guid_text.h"

#include "app/cairnctl/lookup.h"
#include "core/base/printable_text.h"

#include <fmt/format.h>

namespace cairn::ctl {
namespace {

std::string partCommands(const std::vector<FormerRegion>& regions, const std::string& disk)
{
    std::string commands;
    for (const FormerRegion& region : regions)
        commands += fmt::format("{}sfdisk --part-uuid {} {} {}", commands.empty() ? "" : " && ",
                                disk, region.entry, region.uuid.toString());
    return commands;
}

} // namespace

std::string wayToFormerRegions(const std::vector<FormerRegion>& regions, const std::string& path)
{
    return '`' + partCommands(regions, wordOnCommandLine(printable(path), "DISK")) + '`';
}

std::string wayToFormerGuids(const FormerDisk& former, const std::string& path)
{
    const std::string disk = wordOnCommandLine(printable(path), "DISK");
    const std::string command =
        fmt::format("sfdisk --disk-id {} {}{}{}", disk, former.disk.toString(),
                    former.regions.empty() ? "" : " && ", partCommands(former.regions, disk));
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
