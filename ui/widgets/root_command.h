// Says that only root may do something, and by which line in a terminal.
#pragma once

#include "ui/widgets/copyable_line.h"

#include <QWidget>

namespace cairn {

class RootCommand final : public QWidget {
    Q_OBJECT

public:
    // The line gets the object name `name`, its reason "whyRoot".
    RootCommand(const QString& name, const QString& accessibleName, QWidget* parent = nullptr);

    // Hidden where it is empty: this user may do it.
    void setCommand(const QString& command);
    [[nodiscard]] QString reason() const;

private:
    CopyableLine* m_line;
};

} // namespace cairn
