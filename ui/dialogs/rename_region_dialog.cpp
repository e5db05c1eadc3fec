// The rename dialog.
#include "ui/dialogs/rename_region_dialog.h"

#include "ui/record_text.h"

#include <algorithm>

namespace cairn {

RenameRegionDialog::RenameRegionDialog(const ArrayLayout& layout, const Region& region,
                                       QWidget* parent)
    : DialogFrame({.title = tr("Rename region"),
                   .heading = tr("Rename %1").arg(regionDisplay(region)),
                   .explanation = tr("Backups keep belonging to it: a region is known by its "
                                     "PARTUUID, not by its name."),
                   .verb = tr("Rename")},
                  parent),
      m_name(new QLineEdit(regionDisplay(region)))
{
    setObjectName(QStringLiteral("renameRegionDialog"));
    m_name->setObjectName(QStringLiteral("regionName"));
    m_name->setAccessibleName(tr("New name"));
    m_name->setMaxLength(36);
    m_name->selectAll();
    body()->addWidget(m_name);
    verbButton()->setEnabled(false);
    connect(m_name, &QLineEdit::textChanged, this, [this, layout] {
        const std::string wanted = name();
        const bool taken = std::ranges::any_of(
            layout.regions, [&](const Region& other) { return other.name == wanted; });
        verbButton()->setEnabled(!wanted.empty() && !taken);
    });
}

} // namespace cairn
