// Asks how a source that is in use is read: frozen, or as it is.
#pragma once

#include "core/backup/source_freeze.h"
#include "ui/widgets/copyable_line.h"
#include "ui/widgets/plain_label.h"

#include <QRadioButton>
#include <QSpinBox>
#include <QWidget>
#include <optional>

class QVBoxLayout;

namespace cairn {

// Shown only where somebody uses the source; then nothing is preselected.
class SourceUseChoice final : public QWidget {
    Q_OBJECT

public:
    explicit SourceUseChoice(QWidget* parent = nullptr);

    // The source as it is now, and why its filesystem cannot stand still, if that is so. What was
    // chosen stays unless it cannot be any more, or somebody else uses the source.
    void setSource(const Region& source, const std::optional<Error>& cannotFreeze);
    // What an ordinary user gives to a terminal to have it frozen; empty while it is not known,
    // for what `unknown` says.
    void setCommand(const QString& command, const QString& unknown);

    // Whether somebody uses the source, and whether it is known how it is to be read then.
    [[nodiscard]] bool isNeeded() const { return m_needed; }
    [[nodiscard]] bool isAnswered() const;
    [[nodiscard]] SourcePolicy policy() const;
    // What an ordinary user would have to choose in root's place.
    [[nodiscard]] int limitS() const { return m_limit->value(); }

Q_SIGNALS:
    void changed();

private:
    void addFreeze(QVBoxLayout& column);
    void forget();

    bool m_needed = false;
    std::string m_usedBy;
    PlainLabel* m_heading;
    QRadioButton* m_freeze;
    QSpinBox* m_limit;
    PlainLabel* m_whyNot;
    CopyableLine* m_command;
    QRadioButton* m_live;
};

} // namespace cairn
