// Sealing the selected backup, and unsealing it so that it can be mounted.
#include "ui/array_actions.h"

#include "core/backup/seal.h"
#include "ui/asking.h"
#include "ui/record_text.h"

namespace cairn {
namespace {

Result<void> sealOne(Attachment& attachment, GenerationNumber number)
{
    return withoutValue(seal(attachment, number));
}

Result<void> unsealOne(Attachment& attachment, GenerationNumber number)
{
    return withoutValue(unseal(attachment, number));
}

} // namespace

QString ArrayActions::whySealStays() const
{
    const Generation* backup = selectedGeneration();
    if (backup == nullptr)
        return tr("Select a backup.");
    if (const QString why = whyNotWritten(); !why.isEmpty())
        return why;
    if (!hasCopy(*backup))
        return tr("There is no copy of it.");
    if (const QString why = whyNoCopy(*backup); !why.isEmpty())
        return why;
    return whyUsed(backup->target.id);
}

QString ArrayActions::whyNoSeal() const
{
    if (const QString why = whySealStays(); !why.isEmpty())
        return why;
    const Generation& backup = *selectedGeneration();
    if (backup.undo)
        return tr("An undo copy is not sealed: it holds no filesystem as a whole.");
    return backup.seal == SealState::Sealed ? tr("It is sealed already.") : QString();
}

QString ArrayActions::whyNoUnseal() const
{
    if (const QString why = whySealStays(); !why.isEmpty())
        return why;
    return selectedGeneration()->seal == SealState::Plain ? tr("It is not sealed.") : QString();
}

void ArrayActions::sealGeneration()
{
    if (const Generation* backup = selectedGeneration())
        m_array->change(
            Verb::Seal,
            tr("%1 is sealed: no program finds a filesystem in its region until it is unsealed.")
                .arg(recordTitle(*backup)),
            [wanted = backup->number](Attachment& attachment) {
                return sealOne(attachment, wanted);
            });
}

void ArrayActions::unsealGeneration()
{
    if (const Generation* backup = selectedGeneration())
        m_array->change(
            Verb::Unseal,
            tr("%1 is not sealed any more: it can be mounted as it is. Where its source is "
               "attached too, both have one UUID.")
                .arg(recordTitle(*backup)),
            [wanted = backup->number](Attachment& attachment) {
                return unsealOne(attachment, wanted);
            });
}

} // namespace cairn
