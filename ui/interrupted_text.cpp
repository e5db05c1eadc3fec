// The words of interrupted jobs.
#include "ui/interrupted_text.h"

#include "core/backup/copy_presence.h"
#include "ui/asking.h"
#include "ui/loss_text.h"
#include "ui/record_text.h"

#include <QCoreApplication>
#include <algorithm>

namespace cairn {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Interrupted", text);
}

QString doneText(const Job& job)
{
    const std::uint64_t doneBytes =
        std::min(job.sizeBytes, job.done.count() * std::uint64_t{kChunkBytes});
    return tr("%1 of %2").arg(sizeDisplay(doneBytes), sizeDisplay(job.sizeBytes));
}

// What is interrupted was not read back: of what was copied, nothing is proven yet.
QString copiedText(const Job& job, const ArraySnapshot& snapshot)
{
    const QString target = regionDisplay(job.target);
    const QString copied =
        tr("%1 are copied into %2, and not read back.").arg(doneText(job), target);
    return snapshot.layout.find(job.target.id) != nullptr
               ? copied
               : tr("%1 The disk with %2 is missing.").arg(copied, target);
}

// Where what the region held before the job can still be found, the undo aside.
QString whereElse(const Job& job, const ArraySnapshot& snapshot)
{
    const Generation* newest = snapshot.newestUsable(job.target.id);
    const bool reached = newest != nullptr && findCopy(snapshot.layout, *newest).present();
    return backedUpText(reached ? newest : nullptr);
}

} // namespace

QString jobTitle(const Job& job)
{
    const QString number = numberDisplay(job.generation);
    const QString target = regionDisplay(job.target);
    switch (job.kind) {
    case JobKind::Undo:
        return tr("The undo of a restore of %1").arg(target);
    case JobKind::Restore:
        return tr("The restore of backup %1 onto %2").arg(number, target);
    case JobKind::Import:
        return tr("The import of backup %1 into %2").arg(number, target);
    case JobKind::Backup:
        break;
    }
    return tr("Backup %1 of %2").arg(number, regionDisplay(job.source));
}

QString interruptedText(const Job& job, const ArraySnapshot& snapshot)
{
    const QString target = regionDisplay(job.target);
    if (snapshot.overwroteNothing(job))
        return tr("%1 is unchanged so far.").arg(target);
    if (!makesGeneration(job.kind) && isWrittenWhole(job))
        return tr("%1 is written whole, but was not read back. Until it is resumed "
                  "nothing else is copied from it or to it.")
            .arg(target);
    if (!makesGeneration(job.kind)) {
        if (job.undo != 0 || job.kind == JobKind::Undo)
            return tr("%1 holds half of two contents until it is resumed or undone; "
                      "nothing else is copied from it or to it.")
                .arg(target);
        return tr("%1 holds half of two contents until it is resumed; nothing else "
                  "is copied from it or to it. %2")
            .arg(target, whereElse(job, snapshot));
    }
    if (job.kind == JobKind::Import)
        return tr("%1 Importing the same file again goes on: cairnctl import FILE REGION")
            .arg(copiedText(job, snapshot));
    return tr("%1 %2 is untouched.").arg(copiedText(job, snapshot), regionDisplay(job.source));
}

QString discardText(const Job& job, const ArraySnapshot& snapshot)
{
    const QString target = regionDisplay(job.target);
    if (snapshot.overwroteNothing(job))
        return tr("It had overwritten nothing: %1 stays as it is.").arg(target);
    if (makesGeneration(job.kind))
        return tr("What was copied into %1 so far (%2) is given up, and the backup is "
                  "recorded as failed.")
            .arg(target, doneText(job));
    const Generation* undo = snapshot.find(job.kind == JobKind::Undo ? job.generation : job.undo);
    QString text = isWrittenWhole(job)
                       ? tr("%1 is written whole, but was not read back. Without the job it stays "
                            "marked as half-written: it is no source for a backup until it is "
                            "restored or filled anew, or accepted as it is.")
                       : tr("%1 holds half of its old content and half of the new one. Without the "
                            "job it stays like that, and marked so: it is no source for a backup "
                            "until it is restored or filled anew.");
    text = text.arg(target);
    if (undo != nullptr && canBeUndone(*undo))
        text +=
            u' ' +
            tr("What was overwritten stays kept in undo copy %1.").arg(numberDisplay(undo->number));
    else
        text += u' ' + whereElse(job, snapshot);
    return text;
}

} // namespace cairn
