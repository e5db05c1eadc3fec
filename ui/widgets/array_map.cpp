// Selection, keyboard and geometry of the array map.
#include "ui/widgets/array_map.h"

#include "ui/display_text.h"
#include "ui/widgets/map_painter.h"

#include <QAccessible>
#include <QApplication>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QPainter>
#include <QStyle>
#include <QToolTip>
#include <algorithm>
#include <cstdlib>
#include <utility>

namespace cairn {

ArrayMap::ArrayMap(QWidget* parent) : QWidget(parent)
{
    registerPaintedLists();
    setFocusPolicy(Qt::StrongFocus);
    setMouseTracking(true);
    setObjectName(QStringLiteral("arrayMap"));
    setAccessibleName(tr("Array map"));
    setAccessibleDescription(tr("Members and their regions; arrow keys walk from one to another"));
    const QFontMetrics text(font());
    m_metrics.titleHeightPx = text.height() + 6;
    m_metrics.cellHeightPx = text.height() * 2 + 30;
    m_metrics.minimumCellPx = text.horizontalAdvance(QStringLiteral("000 MiB · catalog")) + 22;
    m_metrics.mostLabelPx = m_metrics.minimumCellPx * 3 / 2;
}

void ArrayMap::setSnapshot(const ArraySnapshot& snapshot)
{
    const auto kept = selected();
    m_rows = mapRows(snapshot);
    for (MapRow& row : m_rows) {
        for (MapCell& cell : row.cells)
            cell.labelPx = MapPainter::labelWidth(cell, font());
    }
    m_current = -1;
    endDrag();
    arrange();
    select(kept);
    updateGeometry();
    update();
}

void ArrayMap::setActivity(std::map<RegionId, RegionActivity> activity)
{
    if (activity == m_activity)
        return;
    m_activity = std::move(activity);
    update();
}

const RegionActivity* ArrayMap::activityIn(const MapCell& cell) const
{
    const auto found = cell.region ? m_activity.find(*cell.region) : m_activity.end();
    return found == m_activity.end() ? nullptr : &found->second;
}

QString ArrayMap::activityText(int index) const
{
    const RegionActivity* activity = activityIn(cellAt(index));
    if (activity == nullptr)
        return {};
    return activity->writes ? tr("being overwritten") : tr("being read");
}

void ArrayMap::setMarked(std::vector<RegionId> regions)
{
    if (regions == m_marked)
        return;
    m_marked = std::move(regions);
    update();
}

bool ArrayMap::isLit(const MapCell& cell) const
{
    return cell.region && (cell.region == m_related ||
                           std::ranges::find(m_marked, *cell.region) != m_marked.end());
}

void ArrayMap::setRelated(std::optional<RegionId> region)
{
    if (region == m_related)
        return;
    m_related = region;
    update();
}

std::optional<RegionId> ArrayMap::selected() const
{
    return m_current < 0 ? std::nullopt : cellAt(m_current).region;
}

void ArrayMap::select(const std::optional<RegionId>& region)
{
    int found = -1;
    for (int index = 0; region && index < cellCount(); ++index) {
        if (cellAt(index).region == region)
            found = index;
    }
    const bool another = std::exchange(m_current, found) != found;
    update();
    if (another && found >= 0)
        Q_EMIT shown(cellRect(found));
}

int ArrayMap::cellCount() const
{
    std::size_t count = 0;
    for (const MapRow& row : m_rows)
        count += row.cells.size();
    return static_cast<int>(count);
}

const MapCell& ArrayMap::cellAt(int index) const
{
    auto left = static_cast<std::size_t>(index);
    for (const MapRow& row : m_rows) {
        if (left < row.cells.size())
            return row.cells[left];
        left -= row.cells.size();
    }
    CAIRN_ASSERT(false && "no such cell");
}

void ArrayMap::setCurrentIndex(int index)
{
    choose(index);
}

QString ArrayMap::itemName(int index) const
{
    const QString activity = activityText(index);
    const MapCell& cell = cellAt(index);
    QStringList parts{cell.name, cell.summary, cell.state, activity};
    parts.removeAll(QString());
    return parts.join(QStringLiteral(", "));
}

QString ArrayMap::itemDescription(int index) const
{
    return cellAt(index).description;
}

QSize ArrayMap::sizeHint() const
{
    return {std::max(640, minimumMapWidth(m_rows, m_metrics)), metricsHeight()};
}

QSize ArrayMap::minimumSizeHint() const
{
    return {minimumMapWidth(m_rows, m_metrics), metricsHeight()};
}

int ArrayMap::metricsHeight() const
{
    return std::max(m_height, 80);
}

void ArrayMap::arrange()
{
    m_height = arrangeRows(m_rows, width(), m_metrics);
}

QRect ArrayMap::visualRect(const QRect& rect) const
{
    return QStyle::visualRect(layoutDirection(), this->rect(), rect);
}

int ArrayMap::indexAt(QPoint position) const
{
    for (int index = 0; index < cellCount(); ++index) {
        if (cellRect(index).contains(position))
            return index;
    }
    return -1;
}

void ArrayMap::choose(int index)
{
    if (index < 0 || index >= cellCount())
        return;
    m_current = index;
    update();
    QAccessibleEvent focused(this, QAccessible::Focus);
    focused.setChild(index);
    QAccessible::updateAccessibility(&focused);
    Q_EMIT regionSelected(cellAt(index).region);
}

int ArrayMap::neighbourInRow(int step) const
{
    const int next = m_current < 0 ? 0 : m_current + step;
    return next < 0 || next >= cellCount() ? m_current : next;
}

int ArrayMap::neighbourAcross(int rows) const
{
    if (m_current < 0)
        return 0;
    const QRect from = cellAt(m_current).rect;
    int best = m_current;
    int bestCost = INT_MAX;
    for (int index = 0; index < cellCount(); ++index) {
        const QRect to = cellAt(index).rect;
        const int down = (to.top() - from.top()) * rows;
        if (down <= 0)
            continue;
        const bool above = to.left() <= from.center().x() && to.right() >= from.center().x();
        const int aside = above ? 0 : std::abs(to.center().x() - from.center().x());
        const int cost = down * 4 + aside;
        if (cost < bestCost) {
            bestCost = cost;
            best = index;
        }
    }
    return best;
}

void ArrayMap::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    MapPainter map(painter, palette(), font());
    int index = 0;
    for (const MapRow& row : m_rows) {
        map.drawTitle(row, visualRect(row.titleRect), layoutDirection());
        for (const MapCell& cell : row.cells) {
            const RegionActivity* activity = activityIn(cell);
            map.drawCell(cell, visualRect(cell.rect),
                         {.selected = index == m_current,
                          .focused = index == m_current && hasFocus(),
                          .related = isLit(cell),
                          .refused = m_dragged && cell.region != m_dragged && !isTarget(cell),
                          .progress = activity == nullptr ? -1.0 : activity->share,
                          .writes = activity != nullptr && activity->writes,
                          .unproved = activity != nullptr && activity->unproved,
                          .activity = activityText(index),
                          .direction = layoutDirection()});
            ++index;
        }
    }
    if (m_dragged)
        paintDrag(painter);
}

