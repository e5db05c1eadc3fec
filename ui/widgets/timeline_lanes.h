// What the timeline shows: a lane for each source, and in it a mark for each backup or crowd of
// them.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/models/history_search.h"

#include <QString>
#include <cstdint>
#include <vector>

namespace cairn {

struct TimelineLane {
    RegionId source;
    QString name;
    std::vector<HistoryIndex::Row> newestFirst; // By their time, not by their number.
    std::size_t undoCopies = 0;                 // Of them; the others are backups.
};

// How a backup looks; of a crowd, the one that matters most. In rising order of that.
enum class MarkKind : std::uint8_t {
    Gone,     // Forgotten.
    Replaced, // Hollow.
    Undo,     // Keeps what a restore overwrote: no backup.
    Held,     // Filled: its bytes are in a region. Not verified.
    Verified, // Filled, with a ring.
    Absent,   // Its copy is not there now, or in doubt.
    Waiting,  // Being written, or interrupted.
    Failed,   // Or damaged.
};

struct TimelineMark {
    int x = 0;
    MarkKind kind = MarkKind::Gone;
    HistoryIndex::Row row = 0; // Of a crowd, the newest of that kind.
    std::uint32_t count = 1;
};

// Where times are, from left to right.
struct TimelineScale {
    TimeSpan span;
    int leftPx = 0;
    int widthPx = 1;

    [[nodiscard]] int xOf(std::int64_t timeMs) const;
    [[nodiscard]] std::int64_t timeAt(int x) const;
};

[[nodiscard]] MarkKind markKind(GenerationState state, bool isUndo = false,
                                CopyPresence presence = CopyPresence::Present);

class TimelineLanes {
public:
    // Reads the whole index again.
    void fill(const HistoryIndex& index);
    // Takes the rows that came to the end of index.newestFirst() since.
    void append(const HistoryIndex& index);
    // Takes newer rows, oldest first.
    void add(const HistoryIndex& index, const std::vector<HistoryIndex::Row>& rows);

    [[nodiscard]] const std::vector<TimelineLane>& lanes() const { return m_lanes; }
    // From the first backup to the last; nothing where there is none.
    [[nodiscard]] std::optional<TimeSpan> span(const HistoryIndex& index) const;
    // Marks at least `gapPx` apart, from left to right.
    [[nodiscard]] std::vector<TimelineMark> marks(const HistoryIndex& index, std::size_t lane,
                                                  const TimelineScale& scale, int gapPx,
                                                  const AbsentCopies& absent = {}) const;
    // The row `step` backups later (or earlier) in the same lane; the row itself at the ends.
    [[nodiscard]] HistoryIndex::Row neighbour(const HistoryIndex& index, HistoryIndex::Row row,
                                              int step) const;
    // The row of the lane that began nearest to that time.
    [[nodiscard]] std::optional<HistoryIndex::Row>
    nearest(const HistoryIndex& index, std::size_t lane, std::int64_t timeMs) const;

private:
    void put(const HistoryIndex& index, HistoryIndex::Row row);
    void sortLanes(const HistoryIndex& index);

    std::vector<TimelineLane> m_lanes; // By HistoryIndex::sourceNumber().
    std::size_t m_taken = 0;           // Of index.newestFirst().
};

// A round step for the lines of the axis, and how a time is written there.
struct TimelineTick {
    std::int64_t timeMs = 0;
    QString text;
};
// At least `gapPx` apart.
[[nodiscard]] std::vector<TimelineTick> timelineTicks(const TimelineScale& scale, int gapPx);

} // namespace cairn
