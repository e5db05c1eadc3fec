// Reads and writes the lines of a mapfile.
#include "core/copy/rescue_map.h"

#include "core/copy/chunk_digest.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <fmt/format.h>
#include <limits>
#include <optional>
#include <span>

namespace cairn {
namespace {

// What ddrescue takes for the end of a source whose size it does not know.
constexpr std::uint64_t kUnknownEnd = std::numeric_limits<std::int64_t>::max();

constexpr std::string_view kBlockStatuses = "?*/-+";
constexpr std::string_view kRunStatuses = "?*/-FG+";

// The line's words, at most four: no line has more than three.
struct LineWords {
    std::array<std::string_view, 4> words;
    std::size_t count = 0;
};

LineWords wordsOf(std::string_view line)
{
    constexpr std::string_view kBlank = " \t\r";
    LineWords found;
    for (std::size_t at = line.find_first_not_of(kBlank);
         at != std::string_view::npos && found.count < found.words.size();
         at = line.find_first_not_of(kBlank, at)) {
        const std::size_t end = std::min(line.find_first_of(kBlank, at), line.size());
        found.words.at(found.count) = line.substr(at, end - at);
        found.count += 1;
        at = end;
    }
    return found;
}

// Decimal, or hexadecimal behind 0x. One that begins with 0 would be octal to ddrescue.
std::optional<std::uint64_t> numberOf(std::string_view word)
{
    const bool hexadecimal = word.starts_with("0x") || word.starts_with("0X");
    if (hexadecimal)
        word.remove_prefix(2);
    else if (word.size() > 1 && word.front() == '0')
        return std::nullopt;
    std::uint64_t value = 0;
    const auto [end, problem] =
        std::from_chars(word.data(), word.data() + word.size(), value, hexadecimal ? 16 : 10);
    if (problem != std::errc() || end != word.data() + word.size() || word.empty())
        return std::nullopt;
    return value;
}

bool isStatus(std::string_view word, std::string_view statuses)
{
    return word.size() == 1 && statuses.contains(word.front());
}

class Parser {
public:
    explicit Parser(const std::string& name) : m_name(name) {}

    [[nodiscard]] Result<RescueMap> parse(std::string_view text)
    {
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            m_line += 1;
            if (m_line > kRescueMapMostLines)
                return problem(fmt::format("more than {} lines", kRescueMapMostLines));
            CAIRN_TRY(takeLine(text.substr(0, end)));
            text.remove_prefix(std::min(end + 1, text.size()));
        }
        if (!m_hasStatus)
            return problem("no line tells the status: it is no mapfile");
        if (!m_hasBlock)
            return problem("it ends without a block");
        return std::move(m_map);
    }

private:
    [[nodiscard]] std::unexpected<Error> problem(const std::string& what) const
    {
        return failure(ErrorCode::InvalidDescription, m_name,
                       fmt::format("line {}: {}", std::max<std::size_t>(m_line, 1), what));
    }

    [[nodiscard]] Result<void> takeLine(std::string_view line)
    {
        if (line.size() > kRescueMapLineBytes)
            return problem(fmt::format("longer than {} bytes", kRescueMapLineBytes));
        const LineWords words = wordsOf(line);
        if (words.count == 0 || words.words[0].starts_with('#'))
            return {};
        if (m_hasStatus)
            return takeBlock(words);
        m_hasStatus = true;
        const bool whole = words.count == 2 || (words.count == 3 && numberOf(words.words[2]));
        if (!whole || !numberOf(words.words[0]) || !isStatus(words.words[1], kRunStatuses))
            return problem("not a position and a status: it is no mapfile");
        return {};
    }

    [[nodiscard]] Result<void> takeBlock(const LineWords& words)
    {
        const auto begin = numberOf(words.words[0]);
        const auto length = words.count == 3 ? numberOf(words.words[1]) : std::nullopt;
        if (!begin || !length || !isStatus(words.words[2], kBlockStatuses))
            return problem("not a position, a size and a status");
        if (*length == 0)
            return problem("a block of no bytes");
        const auto end = checkedAdd(*begin, *length);
        if (!end || *end > kUnknownEnd)
            return problem("a block that ends beyond the largest size that there is");
        if (*end == kUnknownEnd)
            return problem("the size of the source is not known: run ddrescue again with its size");
        if (*begin < m_map.endBytes)
            return problem("a block that begins before the one above it ends");
        if (m_hasBlock && *begin > m_map.endBytes)
            return problem("a block that does not begin where the one above it ends");
        m_hasBlock = true;
        addMissing({m_map.endBytes, *begin - m_map.endBytes});
        if (words.words[2] != "+")
            addMissing({*begin, *length});
        m_map.endBytes = *end;
        if (words.words[2] == "+") {
            m_map.finishedEndBytes = *end;
            m_map.finishedEndLine = m_line;
        }
        return {};
    }

    void addMissing(ByteRange range)
    {
        auto& missing = m_map.missing;
        if (range.empty())
            return;
        if (!missing.empty() &&
            missing.back().offsetBytes + missing.back().lengthBytes == range.offsetBytes)
            missing.back().lengthBytes += range.lengthBytes;
        else
            missing.push_back(range);
    }

    const std::string& m_name;
    std::size_t m_line = 0;
    bool m_hasStatus = false;
    bool m_hasBlock = false;
    RescueMap m_map;
};

struct Part {
    std::uint64_t beginBytes;
    std::uint64_t endBytes;
    char status;
};

std::vector<Part> partsOf(std::uint64_t sizeBytes, const SectorMap& unreadable,
                          const ChunkMap& damaged)
{
    std::vector<Part> parts;
    for (const ByteRange& range : unreadable.ranges())
        parts.push_back({range.offsetBytes, range.offsetBytes + range.lengthBytes, '-'});
    // Where both are true, what the source does not give is the graver.
    for (const ChunkMap::Run& run : damaged.runs()) {
        std::uint64_t at = run.first * kChunkBytes;
        const std::uint64_t end = std::min(at + run.count * kChunkBytes, sizeBytes);
        for (const ByteRange& gap : unreadable.within({at, end - at})) {
            parts.push_back({at, gap.offsetBytes, '?'});
            at = gap.offsetBytes + gap.lengthBytes;
        }
        parts.push_back({at, end, '?'});
    }
    std::ranges::sort(parts, {}, &Part::beginBytes);
    return parts;
}

} // namespace

Result<RescueMap> parseRescueMap(std::string_view text, const std::string& name)
{
    if (text.size() > kRescueMapLimitBytes)
        return failure(ErrorCode::InvalidDescription, name, "larger than 64 MiB");
    return Parser(name).parse(text);
}

std::string rescueMapText(const std::string& title, std::uint64_t sizeBytes,
                          const SectorMap& unreadable, const ChunkMap& damaged)
{
    std::string text = fmt::format("# Mapfile. {}\n"
                                   "# current_pos  current_status  current_pass\n"
                                   "0x00000000     +               1\n"
                                   "#      pos        size  status\n",
                                   title);
    std::uint64_t at = 0;
    const auto add = [&](std::uint64_t end, char status) {
        if (end > at)
            text += fmt::format("0x{:08X}  0x{:08X}  {}\n", at, end - at, status);
        at = std::max(at, end);
    };
    for (const Part& part : partsOf(sizeBytes, unreadable, damaged)) {
        add(part.beginBytes, '+');
        add(std::min(part.endBytes, sizeBytes), part.status);
    }
    add(sizeBytes, '+');
    return text;
}

} // namespace cairn
