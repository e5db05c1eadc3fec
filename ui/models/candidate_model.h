// The array's candidate targets as a table, each refusal with its reasons.
#pragma once

#include "core/backup/absent_regions.h"
#include "ui/array_snapshot.h"
#include "ui/record_text.h"

#include <QAbstractTableModel>
#include <vector>

namespace cairn {

// Where a backup could go, and the regions beside them that are on members that are away. To find
// those takes the whole ledger: only who asks for a target does it, no snapshot.
struct BackupTargets {
    std::vector<CandidateTarget> candidates;
    std::vector<AbsentRegion> absent = {};
    std::optional<Error> cannotFreeze = {}; // Why a source in use cannot stand still.
};

// Refused rows are shown, disabled; nothing is ever preselected.
class CandidateModel final : public QAbstractTableModel {
    Q_OBJECT

public:
    enum Column { Name, Where, Size, Reasons, ColumnCount };
    enum Role { ToneRole = Qt::UserRole };

    // Targets of a backup of that source.
    CandidateModel(const ArraySnapshot& snapshot, const RegionId& source,
                   const BackupTargets& targets, QObject* parent = nullptr);

    // The same as they are now.
    void setCandidates(const ArraySnapshot& snapshot, const BackupTargets& targets);

    [[nodiscard]] const CandidateTarget& candidateAt(int row) const;
    [[nodiscard]] const Region& regionAt(int row) const;
    [[nodiscard]] bool choosable(int row) const;

    [[nodiscard]] int rowCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] int columnCount(const QModelIndex& parent = {}) const override;
    [[nodiscard]] QVariant data(const QModelIndex& index, int role) const override;
    [[nodiscard]] QVariant headerData(int section, Qt::Orientation orientation,
                                      int role) const override;
    [[nodiscard]] Qt::ItemFlags flags(const QModelIndex& index) const override;

private:
    struct Row {
        CandidateTarget candidate;
        Region region;
        QString member;
        QString reasons;
        Tone tone = Tone::Plain; // Of the reasons.
        bool sizeKnown = true;

        [[nodiscard]] bool showsSameAs(const Row& other) const;
    };
    [[nodiscard]] QString text(const Row& row, int column) const;
    // On a member that is away.
    [[nodiscard]] Row rowOf(const AbsentRegion& absent) const;
    [[nodiscard]] std::vector<Row> rowsOf(const ArraySnapshot& snapshot,
                                          const BackupTargets& targets) const;

    RegionId m_source;
    std::vector<Row> m_rows;
};

} // namespace cairn
