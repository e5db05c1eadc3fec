// The words of what waits.
#include "ui/attention.h"

#include "ui/interrupted_text.h"
#include "ui/record_text.h"

#include <QCoreApplication>
#include <QLocale>

namespace cairn {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Attention", text);
}

QString waysOnText(const Job& job)
{
    if (job.kind == JobKind::Import)
        return tr("Import it again, or choose Discard in the menu Region.");
    return job.undo != 0 ? tr("Choose Resume, Undo restore or Discard in the menu Region.")
                         : tr("Choose Resume or Discard in the menu Region.");
}

Attention attentionOf(const Job& job, const ArraySnapshot& snapshot)
{
    Attention made{.subject = jobTitle(job),
                   .word = tr("interrupted"),
                   .state = interruptedText(job, snapshot),
                   .remedy = waysOnText(job),
                   .region = std::nullopt};
    if (snapshot.layout.find(job.target.id) != nullptr)
        made.region = job.target.id;
    else
        made.remedy = tr("Attach the member with %1 first.").arg(regionDisplay(job.target));
    made.unusable = snapshot.halfRestored(job.target.id) != nullptr;
    return made;
}

// Nothing can end it any more.
Attention attentionOf(const Region& region, const Refusal& half)
{
    Attention made{.subject = regionDisplay(region),
                   .word = tr("half-written"),
                   .state = {},
                   .remedy = {},
                   .region = region.id};
    if (half.detail == writeKindName(WriteKind::Backup) ||
        half.detail == writeKindName(WriteKind::Import)) {
        made.state = tr("It holds a part of backup %1, which was given up.")
                         .arg(QLocale().toString(qulonglong{half.amount}));
        made.remedy = tr("Nothing has to be done: it can be a target again.");
        return made;
    }
    made.state = tr("What began to overwrite it was given up: it holds half of two contents, and "
                    "is no source.");
    made.remedy = tr("Restore, undo or import it again. Or, if its content is right as it is, "
                     "choose Accept as it is in the menu Region.");
    made.unusable = true;
    return made;
}

} // namespace

std::vector<Attention> attentionOf(const ArraySnapshot& snapshot)
{
    std::vector<Attention> all;
    for (const Job& job : snapshot.interrupted)
        all.push_back(attentionOf(job, snapshot));
    for (const Region& region : snapshot.layout.regions) {
        const Refusal* half = snapshot.halfRestored(region.id);
        if (half != nullptr && snapshot.interruptedOn(region.id) == nullptr)
            all.push_back(attentionOf(region, *half));
    }
    return all;
}

} // namespace cairn
