// Time, zoom, brush, selection and keyboard of the timeline.
#include "ui/widgets/timeline.h"

#include "ui/display_text.h"

#include <QAccessible>
#include <QApplication>
#include <QContextMenuEvent>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QLocale>
#include <QScrollBar>
#include <QToolTip>
#include <algorithm>
#include <cmath>

namespace cairn {
namespace {

constexpr int kMarkGapPx = 7;
constexpr int kHitPx = 8;
constexpr int kEdgePx = 14;
constexpr int kLanesInSight = 3;
constexpr std::int64_t kShortestSpanMs = 600'000;
constexpr double kZoomStep = 1.25;

} // namespace

Timeline::Timeline(QWidget* parent) : QAbstractScrollArea(parent)
{
    registerPaintedLists();
    setObjectName(QStringLiteral("timeline"));
    setAccessibleName(tr("Timeline of backups"));
    setAccessibleDescription(tr("A lane for each source; left and right walk from one backup to "
                                "the next, up and down from lane to lane"));
    setFocusPolicy(Qt::StrongFocus);
    setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    viewport()->setMouseTracking(true);
    m_laneHeightPx = fontMetrics().height() + 10;
    m_axisHeightPx = fontMetrics().height() + 6;
    connect(verticalScrollBar(), &QScrollBar::valueChanged, viewport(),
            QOverload<>::of(&QWidget::update));
}

void Timeline::setHistory(History* history)
{
    if (m_history != nullptr)
        disconnect(m_history, nullptr, this, nullptr);
    m_history = history;
    m_selected.reset();
    m_brush.reset();
    m_whole = true;
    if (history != nullptr) {
        connect(history, &History::restarted, this, &Timeline::readAgain);
        connect(history, &History::appended, this, [this] {
            m_lanes.append(index());
            fitIfWhole();
            arrange();
        });
        connect(history, &History::changed, this, [this](const HistoryIndex::Changes& changes) {
            m_lanes.add(index(), changes.added);
            fitIfWhole();
            arrange();
        });
        connect(history, &QObject::destroyed, this, [this] {
            m_history = nullptr;
            readAgain();
        });
    }
    readAgain();
}

void Timeline::setAbsent(AbsentCopies absent)
{
    if (absent == m_absent)
        return;
    m_absent = std::move(absent);
    arrange();
}

StateDisplay Timeline::state(HistoryIndex::Row row) const
{
    StateDisplay shown = stateDisplay(index().state(row), index().undo(row));
    if (index().inconsistent(row))
        shown = inconsistentDisplay(std::move(shown), index().state(row));
    return withPresence(std::move(shown), presenceIn(m_absent, index().number(row)));
}

void Timeline::readAgain()
{
    m_lanes = {};
    if (m_history)
        m_lanes.fill(index());
    fitIfWhole();
    arrange();
}

void Timeline::fitIfWhole()
{
    const auto all = m_history ? m_lanes.span(index()) : std::nullopt;
    if (!all || !m_whole)
        return;
    m_scale.span = *all;
    const std::int64_t missing = kShortestSpanMs - (all->lastMs - all->firstMs);
    if (missing > 0) {
        m_scale.span.firstMs -= missing / 2;
        m_scale.span.lastMs += missing / 2;
    }
}

void Timeline::showAll()
{
    m_whole = true;
    fitIfWhole();
    arrange();
}

void Timeline::arrange()
{
    int names = 0;
    for (const TimelineLane& lane : m_lanes.lanes())
        names = std::max(names, fontMetrics().horizontalAdvance(lane.name));
    names = std::min(names, viewport()->width() / 5);
    m_scale.leftPx = names + 12 + kEdgePx;
    m_scale.widthPx = std::max(40, viewport()->width() - m_scale.leftPx - kEdgePx);
    m_marks.clear();
    for (std::size_t lane = 0; m_history && lane < m_lanes.lanes().size(); ++lane)
        m_marks.push_back(m_lanes.marks(index(), lane, m_scale, kMarkGapPx, m_absent));
    const int content = static_cast<int>(m_lanes.lanes().size()) * m_laneHeightPx + m_axisHeightPx;
    verticalScrollBar()->setRange(0, std::max(0, content + 6 - viewport()->height()));
    verticalScrollBar()->setPageStep(viewport()->height());
    verticalScrollBar()->setSingleStep(m_laneHeightPx);
    // A few lanes are seen without scrolling; of more, the operator decides how many.
    setMinimumHeight(sizeHint().height());
    viewport()->update();
}

QSize Timeline::sizeHint() const
{
    const int lanes = std::clamp(static_cast<int>(m_lanes.lanes().size()), 1, kLanesInSight);
    return {640, lanes * m_laneHeightPx + m_axisHeightPx + 10};
}

int Timeline::logicalX(int x) const
{
    return layoutDirection() == Qt::RightToLeft ? viewport()->width() - 1 - x : x;
}

int Timeline::laneTop(std::size_t lane) const
{
    return 4 + static_cast<int>(lane) * m_laneHeightPx - verticalScrollBar()->value();
}

std::optional<std::size_t> Timeline::laneAt(int y) const
{
    for (std::size_t lane = 0; lane < m_lanes.lanes().size(); ++lane) {
        if (y >= laneTop(lane) && y < laneTop(lane) + m_laneHeightPx)
            return lane;
    }
    return std::nullopt;
}

const TimelineMark* Timeline::markAt(QPoint position) const
{
    const auto lane = laneAt(position.y());
    if (!lane || *lane >= m_marks.size())
        return nullptr;
    const TimelineMark* nearest = nullptr;
    const int x = logicalX(position.x());
    for (const TimelineMark& mark : m_marks[*lane]) {
        const int away = std::abs(mark.x - x);
        if (away <= kHitPx && (nearest == nullptr || away < std::abs(nearest->x - x)))
            nearest = &mark;
    }
    return nearest;
}

std::optional<QPoint> Timeline::placeOf(GenerationNumber number) const
{
    const auto row = m_history ? index().rowOf(number) : std::nullopt;
    if (!row)
        return std::nullopt;
    const int x = m_scale.xOf(index().startedMs(*row));
    if (x < m_scale.leftPx || x > m_scale.leftPx + m_scale.widthPx)
        return std::nullopt;
    return QPoint(logicalX(x), laneTop(index().sourceNumber(*row)) + m_laneHeightPx / 2);
}

std::optional<HistoryIndex::Row> Timeline::selectedRow() const
{
    return m_history && m_selected ? index().rowOf(*m_selected) : std::nullopt;
}

void Timeline::select(std::optional<GenerationNumber> number)
{
    if (m_selected == number)
        return;
    m_selected = number;
    const auto row = selectedRow();
    if (row) {
        const std::int64_t started = index().startedMs(*row);
        if (started < m_scale.span.firstMs || started > m_scale.span.lastMs) {
            const std::int64_t width = m_scale.span.lastMs - m_scale.span.firstMs;
            setSpan({started - width / 2, started + width / 2});
        }
        const int top = laneTop(index().sourceNumber(*row));
        const int room = viewport()->height() - m_axisHeightPx - m_laneHeightPx;
        if (top < 0 || top > room)
            verticalScrollBar()->setValue(verticalScrollBar()->value() + top - room / 2);
    }
    viewport()->update();
}

void Timeline::choose(HistoryIndex::Row row)
{
    select(index().number(row));
    QAccessibleEvent said(this, QAccessible::DescriptionChanged);
    said.setChild(currentItem());
    QAccessible::updateAccessibility(&said);
    Q_EMIT generationSelected(index().number(row));
}

void Timeline::setBrush(std::optional<TimeSpan> span)
{
    if (span == m_brush)
        return;
    m_brush = span;
    viewport()->update();
}

void Timeline::setSpan(TimeSpan span)
{
    m_whole = false;
    m_scale.span = span;
    arrange();
}

void Timeline::zoom(double factor, int x)
{
    const std::int64_t fixed = m_scale.timeAt(x);
    const auto scaled = [&](std::int64_t end) {
        return fixed + static_cast<std::int64_t>(static_cast<double>(end - fixed) * factor);
    };
    const TimeSpan wanted{scaled(m_scale.span.firstMs), scaled(m_scale.span.lastMs)};
    const auto all = m_history ? m_lanes.span(index()) : std::nullopt;
    if (!all || wanted.lastMs - wanted.firstMs < kShortestSpanMs)
        return;
    if (wanted.firstMs <= all->firstMs && wanted.lastMs >= all->lastMs)
        showAll();
    else
        setSpan(wanted);
}

void Timeline::resizeEvent(QResizeEvent* event)
{
    QAbstractScrollArea::resizeEvent(event);
    arrange();
}

void Timeline::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && m_history)
        m_dragFrom = logicalX(event->position().toPoint().x());
    m_dragging = false;
}

