// Chooses where a region is backed up to, out of the array's own candidates.
#pragma once

#include "core/backup/back_up.h"
#include "ui/array_snapshot.h"
#include "ui/dialogs/name_confirmation.h"
#include "ui/dialogs/typed_dialog.h"
#include "ui/models/candidate_model.h"

#include <QCheckBox>
#include <QLineEdit>
#include <QTableView>
#include <optional>

namespace cairn {

// What it shows is the plan that runs. Nothing is preselected.
class BackupDialog final : public TypedDialog {
    Q_OBJECT

public:
    BackupDialog(const ArraySnapshot& snapshot, const Region& source, const BackupTargets& targets,
                 QWidget* parent = nullptr);

    // What the array says while it is open: the choice stays, and what was typed for it, where it
    // still can be chosen and costs what it did. An error is what speaks against the source now.
    void setCandidates(const ArraySnapshot& snapshot, const Result<BackupTargets>& targets);
    // The target that the operator has shown already, where it can be chosen.
    void choose(const RegionId& target);
    // Nothing unless the dialog can be accepted now.
    [[nodiscard]] std::optional<BackupPlan> plan() const;

protected:
    // The first arrow key chooses the best candidate: the view alone would begin at the second.
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void build();
    [[nodiscard]] QWidget* buildTable();
    [[nodiscard]] int chosenRow() const;
    void update();
    [[nodiscard]] QString consequence(int row) const;

    ArraySnapshot m_snapshot;
    Region m_source;
    std::optional<Error> m_refused; // Why the source cannot be backed up now.
    CandidateModel* m_model;
    QTableView* m_table = nullptr;
    QLineEdit* m_label = nullptr;
    QLineEdit* m_note = nullptr;
    QCheckBox* m_verify = nullptr;
    QCheckBox* m_skip = nullptr;
    PlainLabel* m_consequence = nullptr;
    NameConfirmation* m_confirmation = nullptr;
};

} // namespace cairn
