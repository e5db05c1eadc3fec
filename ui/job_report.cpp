// The words of ended jobs.
#include "ui/job_report.h"

#include "ui/asking.h"
#include "ui/record_text.h"

#include <QCoreApplication>

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

void describe(Message& message, const JobRequest&, const BackupOutcome& backup)
{
    const bool good = backup.state == GenerationState::Good;
    const QString number = numberDisplay(backup.number);
    message.headline = good ? tr("Backup %1 is complete and good.").arg(number)
                            : tr("Backup %1 is complete.").arg(number);
    message.body =
        tr("%1 were read, %2 written.")
            .arg(sizeDisplay(backup.copy.copiedBytes), sizeDisplay(backup.copy.writtenBytes));
    if (!good)
        message.body += u' ' + tr("It was not read back: verify it (Ctrl+Y) to be sure.");
}

void describe(Message& message, const JobRequest&, const RestoreOutcome& restored)
{
    message.body = writtenText(restored.copy);
    if (restored.undo != 0)
        message.body +=
            u' ' + tr("Undo copy %1 keeps what was overwritten.").arg(numberDisplay(restored.undo));
}

void describe(Message& message, const JobRequest&, const CopyOutcome& copy)
{
    message.body = writtenText(copy);
}

void describe(Message& message, const JobRequest& request, const Verification& proof)
{
    const VerifyOutcome& found = proof.outcome;
    const QString number = numberDisplay(request.generation);
    if (found.good()) {
        message.headline =
            (proof.unwitnessed ? tr("Backup %1 is unchanged since the catalog was rebuilt.")
                               : tr("Backup %1 is good: it is what it was when it was copied."))
                .arg(number);
        message.body = tr("%1 were compared, %2.")
                           .arg(sizeDisplay(found.verifiedBytes), readBackDisplay(found.readBack));
    } else {
        message.kind = MessageKind::Error;
        message.headline = tr("Backup %1 is only partial.").arg(number);
        message.body =
            tr("Of its chunks of 1 MiB, %1 differ and %2 cannot be read. The catalog says so now. "
               "Use another backup, and check the device.")
                .arg(numberDisplay(found.different.count()),
                     numberDisplay(found.unreadable.count()));
    }
    if (!proof.recorded)
        message.body +=
            u' ' + tr("The array cannot be written now, so the result was not recorded.");
}

void describe(Message& message, const JobRequest&, std::uint64_t bytes)
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

// The record that the job has made, whatever became of it.
const Generation* madeBy(const JobRequest& request, const ArraySnapshot& after)
{
    if (request.resumes)
        return after.find(request.resumes->generation);
    const Generation* occupant = request.target ? after.heldBy(*request.target) : nullptr;
    return occupant != nullptr && occupant->number > request.occupant ? occupant : nullptr;
}

JobEnd endOfBackup(const JobRequest& request, const Error& error, const ArraySnapshot& after)
{
    if (after.interruptedOn(*request.target) != nullptr)
        return JobEnd::CopyIncomplete;
    if (copiedBy(request, after) != nullptr)
        return JobEnd::CopyNotVerified;
    const bool nothing = madeBy(request, after) == nullptr && error.code == ErrorCode::Canceled;
    return nothing ? JobEnd::NothingWritten : JobEnd::NotKnown;
}

JobEnd endOfRestore(const JobRequest& request, const Error& error, const ArraySnapshot& after)
{
    if (const Job* job = after.interruptedOn(*request.target)) {
        if (after.overwroteNothing(*job))
            return JobEnd::RestoreWaits;
        return job->undo != 0 || job->kind == JobKind::Undo ? JobEnd::RegionIncomplete
                                                            : JobEnd::RegionIncompleteForGood;
    }
    return error.code == ErrorCode::Canceled ? JobEnd::RegionUnchanged : JobEnd::NotKnown;
}

} // namespace

Message successMessage(const JobRequest& request, const JobOutcome& outcome)
{
    Message message{.kind = MessageKind::Success,
                    .headline = tr("%1: done.").arg(request.title),
                    .body = {},
                    .actions = {},
                    .key = QStringLiteral("done")};
    std::visit([&](const auto& value) { describe(message, request, value); }, outcome);
    return message;
}

JobReport endedWell(const JobRequest& request, const Message& message)
{
    const bool bad = message.kind == MessageKind::Error;
    // The card has the title above.
    const bool titled = message.headline.startsWith(request.title);
    const QString text = titled ? tr("Done.") : message.headline;
    return {.tone = bad ? JobReport::Tone::Bad : JobReport::Tone::Well,
            .text = message.body.isEmpty() ? text : text + u' ' + message.body,
            .again = {}};
}

JobReport endedBadly(const JobRequest& request, const Error& error, const ArraySnapshot& after)
{
    const JobEnd end = endOf(request, error, after);
    const ErrorText text = errorText(request.verb, error, end);
    const bool canceled = error.code == ErrorCode::Canceled;
    QString again = tr("Try again");
    if (request.target && after.interruptedOn(*request.target) != nullptr)
        again = tr("Resume");
    else if (copiedBy(request, after) != nullptr)
        again = tr("Verify");
    else if (request.askAgain)
        again = tr("Try again …");
    const QString begin = canceled ? tr("Canceled.") : tr("Failed: %1").arg(causeText(error));
    return {.tone = canceled ? JobReport::Tone::Stopped : JobReport::Tone::Bad,
            .text = QStringList{begin, text.state, text.remedy}.join(u' '),
            .again = again};
}

GenerationNumber undoOf(const JobRequest& request, const JobOutcome& outcome)
{
    if (const auto* restored = std::get_if<RestoreOutcome>(&outcome))
        return restored->undo;
    return request.resumes && request.resumes->kind == JobKind::Restore ? request.resumes->undo : 0;
}

JobEnd endOf(const JobRequest& request, const Error& error, const ArraySnapshot& after)
{
    const ErrorClass group = errorClass(error.code);
    if (!request.target || after.catalogProblem || group == ErrorClass::Usage ||
        group == ErrorClass::Refused)
        return JobEnd::NotKnown;
    if (isBackup(request))
        return endOfBackup(request, error, after);
    return isRestore(request) ? endOfRestore(request, error, after) : JobEnd::NotKnown;
}

const Generation* copiedBy(const JobRequest& request, const ArraySnapshot& after)
{
    const Generation* made = isBackup(request) ? madeBy(request, after) : nullptr;
    return made != nullptr && isUsable(*made) ? made : nullptr;
}

} // namespace cairn
