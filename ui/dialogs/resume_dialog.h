// Asks how the source of an interrupted backup is read, where it is in use by now.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/dialogs/dialog_frame.h"
#include "ui/dialogs/source_use_choice.h"

#include <optional>

namespace cairn {

class ResumeDialog final : public DialogFrame {
    Q_OBJECT

public:
    struct About {
        const Job& job;
        const Region& source;
        std::optional<Error> cannotFreeze;
        OnUnreadable onUnreadable = OnUnreadable::Fail;
    };
    ResumeDialog(const ArraySnapshot& snapshot, const About& about, QWidget* parent = nullptr);

    [[nodiscard]] SourcePolicy policy() const { return m_use->policy(); }

private:
    SourceUseChoice* m_use;
};

} // namespace cairn
