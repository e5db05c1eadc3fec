// Asks for the disk or file that joins an array, or takes the place of a lost member.
#pragma once

#include "core/backup/administer.h"
#include "ui/array_snapshot.h"
#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/name_confirmation.h"
#include "ui/dialogs/size_field.h"
#include "ui/widgets/loss_box.h"
#include "ui/widgets/root_command.h"

#include <QCheckBox>
#include <QFormLayout>
#include <functional>
#include <optional>

namespace cairn {

// What was entered for a member that did not join: it is offered again as it was.
struct MemberInput {
    QString path;
    QString size;
    bool create = false;
    bool adopt = false;
    bool overLeftovers = false;
};

// Where a last good copy goes with the member whose place is taken, the name of its region must be
// typed. No member is preselected.
class MemberDialog final : public DialogFrame {
    Q_OBJECT

public:
    enum class Purpose : std::uint8_t { Add, Replace };
    MemberDialog(const ArrayLayout& layout, Purpose purpose, QWidget* parent = nullptr);

    // The member whose place is taken, where the operator began with it.
    void choose(const Uuid& old);
    // Core's answer to planWanted(); one of a member that is not chosen any more is not taken.
    void setPlan(const Uuid& old, const Result<MemberReplacement>& plan);

    // Which of the members only root may join, by that line in a terminal; an empty one: this user.
    using CommandAsRoot = std::function<QString(const Array::NewMember&)>;
    void leaveToRoot(const CommandAsRoot& command);

    void enter(const MemberInput& input);
    [[nodiscard]] MemberInput input() const;
    // Nothing while it cannot be accepted.
    [[nodiscard]] std::optional<Array::NewMember> wanted() const;
    // The member whose place is taken.
    [[nodiscard]] std::optional<Uuid> replaced() const;
    // The name that was typed; empty where none was asked for.
    [[nodiscard]] std::string confirmedName() const { return m_confirmation->confirmedName(); }

Q_SIGNALS:
    void planWanted(const cairn::Uuid& old);

private:
    void addReplaced(QFormLayout& form);
    void memberChosen();
    void update();
    [[nodiscard]] bool lossConfirmed() const;

    ArrayLayout m_layout;
    Purpose m_purpose;
    std::optional<MemberReplacement> m_plan; // Of the chosen member.
    LossBox* m_old;
    PlainLabel* m_cost;
    NameConfirmation* m_confirmation;
    QLineEdit* m_path;
    SizeField* m_size;
    PlainLabel* m_sizeProblem;
    QCheckBox* m_create;
    QCheckBox* m_adopt;
    QCheckBox* m_overLeftovers;
    RootCommand* m_asRoot;
    CommandAsRoot m_commandAsRoot; // Not set: none of them.
};

} // namespace cairn