void Timeline::mouseMoveEvent(QMouseEvent* event)
{
    if (!m_dragFrom)
        return;
    const int now = logicalX(event->position().toPoint().x());
    m_dragging = m_dragging || std::abs(now - *m_dragFrom) >= QApplication::startDragDistance();
    if (m_dragging)
        setBrush(TimeSpan{m_scale.timeAt(std::min(now, *m_dragFrom)),
                          m_scale.timeAt(std::max(now, *m_dragFrom))});
}

void Timeline::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton && m_dragFrom)
        finishDrag(event->position().toPoint());
    m_dragFrom.reset();
    m_dragging = false;
}

void Timeline::finishDrag(QPoint position)
{
    if (m_dragging) {
        Q_EMIT brushed(m_brush);
        return;
    }
    if (const TimelineMark* mark = markAt(position)) {
        choose(mark->row);
    } else if (m_brush) {
        setBrush(std::nullopt);
        Q_EMIT brushed(m_brush);
    }
}

void Timeline::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (markAt(event->position().toPoint()) == nullptr)
        showAll();
}

void Timeline::wheelEvent(QWheelEvent* event)
{
    const QPoint delta = event->angleDelta();
    const bool moves = event->modifiers() & Qt::ShiftModifier || delta.x() != 0;
    const int amount = delta.y() != 0 ? delta.y() : delta.x();
    if (moves && !m_whole) {
        const std::int64_t width = m_scale.span.lastMs - m_scale.span.firstMs;
        const std::int64_t by = -width * amount / 1200;
        setSpan({m_scale.span.firstMs + by, m_scale.span.lastMs + by});
    } else if (!moves && m_history) {
        zoom(std::pow(kZoomStep, -amount / 120.0), logicalX(event->position().toPoint().x()));
    }
    event->accept();
}