void ArrayMap::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    arrange();
}

void ArrayMap::mousePressEvent(QMouseEvent* event)
{
    const int index = indexAt(event->position().toPoint());
    choose(index);
    m_pressedAt.reset();
    if (event->button() == Qt::LeftButton && index >= 0 && cellAt(index).region)
        m_pressedAt = event->position().toPoint();
}

void ArrayMap::mouseMoveEvent(QMouseEvent* event)
{
    m_dragAt = event->position().toPoint();
    const bool far = m_pressedAt && (m_dragAt - *m_pressedAt).manhattanLength() >=
                                        QApplication::startDragDistance();
    const auto source = selected();
    if (far && !m_dragged && source) {
        m_dragged = source;
        Q_EMIT dragBegun(*source);
    }
    if (m_dragged)
        update();
}

void ArrayMap::mouseReleaseEvent(QMouseEvent* event)
{
    m_dragAt = event->position().toPoint();
    const DropVerdict* verdict = verdictHere();
    const int index = indexAt(m_dragAt);
    const auto source = m_dragged;
    const auto target = index >= 0 ? cellAt(index).region : std::nullopt;
    const bool drops = verdict != nullptr && verdict->allowed;
    endDrag();
    if (drops && source && target)
        Q_EMIT dropped(*source, *target);
}

