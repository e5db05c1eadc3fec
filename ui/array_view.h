// The open array: map above, history below, one selection for both.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/models/catalog_model.h"
#include "ui/widgets/array_map.h"
#include "ui/widgets/plain_label.h"

#include <QLineEdit>
#include <QScrollArea>
#include <QTableView>
#include <QWidget>

namespace cairn {

struct ArraySelection {
    std::optional<RegionId> region;
    std::optional<GenerationNumber> generation;
    bool fromTable = false; // Which of the two the operator clicked.
};

class ArrayView final : public QWidget {
    Q_OBJECT

public:
    explicit ArrayView(QWidget* parent = nullptr);

    void setSnapshot(const ArraySnapshot& snapshot);
    [[nodiscard]] const ArraySelection& selection() const { return m_selection; }
    void selectRegion(const RegionId& region);
    void selectGeneration(GenerationNumber number);
    // Where no backup is selected, the newest one is: a key press must lead to something.
    void focusTable();

    [[nodiscard]] ArrayMap* map() const { return m_map; }
    [[nodiscard]] QTableView* table() const { return m_table; }
    [[nodiscard]] QLineEdit* filter() const { return m_filter; }

Q_SIGNALS:
    void selectionChanged();
    void regionMenuRequested(const QPoint& globalPosition);
    void generationMenuRequested(const QPoint& globalPosition);

private:
    [[nodiscard]] QWidget* buildMap();
    [[nodiscard]] QWidget* buildTable();
    void regionChosen(const std::optional<RegionId>& region);
    void rowChosen();
    void showSelection();
    void updateCount();

    ArraySnapshot m_snapshot;
    ArraySelection m_selection;
    CatalogModel* m_model;
    ArrayMap* m_map = nullptr;
    QScrollArea* m_mapScroll = nullptr;
    QTableView* m_table = nullptr;
    QLineEdit* m_filter = nullptr;
    PlainLabel* m_count = nullptr;
    PlainLabel* m_empty = nullptr;
    bool m_updating = false; // Guards against the map and the table answering each other.
};

} // namespace cairn
