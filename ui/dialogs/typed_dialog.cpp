// Keeps Return from doing what nobody confirmed.
#include "ui/dialogs/typed_dialog.h"

#include "ui/dialogs/name_confirmation.h"
#include "ui/display_text.h"

#include <QKeyEvent>
#include <QLayout>
#include <QScreen>
#include <algorithm>

namespace cairn {

QDialogButtonBox* TypedDialog::addButtons(const QString& verb)
{
    auto* buttons = new QDialogButtonBox;
    m_verb = buttons->addButton(buttonText(verb), QDialogButtonBox::AcceptRole);
    m_verb->setAccessibleName(verb);
    m_cancel = buttons->addButton(QDialogButtonBox::Cancel);
    m_cancel->setObjectName(QStringLiteral("cancelDialog"));
    m_verb->setAutoDefault(false);
    m_cancel->setAutoDefault(false);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    return buttons;
}

void TypedDialog::makeVerbDefault()
{
    m_verbIsDefault = true;
    m_verb->setAutoDefault(true);
    m_verb->setDefault(true);
}

bool TypedDialog::confirmed() const
{
    if (!m_verb->isEnabled())
        return false;
    const bool typed = m_confirmation != nullptr && m_confirmation->isVisibleTo(this) &&
                       m_confirmation->isAncestorOf(focusWidget()) && m_confirmation->matches();
    return typed || m_verb->hasFocus();
}

// A layout's own minimum does not know at which width a text wraps.
void TypedDialog::fitHeight()
{
    if (!isVisible() || layout() == nullptr)
        return;
    const int needed = layout()->hasHeightForWidth() ? layout()->totalHeightForWidth(width())
                                                     : layout()->totalSizeHint().height();
    const int available = screen()->availableGeometry().height();
    setMinimumHeight(std::min(needed, available));
}

bool TypedDialog::event(QEvent* event)
{
    const bool taken = QDialog::event(event);
    if (event->type() == QEvent::LayoutRequest)
        fitHeight();
    return taken;
}

void TypedDialog::resizeEvent(QResizeEvent* event)
{
    QDialog::resizeEvent(event);
    if (event->size().width() != event->oldSize().width())
        fitHeight();
}

void TypedDialog::keyPressEvent(QKeyEvent* event)
{
    const bool isReturn = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
    if (!isReturn || m_verbIsDefault) {
        QDialog::keyPressEvent(event);
        return;
    }
    auto* focused = qobject_cast<QPushButton*>(focusWidget());
    if (focused != nullptr && focused != m_cancel && focused != m_verb)
        focused->click();
    else if (confirmed())
        m_verb->click();
}

void TypedDialog::showEvent(QShowEvent* event)
{
    QDialog::showEvent(event);
    fitHeight();
    // The box of buttons makes one the default when it is shown without any.
    if (m_verbIsDefault)
        return;
    m_verb->setDefault(false);
    // Nor does the focus begin on the verb, where there is no field that takes it.
    if (focusWidget() == nullptr || focusWidget() == m_verb)
        m_cancel->setFocus();
}

} // namespace cairn
