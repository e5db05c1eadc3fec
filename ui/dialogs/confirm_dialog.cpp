// The confirmation.
#include "ui/dialogs/confirm_dialog.h"

#include <QLayout>
#include <algorithm>

namespace cairn {

ConfirmDialog::ConfirmDialog(const Look& look, QWidget* parent) : DialogFrame(look, parent)
{
    setObjectName(QStringLiteral("confirmDialog"));
}

void ConfirmDialog::requireName(const ArrayLayout& layout, const Region& region, const QString& why)
{
    m_confirmation = new NameConfirmation;
    m_confirmation->setRegion(layout, region, why);
    body()->addWidget(m_confirmation);
    setConfirmation(m_confirmation);
    m_confirmation->takeFocus();
    verbButton()->setEnabled(false);
    connect(m_confirmation, &NameConfirmation::changed, this,
            [this] { verbButton()->setEnabled(m_confirmation->matches()); });
}

std::string ConfirmDialog::confirmedName() const
{
    return m_confirmation != nullptr ? m_confirmation->confirmedName() : std::string();
}

} // namespace cairn
