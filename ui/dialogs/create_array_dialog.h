// Asks for what a new array is made of, or which disk is adopted.
#pragma once

#include "core/backup/attachment.h"
#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/member_list.h"
#include "ui/dialogs/size_field.h"

#include <QCheckBox>
#include <optional>

namespace cairn {

// What was entered for an array that was not created: it is offered again as it was.
struct CreationInput {
    QStringList uris;
    QString label;
    QString size;
    bool adopt = false;
    bool overLeftovers = false;
};

class CreateArrayDialog final : public DialogFrame {
    Q_OBJECT

public:
    explicit CreateArrayDialog(QWidget* parent = nullptr);
    void enter(const CreationInput& input);
    [[nodiscard]] CreationInput input() const;
    // Nothing while it cannot be accepted.
    [[nodiscard]] std::optional<Attachment::Creation> creation() const;

private:
    MemberList* m_members;
    QLineEdit* m_label;
    SizeField* m_size;
    QCheckBox* m_adopt;
    QCheckBox* m_overLeftovers;
};

} // namespace cairn
