// Which generations a filter lets through, and in which order.
#pragma once

#include "ui/absent_copies.h"
#include "ui/models/history_index.h"

#include <QString>
#include <atomic>
#include <optional>
#include <vector>

namespace cairn {

enum class HistoryOrder : std::uint8_t { Number, When, Source, Target, Size, State, Label, Note };

// Undo copies keep what a restore overwrote; they are no backups.
enum class HistoryKind : std::uint8_t { All, Backups, UndoCopies };

// Times are milliseconds since 1970; both ends belong to the span.
struct TimeSpan {
    std::int64_t firstMs = 0;
    std::int64_t lastMs = 0;
    friend bool operator==(const TimeSpan&, const TimeSpan&) = default;
};

struct HistoryQuery {
    // Every word must be in the source's or target's name, the state, what has become of the copy,
    // the label or the note. A date (2026-11 or 2026-11-18) also finds what began then, a number,
    // or #1042, the generation.
    QString text;
    AbsentCopies absent; // What has become of copies, for the text; it lets nothing through alone.
    HistoryKind kind = HistoryKind::All;
    std::vector<RegionId> sources;       // Empty: all.
    std::vector<GenerationState> states; // Empty: all.
    bool heldOnly = false;
    std::optional<TimeSpan> span;
    HistoryOrder order = HistoryOrder::Number;
    bool ascending = false;

    // Whether everything is shown, newest first.
    [[nodiscard]] bool isWhole() const { return *this == HistoryQuery{}; }
    // Whether it leaves nothing out.
    [[nodiscard]] bool letsAllThrough() const;
    friend bool operator==(const HistoryQuery&, const HistoryQuery&) = default;
};

// Safe on any thread while nobody changes the index. Ends early, with anything, once `stop` is set.
[[nodiscard]] std::vector<HistoryIndex::Row>
searchHistory(const HistoryIndex& index, const HistoryQuery& query, const std::atomic<bool>& stop);

} // namespace cairn
