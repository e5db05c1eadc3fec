// The rename dialog.
#include "ui/dialogs/rename_region_dialog.h"

#include "ui/dialogs/region_name.h"
#include "ui/record_text.h"
#include "ui/widgets/plain_label.h"

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
    m_name->selectAll();
    body()->addWidget(m_name);
    auto* problem = PlainLabel::muted();
    problem->setObjectName(QStringLiteral("nameProblem"));
    body()->addWidget(problem);
    verbButton()->setEnabled(false);
    connect(m_name, &QLineEdit::textChanged, this, [this, layout, problem, own = region.id] {
        const QString wrong = regionNameProblem(m_name->text(), layout, own);
        problem->setText(wrong);
        verbButton()->setEnabled(!name().empty() && wrong.isEmpty());
    });
}

} // namespace cairn
