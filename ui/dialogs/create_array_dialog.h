// Asks for what a new array is made of, or which disk is adopted.
#pragma once

#include "core/backup/attachment.h"
#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/member_list.h"
#include "ui/dialogs/size_field.h"

#include <QCheckBox>
#include <optional>

namespace cairn {

class CreateArrayDialog final : public DialogFrame {
    Q_OBJECT

public:
    explicit CreateArrayDialog(QWidget* parent = nullptr);
    // Nothing while it cannot be accepted.
    [[nodiscard]] std::optional<Attachment::Creation> creation() const;
    [[nodiscard]] QStringList uris() const { return m_members->uris(); }

private:
    MemberList* m_members;
    QLineEdit* m_label;
    SizeField* m_size;
    QCheckBox* m_adopt;
    QCheckBox* m_overLeftovers;
};

} // namespace cairn
