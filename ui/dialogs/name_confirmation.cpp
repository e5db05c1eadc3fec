// Compares what was typed with the region's name.
#include "ui/dialogs/name_confirmation.h"

#include "core/backup/guards.h"
#include "ui/display_text.h"

#include <QVBoxLayout>

namespace cairn {

NameConfirmation::NameConfirmation(QWidget* parent)
    : QWidget(parent), m_prompt(PlainLabel::wrapped()), m_edit(new QLineEdit)
{
    m_edit->setObjectName(QStringLiteral("typedName"));
    m_edit->setAccessibleName(tr("Name of the region whose content goes"));
    m_prompt->setBuddy(m_edit);
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(4);
    column->addWidget(m_prompt);
    column->addWidget(m_edit);
    connect(m_edit, &QLineEdit::textChanged, this, &NameConfirmation::changed);
}

void NameConfirmation::setRegion(const ArrayLayout& layout, const Region& region,
                                 const QString& why)
{
    const std::string required = confirmationText(layout, region);
    if (required != m_required)
        m_edit->clear();
    m_required = required;
    m_prompt->setText(
        prompt(region).arg(why.isEmpty() ? tr("The content of this region will be gone.") : why,
                           displayText(required)));
}

QString NameConfirmation::prompt(const Region& region) const
{
    if (m_required != region.id.uuid.toString())
        return tr("%1 To confirm, type the region's name: %2");
    // On a line of its own: it would be broken at one of its hyphens.
    return region.role == RegionRole::Management
               ? tr("%1 To confirm, type the PARTUUID of its catalog region:\n%2")
               : tr("%1 To confirm, type the region's PARTUUID:\n%2");
}

bool NameConfirmation::matches() const
{
    return !m_required.empty() && m_edit->text() == displayText(m_required);
}

std::string NameConfirmation::confirmedName() const
{
    return matches() ? m_required : std::string();
}

} // namespace cairn
