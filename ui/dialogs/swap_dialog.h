// Confirms a restore by exchange: which region leads where afterwards, and what that costs.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/name_confirmation.h"
#include "ui/restore_offer.h"

#include <optional>

namespace cairn {

class SwapDialog final : public DialogFrame {
    Q_OBJECT

public:
    // Where only root may do it, the command that does; the dialog cannot be accepted then.
    SwapDialog(const ArraySnapshot& snapshot, SwapOffer offer, const QString& asRoot,
               QWidget* parent = nullptr);

    // Nothing unless the dialog can be accepted now.
    [[nodiscard]] std::optional<SwapPlan> plan() const;

private:
    [[nodiscard]] QWidget* buildCards();
    void sayOnlyRoot(const QString& command);
    void requireName();

    ArraySnapshot m_snapshot;
    SwapOffer m_offer;
    bool m_allowed = true;
    NameConfirmation* m_confirmation = nullptr; // Where a name has to be typed.
};

} // namespace cairn
