// Confirms that a backup may overwrite a region: what it comes from, and what will be erased.
#pragma once

#include "core/backup/restore.h"
#include "ui/array_snapshot.h"
#include "ui/dialogs/name_confirmation.h"
#include "ui/widgets/card.h"

#include <QComboBox>
#include <QDialog>
#include <QPushButton>
#include <optional>

namespace cairn {

// The region the backup came from is offered first; its name must be typed whichever it is.
class RestoreDialog final : public QDialog {
    Q_OBJECT

public:
    RestoreDialog(const ArraySnapshot& snapshot, const Generation& generation,
                  QWidget* parent = nullptr);

    // Core's answer to planWanted(): the plan that this dialog shows, or why there is none.
    void setPlan(const Result<RestorePlan>& plan);
    // Nothing unless the dialog can be accepted now.
    [[nodiscard]] std::optional<RestorePlan> plan() const;
    [[nodiscard]] std::optional<RegionId> target() const;

Q_SIGNALS:
    void planWanted(const cairn::RegionId& target);

private:
    void build();
    void fillTargets();
    void targetChosen();
    void update();
    [[nodiscard]] QStringList sourceLines() const;
    void showTarget(const RestorePlan& plan);

    ArraySnapshot m_snapshot;
    Generation m_generation;
    std::optional<RestorePlan> m_plan;
    PlainLabel* m_heading = nullptr;
    QComboBox* m_targets = nullptr;
    Card* m_from = nullptr;
    Card* m_erased = nullptr;
    PlainLabel* m_problem = nullptr;
    NameConfirmation* m_confirmation = nullptr;
    QPushButton* m_overwrite = nullptr;
};

} // namespace cairn
