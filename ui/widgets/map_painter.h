// Paints the titles and cells of the array map.
#pragma once

#include "ui/widgets/colors.h"
#include "ui/widgets/map_cells.h"

#include <QFont>
#include <QPainter>
#include <vector>

namespace cairn {

// The line from what is dragged to the pointer, and what is said there.
struct DragLook {
    QPoint from;
    QPoint to;
    QString text;
    bool allowed = false;
    QRect within;
};

// A cell that it may be dropped onto.
struct DropFrame {
    QRect rect;
    bool losesContent = false;
};

class MapPainter {
public:
    struct CellState {
        bool selected = false;
        bool focused = false;
        bool related = false;
        bool refused = false; // As the target of what is dragged.
        double progress = -1; // Of the job that reads or writes it; negative: none does.
        bool writes = false;
        bool unproved = false; // By that job, until it has ended.
        QString activity;      // Said instead of what the region holds, where a job is at work.
        Qt::LayoutDirection direction = Qt::LeftToRight;
    };

    MapPainter(QPainter& painter, const QPalette& palette, const QFont& font);

    // At which both texts of the cell are read whole.
    [[nodiscard]] static int labelWidth(const MapCell& cell, const QFont& font);

    void drawTitle(const MapRow& row, const QRect& rect, Qt::LayoutDirection direction);
    void drawCell(const MapCell& cell, const QRect& rect, const CellState& state);

    void drawDrag(const DragLook& drag, const std::vector<DropFrame>& targets);

private:
    [[nodiscard]] const RoleColors& roleColors(const MapCell& cell, const CellState& state) const;
    void drawBody(const MapCell& cell, const QRectF& body, const CellState& state);
    void drawBars(const MapCell& cell, const QRectF& body, const CellState& state);
    void drawTexts(const MapCell& cell, const QRect& rect, const CellState& state);
    void drawOutline(const MapCell& cell, const QRectF& body, const CellState& state);

    QPainter& m_painter;
    const Colors& m_colors;
    QFont m_bold;
    QFont m_plain;
};

} // namespace cairn