void Timeline::walk(int step, bool brushing)
{
    const auto row = selectedRow();
    if (!row) {
        if (m_history && index().size() > 0)
            choose(index().newestFirst().front());
        return;
    }
    const HistoryIndex::Row next = m_lanes.neighbour(index(), *row, step);
    if (brushing) {
        const std::int64_t here = index().startedMs(*row);
        const std::int64_t there = index().startedMs(next);
        TimeSpan span = m_brush.value_or(TimeSpan{here, here});
        // The end at which the selection stands moves.
        (here == span.firstMs && (step < 0 || span.firstMs != span.lastMs) ? span.firstMs
                                                                           : span.lastMs) = there;
        setBrush(span);
        Q_EMIT brushed(m_brush);
    }
    choose(next);
}

void Timeline::changeLane(int step)
{
    const auto row = selectedRow();
    if (!row) {
        walk(0, false);
        return;
    }
    const int lane = static_cast<int>(index().sourceNumber(*row)) + step;
    if (lane < 0 || lane >= itemCount())
        return;
    if (const auto next =
            m_lanes.nearest(index(), static_cast<std::size_t>(lane), index().startedMs(*row)))
        choose(*next);
}

void Timeline::keyPressEvent(QKeyEvent* event)
{
    const int forward = layoutDirection() == Qt::RightToLeft ? -1 : 1;
    const bool brushing = event->modifiers() & Qt::ShiftModifier;
    const int middle = m_scale.leftPx + m_scale.widthPx / 2;
    const auto row = selectedRow();
    const int centre = row ? m_scale.xOf(index().startedMs(*row)) : middle;
    switch (event->key()) {
    case Qt::Key_Right:
        return walk(forward, brushing);
    case Qt::Key_Left:
        return walk(-forward, brushing);
    case Qt::Key_Down:
        return changeLane(1);
    case Qt::Key_Up:
        return changeLane(-1);
    case Qt::Key_Plus:
    case Qt::Key_Equal:
        return zoom(1 / kZoomStep, centre);
    case Qt::Key_Minus:
        return zoom(kZoomStep, centre);
    case Qt::Key_0:
        return showAll();
    case Qt::Key_Escape:
        if (!m_brush)
            break;
        setBrush(std::nullopt);
        Q_EMIT brushed(m_brush);
        return;
    case Qt::Key_M:
    case Qt::Key_Menu:
        if (const auto place = m_selected ? placeOf(*m_selected) : std::nullopt)
            Q_EMIT menuRequested(viewport()->mapToGlobal(*place));
        return;
    default:
        break;
    }
    QAbstractScrollArea::keyPressEvent(event);
}

