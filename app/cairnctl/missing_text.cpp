// Lists of byte ranges, and what follows from them.
#include "app/cairnctl/missing_text.h"

#include "app/cairnctl/json_output.h"
#include "app/cairnctl/lookup.h"
#include "core/backup/reread.h"
#include "core/base/size_text.h"
#include "core/copy/rescue_map.h"

#include <fmt/format.h>

namespace cairn::ctl {

std::string rangesText(const std::vector<ByteRange>& ranges)
{
    constexpr std::size_t kMost = 12;
    std::vector<std::string> parts;
    for (const ByteRange& range : ranges) {
        if (parts.size() == kMost) {
            parts.push_back(fmt::format("and {} more ranges", ranges.size() - kMost));
            break;
        }
        parts.push_back(
            fmt::format("{}-{}", range.offsetBytes, range.offsetBytes + range.lengthBytes - 1));
    }
    return fmt::format("bytes {}", fmt::join(parts, ", "));
}

Json jsonOf(const std::vector<ByteRange>& ranges)
{
    Json all = Json::array();
    for (const ByteRange& range : ranges)
        all.push_back({{"offsetBytes", range.offsetBytes}, {"sizeBytes", range.lengthBytes}});
    return all;
}

std::string missingText(const Generation& generation)
{
    return fmt::format("{} of {} could not be read, and are zeroes in backup #{}: {}",
                       sizeText(generation.unreadable.bytes()), titleOf(generation.source),
                       generation.number, rangesText(generation.unreadable.ranges()));
}

std::string missingAdvice(const ArrayLayout& layout, const Generation& generation)
{
    if (layout.find(generation.source.id) == nullptr)
        return fmt::format("{} is no region of this array: they can be read again only where it is",
                           titleOf(generation.source));
    return fmt::format("To try to read them again: cairnctl resume {}", generation.number);
}

bool warnOfMissing(Invocation& invocation, const ArrayLayout& layout, const Generation& generation)
{
    if (generation.unreadable.empty())
        return false;
    invocation.warn(
        "SourceUnreadable", generation.source.name,
        fmt::format("{}. {}", missingText(generation), missingAdvice(layout, generation)));
    return true;
}

void adviseOnMissing(Invocation& invocation, Attachment& attachment, GenerationNumber number)
{
    const auto generation = generationNumbered(attachment, number);
    if (!generation || !lacksSource(*generation) || !generation->damaged.empty())
        return;
    invocation.failureContext().advice = fmt::format(
        "{}. {}. What it holds, those zeroes included, `cairnctl region export {} FILE` writes to "
        "a file.",
        missingText(*generation), missingAdvice(attachment.layout(), *generation),
        argumentFor(generation->target));
}

std::string mapfileText(const Generation& generation)
{
    return rescueMapText(fmt::format("Backup #{}", generation.number), generation.sizeBytes,
                         generation.unreadable, generation.damaged);
}

} // namespace cairn::ctl
