// The words of ended jobs.
#include "ui/job_report.h"

#include "core/copy/read_around.h"
#include "ui/asking.h"
#include "ui/display_text.h"
#include "ui/record_text.h"

#include <QCoreApplication>
#include <algorithm>

namespace cairn {
namespace {

QString tr(const char* text)
{
    return QCoreApplication::translate("JobReport", text);
}

QString writtenText(const CopyOutcome& copy)
{
    if (copy.writtenBytes + copy.zeroBytes == 0 && copy.unchangedBytes > 0)
        return tr("Nothing differed: all %1 were right already, and nothing was written.")
            .arg(sizeDisplay(copy.unchangedBytes));
    return tr("%1 were written; %2 were already right.")
        .arg(sizeDisplay(copy.writtenBytes + copy.zeroBytes), sizeDisplay(copy.unchangedBytes));
}

// What is left to restore from where that backup or undo copy cannot be relied on.
QString whatElseText(const ArraySnapshot& now, GenerationNumber bad)
{
    const Generation* record = now.find(bad);
    if (record == nullptr)
        return {};
    const QString source = regionDisplay(record->source);
    if (record->undo)
        return tr("The restore of %1 cannot be undone by it.").arg(source);
    const Generation* other = now.newestPresent(record->source.id, bad);
    if (other == nullptr)
        return tr("No other backup of %1 can be reached now: if %1 itself is sound, back it up "
                  "again, to another disk.")
            .arg(source);
    return (other->state == GenerationState::Good
                ? tr("Backup %1 of %2, from %3, is another good one.")
                : tr("Backup %1 of %2, from %3, is another one; verify it before you rely on it."))
        .arg(numberDisplay(other->number), source, timeDisplay(other->startedMs));
}

QString takenAwayText(const Error& takenAway)
{
    return tr("%1 was deleted, moved or replaced meanwhile.")
        .arg(displayShort(takenAway.subject, 72));
}

// Of one whose source was in use; empty where nobody used it.
QString consistencyText(const BackupOutcome& backup)
{
    switch (backup.consistency) {
    case Consistency::Offline:
        return {};
    case Consistency::Frozen:
        return tr("Its source stood still while it was copied (frozen).");
    case Consistency::Cloned:
        return tr("It is of one moment (cloned): source and copy share what neither changes.");
    case Consistency::Inconsistent:
        break;
    }
    if (!backup.usedMeanwhile.empty())
        return tr("Its source came into use while it was copied (%1): it is of several moments, "
                  "and "
                  "never good. Unmount it, and back up again.")
            .arg(displayShort(backup.usedMeanwhile, 160));
    if (backup.thawedEarly.empty())
        return tr("Its source was in use while it was copied: it is of several moments, and never "
                  "good.");
    return tr("Its source was let go before all of it was copied (%1): it is never good. Give it "
              "more time, up to %2 s, or unmount it.")
        .arg(displayShort(backup.thawedEarly, 160), numberDisplay(kLongestFreeze.count()));
}

QString headlineOf(const BackupOutcome& backup)
{
    const QString number = numberDisplay(backup.number);
    if (!backup.copy.unreadable.empty())
        return tr("Backup %1 is partial: %2 of its source could not be read.")
            .arg(number, sizeDisplay(backup.copy.unreadable.bytes()));
    if (backup.consistency == Consistency::Inconsistent)
        return tr("Backup %1 is complete, but inconsistent.").arg(number);
    return (backup.state == GenerationState::Good ? tr("Backup %1 is complete and good.")
                                                  : tr("Backup %1 is complete."))
        .arg(number);
}

void describe(Message& message, const JobRequest&, const BackupOutcome& backup,
              const ArraySnapshot&)
{
    const SectorMap& skipped = backup.copy.unreadable;
    const bool torn = backup.consistency == Consistency::Inconsistent;
    if (!skipped.empty() || !backup.thawedEarly.empty() || !backup.usedMeanwhile.empty())
        message.kind = MessageKind::Warning;
    else if (torn || backup.state != GenerationState::Good)
        message.kind = MessageKind::Info;
    message.headline = headlineOf(backup);
    QStringList said{
        tr("%1 were read, %2 written.")
            .arg(sizeDisplay(backup.copy.copiedBytes), sizeDisplay(backup.copy.writtenBytes))};
    if (!skipped.empty())
        said.append(tr("What is missing is zeroes in it. `cairnctl show %1` lists it, and Resume "
                       "(Ctrl+Shift+R) reads it again.")
                        .arg(backup.number));
    else if (!torn && backup.state != GenerationState::Good)
        said.append(tr("It was not read back: verify it (Ctrl+Y) to be sure."));
    if (const QString text = consistencyText(backup); !text.isEmpty())
        said.append(text);
    if (backup.sourceTakenAway) {
        message.kind = MessageKind::Warning;
        said.append(takenAwayText(*backup.sourceTakenAway));
        said.append(tr("The copy is of what was there when the job began."));
    }
    message.body = said.join(u' ');
}

void describe(Message& message, const JobRequest&, const RestoreOutcome& restored,
              const ArraySnapshot&)
{
    message.body = writtenText(restored.copy);
    if (restored.undo != 0)
        message.body +=
            u' ' + tr("Undo copy %1 keeps what was overwritten.").arg(numberDisplay(restored.undo));
    if (restored.backupTakenAway) {
        message.kind = MessageKind::Warning;
        message.headline = tr("The restore is done, but its backup was taken away meanwhile.");
        message.body += u' ' + takenAwayText(*restored.backupTakenAway) + u' ' +
                        tr("The backup cannot be restored again while that disk is away.");
    }
    if (restored.undoTakenAway) {
        message.kind = MessageKind::Warning;
        message.headline = tr("The restore is done, but cannot be undone now.");
        message.body += u' ' + takenAwayText(*restored.undoTakenAway) + u' ' +
                        tr("The undo copy is there: the restore can be undone when that disk is "
                           "back.");
    }
}

void describe(Message& message, const JobRequest&, const SwapOutcome& swapped, const ArraySnapshot&)
{
    if (swapped.undo == 0)
        message.body = tr("The two regions have exchanged their places again; no byte was copied.");
    else
        message.body =
            tr("%1 were compared before, and no byte was copied. Undo copy %2 keeps what "
               "was there.")
                .arg(sizeDisplay(swapped.verifiedBytes), numberDisplay(swapped.undo));
}

void describe(Message& message, const JobRequest&, const CopyOutcome& copy, const ArraySnapshot&)
{
    message.body = writtenText(copy);
}

void describe(Message& message, const JobRequest& request, const Verification& proof,
              const ArraySnapshot& now)
{
    const VerifyOutcome& found = proof.outcome;
    const QString number = numberDisplay(request.generation);
    if (found.good() && proof.inconsistent) {
        message.kind = MessageKind::Info;
        message.headline = tr("Backup %1 is unchanged, and inconsistent as before.").arg(number);
        message.body = tr("%1 were compared, %2. Its source was in use while it was copied.")
                           .arg(sizeDisplay(found.verifiedBytes), readBackDisplay(found.readBack));
    } else if (found.good()) {
        message.headline =
            (proof.unwitnessed ? tr("Backup %1 is unchanged since the catalog was rebuilt.")
                               : tr("Backup %1 is good: it is what it was when it was copied."))
                .arg(number);
        message.body = tr("%1 were compared, %2.")
                           .arg(sizeDisplay(found.verifiedBytes), readBackDisplay(found.readBack));
    } else {
        message.kind = MessageKind::Error;
        message.headline = tr("Backup %1 is only partial.").arg(number);
        message.body = tr("Of its chunks of 1 MiB, %1 differ and %2 cannot be read.")
                           .arg(numberDisplay(found.different.count()),
                                numberDisplay(found.unreadable.count()));
        if (proof.recorded)
            message.body += u' ' + tr("The catalog says so now.");
        message.body += u' ' + tr("Do not rely on it, and check the device.");
        if (const QString other = whatElseText(now, request.generation); !other.isEmpty())
            message.body += u' ' + other;
    }
    if (!proof.recorded)
        message.body +=
            u' ' + tr("The array cannot be written now, so the result was not recorded.");
}

void describe(Message& message, const JobRequest& request, const RereadOutcome& reread,
              const ArraySnapshot&)
{
    const QString number = numberDisplay(request.generation);
    const QString read = sizeDisplay(reread.readBytes);
    if (!reread.left.empty()) {
        message.kind = MessageKind::Warning;
        message.headline = tr("Backup %1 stays partial.").arg(number);
        message.body = tr("Of what was missing, %1 could be read now and %2 could not.")
                           .arg(read, sizeDisplay(reread.left.bytes()));
        return;
    }
    const bool good = reread.state == GenerationState::Good;
    if (!good)
        message.kind = MessageKind::Info;
    message.headline =
        (good ? tr("Backup %1 is complete and good.") : tr("Backup %1 is complete.")).arg(number);
    message.body = tr("The %1 that were missing could be read now.").arg(read);
}

void describe(Message& message, const JobRequest& request, const RegionExport& exported,
              const ArraySnapshot&)
{
    message.body = tr("%1 were copied.").arg(sizeDisplay(exported.sizeBytes));
    std::uint64_t leftOut = 0;
    for (const ByteRange& range : exported.unreadable)
        leftOut += range.lengthBytes;
    if (leftOut == 0)
        return;
    message.kind = MessageKind::Warning;
    message.headline = tr("%1: done, but not all of it could be read.").arg(request.title);
    message.body = tr("Of %1, %2 bytes (%3) could not be read: they are left out, and zeroes in "
                      "the file; places: %4. Check the device.")
                       .arg(sizeDisplay(exported.sizeBytes), numberDisplay(leftOut),
                            sizeDisplay(leftOut), numberDisplay(exported.unreadable.size()));
}

void describe(Message& message, const JobRequest&, const ArchivedBackup& backup,
              const ArraySnapshot&)
{
    message.body = tr("%1 of image became %2 of archive, and every chunk was what it was when it "
                      "was copied.")
                       .arg(sizeDisplay(backup.exported.imageBytes),
                            sizeDisplay(backup.exported.archiveBytes));
    if (backup.unrecorded)
        message.body += u' ' + tr("The file is whole, but the catalog does not tell of it: %1")
                                   .arg(causeText(*backup.unrecorded));
}

void describe(Message& message, const JobRequest&, std::uint64_t bytes, const ArraySnapshot&)
{
    message.body = tr("%1 were copied.").arg(sizeDisplay(bytes));
}

bool isBackup(const JobRequest& request)
{
    return request.verb == Verb::BackUp ||
           (request.resumes && request.resumes->kind == JobKind::Backup);
}

bool isRestore(const JobRequest& request)
{
    return request.verb == Verb::Restore || request.verb == Verb::Undo ||
           (request.resumes && !makesGeneration(request.resumes->kind));
}

// A job that a check refused, or that waited to its end, has begun nothing: what lies in its
// target is of others. Only the device's identity is checked while bytes are written, too.
bool beganNothing(const BadEnd& end)
{
    const ErrorClass group = errorClass(end.error.code);
    const bool checked = group == ErrorClass::Usage || group == ErrorClass::Refused;
    return !end.began || (checked && end.error.code != ErrorCode::IdentityChanged);
}

// The record that the job has made, whatever became of it.
const Generation* madeBy(const BadEnd& end, const ArraySnapshot& after)
{
    const JobRequest& request = end.request;
    if (request.resumes)
        return after.find(request.resumes->generation);
    const Generation* occupant = request.target ? after.heldBy(*request.target) : nullptr;
    const bool own = occupant != nullptr && !beganNothing(end) && request.source &&
                     occupant->source.id == *request.source && occupant->number > request.occupant;
    return own ? occupant : nullptr;
}

// The backup that the job has copied, though it ended before it was read back.
const Generation* copiedBy(const BadEnd& end, const ArraySnapshot& after)
{
    const Generation* made = isBackup(end.request) ? madeBy(end, after) : nullptr;
    return made != nullptr && isUsable(*made) ? made : nullptr;
}

// What the job has begun, or went on with, and can be gone on with.
const Job* leftBy(const BadEnd& end, const ArraySnapshot& after)
{
    const JobRequest& request = end.request;
    const Job* job = request.target ? after.interruptedOn(*request.target) : nullptr;
    if (job == nullptr || request.resumes)
        return job != nullptr && job->id == request.resumes->id ? job : nullptr;
    if (beganNothing(end))
        return nullptr;
    switch (request.verb) {
    case Verb::BackUp: {
        const Generation* made = madeBy(end, after);
        return made != nullptr && made->number == job->generation ? job : nullptr;
    }
    case Verb::Restore:
        return job->kind == JobKind::Restore && job->generation == request.generation ? job
                                                                                      : nullptr;
    case Verb::Undo:
        return job->kind == JobKind::Undo ? job : nullptr;
    default:
        return nullptr;
    }
}

JobEnd endOfBackup(const BadEnd& end, const ArraySnapshot& after)
{
    if (leftBy(end, after) != nullptr)
        return JobEnd::CopyIncomplete;
    if (copiedBy(end, after) != nullptr)
        return JobEnd::CopyNotVerified;
    const bool nothing = madeBy(end, after) == nullptr && end.error.code == ErrorCode::Canceled;
    return nothing ? JobEnd::NothingWritten : JobEnd::NotKnown;
}

// What a failed job's card begins with.
QString endText(const Error& error)
{
    return error.code == ErrorCode::Canceled ? tr("Canceled.")
                                             : tr("Failed: %1").arg(causeText(error));
}

QString sinceText(const Job& left, const ArraySnapshot& now)
{
    const Generation* record = now.find(left.undo != 0 ? left.undo : left.generation);
    if (record != nullptr && record->undo && record->undo->undoneMs != 0)
        return tr("The restore was undone since.");
    if (left.kind == JobKind::Backup && record != nullptr && isUsable(*record))
        return tr("It was resumed since, and backup %1 is complete.")
            .arg(numberDisplay(record->number));
    return makesGeneration(left.kind)
               ? tr("It waits no more: it was resumed or given up since.")
               : tr("It waits no more: it was resumed, undone or given up since.");
}

QString sinceText(const Generation* copied)
{
    return copied != nullptr && copied->state == GenerationState::Good
               ? tr("Backup %1 was verified since, and is good.").arg(numberDisplay(copied->number))
               : tr("What it copied is not kept as it was any more.");
}

JobEnd endOfRestore(const BadEnd& end, const ArraySnapshot& after)
{
    if (const Job* job = after.interruptedOn(*end.request.target)) {
        if (after.overwroteNothing(*job))
            return JobEnd::RestoreWaits;
        if (isWrittenWhole(*job))
            return JobEnd::RegionNotReadBack;
        return job->undo != 0 || job->kind == JobKind::Undo ? JobEnd::RegionIncomplete
                                                            : JobEnd::RegionIncompleteForGood;
    }
    // Where no job is left, what was overwritten is known as half-written, if it can be seen.
    const bool whole = after.layout.find(*end.request.target) != nullptr &&
                       after.halfRestored(*end.request.target) == nullptr;
    return whole ? JobEnd::RegionUnchanged : JobEnd::NotKnown;
}

// Whether the bytes that were to be restored were found not to be what they were.
bool isBackupBad(const BadEnd& end, JobEnd left)
{
    const bool bad =
        end.error.code == ErrorCode::DigestMismatch || end.error.code == ErrorCode::Unreadable;
    return bad && isRestore(end.request) && left == JobEnd::RegionUnchanged;
}

} // namespace

Message successMessage(const JobRequest& request, const JobOutcome& outcome,
                       const ArraySnapshot& now)
{
    Message message{.kind = MessageKind::Success,
                    .headline = tr("%1: done.").arg(request.title),
                    .body = {},
                    .actions = {},
                    .key = QStringLiteral("done")};
    std::visit([&](const auto& value) { describe(message, request, value, now); }, outcome);
    return message;
}

JobReport endedWell(const JobRequest& request, const Message& message)
{
    const bool inPart = message.kind == MessageKind::Warning;
    // The card has the title above.
    const bool titled = message.headline.startsWith(request.title);
    const QString done = inPart ? tr("Done, but not all of it.") : tr("Done.");
    const QString text = titled ? done : message.headline;
    JobReport::Tone tone = JobReport::Tone::Well;
    if (message.kind == MessageKind::Error)
        tone = JobReport::Tone::Bad;
    else if (inPart)
        tone = JobReport::Tone::Stopped;
    else if (message.kind == MessageKind::Info)
        tone = JobReport::Tone::Unproved;
    return {.tone = tone,
            .text = message.body.isEmpty() ? text : text + u' ' + message.body,
            .again = {}};
}

ErrorText badEndText(const BadEnd& end, const ArraySnapshot& after)
{
    const JobEnd left = endOf(end, after);
    ErrorText text = errorText(end.request.verb, end.error, left);
    text.what = tr("%1: not completed. %2").arg(end.request.title, causeText(end.error));
    if (!isBackupBad(end, left))
        return text;
    if (const QString other = whatElseText(after, end.request.generation); !other.isEmpty())
        text.remedy += u' ' + other;
    return text;
}

JobReport endedBadly(const BadEnd& end, const ArraySnapshot& after)
{
    const Error& error = end.error;
    const ErrorText text = badEndText(end, after);
    const bool canceled = error.code == ErrorCode::Canceled;
    const Job* left = leftBy(end, after);
    const Generation* copied = copiedBy(end, after);
    JobReport report{.tone = canceled ? JobReport::Tone::Stopped : JobReport::Tone::Bad,
                     .text = QStringList{endText(error), text.state, text.remedy}.join(u' '),
                     .again = end.request.askAgain ? tr("Try again …") : tr("Try again")};
    if (canSkipUnreadable(end.request, error))
        report.again = skipUnreadableText();
    if (left != nullptr) {
        report.again = tr("Resume");
        report.left = *left;
    } else if (copied != nullptr) {
        report.again = tr("Verify");
        report.unproven = copied->number;
    }
    return report;
}

bool canSkipUnreadable(const JobRequest& request, const Error& error)
{
    return error.code == ErrorCode::ReadFailed && request.skipUnreadable;
}

bool leavesOutWhenResumed(const Job& left, const Error& error)
{
    return left.kind == JobKind::Backup && isUnreadable(error);
}

QString skipUnreadableText()
{
    return tr("Export again, skipping what cannot be read");
}

bool makesGood(const JobRequest& failed, const JobReport& report, const JobRequest& later)
{
    if (report.left)
        return later.resumes && later.resumes->id == report.left->id;
    if (report.unproven != 0)
        return later.verb == Verb::Verify && later.generation == report.unproven;
    return later.verb == failed.verb && later.target == failed.target &&
           later.source == failed.source && later.generation == failed.generation &&
           later.title == failed.title;
}

JobReport judgedAgain(JobReport report, const Error& error, const ArraySnapshot& now)
{
    QString since;
    if (report.left) {
        const bool waits = std::ranges::any_of(
            now.interrupted, [&](const Job& job) { return job.id == report.left->id; });
        report.shown |= waits;
        if (!waits)
            since = sinceText(*report.left, now);
    } else if (report.unproven != 0) {
        const Generation* copied = now.find(report.unproven);
        const bool asItWas = copied != nullptr && copied->state == GenerationState::Copied;
        report.shown |= asItWas;
        if (!asItWas)
            since = sinceText(copied);
    }
    if (since.isEmpty() || !report.shown || report.underWay)
        return report;
    return {.tone = JobReport::Tone::Stopped, .text = endText(error) + u' ' + since, .again = {}};
}

std::optional<Message> unwrittenMessage(const ArraySnapshot& now)
{
    if (now.unwritten.empty())
        return std::nullopt;
    QStringList names;
    QStringList causes;
    for (const CatalogCopyStatus& copy : now.unwritten) {
        const Member* member = now.layout.findMember(copy.member);
        names.append(member != nullptr ? memberDisplay(*member)
                                       : displayShort(copy.memberName, 40));
        causes.append(copy.unwritten->code == ErrorCode::ArrayBusy
                          ? tr("It was made while another change was being written.")
                          : causeText(*copy.unwritten));
    }
    causes.removeDuplicates();
    return Message{.kind = MessageKind::Warning,
                   .headline = tr("The copy of the catalog on %1 was not written.")
                                   .arg(names.join(QStringLiteral(", "))),
                   .body = tr("%1 The other copies have everything; the next change tries to bring "
                              "this one up to date.")
                               .arg(causes.join(u' ')),
                   .actions = {},
                   .key = QStringLiteral("catalogCopies")};
}

GenerationNumber undoOf(const JobOutcome& outcome)
{
    if (const auto* swapped = std::get_if<SwapOutcome>(&outcome))
        return swapped->undo;
    const auto* restored = std::get_if<RestoreOutcome>(&outcome);
    return restored == nullptr || restored->undoTakenAway ? 0 : restored->undo;
}

JobEnd endOf(const BadEnd& end, const ArraySnapshot& after)
{
    const JobRequest& request = end.request;
    const ErrorClass group = errorClass(end.error.code);
    if (!request.target || after.catalogProblem || group == ErrorClass::Usage ||
        group == ErrorClass::Refused)
        return JobEnd::NotKnown;
    if (isBackup(request))
        return endOfBackup(end, after);
    // Of an exchange no job tells: it has been made, or has not, and nothing lies in between.
    const Generation* record = after.find(request.generation);
    if (record != nullptr && record->undo && record->undo->swapped)
        return JobEnd::NotKnown;
    return isRestore(request) ? endOfRestore(end, after) : JobEnd::NotKnown;
}

} // namespace cairn
