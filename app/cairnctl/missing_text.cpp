// Lists of byte ranges, and what follows from them.
#include "app/cairnctl/missing_text.h"

#include "app/cairnctl/json_output.h"
#include "app/cairnctl/lookup.h"
#include "core/backup/reread.h"
#include "core/base/size_text.h"

#include <algorithm>
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

std::string missingAdvice(const Generation& generation)
{
    return fmt::format("To try to read them again: cairnctl resume {}", generation.number);
}

bool warnOfMissing(Invocation& invocation, const Generation& generation)
{
    if (generation.unreadable.empty())
        return false;
    invocation.warn("SourceUnreadable", generation.source.name,
                    fmt::format("{}. {}", missingText(generation), missingAdvice(generation)));
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
        missingText(*generation), missingAdvice(*generation), argumentFor(generation->target));
}

std::string mapfileText(const Generation& generation)
{
    struct Part {
        std::uint64_t beginBytes;
        std::uint64_t endBytes;
        char status;
    };
    std::vector<Part> parts;
    for (const ByteRange& range : generation.unreadable.ranges())
        parts.push_back({range.offsetBytes, range.offsetBytes + range.lengthBytes, '-'});
    // Where both are true, what the source does not give is the graver.
    for (const ChunkMap::Run& run : generation.damaged.runs()) {
        std::uint64_t at = run.first * kChunkBytes;
        const std::uint64_t end = std::min(at + run.count * kChunkBytes, generation.sizeBytes);
        for (const ByteRange& gap : generation.unreadable.within({at, end - at})) {
            parts.push_back({at, gap.offsetBytes, '?'});
            at = gap.offsetBytes + gap.lengthBytes;
        }
        parts.push_back({at, end, '?'});
    }
    std::ranges::sort(parts, {}, &Part::beginBytes);
    std::string text = fmt::format("# Mapfile. Backup #{}\n"
                                   "# current_pos  current_status  current_pass\n"
                                   "0x00000000     +               1\n"
                                   "#      pos        size  status\n",
                                   generation.number);
    std::uint64_t at = 0;
    const auto add = [&](std::uint64_t end, char status) {
        if (end > at)
            text += fmt::format("0x{:08X}  0x{:08X}  {}\n", at, end - at, status);
        at = std::max(at, end);
    };
    for (const Part& part : parts) {
        add(part.beginBytes, '+');
        add(std::min(part.endBytes, generation.sizeBytes), part.status);
    }
    add(generation.sizeBytes, '+');
    return text;
}

} // namespace cairn::ctl
