// The painted map of an array: its members as rows, their regions as cells.
#pragma once

#include "ui/job_steps.h"
#include "ui/widgets/map_cells.h"
#include "ui/widgets/painted_list.h"

#include <QPainter>
#include <QWidget>
#include <map>
#include <optional>

namespace cairn {

// What dropping a dragged region onto another would do, as the array says.
struct DropVerdict {
    bool allowed = false;
    QString text; // Plain: what it means, or why not.
    // Where it is allowed: whether something is lost that is no older backup of the same source.
    bool losesContent = false;
};

class ArrayMap final : public QWidget, public PaintedList {
    Q_OBJECT

public:
    explicit ArrayMap(QWidget* parent = nullptr);

    void setSnapshot(const ArraySnapshot& snapshot);
    // What running jobs read and write now, shown inside these regions.
    void setActivity(std::map<RegionId, RegionActivity> activity);
    // "being overwritten", "being read"; empty where no job has to do with the cell.
    [[nodiscard]] QString activityText(int index) const;
    // Lit besides the selection: where a selected backup came from.
    void setRelated(std::optional<RegionId> region);
    // The same of what a filter of regions has found.
    void setMarked(std::vector<RegionId> regions);
    [[nodiscard]] bool isLit(const MapCell& cell) const;

    [[nodiscard]] const std::vector<MapRow>& rows() const { return m_rows; }
    [[nodiscard]] std::optional<RegionId> selected() const;
    void select(const std::optional<RegionId>& region);

    // Cells in reading order, as arrows and assistive technology walk them.
    [[nodiscard]] int cellCount() const;
    [[nodiscard]] const MapCell& cellAt(int index) const;
    [[nodiscard]] int currentIndex() const { return m_current; }
    void setCurrentIndex(int index);
    // Where the cell is painted.
    [[nodiscard]] QRect cellRect(int index) const { return visualRect(cellAt(index).rect); }

    // While a region is dragged: what every other one would be as its target.
    void setDropVerdicts(const RegionId& source, std::map<RegionId, DropVerdict> verdicts);
    [[nodiscard]] const std::optional<RegionId>& dragged() const { return m_dragged; }
    // What is said beside the pointer; empty over nothing that could be a target.
    [[nodiscard]] QString dropText() const;

    [[nodiscard]] int itemCount() const override { return cellCount(); }
    [[nodiscard]] QString itemName(int index) const override;
    [[nodiscard]] QString itemDescription(int index) const override;
    [[nodiscard]] QRect itemRect(int index) const override { return cellRect(index); }
    [[nodiscard]] int currentItem() const override { return m_current; }
    void chooseItem(int index) override { choose(index); }

    [[nodiscard]] QSize sizeHint() const override;
    [[nodiscard]] QSize minimumSizeHint() const override;

Q_SIGNALS:
    // By mouse or keyboard; none for free space.
    void regionSelected(const std::optional<cairn::RegionId>& region);
    void menuRequested(const QPoint& globalPosition);
    // The verdicts are wanted now.
    void dragBegun(const cairn::RegionId& source);
    // Onto a region whose verdict allows it.
    void dropped(const cairn::RegionId& source, const cairn::RegionId& target);
    void shown(const QRect& cell); // Of the region that select() has changed to.
    void activated();              // Double click or Return on a region.

protected:
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void contextMenuEvent(QContextMenuEvent* event) override;
    bool event(QEvent* event) override;

private:
    void arrange();
    void endDrag();
    void paintDrag(QPainter& painter) const;
    [[nodiscard]] const DropVerdict* verdictOn(const MapCell& cell) const;
    // Whether what is dragged may be dropped onto the cell, as far as is known.
    [[nodiscard]] bool isTarget(const MapCell& cell) const;
    // Of the region under the pointer; none over free space, and before the array has answered.
    [[nodiscard]] const DropVerdict* verdictHere() const;
    [[nodiscard]] int indexAt(QPoint position) const;
    void choose(int index);
    [[nodiscard]] int neighbourInRow(int step) const;
    [[nodiscard]] int neighbourAcross(int rows) const;
    [[nodiscard]] QRect visualRect(const QRect& rect) const;
    [[nodiscard]] const RegionActivity* activityIn(const MapCell& cell) const;
    [[nodiscard]] int metricsHeight() const;

    std::vector<MapRow> m_rows;
    std::map<RegionId, RegionActivity> m_activity;
    std::optional<RegionId> m_related;
    std::vector<RegionId> m_marked;
    MapMetrics m_metrics;
    std::optional<QPoint> m_pressedAt; // Of the left button, on a region.
    std::optional<RegionId> m_dragged;
    QPoint m_dragAt;
    std::map<RegionId, DropVerdict> m_verdicts; // Of m_dragged.
    int m_current = -1;                         // Index of the selected cell.
    int m_height = 0;
};

} // namespace cairn
