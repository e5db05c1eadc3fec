// Builds the frame of a dialog.
#include "ui/dialogs/dialog_frame.h"

#include "ui/display_text.h"
#include "ui/widgets/plain_label.h"

namespace cairn {

DialogFrame::DialogFrame(const Look& look, QWidget* parent)
    : TypedDialog(parent), m_body(new QVBoxLayout)
{
    setWindowTitle(titleText(look.title));
    QDialogButtonBox* buttons = addButtons(look.verb);
    verbButton()->setObjectName(QStringLiteral("accept"));
    verbButton()->setProperty("danger", look.erases);
    if (!look.erases)
        makeVerbDefault();
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
