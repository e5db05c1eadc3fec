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
    if (look.onlyReads)
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

void DialogFrame::showEvent(QShowEvent* event)
{
    // The buttons were made before the body, and would come first.
    QWidget* first = nullptr;
    QWidget* last = nullptr;
    for (QWidget* next = nextInFocusChain(); next != this; next = next->nextInFocusChain()) {
        const bool field = next != verbButton() && next != cancelButton() &&
                           (next->focusPolicy() & Qt::TabFocus) == Qt::TabFocus;
        if (field && first == nullptr && next->isVisibleTo(this) && next->isEnabledTo(this))
            first = next;
        // One that is hidden now may be shown once something is chosen.
        if (field)
            last = next;
    }
    if (last != nullptr) {
        setTabOrder(last, verbButton());
        setTabOrder(verbButton(), cancelButton());
    }
    if (first != nullptr && focusWidget() == nullptr)
        first->setFocus();
    TypedDialog::showEvent(event);
}

} // namespace cairn
