// The open array: map above, timeline and history below, one selection for all three.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/models/catalog_model.h"
#include "ui/models/table_copy.h"
#include "ui/widgets/array_map.h"
#include "ui/widgets/filter_pane.h"
#include "ui/widgets/history_filter_bar.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/region_list.h"
#include "ui/widgets/timeline.h"

#include <QAction>
#include <QLineEdit>
#include <QScrollArea>
#include <QSplitter>
#include <QTableView>
#include <QWidget>
#include <map>

namespace cairn {

struct ArraySelection {
    std::optional<RegionId> region;
    std::optional<GenerationNumber> generation;
    bool backupFirst = false; // A backup was chosen, not the region in which it lies.
};

class ArrayView final : public QWidget {
    Q_OBJECT

public:
    explicit ArrayView(QWidget* parent = nullptr);

    // Of another array, or none: nothing is selected then. It outlives the view, or says so.
    void setHistory(History* history);
    void setSnapshot(const ArraySnapshot& snapshot);
    [[nodiscard]] const ArraySelection& selection() const { return m_selection; }
    // The whole record of the selected backup, once it is known.
    [[nodiscard]] const Generation* record() const;
    // All whose rows are selected, or the one that is selected elsewhere.
    [[nodiscard]] std::vector<GenerationNumber> selectedGenerations() const;
    // The answer to recordWanted().
    void setRecord(const Generation& record);
    void selectRegion(const RegionId& region);
    void selectGeneration(GenerationNumber number);
    // What a saved filter shows; of one of regions these are marked, and the first is selected.
    void showFilter(SavedFilter filter, const std::vector<RegionId>& regions);
    // The regions of that filter are others now; the selection stays.
    void followFilter(SavedFilter filter, const std::vector<RegionId>& regions);
    // Sizes of panes and columns, for the next run.
    [[nodiscard]] QByteArray saveLayout() const;
    void restoreLayout(const QByteArray& saved);
    // Where no backup is selected, the newest one is: a key press must lead to something.
    void focusTable();

    [[nodiscard]] ArrayMap* map() const { return m_map; }
    [[nodiscard]] Timeline* timeline() const { return m_timeline; }
    [[nodiscard]] QTableView* table() const { return m_table; }
    [[nodiscard]] HistoryFilterBar* filterBar() const { return m_filter; }
    [[nodiscard]] CatalogModel* model() const { return m_model; }
    [[nodiscard]] QAction* copyAction(CopyForm form) const
    {
        return form == CopyForm::Text ? m_copyText : m_copyCsv;
    }

Q_SIGNALS:
    void selectionChanged();
    // Of a backup that no region holds any more, only the history's columns are at hand.
    void recordWanted(cairn::GenerationNumber number);
    void regionMenuRequested(const QPoint& globalPosition);
    void generationMenuRequested(const QPoint& globalPosition);
    // More rows were selected than are copied at once.
    void copiedInPart(int copied, int selected);

protected:
    // Esc that no pane has a use for ends a filter.
    void keyPressEvent(QKeyEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    // The table's room for labels.
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    [[nodiscard]] QWidget* buildMap();
    [[nodiscard]] QWidget* buildTimeline();
    [[nodiscard]] QWidget* buildTable();
    void buildTableView();
    void buildCopying();
    void regionChosen(const std::optional<RegionId>& region);
    void rowChosen();
    void generationChosen(GenerationNumber number);
    void showSelection();
    void showRow(int row);
    void wantRecord();
    // A backup whose row a filter took away is not what verbs act on any more. One that was chosen
    // in map or timeline is seen there.
    void dropHidden();
    void filter();
    void copy(CopyForm form);
    void updateCount();
    // Why the table is empty.
    [[nodiscard]] QString emptyText(bool reading) const;
    // The regions of the chosen filter, each with why it is among them.
    void listGroup();
    [[nodiscard]] QString groupName(SavedFilter filter, const std::vector<RegionId>& regions) const;
    [[nodiscard]] QString namesOf(const std::vector<RegionId>& regions) const;
    // The map gives room away while the table has too little, and gets it back afterwards.
    void shareHeight();
    // The frame and the scroll bar below the map that it has where it is wider than its room.
    [[nodiscard]] int besideMapPx() const;
    // By moving a handle.
    void noteHeights();
    // Columns that the operator did not set are as wide as what they show; while the array is open
    // none becomes narrower.
    enum class Fit : std::uint8_t { Anew, Wider };
    void fitColumns(Fit fit);
    // Beside columns as they are now, of which the last one is not squeezed.
    [[nodiscard]] int roomForLabels() const;
    // Also narrower, where the room is.
    void fitLabels();
    void noteWidth(int column, int widthPx);

    ArraySnapshot m_snapshot;
    ArraySelection m_selection;
    std::optional<Generation> m_record; // Of a selected backup that the snapshot does not hold.
    History* m_history = nullptr;       // Set to none when it goes.
    CatalogModel* m_model;
    QSplitter* m_splitter = nullptr;
    ArrayMap* m_map = nullptr;
    QScrollArea* m_mapScroll = nullptr;
    std::optional<int> m_mapHeightPx;      // As the operator set it, in this run or an earlier one;
    std::optional<int> m_timelineHeightPx; // none: as high as what it shows.
    QList<int> m_sharedPx;                 // What shareHeight() made of it.
    std::map<int, int> m_columnWidthPx;    // As the operator set them, in this run or another.
    bool m_fitting = false;                // Widths that change now are not the operator's.
    Timeline* m_timeline = nullptr;
    QTableView* m_table = nullptr;
    HistoryFilterBar* m_filter = nullptr;
    RegionList* m_regions = nullptr;
    SavedFilter m_group = SavedFilter::All; // The last one of regions.
    PlainLabel* m_count = nullptr;
    PlainLabel* m_empty = nullptr;
    QAction* m_copyText = nullptr;
    QAction* m_copyCsv = nullptr;
    bool m_rowShown = false; // Of the selected backup, since it was selected.
    bool m_updating = false; // Guards against the panes answering each other.
};

} // namespace cairn
