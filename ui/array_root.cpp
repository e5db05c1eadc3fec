// What only root may do with the array's disks, and the line by which root does it in a terminal.
#include "ui/array_actions.h"

#include "ui/command_text.h"
#include "ui/dialogs/member_dialog.h"
#include "ui/display_text.h"

#include <QClipboard>
#include <QGuiApplication>
#include <algorithm>
#include <filesystem>

namespace cairn {

void ArrayActions::setTablesNeedRoot(bool needed)
{
    m_tablesNeedRoot = needed;
    updateEnabled();
}

bool ArrayActions::needsRoot(const std::optional<Uuid>& member) const
{
    return m_tablesNeedRoot && m_array != nullptr &&
           std::ranges::any_of(snapshot().layout.members, [&](const Member& one) {
               return one.blockDevice && (!member || one.id == *member);
           });
}

QString ArrayActions::commandAsRoot(Verb verb) const
{
    const Region* region = selectedRegion();
    const Generation* kept = verb == Verb::Undo ? selectedUndo() : nullptr;
    switch (verb) {
    case Verb::AddRegion:
        return needsRoot({}) ? addRegionCommand(snapshot()) : QString();
    case Verb::ReleaseDisk:
        return needsRoot({}) ? releaseDiskCommand(snapshot()) : QString();
    case Verb::RemoveRegion:
        return region != nullptr && needsRoot(region->member)
                   ? removeRegionCommand(snapshot(), *region)
                   : QString();
    case Verb::Undo:
        return kept != nullptr && kept->undo->swapped && needsRoot(kept->target.member)
                   ? undoCommand(snapshot(), kept->number)
                   : QString();
    default:
        return {};
    }
}

QString ArrayActions::whyOnlyRoot(Verb verb) const
{
    const QString command = commandAsRoot(verb);
    return command.isEmpty() ? command
                             : tr("Only root may tell the kernel that a partition table has "
                                  "changed. In a terminal: %1")
                                   .arg(command);
}

// Image files are this user's own.
void ArrayActions::leaveDisksToRoot(MemberDialog& dialog)
{
    if (!m_tablesNeedRoot)
        return;
    dialog.leaveToRoot([this, &dialog](const Array::NewMember& wanted) {
        std::error_code unknown;
        if (m_array == nullptr || !std::filesystem::is_block_file(wanted.uri, unknown))
            return QString();
        return joinCommand(snapshot(), wanted, dialog.replaced());
    });
}

void ArrayActions::addRootActions()
{
    for (const Verb verb : {Verb::AddRegion, Verb::RemoveRegion, Verb::ReleaseDisk, Verb::Undo}) {
        const QAction& only = *m_actions.at(verb);
        auto* copies = new QAction(tr("Copy the command for root"), this);
        copies->setObjectName(only.objectName() + QStringLiteral("AsRoot"));
        copies->setVisible(false);
        connect(copies, &QAction::triggered, this,
                [this, verb] { QGuiApplication::clipboard()->setText(commandAsRoot(verb)); });
        m_rootActions[verb] = copies;
    }
}

void ArrayActions::offerToRoot(Verb verb, const QString& reason)
{
    const auto copies = m_rootActions.find(verb);
    if (copies == m_rootActions.end())
        return;
    const QString command = commandAsRoot(verb);
    copies->second->setVisible(!command.isEmpty() && reason == whyOnlyRoot(verb));
    copies->second->setStatusTip(command);
    copies->second->setToolTip(toolTipText(command));
}

} // namespace cairn
