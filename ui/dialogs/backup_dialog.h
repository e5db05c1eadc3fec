// Chooses where a region is backed up to, out of the array's own candidates.
#pragma once

#include "core/backup/back_up.h"
#include "ui/array_snapshot.h"
#include "ui/dialogs/name_confirmation.h"
#include "ui/dialogs/source_use_choice.h"
#include "ui/dialogs/typed_dialog.h"
#include "ui/models/candidate_model.h"

#include <QCheckBox>
#include <QLineEdit>
#include <QTableView>
#include <map>
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
    // Also keeps what was chosen for the next time where that is a setting.
    void accept() override;
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
    [[nodiscard]] QLayout* buildOptions();
    void showSource(const std::optional<Error>& cannotFreeze);
    void showSeal(int row);
    [[nodiscard]] bool& sealOf(const Region& target);
    // Of the row, whether or not the dialog can be accepted now.
    [[nodiscard]] BackupPlan planTo(int row) const;
    [[nodiscard]] int chosenRow() const;
    void update();
    [[nodiscard]] QString consequence(int row) const;

    ArraySnapshot m_snapshot;
    Region m_source;
    std::optional<Error> m_refused; // Why the source cannot be backed up now.
    // Of targets in files, and on block devices: as it was chosen here or before.
    std::map<bool, bool> m_seals;
    PlainLabel* m_sourceLine = nullptr;
    PlainLabel* m_accepted = nullptr;
    SourceUseChoice* m_use = nullptr;
    CandidateModel* m_model;
    QTableView* m_table = nullptr;
    QLineEdit* m_label = nullptr;
    QLineEdit* m_note = nullptr;
    QCheckBox* m_verify = nullptr;
    QCheckBox* m_skip = nullptr;
    QCheckBox* m_seal = nullptr;
    PlainLabel* m_consequence = nullptr;
    NameConfirmation* m_confirmation = nullptr;
};

} // namespace cairn