void Timeline::contextMenuEvent(QContextMenuEvent* event)
{
    if (event->reason() != QContextMenuEvent::Mouse)
        return;
    const TimelineMark* mark = markAt(event->pos());
    if (mark == nullptr)
        return;
    choose(mark->row);
    Q_EMIT menuRequested(event->globalPos());
}

QString Timeline::markText(const TimelineMark& mark, std::size_t lane) const
{
    const QLocale locale;
    const QString name = m_lanes.lanes()[lane].name;
    const StateDisplay shown = state(mark.row);
    const QString one =
        tr("%1\n%2\n%3 %4")
            .arg(recordTitle(index().number(mark.row), index().source(mark.row),
                             index().isUndo(mark.row)),
                 timeDisplay(index().startedMs(mark.row)), shown.symbol, shown.word);
    if (mark.count == 1)
        return one;
    return tr("%1 records of %2 lie here; zoom in to tell them apart. One of them:")
               .arg(locale.toString(mark.count), name) +
           u'\n' + one;
}

bool Timeline::viewportEvent(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QAbstractScrollArea::viewportEvent(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const TimelineMark* mark = markAt(help->pos());
    if (mark == nullptr)
        QToolTip::hideText();
    else
        QToolTip::showText(help->globalPos(),
                           toolTipText(markText(*mark, *laneAt(help->pos().y()))), viewport());
    return true;
}

void Timeline::changeEvent(QEvent* event)
{
    QAbstractScrollArea::changeEvent(event);
    if (event->type() == QEvent::PaletteChange || event->type() == QEvent::LayoutDirectionChange)
        viewport()->update();
}

int Timeline::itemCount() const
{
    return static_cast<int>(m_lanes.lanes().size());
}

QString Timeline::itemName(int lane) const
{
    const TimelineLane& shown = m_lanes.lanes()[static_cast<std::size_t>(lane)];
    return tr("%1, backups: %2")
        .arg(shown.name,
             QLocale().toString(qulonglong{shown.newestFirst.size() - shown.undoCopies}));
}

QString Timeline::itemDescription(int lane) const
{
    const TimelineLane& shown = m_lanes.lanes()[static_cast<std::size_t>(lane)];
    if (!m_history || shown.newestFirst.empty())
        return {};
    const bool here = currentItem() == lane;
    const HistoryIndex::Row row = here ? *selectedRow() : shown.newestFirst.front();
    const QString text =
        (index().isUndo(row) ? tr("undo copy %1, %2, %3") : tr("backup %1, %2, %3"))
            .arg(QLocale().toString(qulonglong{index().number(row)}),
                 timeDisplay(index().startedMs(row)), state(row).word);
    return here ? tr("Selected: %1").arg(text) : tr("Newest: %1").arg(text);
}

QRect Timeline::itemRect(int lane) const
{
    const QRect inViewport(0, laneTop(static_cast<std::size_t>(lane)), viewport()->width(),
                           m_laneHeightPx);
    return inViewport.translated(viewport()->pos());
}

int Timeline::currentItem() const
{
    const auto row = selectedRow();
    return row ? static_cast<int>(index().sourceNumber(*row)) : -1;
}

void Timeline::chooseItem(int lane)
{
    const TimelineLane& shown = m_lanes.lanes()[static_cast<std::size_t>(lane)];
    if (!shown.newestFirst.empty())
        choose(shown.newestFirst.front());
}

} // namespace cairn
