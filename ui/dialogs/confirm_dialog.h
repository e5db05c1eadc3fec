// Asks once more, with the typed name of a region where its content would be lost.
#pragma once

#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/name_confirmation.h"

namespace cairn {

class ConfirmDialog final : public DialogFrame {
    Q_OBJECT

public:
    ConfirmDialog(const Look& look, QWidget* parent);

    // The verb can be chosen only after the region's name was typed; `why` says what is lost.
    void requireName(const ArrayLayout& layout, const Region& region, const QString& why);

    // Empty where none was asked for.
    [[nodiscard]] std::string confirmedName() const;

private:
    NameConfirmation* m_confirmation = nullptr;
};

} // namespace cairn
