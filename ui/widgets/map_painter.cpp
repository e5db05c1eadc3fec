// The look of the array map.
#include "ui/widgets/map_painter.h"

#include <QPainterPath>
#include <QtMath>
#include <algorithm>

namespace cairn {
namespace {

constexpr qreal kRadius = 5.0;
constexpr qreal kAccentPx = 5.0;
constexpr qreal kStripePx = 8;
constexpr qreal kHalfRestoredStripePx = 14;
constexpr qreal kBarPx = 5.0;
constexpr int kTextMarginPx = 13;
constexpr int kTextEndPx = 7;

QString activityLine(const MapPainter::CellState& state)
{
    return (state.writes ? QStringLiteral("▸ ") : QStringLiteral("◂ ")) + state.activity;
}

} // namespace

MapPainter::MapPainter(QPainter& painter, const QPalette& palette, const QFont& font)
    : m_painter(painter), m_colors(colorsOf(palette)), m_bold(font), m_plain(font)
{
    m_bold.setBold(true);
    m_painter.setRenderHint(QPainter::Antialiasing);
}

int MapPainter::labelWidth(const MapCell& cell, const QFont& font)
{
    QFont bold(font);
    bold.setBold(true);
    const QFontMetrics plain(font);
    const int namePx =
        (cell.role == CellRole::Free ? plain : QFontMetrics(bold)).horizontalAdvance(cell.name);
    return std::max(namePx, plain.horizontalAdvance(cell.summary)) + kTextMarginPx + kTextEndPx + 1;
}

const RoleColors& MapPainter::roleColors(const MapCell& cell, const CellState& state) const
{
    // What it held is being overwritten, and nobody has read back yet what it is to hold.
    if (cell.tone == Tone::Warning || state.unproved)
        return m_colors.management;
    if (cell.tone == Tone::Muted)
        return m_colors.empty;
    switch (cell.role) {
    case CellRole::Data:
        return m_colors.data;
    case CellRole::Backup:
        return m_colors.backup;
    case CellRole::Management:
        return m_colors.management;
    case CellRole::Empty:
        return m_colors.empty;
    case CellRole::Free:
        break;
    }
    return m_colors.free;
}

void MapPainter::drawTitle(const MapRow& row, const QRect& rect, Qt::LayoutDirection direction)
{
    const bool well = row.state == MemberState::Present;
    const QColor tone =
        well ? m_colors.backup.edge
             : (row.state == MemberState::ReadOnly ? m_colors.management.edge : m_colors.danger);
    const qreal size = 9;
    const bool mirrored = direction == Qt::RightToLeft;
    const QRectF dot(mirrored ? rect.right() - size - 1 : rect.left() + 1,
                     rect.center().y() - size / 2 + 1, size, size);
    // Told apart by shape too: a filled dot is well, a hollow one is not.
    m_painter.setPen(QPen(tone, 1.8));
    m_painter.setBrush(well ? QBrush(tone) : QBrush(Qt::NoBrush));
    m_painter.drawEllipse(dot);
    m_painter.setFont(m_plain);
    m_painter.setPen(well ? m_colors.mutedText : m_colors.badText);
    const QRect text = mirrored ? rect.adjusted(0, 0, -17, 0) : rect.adjusted(17, 0, 0, 0);
    m_painter.drawText(text, int(Qt::AlignVCenter | (mirrored ? Qt::AlignRight : Qt::AlignLeft)),
                       m_painter.fontMetrics().elidedText(row.title, Qt::ElideRight, text.width()));
}

void MapPainter::drawCell(const MapCell& cell, const QRect& rect, const CellState& state)
{
    const QRectF body = QRectF(rect).adjusted(1, 1, -1, -1);
    drawBody(cell, body, state);
    drawBars(cell, body, state);
    drawOutline(cell, body, state);
    drawTexts(cell, rect, state);
}

void MapPainter::drawBody(const MapCell& cell, const QRectF& body, const CellState& state)
{
    const RoleColors& role = roleColors(cell, state);
    QPainterPath path;
    path.addRoundedRect(body, kRadius, kRadius);
    m_painter.save();
    m_painter.setClipPath(path);
    m_painter.fillRect(body, state.refused ? veiled(role.fill, m_colors) : role.fill);
    const auto hatch = [&](const QPen& pen, qreal stepPx) {
        m_painter.setPen(pen);
        const int stripes = qCeil((body.width() + body.height()) / stepPx);
        for (int stripe = 0; stripe < stripes; ++stripe) {
            const qreal x = body.left() - body.height() + stripe * stepPx;
            m_painter.drawLine(QPointF(x, body.bottom()), QPointF(x + body.height(), body.top()));
        }
    };
    if (cell.role == CellRole::Free) {
        hatch(QPen(state.refused ? veiled(role.edge, m_colors) : role.edge, 1), kStripePx);
    } else if (cell.halfRestored) {
        // Struck through, as nothing that can be read or copied.
        QColor stripe = m_colors.management.edge;
        stripe.setAlphaF(0.35F);
        hatch(QPen(stripe, 2.5), kHalfRestoredStripePx);
    }
    if (cell.role != CellRole::Empty && cell.role != CellRole::Free) {
        const bool mirrored = state.direction == Qt::RightToLeft;
        m_painter.fillRect(QRectF(mirrored ? body.right() - kAccentPx : body.left(), body.top(),
                                  kAccentPx, body.height()),
                           state.refused ? veiled(role.edge, m_colors) : role.edge);
    }
    m_painter.restore();
}

void MapPainter::drawBars(const MapCell& cell, const QRectF& body, const CellState& state)
{
    const bool working = state.progress >= 0;
    const double share = working ? state.progress : cell.usedShare;
    if (share < 0 || state.refused || cell.role == CellRole::Free ||
        (cell.halfRestored && !working))
        return;
    QPainterPath path;
    path.addRoundedRect(body, kRadius, kRadius);
    // Told apart by the words and by the outline too: what is only read stays as it is.
    QColor full = working && state.writes ? m_colors.accent
                  : working               ? m_colors.mutedText
                                          : roleColors(cell, state).edge;
    QColor track = full;
    track.setAlphaF(0.28F);
    const qreal filled = body.width() * std::min(1.0, share);
    const bool mirrored = state.direction == Qt::RightToLeft;
    const qreal height = working ? kBarPx + 1 : kBarPx;
    const qreal top = body.bottom() - height;
    m_painter.save();
    m_painter.setClipPath(path);
    m_painter.fillRect(QRectF(body.left(), top, body.width(), height), track);
    m_painter.fillRect(QRectF(mirrored ? body.right() - filled : body.left(), top, filled, height),
                       full);
    m_painter.restore();
}

void MapPainter::drawOutline(const MapCell& cell, const QRectF& body, const CellState& state)
{
    const RoleColors& role = roleColors(cell, state);
    QColor edge = state.refused ? veiled(role.edge, m_colors) : role.edge;
    if (cell.role == CellRole::Data || cell.role == CellRole::Backup ||
        cell.role == CellRole::Management)
        edge.setAlphaF(0.75F);
    QPen pen(edge, 1.0, cell.role == CellRole::Empty ? Qt::DashLine : Qt::SolidLine);
    if (cell.tone == Tone::Warning)
        pen = QPen(m_colors.management.edge, 1.8, Qt::DashLine);
    if (state.writes)
        pen = QPen(m_colors.accent, 1.8, Qt::DashLine);
    if (state.related)
        pen = QPen(m_colors.text, 1.6, Qt::DotLine);
    if (state.selected)
        pen = QPen(state.focused ? m_colors.accent : m_colors.text, state.focused ? 2.6 : 2.0);
    m_painter.setPen(pen);
    m_painter.setBrush(Qt::NoBrush);
    const qreal inset = pen.widthF() > 2 ? 0.3 : 0.5;
    m_painter.drawRoundedRect(body.adjusted(inset, inset, -inset, -inset), kRadius, kRadius);
}

void MapPainter::drawTexts(const MapCell& cell, const QRect& rect, const CellState& state)
{
    const int line = QFontMetrics(m_bold).height();
    const QRect inner = rect.adjusted(kTextMarginPx, 8, -kTextEndPx, -11);
    if (inner.width() < 12)
        return;
    const int flags = int(Qt::AlignVCenter) |
                      int(state.direction == Qt::RightToLeft ? Qt::AlignRight : Qt::AlignLeft);
    const bool free = cell.role == CellRole::Free;
    const QColor& ink = free || state.refused ? m_colors.mutedText : m_colors.text;
    const auto draw = [&](const QFont& font, const QColor& color, const QRect& area,
                          const QString& text) {
        m_painter.setFont(font);
        m_painter.setPen(color);
        m_painter.drawText(area, flags,
                           QFontMetrics(font).elidedText(text, Qt::ElideRight, area.width()));
    };
    if (free && inner.width() < 34)
        return;
    draw(free ? m_plain : m_bold, ink, QRect(inner.left(), inner.top(), inner.width(), line),
         cell.name);
    draw(m_plain, ink, QRect(inner.left(), inner.bottom() - line + 1, inner.width(), line),
         state.activity.isEmpty() ? cell.summary : activityLine(state));
}

void MapPainter::drawDrag(const DragLook& drag, const std::vector<DropFrame>& targets)
{
    // Told apart by more than colour: what is refused fades, what is allowed gets a frame, and a
    // dashed one where content is lost.
    m_painter.setBrush(Qt::NoBrush);
    for (const DropFrame& target : targets) {
        m_painter.setPen(target.losesContent ? QPen(m_colors.management.edge, 2.4, Qt::DashLine)
                                             : QPen(m_colors.backup.edge, 2.4));
        m_painter.drawRoundedRect(QRectF(target.rect).adjusted(1, 1, -1, -1), kRadius, kRadius);
    }
    m_painter.setPen(QPen(m_colors.mutedText, 2.2, Qt::DashLine));
    m_painter.drawLine(drag.from, drag.to);
    m_painter.setPen(Qt::NoPen);
    m_painter.setBrush(m_colors.mutedText);
    m_painter.drawEllipse(drag.to, 4, 4);
    if (drag.text.isEmpty())
        return;
    const QFontMetrics metrics(m_bold);
    QRect box = metrics
                    .boundingRect(QRect(0, 0, drag.within.width() / 2, 200), int(Qt::TextWordWrap),
                                  drag.text)
                    .adjusted(-9, -5, 9, 5);
    box.moveTopLeft(drag.to + QPoint(14, -box.height() / 2));
    box.moveRight(std::min(box.right(), drag.within.right() - 4));
    box.moveTop(std::clamp(box.top(), 4, std::max(4, drag.within.bottom() - box.height())));
    m_painter.setBrush(drag.allowed ? m_colors.accent : m_colors.danger);
    m_painter.drawRoundedRect(box, kRadius, kRadius);
    m_painter.setFont(m_bold);
    m_painter.setPen(drag.allowed ? m_colors.accentText : m_colors.dangerText);
    m_painter.drawText(box, int(Qt::AlignCenter) | int(Qt::TextWordWrap), drag.text);
}

} // namespace cairn
