// What the array map shows: one row for each member, one cell for each region or free extent.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/record_text.h"

#include <QRect>
#include <QString>
#include <cstdint>
#include <optional>
#include <vector>

namespace cairn {

enum class CellRole : std::uint8_t { Data, Empty, Backup, Management, Free };

struct MapCell {
    CellRole role = CellRole::Free;
    std::optional<RegionId> region; // None: free space.
    ByteRange extent;
    QString name;          // All texts are plain and safe to show.
    QString summary;       // A mark of its state first: what has no room is cut at the end.
    QString state;         // What the mark means.
    QString description;   // For the tooltip and assistive technology.
    double usedShare = -1; // Of the content in [0, 1]; negative: unknown.
    bool inUse = false;
    // Warning: what it holds is not whole, or in doubt. Muted: no record tells what it is.
    Tone tone = Tone::Plain;
    bool halfRestored = false; // Between two contents: neither source nor target of anything.
    int labelPx = 0;           // That its texts would like to have; 0: no more than any other.
    QRect rect;
};

struct MapRow {
    Uuid member;
    MemberState state = MemberState::Present;
    QString title;
    QRect titleRect;
    std::vector<MapCell> cells; // By offset.
};

[[nodiscard]] std::vector<MapRow> mapRows(const ArraySnapshot& snapshot);

struct MapMetrics {
    int marginPx = 10;
    int titleHeightPx = 22;
    int cellHeightPx = 64;
    int rowGapPx = 8;
    int cellGapPx = 4;
    int minimumCellPx = 76; // A 64 MiB region among terabytes is still hit by a mouse.
    int minimumFreePx = 26; // Of free space that is smaller than every region beside it.
    int mostLabelPx = 150;  // Of labelPx, as much as is granted.
};

// The width below which the cells would be narrower than their minimum.
[[nodiscard]] int minimumMapWidth(const std::vector<MapRow>& rows, const MapMetrics& metrics);

// Sets every rect, and returns the height. Within a row widths are proportional to sizes, but for
// what would be narrower than its minimum, or its label where there is room; nothing, free space
// included, is narrower than what is smaller.
int arrangeRows(std::vector<MapRow>& rows, int widthPx, const MapMetrics& metrics);

} // namespace cairn
