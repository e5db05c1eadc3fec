// Why a verb cannot be chosen now, in words for its tooltip.
#include "ui/array_actions.h"

#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "ui/job_steps.h"
#include "ui/record_text.h"

#include <algorithm>

namespace cairn {
QString ArrayActions::whyNotWritten() const
{
    if (m_array == nullptr)
        return tr("No array is open.");
    return writable() ? QString() : tr("The array cannot be written now.");
}

QString ArrayActions::whyNoRegion() const
{
    const Region* region = selectedRegion();
    if (region == nullptr)
        return tr("Select a region.");
    return region->role == RegionRole::Management ? tr("This region holds the catalog.")
                                                  : QString();
}

QString ArrayActions::whyWritten(const RegionId& region) const
{
    const auto refusals = plannedRefusals(plannedUses(m_array->jobs()), region);
    const bool written = !refusals.empty() && refusals.front().reason == RefusalReason::ToBeWritten;
    return written ? tr("%1.").arg(refusalDisplay(refusals.front())) : QString();
}

QString ArrayActions::whyUsed(const RegionId& region) const
{
    const auto refusals = plannedRefusals(plannedUses(m_array->jobs()), region);
    return refusals.empty() ? QString() : tr("%1.").arg(refusalDisplay(refusals.front()));
}

bool ArrayActions::refusedAsWritten(Verb verb, const Region& region)
{
    return !whyWritten(region.id).isEmpty() && refusedAsUsed(verb, region);
}

bool ArrayActions::refusedAsUsed(Verb verb, const Region& region)
{
    const auto refusals = plannedRefusals(plannedUses(m_array->jobs()), region.id);
    if (!refusals.empty())
        m_messages.showError(verb, refusalError(refusals.front(), region));
    return !refusals.empty();
}

QString ArrayActions::whyNoExport() const
{
    if (const QString why = whyNoRegion(); !why.isEmpty())
        return why;
    return whyWritten(selectedRegion()->id);
}

QString ArrayActions::whyNoChange() const
{
    if (const QString why = whyNoRegion(); !why.isEmpty())
        return why;
    const Region& region = *selectedRegion();
    if (region.use.inUse)
        return tr("%1: it cannot be changed now.")
            .arg(refusalDisplay({RefusalReason::InUse, 0, region.use.by}));
    if (const QString why = whyUsed(region.id); !why.isEmpty())
        return tr("It cannot be changed now. %1").arg(why);
    return whyNotWritten();
}

QString ArrayActions::whyNotGivenUp() const
{
    if (const QString why = whyNoChange(); !why.isEmpty())
        return why;
    const Region& region = *selectedRegion();
    const Generation* held = snapshot().heldBy(region.id);
    if (held == nullptr || held->state == GenerationState::Failed)
        return {};
    Error refused;
    refused.code = ErrorCode::RegionHoldsBackup;
    refused.subject = region.name;
    refused.amount = held->number;
    return causeText(refused) + u' ' + errorText(Verb::RemoveRegion, refused).remedy;
}

QString ArrayActions::whyNotAdded() const
{
    const QString why = whyNotWritten();
    return why.isEmpty() ? whyOnlyRoot(Verb::AddRegion) : why;
}

QString ArrayActions::whyNotRemoved() const
{
    const QString why = whyNotGivenUp();
    return why.isEmpty() ? whyOnlyRoot(Verb::RemoveRegion) : why;
}

QString ArrayActions::whyNotReleased() const
{
    const QString why = whyNotWritten();
    return why.isEmpty() ? whyOnlyRoot(Verb::ReleaseDisk) : why;
}

QString ArrayActions::whyNotAccepted() const
{
    if (const QString why = whyNoChange(); !why.isEmpty())
        return why;
    const Refusal* half = snapshot().halfRestored(selectedRegion()->id);
    if (half == nullptr)
        return tr("This region is not half-written.");
    return half->reason == RefusalReason::HalfWritten
               ? QString()
               : tr("A job can still finish it: resume, undo or discard that first.");
}

QString ArrayActions::whyNoBackup() const
{
    const Region* source = m_array != nullptr ? sourceToBackUp() : nullptr;
    const Generation* backup = selectedGeneration();
    if (source != nullptr && source->role == RegionRole::Management)
        return tr("This region holds the catalog.");
    if (source == nullptr && backup != nullptr && m_view.selection().backupFirst)
        return tr("%1, the source of this backup, is not attached.")
            .arg(regionDisplay(backup->source));
    if (source == nullptr)
        return tr("Select a region.");
    return writable() ? QString() : tr("The array cannot be written now.");
}

QString ArrayActions::whyNoRestore() const
{
    const Generation* backup = selectedGeneration();
    if (backup == nullptr)
        return tr("Select a backup.");
    if (backup->undo)
        return tr("This is an undo copy: Undo restore brings it back (Ctrl+Z).");
    if (!isRestorable(*backup))
        return unrestorableText(*backup);
    if (const QString why = whyNoCopy(*backup); !why.isEmpty())
        return why;
    return writable() ? QString() : tr("The array cannot be written now.");
}

QString ArrayActions::whyNoCopy(const Generation& backup) const
{
    if (snapshot().layout.find(backup.target.id) == nullptr)
        return tr("%1, which holds this backup, is not attached.")
            .arg(regionDisplay(backup.target));
    const FoundCopy found = findCopy(snapshot().layout, backup);
    if (found.present() || found.readable)
        return {};
    return tr("The copy is %1.").arg(absenceDisplay(snapshot().layout, backup));
}

QString ArrayActions::whyNoUndo() const
{
    if (const QString why = whyNotWritten(); !why.isEmpty())
        return why;
    const Generation* kept = selectedUndo();
    if (kept == nullptr)
        return tr("There is no restore of the selection to undo.");
    if (snapshot().layout.find(kept->source.id) == nullptr)
        return tr("%1 is not attached.").arg(regionDisplay(kept->source));
    if (canBeUndone(*kept) && snapshot().layout.find(kept->target.id) == nullptr)
        return tr("%1, which keeps what it overwrote, is not attached.")
            .arg(regionDisplay(kept->target));
    if (const QString why = whyUsed(kept->source.id); !why.isEmpty())
        return tr("%1 cannot be changed now. %2").arg(regionDisplay(kept->source), why);
    if (const QString why = whyWritten(kept->target.id); !why.isEmpty())
        return tr("%1 keeps what it overwrote. %2").arg(regionDisplay(kept->target), why);
    return whyOnlyRoot(Verb::Undo);
}

QString ArrayActions::whyNoResume() const
{
    const Job* interrupted = selectedInterrupted();
    const Generation* lacking = interrupted == nullptr ? selectedLacking() : nullptr;
    if (lacking != nullptr)
        return whyNotWrittenFrom(lacking->source, lacking->target);
    if (interrupted == nullptr)
        return tr("No job of the selection was interrupted: one that ended before it wrote "
                  "anything leaves nothing to resume.");
    // Only the operator has it.
    if (interrupted->kind == JobKind::Import)
        return tr("An import needs its file again: cairnctl import FILE REGION");
    return whyNotWrittenFrom(interrupted->source, interrupted->target);
}

QString ArrayActions::whyNotWrittenFrom(const RegionRef& source, const RegionRef& target) const
{
    for (const RegionRef& needed : {target, source}) {
        if (snapshot().layout.find(needed.id) == nullptr)
            return tr("%1 is not attached.").arg(regionDisplay(needed));
    }
    if (const QString why = whyUsed(target.id); !why.isEmpty())
        return tr("%1 cannot be changed now. %2").arg(regionDisplay(target), why);
    return whyNotWritten();
}

} // namespace cairn
