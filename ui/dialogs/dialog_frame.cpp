// Builds the frame of a dialog.
#include "ui/dialogs/dialog_frame.h"

#include "ui/display_text.h"
#include "ui/widgets/plain_label.h"

#include <QDialogButtonBox>

namespace cairn {

DialogFrame::DialogFrame(const Look& look, QWidget* parent)
    : QDialog(parent), m_body(new QVBoxLayout), m_verb(nullptr)
{
    setWindowTitle(titleText(look.title));
    auto* buttons = new QDialogButtonBox;
    m_verb = buttons->addButton(buttonText(look.verb), QDialogButtonBox::AcceptRole);
    m_verb->setObjectName(QStringLiteral("accept"));
    m_verb->setAccessibleName(look.verb);
    auto* cancel = buttons->addButton(QDialogButtonBox::Cancel);
    cancel->setObjectName(QStringLiteral("cancelDialog"));
    m_verb->setProperty("danger", look.erases);
    m_verb->setAutoDefault(!look.erases);
    cancel->setAutoDefault(true);
    (look.erases ? cancel : m_verb)->setDefault(true);
    connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
    connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(20, 18, 20, 16);
    column->setSpacing(12);
    column->addWidget(PlainLabel::heading(look.heading));
    if (!look.explanation.isEmpty())
        column->addWidget(PlainLabel::muted(look.explanation));
    column->addLayout(m_body, 1);
    column->addWidget(buttons);
    resize(520, sizeHint().height());
}

} // namespace cairn
