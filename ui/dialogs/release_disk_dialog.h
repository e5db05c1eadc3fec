// Chooses the disk that leaves the array, and says what that costs.
#pragma once

#include "core/backup/release_disk.h"
#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/name_confirmation.h"
#include "ui/widgets/loss_box.h"

#include <optional>

namespace cairn {

// None is preselected. Where the disk holds a copy of the catalog, the name of the region that
// holds it must be typed; of one that is away, that of a region whose last good copy goes.
class ReleaseDiskDialog final : public DialogFrame {
    Q_OBJECT

public:
    explicit ReleaseDiskDialog(const ArrayLayout& layout, QWidget* parent = nullptr);

    // Core's answer to planWanted(); one of a disk that is not chosen any more is not taken.
    void setPlan(const Uuid& member, const Result<DiskRelease>& plan);

    struct Wanted {
        Uuid member;
        QString name; // As shown.
        std::string confirmedName;
        bool lost = false; // It is not attached, and stays as it is.
    };
    // Nothing while it cannot be accepted.
    [[nodiscard]] std::optional<Wanted> wanted() const;

Q_SIGNALS:
    void planWanted(const cairn::Uuid& member);

private:
    void memberChosen();
    void update();
    [[nodiscard]] std::optional<Uuid> chosen() const;
    [[nodiscard]] QString cost() const;
    [[nodiscard]] QString costOfLost() const;

    ArrayLayout m_layout;
    std::optional<DiskRelease> m_plan; // Of the chosen disk.
    LossBox* m_members;
    PlainLabel* m_cost;
    NameConfirmation* m_confirmation;
};

} // namespace cairn
