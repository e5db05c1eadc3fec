// The backup history as a table: one row for each generation, newest first.
#pragma once

#include "core/catalog/records.h"
#include "ui/record_text.h"

#include <QAbstractTableModel>
#include <optional>
#include <vector>

namespace cairn {

class CatalogModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Number, When, Source, Target, Size, State, Label, Note, ColumnCount };
    enum Role { ToneRole = Qt::UserRole };

    explicit CatalogModel(QObject* parent = nullptr);

    // What was read from the management region just now. The model asks nobody for anything else.
    void setGenerations(std::vector<Generation> generations);
    // Rows whose texts contain every word of it, in whatever case.
    void setFilter(const QString& filter);

    [[nodiscard]] const Generation* generationAt(int row) const;
    [[nodiscard]] std::optional<int> rowOf(GenerationNumber number) const;
    [[nodiscard]] std::size_t totalCount() const { return m_generations.size(); }

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

private:
    [[nodiscard]] bool matches(const Generation& generation, const QStringList& words) const;
    void applyFilter();

    std::vector<Generation> m_generations;
    std::vector<std::size_t> m_rows; // Indexes of what the filter lets through.
    QString m_filter;
};

} // namespace cairn
