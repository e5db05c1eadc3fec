// The timeline: a lane for each source, its backups along the time at which they began.
#pragma once

#include "ui/models/history.h"
#include "ui/record_text.h"
#include "ui/widgets/painted_list.h"
#include "ui/widgets/timeline_lanes.h"

#include <QAbstractScrollArea>
#include <optional>
#include <vector>

namespace cairn {

// Wheel: zoom, with Shift: move. Drag: brush a span. Arrows walk; with Shift they brush.
class Timeline final : public QAbstractScrollArea, public PaintedList {
    Q_OBJECT

public:
    explicit Timeline(QWidget* parent = nullptr);

    void setHistory(History* history);
    void setAbsent(AbsentCopies absent);
    void select(std::optional<GenerationNumber> number);
    [[nodiscard]] const std::optional<TimeSpan>& brush() const { return m_brush; }
    void setBrush(std::optional<TimeSpan> span);
    // The times that are seen; all of them at first, and after a double click.
    [[nodiscard]] const TimeSpan& shownSpan() const { return m_scale.span; }
    void showAll();

    // Where the backup is painted, in the viewport; nothing where it is out of sight.
    [[nodiscard]] std::optional<QPoint> placeOf(GenerationNumber number) const;

    [[nodiscard]] QSize sizeHint() const override;

    // Lanes, for assistive technology; the description tells the selected backup.
    [[nodiscard]] int itemCount() const override;
    [[nodiscard]] QString itemName(int index) const override;
    [[nodiscard]] QString itemDescription(int index) const override;
    [[nodiscard]] QRect itemRect(int index) const override;
    [[nodiscard]] int currentItem() const override;
    void chooseItem(int index) override;

Q_SIGNALS:
    // By mouse or keyboard.
    void generationSelected(cairn::GenerationNumber number);
    void brushed(const std::optional<cairn::TimeSpan>& span);
    void menuRequested(const QPoint& globalPosition);

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void wheelEvent(QWheelEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool viewportEvent(QEvent* event) override;
    void changeEvent(QEvent* event) override;

private:
    void readAgain();
    void arrange();
    void fitIfWhole();
    void zoom(double factor, int x);
    void setSpan(TimeSpan span);
    void choose(HistoryIndex::Row row);
    void walk(int step, bool brushing);
    void changeLane(int step);
    void finishDrag(QPoint position);
    // Positions as they would be from left to right.
    [[nodiscard]] int logicalX(int x) const;
    [[nodiscard]] int laneTop(std::size_t lane) const;
    [[nodiscard]] std::optional<std::size_t> laneAt(int y) const;
    [[nodiscard]] const TimelineMark* markAt(QPoint position) const;
    [[nodiscard]] QString markText(const TimelineMark& mark, std::size_t lane) const;
    [[nodiscard]] const HistoryIndex& index() const { return m_history->index(); }
    [[nodiscard]] std::optional<HistoryIndex::Row> selectedRow() const;
    [[nodiscard]] StateDisplay state(HistoryIndex::Row row) const;
    void paintLanes(class QPainter& painter) const;
    void paintAxis(QPainter& painter) const;
    void paintBrush(QPainter& painter) const;

    History* m_history = nullptr; // Set to none when it goes.
    AbsentCopies m_absent;
    TimelineLanes m_lanes;
    std::vector<std::vector<TimelineMark>> m_marks; // Of each lane, as painted.
    TimelineScale m_scale;
    bool m_whole = true; // Everything is in sight, and stays so as more comes.
    std::optional<GenerationNumber> m_selected;
    std::optional<TimeSpan> m_brush;
    std::optional<int> m_dragFrom; // Logical x of a drag with the left button.
    bool m_dragging = false;       // It has moved far enough to be one.
    int m_laneHeightPx = 24;
    int m_axisHeightPx = 20;
};

} // namespace cairn
