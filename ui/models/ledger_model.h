// The ledger as a table: what was done to the array, newest first.
#pragma once

#include "core/catalog/records.h"

#include <QAbstractTableModel>
#include <memory>
#include <optional>
#include <vector>

namespace cairn {

struct LedgerFilter {
    QString words; // All of them, in any column; "#12" is backup 12.
    std::optional<GenerationNumber> backup;
    friend bool operator==(const LedgerFilter&, const LedgerFilter&) = default;
};

using LedgerRows = std::vector<std::size_t>; // Places in Ledger::events.

// Newest first. Looks at every entry: for a thread of its own where the ledger may be long.
[[nodiscard]] LedgerRows filteredEntries(const Ledger& ledger, const LedgerFilter& filter);

// No text is made before it is painted.
class LedgerModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Entry, When, What, Backup, Subject, Detail, Host, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void show(std::shared_ptr<const Ledger> ledger, LedgerRows rows);

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;

private:
    std::shared_ptr<const Ledger> m_ledger;
    LedgerRows m_rows;
};

} // namespace cairn
