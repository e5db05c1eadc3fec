// Confirms that a restore is undone: what comes back, and over what.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/name_confirmation.h"
#include "ui/restore_offer.h"

#include <optional>

namespace cairn {

class UndoDialog final : public DialogFrame {
    Q_OBJECT

public:
    // Why a name has to be typed: planning found out, or the undo itself when it read the region.
    enum class Changed : std::uint8_t { NotKnown, SinceTheRestore };
    UndoDialog(const ArraySnapshot& snapshot, UndoOffer offer, Changed changed,
               QWidget* parent = nullptr);

    // Nothing unless the dialog can be accepted now.
    [[nodiscard]] std::optional<UndoPlan> plan() const;

private:
    [[nodiscard]] QStringList keptLines() const;
    [[nodiscard]] QStringList targetLines() const;
    void requireName(Changed changed);

    ArraySnapshot m_snapshot;
    UndoOffer m_offer;
    NameConfirmation* m_confirmation = nullptr; // Where a name has to be typed.
};

} // namespace cairn
