// Aligned plain-text tables and lists of facts.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace cairn::ctl {

enum class Tone : unsigned char { Plain, Heading, Good, Warning, Bad };

// The text in the tone's colour where standard output is a terminal and NO_COLOR is unset.
[[nodiscard]] std::string toned(std::string_view text, Tone tone);

// Columns that a terminal needs for the text; wide characters count two.
[[nodiscard]] std::size_t displayWidth(std::string_view text);

// Texts are printable already: a table escapes nothing.
class Table {
public:
    enum class Align : unsigned char { Left, Right };
    struct Column {
        std::string heading;
        Align align = Align::Left;
    };
    struct Cell {
        Cell(std::string cellText, Tone cellTone = Tone::Plain) // NOLINT: rows read better so.
            : text(std::move(cellText)), tone(cellTone)
        {}
        std::string text;
        Tone tone = Tone::Plain;
    };

    explicit Table(std::vector<Column> columns) : m_columns(std::move(columns)) {}
    void add(std::vector<Cell> row) { m_rows.push_back(std::move(row)); }
    [[nodiscard]] bool empty() const { return m_rows.empty(); }
    // Every line ends in a line feed; none in blanks.
    [[nodiscard]] std::string text() const;

private:
    std::vector<Column> m_columns;
    std::vector<std::vector<Cell>> m_rows;
};

// "name:  value" lines, the values in one column, each line of theirs; facts without a value are
// left out.
class FactList {
public:
    void add(std::string name, std::string value, Tone tone = Tone::Plain);
    [[nodiscard]] std::string text() const;

private:
    struct Fact {
        std::string name;
        std::string value;
        Tone tone;
    };
    std::vector<Fact> m_facts;
};

} // namespace cairn::ctl
