// Lays out tables for a terminal or a pipe.
#include "app/cairnctl/table_output.h"

#include <algorithm>
#include <clocale>
#include <cstdlib>
#include <cwchar>
#include <unistd.h>

namespace cairn::ctl {
namespace {

bool colorsWanted()
{
    static const bool wanted = [] {
        const char* noColor = std::getenv("NO_COLOR");
        return ::isatty(STDOUT_FILENO) == 1 && (noColor == nullptr || *noColor == '\0');
    }();
    return wanted;
}

const char* escapeFor(Tone tone)
{
    switch (tone) {
    case Tone::Plain:
        break;
    case Tone::Heading:
        return "\x1b[1m";
    case Tone::Good:
        return "\x1b[32m";
    case Tone::Warning:
        return "\x1b[33m";
    case Tone::Bad:
        return "\x1b[31m";
    }
    return "";
}

void appendPadded(std::string& line, const Table::Cell& cell, std::size_t width, Table::Align align)
{
    const std::size_t used = displayWidth(cell.text);
    const std::string padding(width > used ? width - used : 0, ' ');
    if (align == Table::Align::Right)
        line += padding;
    line += toned(cell.text, cell.tone);
    if (align == Table::Align::Left)
        line += padding;
}

void endLine(std::string& line)
{
    while (!line.empty() && line.back() == ' ')
        line.pop_back();
    line += '\n';
}

} // namespace

std::string toned(std::string_view text, Tone tone)
{
    if (tone == Tone::Plain || text.empty() || !colorsWanted())
        return std::string(text);
    return escapeFor(tone) + std::string(text) + "\x1b[0m";
}

std::size_t displayWidth(std::string_view text)
{
    // wcwidth() knows only the characters of the current locale; Debian always has this one.
    static const bool utf8 = std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr;
    std::size_t width = 0;
    std::mbstate_t state{};
    while (!text.empty()) {
        wchar_t character = 0;
        const std::size_t length =
            utf8 ? std::mbrtowc(&character, text.data(), text.size(), &state) : 0;
        if (length == 0 || length > text.size()) {
            state = {};
            text.remove_prefix(1);
            ++width;
            continue;
        }
        text.remove_prefix(length);
        width += static_cast<std::size_t>(std::max(0, ::wcwidth(character)));
    }
    return width;
}

std::string Table::text() const
{
    std::vector<std::size_t> widths;
    for (std::size_t column = 0; column < m_columns.size(); ++column) {
        std::size_t width = displayWidth(m_columns[column].heading);
        for (const auto& row : m_rows)
            width = std::max(width, column < row.size() ? displayWidth(row[column].text) : 0);
        widths.push_back(width);
    }
    std::string all;
    const auto addLine = [&](const auto& cellOf) {
        std::string line;
        for (std::size_t column = 0; column < m_columns.size(); ++column) {
            if (column > 0)
                line += "  ";
            appendPadded(line, cellOf(column), widths[column], m_columns[column].align);
        }
        endLine(line);
        all += line;
    };
    addLine([&](std::size_t column) { return Cell(m_columns[column].heading, Tone::Heading); });
    for (const auto& row : m_rows)
        addLine([&](std::size_t column) { return column < row.size() ? row[column] : Cell(""); });
    return all;
}

void FactList::add(std::string name, std::string value, Tone tone)
{
    if (!value.empty())
        m_facts.push_back({std::move(name), std::move(value), tone});
}

std::string FactList::text() const
{
    std::size_t width = 0;
    for (const Fact& fact : m_facts)
        width = std::max(width, displayWidth(fact.name) + 1);
    std::string all;
    for (const Fact& fact : m_facts) {
        all += toned(fact.name + ":", Tone::Heading);
        std::string_view rest = fact.value;
        std::size_t indent = width - displayWidth(fact.name) + 1;
        for (;; indent = width + 2) {
            const std::size_t end = std::min(rest.find('\n'), rest.size());
            all += std::string(indent, ' ');
            all += toned(std::string(rest.substr(0, end)), fact.tone) + '\n';
            if (end == rest.size())
                break;
            rest.remove_prefix(end + 1);
        }
    }
    return all;
}

} // namespace cairn::ctl
