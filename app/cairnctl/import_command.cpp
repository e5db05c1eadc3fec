// Puts the command together from the record of the import.
#include "app/cairnctl/import_command.h"

#include "app/cairnctl/lookup.h"
#include "core/base/command_word.h"
#include "core/base/printable_text.h"

#include <algorithm>
#include <fmt/format.h>

namespace cairn::ctl {
namespace {

// The file that the import read, as a word on a command line.
std::string importedFrom(Attachment& attachment, GenerationNumber number)
{
    const auto catalog = attachment.catalog();
    const auto exports = catalog ? (*catalog)->exports(number).value_or(std::vector<ExportedCopy>())
                                 : std::vector<ExportedCopy>();
    const auto from = std::ranges::find_if(exports, &ExportedCopy::imported);
    return from != exports.end() && from->location.starts_with('/') &&
                   printable(from->location) == from->location
               ? wordOnCommandLine(from->location, "FILE")
               : "FILE";
}

} // namespace

std::string titleNow(const ArrayLayout& layout, const RegionRef& region)
{
    const Region* now = layout.find(region.id);
    return now != nullptr ? titleOf(*now) : titleOf(region);
}

std::string importCommand(Attachment& attachment, const Job& job)
{
    const ArrayLayout layout = attachment.layout();
    const auto generation = generationNumbered(attachment, job.generation);
    // A bare image has no digest of its own.
    const bool image = generation && generation->digest == Digest{};
    std::string command =
        fmt::format("cairnctl import {}{} {}", image ? "--image " : "",
                    importedFrom(attachment, job.generation),
                    wordOnCommandLine(titleNow(layout, job.target), job.target.id.uuid.toString()));
    if (image && layout.find(job.source.id) != nullptr)
        command += " --source " +
                   wordOnCommandLine(titleNow(layout, job.source), job.source.id.uuid.toString());
    if (image && !generation->unreadable.empty())
        command += " --mapfile MAP";
    return command;
}

} // namespace cairn::ctl
