// The words of what waits.
#include "ui/attention.h"

#include "ui/interrupted_text.h"
#include "ui/record_text.h"

#include <QCoreApplication>
#include <QLocale>
#include <algorithm>

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
        // Of what another history began, the number is not one of this history's.
        made.state = half.amount == 0
                         ? tr("It holds a part of a backup that was begun in a history that was "
                              "given up.")
                         : tr("It holds a part of backup %1, which was given up.")
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

std::optional<RegionId> attached(const ArraySnapshot& snapshot, const RegionId& region)
{
    return snapshot.layout.find(region) != nullptr ? std::optional(region) : std::nullopt;
}

// As a chunk at the end may be shorter, never more than there is.
std::uint64_t damagedBytes(const Generation& partial)
{
    return std::min(partial.sizeBytes, partial.damaged.count() * kChunkBytes);
}

QString partialText(const Generation& partial)
{
    const std::uint64_t damaged = damagedBytes(partial);
    if (damaged == 0)
        return tr("A part of it could not be read, or is not what was copied.");
    const QString share = (partial.failure == ErrorCode::DigestMismatch
                               ? tr("%1 of %2 differ from what was copied")
                               : tr("%1 of %2 differ from what was copied, or cannot be read"))
                              .arg(sizeDisplay(damaged), sizeDisplay(partial.sizeBytes));
    return (damaged == partial.sizeBytes ? tr("%1: nothing of it is usable.") : tr("%1."))
        .arg(share);
}

Attention attentionOf(const Generation& partial, const ArraySnapshot& snapshot)
{
    const QString again =
        tr("Back up %1 again, into another region.").arg(regionDisplay(partial.source));
    const bool lost = partial.sizeBytes != 0 && damagedBytes(partial) == partial.sizeBytes;
    return {.subject = recordTitle(partial),
            .word = stateDisplay(partial).word,
            .state = partialText(partial),
            .remedy = lost
                          ? again
                          : tr("%1 Until that is good, keep this one: the rest of it may be whole.")
                                .arg(again),
            .region = attached(snapshot, partial.target.id),
            .unusable = false};
}

Attention doubtOf(const Generation& doubtful, const ArraySnapshot& snapshot)
{
    return {.subject = recordTitle(doubtful),
            .word = doubtWord(),
            .state = tr("It was read back %1 and was good, but may have been overwritten since, as "
                        "by a history that was given up.")
                         .arg(timeDisplay(doubtful.verifiedMs)),
            .remedy = tr("Verify it before relying on it: select its region, and choose Verify "
                         "(Ctrl+Y)."),
            .region = attached(snapshot, doubtful.target.id),
            .unusable = false};
}

// One for all: after a night without verifying there are many.
Attention attentionOf(const std::vector<const Generation*>& unproved, const ArraySnapshot& snapshot)
{
    constexpr std::size_t kMostNamed = 4;
    QStringList names;
    for (const Generation* each : unproved) {
        if (names.size() < static_cast<qsizetype>(kMostNamed))
            names.append(recordTitle(*each));
    }
    const std::size_t more = unproved.size() - static_cast<std::size_t>(names.size());
    if (more > 0)
        names.append(tr("%1 more").arg(QLocale().toString(qulonglong{more})));
    const bool one = unproved.size() == 1;
    return {.subject = names.join(QStringLiteral(", ")),
            .word = tr("not verified"),
            .state = one ? tr("It was copied, but never read back and compared.")
                         : tr("They were copied, but never read back and compared."),
            .remedy = one ? tr("Select its region, and choose Verify (Ctrl+Y).")
                          : tr("The filter Not verified lists them: select one and choose Verify "
                               "(Ctrl+Y)."),
            .region =
                one ? attached(snapshot, unproved.front()->target.id) : std::optional<RegionId>(),
            .unusable = false};
}

} // namespace

std::vector<Attention> unfinishedOf(const ArraySnapshot& snapshot)
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

std::vector<Attention> attentionOf(const ArraySnapshot& snapshot)
{
    std::vector<Attention> all = unfinishedOf(snapshot);
    std::vector<const Generation*> unproved;
    for (const Generation& generation : snapshot.generations) {
        if (generation.undo)
            continue;
        if (generation.state == GenerationState::Partial)
            all.push_back(attentionOf(generation, snapshot));
        if (isInDoubt(generation))
            all.push_back(doubtOf(generation, snapshot));
        else if (generation.state == GenerationState::Copied)
            unproved.push_back(&generation);
    }
    if (!unproved.empty())
        all.push_back(attentionOf(unproved, snapshot));
    return all;
}

QString lastGoodText(const ArraySnapshot& snapshot, const RegionId& source)
{
    const auto text = [](const Generation& generation) {
        return tr("#%1, %2").arg(QLocale().toString(qulonglong{generation.number}),
                                 timeDisplay(generation.startedMs));
    };
    const Generation* good = snapshot.newestGood(source);
    const Generation* present = snapshot.newestPresent(source);
    const Generation* newest = snapshot.newestUsable(source);
    QString shown = good != nullptr ? text(*good) : tr("none");
    if (present != good)
        shown = (good != nullptr ? tr("%1; newer, %2: %3") : tr("%1; %2: %3"))
                    .arg(shown,
                         isInDoubt(*present)        ? doubtWord()
                         : isInconsistent(*present) ? inconsistentWord()
                                                    : tr("not verified"),
                         text(*present));
    if (newest != present)
        shown = (present != nullptr ? tr("%1; newer, but not there: %2 (%3)")
                                    : tr("%1 that is there (%2: %3)"))
                    .arg(shown, text(*newest), absenceDisplay(snapshot.layout, *newest));
    return shown;
}

} // namespace cairn
