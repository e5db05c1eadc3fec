// The columns of the whole history in memory: what the table shows, the timeline draws and a search
// reads.
#pragma once

#include "core/catalog/history.h"
#include "ui/models/text_pool.h"

#include <cstdint>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cairn {

// Not thread-safe; may be read from several threads while nobody changes it. A row is a place in
// the columns, from 0, and stays that generation's for ever.
class HistoryIndex {
public:
    using Row = std::uint32_t;

    // A page of older generations than all before. Rows beyond the limit are not kept.
    void append(const HistoryPage& page);
    struct Changes {
        std::vector<Row> changed;
        std::vector<Row> added; // Newer than all before, oldest of them first.
    };
    // Generations that changed or are new.
    Changes apply(const HistoryPage& page);

    // Rows, the newest generation first.
    [[nodiscard]] const std::vector<Row>& newestFirst() const { return m_newestFirst; }
    [[nodiscard]] std::size_t size() const { return m_numbers.size(); }
    [[nodiscard]] std::optional<Row> rowOf(GenerationNumber number) const;
    // Whether older generations, or texts, were left out for want of memory.
    [[nodiscard]] bool truncated() const { return m_truncated || m_texts.full(); }

    [[nodiscard]] GenerationNumber number(Row row) const { return m_numbers[row]; }
    [[nodiscard]] std::int64_t startedMs(Row row) const { return m_started[row]; }
    [[nodiscard]] std::uint64_t sizeBytes(Row row) const { return m_sizes[row]; }
    [[nodiscard]] GenerationState state(Row row) const { return m_states[row]; }
    [[nodiscard]] bool held(Row row) const { return (m_flags[row] & kHeld) != 0; }
    [[nodiscard]] bool recovered(Row row) const { return (m_flags[row] & kRecovered) != 0; }
    [[nodiscard]] bool inconsistent(Row row) const { return (m_flags[row] & kInconsistent) != 0; }
    // Whether it is no backup, but keeps what a restore overwrote; and which one.
    [[nodiscard]] bool isUndo(Row row) const { return (m_flags[row] & kUndo) != 0; }
    [[nodiscard]] std::optional<UndoBrief> undo(Row row) const;
    [[nodiscard]] std::size_t undoCount() const { return m_restored.size(); }
    [[nodiscard]] std::string_view label(Row row) const { return m_texts.text(m_labels[row]); }
    [[nodiscard]] std::string_view note(Row row) const { return m_texts.text(m_notes[row]); }
    [[nodiscard]] const RegionRef& source(Row row) const { return m_regions[m_sources[row]]; }
    [[nodiscard]] const RegionRef& target(Row row) const { return m_regions[m_targets[row]]; }

    // Sources that were ever backed up, each under its newest name, numbered from 0 in the order
    // in which they were met.
    [[nodiscard]] const std::vector<RegionRef>& sources() const { return m_sourceList; }
    [[nodiscard]] std::uint32_t sourceNumber(Row row) const
    {
        return m_sourceNumbers[m_sources[row]];
    }

    // Of searching and sorting: ids of texts() and of the region names in it.
    [[nodiscard]] const TextPool& texts() const { return m_texts; }
    [[nodiscard]] std::uint32_t labelText(Row row) const { return m_labels[row]; }
    [[nodiscard]] std::uint32_t noteText(Row row) const { return m_notes[row]; }
    [[nodiscard]] std::uint32_t sourceText(Row row) const { return m_names[m_sources[row]]; }
    [[nodiscard]] std::uint32_t targetText(Row row) const { return m_names[m_targets[row]]; }

private:
    static constexpr std::uint8_t kHeld = 1;
    static constexpr std::uint8_t kRecovered = 2;
    static constexpr std::uint8_t kUndo = 4;
    static constexpr std::uint8_t kUndone = 8;
    static constexpr std::uint8_t kInconsistent = 16;

    // False where the limit is reached.
    bool push(const GenerationBrief& brief, const HistoryPage& page);
    void set(Row row, const GenerationBrief& brief, const HistoryPage& page);
    [[nodiscard]] std::uint32_t regionNumber(RegionKey key, const HistoryPage& page);
    void noteSource(std::uint32_t region);
    void noteRestored(Row row, GenerationNumber restored);

    std::vector<GenerationNumber> m_numbers;
    std::vector<std::int64_t> m_started;
    std::vector<std::uint64_t> m_sizes;
    std::vector<std::uint32_t> m_sources; // Places in m_regions.
    std::vector<std::uint32_t> m_targets;
    std::vector<std::uint32_t> m_labels;
    std::vector<std::uint32_t> m_notes;
    std::vector<GenerationState> m_states;
    std::vector<std::uint8_t> m_flags;
    std::vector<Row> m_newestFirst;
    // Of rows that keep an undo, by row: few, so that they need no column.
    std::vector<std::pair<Row, GenerationNumber>> m_restored;

    std::vector<RegionRef> m_regions;
    std::vector<std::uint32_t> m_names;         // Of m_regions, in m_texts.
    std::vector<std::uint32_t> m_sourceNumbers; // Of m_regions; kNoSource: never one.
    std::unordered_map<RegionKey, std::uint32_t> m_regionNumbers;
    std::vector<RegionRef> m_sourceList;
    TextPool m_texts;
    bool m_truncated = false;
};

} // namespace cairn
