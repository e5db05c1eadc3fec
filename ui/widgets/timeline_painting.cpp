// The look of the timeline.
#include "ui/widgets/colors.h"
#include "ui/widgets/timeline.h"

#include <QPainter>
#include <algorithm>

namespace cairn {
namespace {

constexpr qreal kRadius = 4.0;

void drawCross(QPainter& painter, QPointF at, qreal size)
{
    painter.drawLine(at + QPointF(-size, -size), at + QPointF(size, size));
    painter.drawLine(at + QPointF(-size, size), at + QPointF(size, -size));
}

// Told apart by shape: the colour only repeats it. Green is what was read back, and nothing else.
void drawMark(QPainter& painter, const Colors& colors, QPointF at, MarkKind kind)
{
    painter.setBrush(Qt::NoBrush);
    switch (kind) {
    case MarkKind::Gone:
        painter.setPen(QPen(colors.mutedText, 1.6));
        painter.drawLine(at - QPointF(3, 0), at + QPointF(3, 0));
        return;
    case MarkKind::Replaced:
        painter.setPen(QPen(colors.mutedText, 1.4));
        painter.setBrush(colors.base);
        painter.drawEllipse(at, kRadius - 0.5, kRadius - 0.5);
        return;
    case MarkKind::Undo:
        painter.setPen(QPen(colors.data.edge, 1.6));
        painter.setBrush(colors.base);
        painter.drawPolygon(QPolygonF(
            {at + QPointF(0, -5), at + QPointF(5, 0), at + QPointF(0, 5), at + QPointF(-5, 0)}));
        return;
    case MarkKind::Held:
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.mutedText);
        painter.drawEllipse(at, kRadius, kRadius);
        return;
    case MarkKind::Verified:
        painter.setPen(QPen(colors.backup.edge, 1.4));
        painter.setBrush(colors.base);
        painter.drawEllipse(at, kRadius + 2, kRadius + 2);
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.backup.edge);
        painter.drawEllipse(at, kRadius - 0.5, kRadius - 0.5);
        return;
    case MarkKind::Absent:
        painter.setPen(QPen(colors.management.edge, 1.6));
        painter.setBrush(colors.base);
        painter.drawRect(QRectF(at - QPointF(4, 4), at + QPointF(4, 4)));
        return;
    case MarkKind::Waiting:
        painter.setPen(Qt::NoPen);
        painter.setBrush(colors.management.edge);
        painter.drawPolygon(
            QPolygonF({at + QPointF(-4, -5), at + QPointF(5, 0), at + QPointF(-4, 5)}));
        return;
    case MarkKind::Failed:
        painter.setPen(QPen(colors.danger, 2.0));
        drawCross(painter, at, 4);
        return;
    }
}

} // namespace

void Timeline::paintEvent(QPaintEvent*)
{
    QPainter painter(viewport());
    painter.setRenderHint(QPainter::Antialiasing);
    if (!m_history || m_lanes.lanes().empty()) {
        painter.setPen(colorsOf(palette()).mutedText);
        painter.drawText(viewport()->rect(), Qt::AlignCenter,
                         tr("Backups show here along the time at which they were made."));
        return;
    }
    paintAxis(painter);
    paintBrush(painter);
    paintLanes(painter);
}

void Timeline::paintAxis(QPainter& painter) const
{
    const Colors& colors = colorsOf(palette());
    const int height = viewport()->height();
    const QRect band(0, height - m_axisHeightPx, viewport()->width(), m_axisHeightPx);
    QColor line = colors.border;
    line.setAlphaF(0.5F);
    const int gap = fontMetrics().horizontalAdvance(QStringLiteral("00 Mmm 0000"));
    for (const TimelineTick& tick : timelineTicks(m_scale, gap)) {
        const int x = logicalX(m_scale.xOf(tick.timeMs));
        painter.setPen(QPen(line, 1));
        painter.drawLine(QPointF(x + 0.5, 2), QPointF(x + 0.5, band.top()));
        painter.setPen(colors.mutedText);
        const int half = gap / 2;
        const int left = std::clamp(x - half, 0, std::max(0, band.width() - gap));
        painter.drawText(QRect(left, band.top(), gap, band.height()), Qt::AlignCenter, tick.text);
    }
}

void Timeline::paintBrush(QPainter& painter) const
{
    if (!m_brush)
        return;
    const Colors& colors = colorsOf(palette());
    const int from = logicalX(m_scale.xOf(m_brush->firstMs));
    const int to = logicalX(m_scale.xOf(m_brush->lastMs));
    const QRect band(std::min(from, to) - 2, 1, std::abs(to - from) + 4,
                     viewport()->height() - m_axisHeightPx);
    QColor fill = colors.accent;
    fill.setAlphaF(0.16F);
    painter.fillRect(band, fill);
    painter.setPen(QPen(colors.accent, 1.4));
    painter.drawLine(band.topLeft(), band.bottomLeft());
    painter.drawLine(band.topRight(), band.bottomRight());
}

void Timeline::paintLanes(QPainter& painter) const
{
    const Colors& colors = colorsOf(palette());
    const bool mirrored = layoutDirection() == Qt::RightToLeft;
    const auto chosen = selectedRow();
    painter.setClipRect(0, 0, viewport()->width(), viewport()->height() - m_axisHeightPx);
    for (std::size_t lane = 0; lane < m_lanes.lanes().size(); ++lane) {
        const int top = laneTop(lane);
        const qreal middle = top + m_laneHeightPx / 2.0;
        const QRect name(8, top, m_scale.leftPx - 12 - 8, m_laneHeightPx);
        painter.setPen(colors.text);
        painter.drawText(
            mirrored ? QRect(viewport()->width() - name.right(), top, name.width(), name.height())
                     : name,
            int(Qt::AlignVCenter | (mirrored ? Qt::AlignRight : Qt::AlignLeft)),
            fontMetrics().elidedText(m_lanes.lanes()[lane].name, Qt::ElideRight, name.width()));
        QColor line = colors.border;
        line.setAlphaF(0.8F);
        painter.setPen(QPen(line, 1));
        painter.drawLine(QPointF(logicalX(m_scale.leftPx - 8), middle),
                         QPointF(logicalX(m_scale.leftPx + m_scale.widthPx + 8), middle));
        for (const TimelineMark& mark : m_marks[lane])
            drawMark(painter, colors, QPointF(logicalX(mark.x), middle), mark.kind);
        if (!chosen || index().sourceNumber(*chosen) != lane)
            continue;
        const QPointF at(logicalX(m_scale.xOf(index().startedMs(*chosen))), middle);
        drawMark(painter, colors, at,
                 markKind(index().state(*chosen), index().isUndo(*chosen),
                          presenceIn(m_absent, index().number(*chosen))));
        painter.setPen(QPen(hasFocus() ? colors.accent : colors.text, 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawEllipse(at, kRadius + 5, kRadius + 5);
    }
    painter.setClipping(false);
}

} // namespace cairn
