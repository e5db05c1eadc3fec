// The reason above the line that can be copied.
#include "ui/widgets/root_command.h"

#include "ui/widgets/plain_label.h"

#include <QVBoxLayout>

namespace cairn {

RootCommand::RootCommand(const QString& name, const QString& accessibleName, QWidget* parent)
    : QWidget(parent), m_line(new CopyableLine(name, accessibleName))
{
    auto* why = PlainLabel::muted(reason());
    why->setObjectName(QStringLiteral("whyRoot"));
    auto* lines = new QVBoxLayout(this);
    lines->setContentsMargins(0, 0, 0, 0);
    lines->addWidget(why);
    lines->addWidget(m_line);
    setVisible(false);
}

void RootCommand::setCommand(const QString& command)
{
    m_line->setText(command);
    setVisible(!command.isEmpty());
}

QString RootCommand::reason() const
{
    return tr("Only root may tell the kernel that a partition table has changed, and this window "
              "is not root's. In a terminal:");
}

} // namespace cairn
