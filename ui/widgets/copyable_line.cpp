// A read-only field and its button.
#include "ui/widgets/copyable_line.h"

#include "ui/display_text.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>

namespace cairn {

CopyableLine::CopyableLine(const QString& name, const QString& accessibleName, QWidget* parent)
    : QWidget(parent), m_text(new QLineEdit), m_copy(new QPushButton(tr("Copy")))
{
    m_text->setObjectName(name);
    m_text->setAccessibleName(accessibleName);
    m_text->setReadOnly(true);
    m_copy->setObjectName(QStringLiteral("copy") + name.at(0).toUpper() + name.mid(1));
    m_copy->setAccessibleName(tr("Copy the command"));
    m_copy->setAutoDefault(false);
    auto* line = new QHBoxLayout(this);
    line->setContentsMargins(0, 0, 0, 0);
    line->addWidget(m_text, 1);
    line->addWidget(m_copy);
    connect(m_copy, &QPushButton::clicked, this,
            [this] { QGuiApplication::clipboard()->setText(m_text->text()); });
}

void CopyableLine::setText(const QString& text, const QString& unknown)
{
    if (m_text->text() != text) {
        m_text->setText(text);
        m_text->setCursorPosition(0);
    }
    m_text->setPlaceholderText(unknown);
    m_copy->setEnabled(!text.isEmpty());
    m_copy->setToolTip(text.isEmpty() ? toolTipText(unknown) : QString());
}

} // namespace cairn
