// The rename dialog.
#include "ui/dialogs/rename_region_dialog.h"

#include "ui/record_text.h"
#include "ui/widgets/plain_label.h"

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
    auto* problem = PlainLabel::muted();
    problem->setObjectName(QStringLiteral("nameProblem"));
    body()->addWidget(problem);
    verbButton()->setEnabled(false);
    connect(m_name, &QLineEdit::textChanged, this, [this, layout, problem, own = region.id] {
        const auto same = std::ranges::find(layout.regions, name(), &Region::name);
        const bool taken = !name().empty() && same != layout.regions.end();
        problem->setText(!taken            ? QString()
                         : same->id == own ? tr("That is what it is called now.")
                                           : tr("This name is in use."));
        verbButton()->setEnabled(!name().empty() && !taken);
    });
}

} // namespace cairn
