// Asks for a region's new name.
#pragma once

#include "core/array/region.h"
#include "ui/dialogs/dialog_frame.h"

#include <QLineEdit>

namespace cairn {

class RenameRegionDialog final : public DialogFrame {
    Q_OBJECT

public:
    RenameRegionDialog(const ArrayLayout& layout, const Region& region, QWidget* parent = nullptr);
    [[nodiscard]] std::string name() const { return m_name->text().trimmed().toStdString(); }

private:
    QLineEdit* m_name;
};

} // namespace cairn
