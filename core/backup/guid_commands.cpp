// Words what sfdisk does for it: no verb of Cairn's changes the identity of a disk.
#include "core/backup/guid_commands.h"

#include "core/base/command_word.h"
#include "core/base/printable_text.h"

#include <fmt/format.h>

namespace cairn {
namespace {

std::string diskWord(const std::string& path)
{
    return wordOnCommandLine(printable(path), "DISK");
}

} // namespace

std::string commandForDisk(const FormerDisk& former, const std::string& path)
{
    return fmt::format("sfdisk --disk-id {} {}{}{}", diskWord(path), former.disk.toString(),
                       former.regions.empty() ? "" : " && ",
                       commandForRegions(former.regions, path));
}

std::string commandForRegions(const std::vector<FormerRegion>& regions, const std::string& path)
{
    std::string commands;
    for (const FormerRegion& region : regions)
        commands += fmt::format("{}sfdisk --part-uuid {} {} {}", commands.empty() ? "" : " && ",
                                diskWord(path), region.entry, region.uuid.toString());
    return commands;
}

} // namespace cairn
