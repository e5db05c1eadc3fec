// Paints the titles and cells of the array map.
#pragma once

#include "ui/widgets/colors.h"
#include "ui/widgets/map_cells.h"

#include <QFont>
#include <QPainter>

namespace cairn {

class MapPainter {
public:
    struct CellState {
        bool selected = false;
        bool focused = false;
        bool related = false;
        double progress = -1; // Negative: no job writes it.
        Qt::LayoutDirection direction = Qt::LeftToRight;
    };

    MapPainter(QPainter& painter, const QPalette& palette, const QFont& font);

    void drawTitle(const MapRow& row, const QRect& rect, Qt::LayoutDirection direction);
    void drawCell(const MapCell& cell, const QRect& rect, const CellState& state);

private:
    [[nodiscard]] const RoleColors& roleColors(CellRole role) const;
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