void ArrayMap::endDrag()
{
    m_pressedAt.reset();
    m_dragged.reset();
    m_verdicts.clear();
    update();
}

void ArrayMap::setDropVerdicts(const RegionId& source, std::map<RegionId, DropVerdict> verdicts)
{
    if (m_dragged != source)
        return; // It was let go meanwhile.
    m_verdicts = std::move(verdicts);
    update();
}

const DropVerdict* ArrayMap::verdictHere() const
{
    const int index = m_dragged ? indexAt(m_dragAt) : -1;
    const auto region = index >= 0 ? cellAt(index).region : std::nullopt;
    const auto found = region ? m_verdicts.find(*region) : m_verdicts.end();
    return found == m_verdicts.end() || region == m_dragged ? nullptr : &found->second;
}

QString ArrayMap::dropText() const
{
    const DropVerdict* verdict = verdictHere();
    return verdict == nullptr ? QString() : verdict->text;
}

void ArrayMap::paintDrag(QPainter& painter) const
{
    std::vector<DropFrame> targets;
    QRect source;
    for (int index = 0; index < cellCount(); ++index) {
        if (cellAt(index).region == m_dragged)
            source = cellRect(index);
        else if (isTarget(cellAt(index)))
            targets.push_back({cellRect(index), verdictOn(cellAt(index))->losesContent});
    }
    const DropVerdict* verdict = verdictHere();
    MapPainter(painter, palette(), font())
        .drawDrag({.from = source.center(),
                   .to = m_dragAt,
                   .text = dropText(),
                   .allowed = verdict != nullptr && verdict->allowed,
                   .within = rect()},
                  targets);
}

const DropVerdict* ArrayMap::verdictOn(const MapCell& cell) const
{
    const auto found = cell.region ? m_verdicts.find(*cell.region) : m_verdicts.end();
    return found == m_verdicts.end() ? nullptr : &found->second;
}

bool ArrayMap::isTarget(const MapCell& cell) const
{
    const DropVerdict* verdict = verdictOn(cell);
    return verdict != nullptr && verdict->allowed;
}

void ArrayMap::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (indexAt(event->position().toPoint()) >= 0)
        Q_EMIT activated();
}

void ArrayMap::keyPressEvent(QKeyEvent* event)
{
    const int forward = layoutDirection() == Qt::RightToLeft ? -1 : 1;
    switch (event->key()) {
    case Qt::Key_Right:
        choose(neighbourInRow(forward));
        return;
    case Qt::Key_Left:
        choose(neighbourInRow(-forward));
        return;
    case Qt::Key_Down:
        choose(neighbourAcross(1));
        return;
    case Qt::Key_Up:
        choose(neighbourAcross(-1));
        return;
    case Qt::Key_Home:
        choose(0);
        return;
    case Qt::Key_End:
        choose(cellCount() - 1);
        return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_current >= 0)
            Q_EMIT activated();
        return;
    case Qt::Key_Escape:
        if (!m_dragged)
            break;
        endDrag();
        return;
    case Qt::Key_M:
    case Qt::Key_Menu:
        if (m_current >= 0)
            Q_EMIT menuRequested(mapToGlobal(cellRect(m_current).center()));
        return;
    default:
        break;
    }
    QWidget::keyPressEvent(event);
}

void ArrayMap::contextMenuEvent(QContextMenuEvent* event)
{
    if (event->reason() == QContextMenuEvent::Mouse)
        choose(indexAt(event->pos()));
    if (m_current >= 0)
        Q_EMIT menuRequested(event->globalPos());
}

bool ArrayMap::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int index = indexAt(help->pos());
        if (index < 0)
            QToolTip::hideText();
        else
            QToolTip::showText(help->globalPos(), toolTipText(cellAt(index).description), this,
                               visualRect(cellAt(index).rect));
        return true;
    }
    return QWidget::event(event);
}

} // namespace cairn
