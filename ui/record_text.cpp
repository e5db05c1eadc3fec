// The words for core's values.
#include "ui/record_text.h"

#include "core/catalog/management_region.h"

#include "core/base/byte_range.h"
#include "ui/display_text.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QLocale>
#include <array>

namespace cairn {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("Records", text);
}

QString quoted(const QString& text)
{
    return tr("“%1”").arg(text);
}

QString capitalized(QString text)
{
    text[0] = text.at(0).toUpper();
    return text;
}

QString leaseDisplay(const Refusal& refusal)
{
    const QString host = displayShort(refusal.detail, 60);
    return tr("%1 holds the writer lease since %2")
        .arg(host.isEmpty() ? tr("Another host") : quoted(host),
             timeDisplay(static_cast<std::int64_t>(refusal.amount)));
}

} // namespace

QString sizeDisplay(std::uint64_t bytes)
{
    static constexpr std::array kUnits{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    double value = static_cast<double>(bytes);
    std::size_t unit = 0;
    while (value >= 1024.0 && unit + 1 < kUnits.size()) {
        value /= 1024.0;
        ++unit;
    }
    const bool whole = unit == 0 || value >= 99.95 || value == static_cast<double>(qint64(value));
    const QString number = QLocale().toString(value, 'f', whole ? 0 : 1);
    return number + u' ' + QLatin1StringView(kUnits[unit]);
}

QString sizeToAddDisplay(std::uint64_t bytes)
{
    const std::uint64_t mebibytes = bytes / kMiB + (bytes % kMiB != 0 ? 1 : 0);
    return QString::number(mebibytes) + QStringLiteral(" MiB");
}

QString timeDisplay(std::int64_t unixMs)
{
    if (unixMs == 0)
        return QStringLiteral("—");
    return QDateTime::fromMSecsSinceEpoch(unixMs).toString(QStringLiteral("yyyy-MM-dd HH:mm"));
}

QString durationDisplay(std::int64_t seconds)
{
    const auto text = [](std::int64_t value) { return QLocale().toString(qlonglong{value}); };
    if (seconds <= 0)
        return tr("under 1 s");
    if (seconds < 60)
        return tr("%1 s").arg(text(seconds));
    if (seconds < 600)
        return tr("%1 min %2 s").arg(text(seconds / 60), text(seconds % 60));
    if (seconds < 3600)
        return tr("%1 min").arg(text(seconds / 60));
    if (seconds < 86400)
        return tr("%1 h %2 min").arg(text(seconds / 3600), text(seconds % 3600 / 60));
    return tr("%1 d %2 h").arg(text(seconds / 86400), text(seconds % 86400 / 3600));
}

QString contentDisplay(const Content& content)
{
    switch (content.kind) {
    case ContentKind::Unread:
        return tr("not readable");
    case ContentKind::Empty:
        return content.sampled ? tr("seems empty") : tr("empty");
    case ContentKind::Unknown:
        return tr("unknown content");
    case ContentKind::Recognised:
        break;
    }
    const QString type = displayShort(content.type, 24);
    return content.label.empty() ? type : type + u' ' + quoted(displayShort(content.label, 32));
}

StateDisplay stateDisplay(GenerationState state)
{
    switch (state) {
    case GenerationState::Copying:
        return {QStringLiteral("▸"), tr("copying"), Tone::Plain};
    case GenerationState::Copied:
        return {QStringLiteral("•"), tr("copied, not verified"), Tone::Plain};
    case GenerationState::Good:
        return {QStringLiteral("✓"), tr("good"), Tone::Good};
    case GenerationState::Partial:
        return {QStringLiteral("◐"), tr("partial"), Tone::Bad};
    case GenerationState::Interrupted:
        return {QStringLiteral("‖"), tr("interrupted"), Tone::Warning};
    case GenerationState::Failed:
        return {QStringLiteral("✕"), tr("failed"), Tone::Bad};
    case GenerationState::Superseded:
        return {QStringLiteral("○"), tr("superseded"), Tone::Muted};
    case GenerationState::Forgotten:
        return {QStringLiteral("–"), tr("forgotten"), Tone::Muted};
    }
    return {QStringLiteral("?"), tr("unknown to this version"), Tone::Warning};
}

StateDisplay stateDisplay(GenerationState state, const std::optional<UndoBrief>& undo)
{
    StateDisplay shown = stateDisplay(state);
    if (!undo)
        return shown;
    if (state == GenerationState::Good || state == GenerationState::Copied) {
        shown.symbol = QStringLiteral("↶");
        shown.tone = undo->undone ? Tone::Muted : Tone::Plain;
    }
    shown.word = undo->undone ? tr("%1, %2").arg(shown.word, undoneWord())
                              : tr("%1, %2 #%3")
                                    .arg(shown.word, undoWord(),
                                         QLocale().toString(qulonglong{undo->restored}));
    return shown;
}

StateDisplay inconsistentDisplay(StateDisplay shown, GenerationState state)
{
    if (state == GenerationState::Copied)
        return {QStringLiteral("≈"), tr("copied, %1").arg(inconsistentWord()), Tone::Warning};
    shown.word = tr("%1, %2").arg(shown.word, inconsistentWord());
    return shown;
}

StateDisplay stateDisplay(const Generation& generation)
{
    if (!generation.undo && isInconsistent(generation))
        return inconsistentDisplay(stateDisplay(generation.state), generation.state);
    if (isInDoubt(generation))
        return {
            QStringLiteral("⚠"),
            tr("%1 since it was read back %2").arg(doubtWord(), timeDisplay(generation.verifiedMs)),
            Tone::Warning};
    if (!generation.undo)
        return stateDisplay(generation.state);
    return stateDisplay(generation.state,
                        UndoBrief{generation.undo->restored, generation.undo->undoneMs != 0});
}

bool isInDoubt(const Generation& generation)
{
    // Of a recovered one, what was recorded elsewhere is all that is known.
    return generation.state == GenerationState::Copied && generation.verifiedMs != 0 &&
           !generation.undo && !generation.recovered && !isInconsistent(generation);
}

StateDisplay withPresence(StateDisplay recorded, CopyPresence presence)
{
    if (presence == CopyPresence::Present)
        return recorded;
    // What its record says against it weighs more.
    if (recorded.tone != Tone::Bad) {
        recorded.symbol = QStringLiteral("⚠");
        recorded.tone = Tone::Warning;
    }
    recorded.word = tr("%1, %2").arg(recorded.word, presenceWord(presence));
    return recorded;
}

QString presenceWord(CopyPresence presence)
{
    switch (presence) {
    case CopyPresence::Present:
        return tr("present");
    case CopyPresence::MemberMissing:
        return tr("not attached");
    case CopyPresence::MemberFailed:
        return tr("not readable");
    case CopyPresence::RegionChanged:
        return tr("region changed");
    case CopyPresence::MemberGone:
    case CopyPresence::RegionGone:
        break;
    }
    return tr("gone");
}

QString doubtWord()
{
    return tr("in doubt");
}

QString undoWord()
{
    return tr("undoes");
}

QString undoneWord()
{
    return tr("undone");
}

QString recordTitle(GenerationNumber number, const RegionRef& source, bool isUndo)
{
    return (isUndo ? tr("Undo copy %1 of %2") : tr("Backup %1 of %2"))
        .arg(QLocale().toString(qulonglong{number}), regionDisplay(source));
}

QString recordTitle(const Generation& generation)
{
    return recordTitle(generation.number, generation.source, generation.undo.has_value());
}

QString interruptedTitle(const std::string& kind, GenerationNumber number)
{
    const QString shown = QLocale().toString(qulonglong{number});
    return kind == writeKindName(WriteKind::Undo) ? tr("an undo with undo copy %1").arg(shown)
                                                  : tr("a restore of backup %1").arg(shown);
}

QString heldWord()
{
    return tr("held");
}

QString inconsistentWord()
{
    return tr("inconsistent");
}

QString recoveredWord()
{
    return tr("recovered");
}

QString memberStateDisplay(MemberState state)
{
    switch (state) {
    case MemberState::Present:
        return tr("present");
    case MemberState::ReadOnly:
        return tr("read-only");
    case MemberState::Missing:
        return tr("missing");
    case MemberState::Failed:
        return tr("failed");
    case MemberState::Foreign:
        return tr("foreign: no member of this array");
    }
    return tr("unknown");
}

QString memberProblemDisplay(const Member& member)
{
    if (member.state == MemberState::Foreign && member.bare)
        return tr("no GPT on it: %1").arg(contentDisplay(*member.bare));
    if (member.problem.starts_with(kOfAnotherDisk))
        return tr("its management region was copied there from another disk, perhaps with dd; a "
                  "catalog is believed only on its own disk");
    return displayShort(member.problem, 120);
}

QString readBackDisplay(ReadBack readBack)
{
    switch (readBack) {
    case ReadBack::Direct:
        return tr("read from the device itself");
    case ReadBack::Dropped:
        return tr("read after the cache was dropped");
    case ReadBack::Cached:
        return tr("read through the cache");
    }
    return {};
}

QString contentDisplay(const std::string& detail)
{
    const auto open = detail.find(" \"");
    if (open == std::string::npos || !detail.ends_with('"') || open + 2 == detail.size())
        return displayShort(detail, 60);
    return displayShort(detail.substr(0, open), 24) + u' ' +
           quoted(displayShort(detail.substr(open + 2, detail.size() - open - 3), 32));
}

QString refusalDisplay(const Refusal& refusal)
{
    const QString detail = displayShort(refusal.detail, 60);
    const QString number = QLocale().toString(qulonglong{refusal.amount});
    if (refusal.inconsistent && refusal.reason == RefusalReason::LastGoodCopy)
        return tr("Holds backup %1, inconsistent, the last copy of %2")
            .arg(number, detail.isEmpty() ? tr("an unknown region") : quoted(detail));
    switch (refusal.reason) {
    case RefusalReason::IsSource:
        return tr("This is the source itself");
    case RefusalReason::TooSmall:
        return tr("Too small by %1").arg(sizeDisplay(refusal.amount));
    case RefusalReason::InUse:
        return detail.isEmpty() ? tr("In use") : tr("In use: %1").arg(detail);
    case RefusalReason::HoldsCatalog:
        return tr("Holds the catalog");
    case RefusalReason::BeingWritten:
        return refusal.amount == 0 ? tr("A job is writing it now")
                                   : tr("Backup %1 is being written there").arg(number);
    case RefusalReason::ToBeWritten:
        return tr("A job will write it: %1").arg(detail);
    case RefusalReason::BeingRead:
        return refusal.amount == 0 ? tr("A job reads it: %1").arg(detail)
                                   : tr("Backup %1 of it has not ended").arg(number);
    case RefusalReason::RestoreUnfinished:
        return capitalized(
            tr("%1 into it is not finished").arg(interruptedTitle(refusal.detail, refusal.amount)));
    case RefusalReason::RestoreWaiting:
        return capitalized(
            tr("%1 into it waits to go on").arg(interruptedTitle(refusal.detail, refusal.amount)));
    case RefusalReason::NeededByRestore:
        return tr("What was interrupted in %2 needs %1 from it")
            .arg(tr("#%1").arg(number), quoted(detail));
    case RefusalReason::SwapUnfinished:
        return tr("An exchange with another region, for backup %1, has not ended").arg(number);
    case RefusalReason::Held:
        return tr("Backup %1 is held").arg(number);
    case RefusalReason::ForeignMember:
        return tr("Its disk %1 is no member of this array").arg(detail);
    case RefusalReason::MemberFailed:
        return detail.isEmpty() ? tr("Its member is not usable")
                                : tr("Its member is not usable: %1").arg(detail);
    case RefusalReason::LeaseHeld:
        return leaseDisplay(refusal);
    case RefusalReason::LastGoodCopy:
        return (refusal.partial ? tr("Holds backup %1, partial, the last copy of %2")
                : refusal.unverified
                    ? tr("Holds backup %1, copied, not verified, the last copy of %2")
                    : tr("Holds backup %1, the last good copy of %2"))
            .arg(number, detail.isEmpty() ? tr("an unknown region") : quoted(detail));
    case RefusalReason::LastRecognised:
        return (refusal.partial
                    ? tr("Holds backup %1, partial, the newest of %2 that holds %3; newer ones "
                         "hold nothing recognised")
                    : tr("Holds backup %1, the newest of %2 that holds %3; newer ones hold "
                         "nothing recognised"))
            .arg(number, detail.isEmpty() ? tr("an unknown region") : quoted(detail),
                 contentDisplay(refusal.content));
    case RefusalReason::KeepsUndo:
        return tr("Holds undo copy %1, which undoes a restore of %2").arg(number, quoted(detail));
    case RefusalReason::HalfWritten:
        return tr("Half-written: what was to be written there was given up");
    case RefusalReason::ContentUnknown:
        return tr("Holds something that Cairn does not recognise");
    case RefusalReason::ContentRecognised:
        return tr("Holds other content: %1").arg(contentDisplay(refusal.detail));
    }
    return tr("Refused");
}

Tone candidateTone(const CandidateTarget& candidate, const Generation* othersBackup)
{
    if (!candidate.allowed())
        return candidate.allowedIfConfirmed() ? Tone::Warning : Tone::Muted;
    return candidate.sameMember || othersBackup != nullptr ? Tone::Warning : Tone::Good;
}

QString candidateDisplay(const CandidateTarget& candidate, const Generation* othersBackup,
                         std::optional<std::int64_t> givenUpMs)
{
    QStringList parts;
    if (givenUpMs)
        parts.append(givenUpDisplay(*givenUpMs));
    for (const Refusal& refusal : candidate.refusals)
        parts.append(refusalDisplay(refusal));
    const bool final = !candidate.allowed() && !candidate.allowedIfConfirmed();
    if (candidate.replaces != 0 && !final) {
        const QString number = QLocale().toString(qulonglong{candidate.replaces});
        parts.append(
            othersBackup == nullptr
                ? tr("Replaces backup %1").arg(number)
                : tr("Replaces backup %1 of %2").arg(number, regionDisplay(othersBackup->source)));
    }
    if (candidate.sameMember && !final)
        parts.append(tr("Same member: no protection from its failure"));
    if (parts.isEmpty())
        return tr("Free to use");
    return parts.join(QStringLiteral(" · "));
}

QString acceptedDisplay(const UnfinishedWrite& write)
{
    const QString number = QLocale().toString(qulonglong{write.generation});
    const QString when = timeDisplay(write.acceptedMs);
    if (write.generation == 0 && write.kind != WriteKind::RegionImport)
        return tr("half-written, as a history that was given up left it; taken as it is %1")
            .arg(when);
    switch (write.kind) {
    case WriteKind::Backup:
    case WriteKind::Import:
        // Whoever copies what was accepted accepts the copy with it, at once.
        if (write.acceptedMs == write.sinceMs)
            return tr("half-written, as it came with backup %1").arg(number);
        return tr("half-written, as backup %1 left it; taken as it is %2").arg(number, when);
    case WriteKind::Restore:
        return tr("half-written, as a restore of backup %1 left it; taken as it is %2")
            .arg(number, when);
    case WriteKind::Undo:
        return tr("half-written, as the undo of a restore left it; taken as it is %1").arg(when);
    case WriteKind::RegionImport:
        break;
    }
    return tr("half-written, as an import left it; taken as it is %1").arg(when);
}

QString givenUpDisplay(std::int64_t givenUpMs)
{
    return tr("Backup of a history that was given up on %1: its content is unknown to the catalog")
        .arg(timeDisplay(givenUpMs));
}

QString absenceDisplay(const ArrayLayout& layout, const Generation& generation)
{
    if (!hasCopy(generation))
        return {};
    const FoundCopy found = findCopy(layout, generation);
    switch (found.presence) {
    case CopyPresence::Present:
        return {};
    case CopyPresence::MemberMissing:
        return tr("not attached: its member is missing");
    case CopyPresence::MemberFailed:
        return tr("not readable: its member failed");
    case CopyPresence::MemberGone:
        return tr("gone: its member was replaced or released");
    case CopyPresence::RegionGone:
        return tr("gone: no attached member has its region");
    case CopyPresence::RegionChanged:
        break;
    }
    const QString what = displayShort(found.detail, 80);
    return found.readable ? tr("%1: its region was changed, %2. Verify tells whether it is whole.")
                                .arg(doubtWord(), what)
                          : tr("gone: its region was changed, %1").arg(what);
}

QString regionDisplay(const Region& region)
{
    return region.name.empty() ? QString::fromStdString(region.id.uuid.toString())
                               : displayShort(region.name, 72);
}

QString regionDisplay(const RegionRef& region)
{
    if (!region.name.empty())
        return displayShort(region.name, 72);
    // Of a record that was made from a backup region alone nobody knows it.
    return region.id.uuid.isNull() ? tr("unknown")
                                   : QString::fromStdString(region.id.uuid.toString());
}

QString regionsDisplay(const std::vector<RegionRef>& regions, const ArrayLayout& layout)
{
    constexpr qsizetype kMostNames = 20;
    QStringList names;
    for (const RegionRef& region : regions) {
        const Region* known = layout.find(region.id);
        names.append(known != nullptr ? regionDisplay(*known) : regionDisplay(region));
    }
    names.sort();
    names.removeDuplicates();
    const QString shown = names.mid(0, kMostNames).join(QStringLiteral(", "));
    if (names.size() <= kMostNames)
        return shown;
    return tr("%1 and %2 more").arg(shown, QLocale().toString(names.size() - kMostNames));
}

QString placeDisplay(const ArrayLayout& layout, const Region& region)
{
    const Member* member = layout.findMember(region.member);
    const QString name = regionDisplay(region);
    return member != nullptr ? tr("%1 on %2").arg(name, memberDisplay(*member)) : name;
}

QString memberDisplay(const Member& member)
{
    if (member.location.empty())
        return QString::fromStdString(member.id.toString());
    const std::string_view path = member.location;
    const auto slash = path.find_last_of('/');
    const bool whole = slash == std::string_view::npos || slash + 1 == path.size();
    return displayShort(whole ? path : path.substr(slash + 1), 40);
}

bool isWrittenWhole(const Job& job)
{
    return job.done.count() * std::uint64_t{kChunkBytes} >= job.sizeBytes;
}

QString unrestorableText(const Generation& generation)
{
    const QString why = tr("This backup is %1.").arg(stateDisplay(generation).word);
    if (generation.state != GenerationState::Partial)
        return why;
    return why + u' ' +
           tr("Resume reads again what it lacks, and Export of its region saves what it has.");
}

} // namespace cairn
