// The backup history as a table: the rows that a query lets through, in its order.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/models/history.h"
#include "ui/record_text.h"

#include <QAbstractTableModel>
#include <QTimer>
#include <optional>

namespace cairn {

// Shows what a History holds; the rows are numbers into its columns, and no text is made before it
// is painted. A query over a long history is answered by a thread; the old rows stand until then.
class CatalogModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    // In the order of HistoryOrder.
    enum Column { Number, When, Source, Target, Size, State, Label, Note, ColumnCount };
    enum Role { ToneRole = Qt::UserRole };

    explicit CatalogModel(QObject* parent = nullptr);

    // The model outlives it, or the other way round; none shows nothing.
    void setHistory(History* history);
    // Whose state is told with what has become of the copy.
    void setAbsent(AbsentCopies absent);
    // Which rows; the order is kept.
    void setQuery(HistoryQuery query);
    [[nodiscard]] const HistoryQuery& query() const { return m_query; }

    [[nodiscard]] std::optional<GenerationNumber> numberAt(int row) const;
    [[nodiscard]] std::optional<int> rowOf(GenerationNumber number) const;
    // Of the whole history, without undo copies.
    [[nodiscard]] std::size_t totalBackups() const;
    // Of the rows that are shown.
    [[nodiscard]] std::size_t undoCopies() const;
    // Whether the newest query has been answered over all that was read.
    [[nodiscard]] bool settled() const { return !m_searching; }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;
    void sort(int column, Qt::SortOrder order) override;

Q_SIGNALS:
    // Rows came, went or moved.
    void rowsChanged();

private:
    void readAgain();
    void search();
    void show(History::Rows rows);
    void showAppended();
    void showChanges(const HistoryIndex::Changes& changes);
    void repaint(const std::vector<HistoryIndex::Row>& rows);
    [[nodiscard]] StateDisplay state(HistoryIndex::Row row) const;
    [[nodiscard]] QString text(HistoryIndex::Row row, int column) const;
    [[nodiscard]] Tone tone(HistoryIndex::Row row, int column) const;

    History* m_history = nullptr; // Set to none when it goes.
    HistoryQuery m_query;
    History::Rows m_rows;
    QTimer m_searchSoon; // While pages come in, a filter is not answered anew for each.
    bool m_searching = false;
    AbsentCopies m_absent;
};

} // namespace cairn
