// Asks for the disk or file that joins an array, or takes the place of a lost member.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/size_field.h"
#include "ui/widgets/loss_box.h"

#include <QCheckBox>
#include <optional>

namespace cairn {

class MemberDialog final : public DialogFrame {
    Q_OBJECT

public:
    enum class Purpose : std::uint8_t { Add, Replace };
    MemberDialog(const ArrayLayout& layout, Purpose purpose, QWidget* parent = nullptr);

    // Nothing while it cannot be accepted.
    [[nodiscard]] std::optional<Array::NewMember> wanted() const;
    // The member whose place is taken.
    [[nodiscard]] std::optional<Uuid> replaced() const;

private:
    void update();

    LossBox* m_old;
    QLineEdit* m_path;
    SizeField* m_size;
    QCheckBox* m_create;
    QCheckBox* m_adopt;
    QCheckBox* m_overLeftovers;
};

// Members that are missing or failed, and may be replaced.
[[nodiscard]] bool hasReplaceable(const ArrayLayout& layout);

} // namespace cairn
