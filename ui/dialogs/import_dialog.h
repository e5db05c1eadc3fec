// Chooses an image file whose bytes go into a region.
#pragma once

#include "core/array/region.h"
#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/name_confirmation.h"

#include <QLineEdit>

namespace cairn {

class ImportDialog final : public DialogFrame {
    Q_OBJECT

public:
    ImportDialog(const ArrayLayout& layout, const Region& region, QWidget* parent = nullptr);

    [[nodiscard]] QString path() const { return m_path->text().trimmed(); }
    [[nodiscard]] std::uint64_t sizeBytes() const;
    [[nodiscard]] std::string confirmedName() const;

private:
    void update();
    [[nodiscard]] QString problem() const;

    Region m_region;
    QLineEdit* m_path;
    PlainLabel* m_problem;
    NameConfirmation* m_confirmation;
};

} // namespace cairn
