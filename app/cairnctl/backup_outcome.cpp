// Prints what a backup or an import came to.
#include "app/cairnctl/backup_outcome.h"

#include "app/cairnctl/lookup.h"
#include "app/cairnctl/missing_text.h"
#include "app/cairnctl/source_options.h"
#include "app/cairnctl/time_text.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"

#include <fmt/format.h>
#include <optional>

namespace cairn::ctl {
namespace {

// What became of a backup that failed, as its record tells.
std::optional<Generation> recordAfter(Attachment& attachment, const BackupAttempt& attempt)
{
    const auto catalog = attachment.catalog();
    if (!catalog)
        return std::nullopt;
    GenerationFilter filter;
    filter.target = attempt.target;
    filter.limit = 1;
    const auto newest = (*catalog)->generations(filter);
    if (!newest || newest->empty() || newest->front().number <= attempt.newestBefore)
        return std::nullopt;
    return newest->front();
}

void explainFailure(ErrorContext& context, const Generation& generation,
                    const std::string& resumption)
{
    context.state = fmt::format("Backup #{} is recorded as {}; its source is unchanged",
                                generation.number, stateName(generation.state));
    if (generation.state == GenerationState::Interrupted ||
        generation.state == GenerationState::Copying)
        context.advice = resumption;
    else if (generation.state == GenerationState::Partial)
        context.advice =
            fmt::format("See what is damaged with: cairnctl show {}", generation.number);
    else
        context.advice = "What the target held before is gone: back up again.";
}

// Where not all of it had to be.
std::string writtenText(const CopyOutcome& copy, const Generation& generation)
{
    const std::string written = sizeText(copy.writtenBytes + copy.zeroBytes);
    if (generation.state == GenerationState::Copied)
        return fmt::format(", {} of it written, the rest taken to be there still,", written);
    return fmt::format(", {} of it written,", written);
}

// What a clone does not protect from.
std::string sharingText(const BackupOutcome& outcome, const Generation& generation)
{
    if (outcome.copy.clonedBytes == 0)
        return {};
    return fmt::format("{} and {} share what neither changes: a block that goes bad there is lost "
                       "to both. --no-clone makes a copy of its own.\n",
                       titleOf(generation.source), titleOf(generation.target));
}

void warnIfTakenAway(Invocation& invocation, const std::optional<Error>& takenAway,
                     const std::string& message)
{
    if (!takenAway)
        return;
    const std::string& subject = takenAway->subject;
    invocation.warn("MemberTakenAway", subject,
                    fmt::format("{} was deleted, moved or replaced meanwhile: {}",
                                printable(subject), message));
}

} // namespace

std::string roomFirst(const Error& error)
{
    // The command's advice takes the place of the code's own, without which it would fail again.
    const bool full = error.code == ErrorCode::NoSpace && error.osError != 0;
    return full ? "Make room there first, in the filesystem that holds the image file or in the "
                  "pool of the thin volume. "
                : "";
}

std::string continuation(const Error& error, const std::string& command)
{
    return fmt::format("{}Continue it with: {}", roomFirst(error), command);
}

GenerationNumber newestNumber(Attachment& attachment)
{
    const auto catalog = attachment.catalog();
    if (!catalog)
        return 0;
    GenerationFilter filter;
    filter.limit = 1;
    const auto newest = (*catalog)->generations(filter);
    return newest && !newest->empty() ? newest->front().number : 0;
}

Result<ExitCode> printBackup(Invocation& invocation, Attachment& attachment,
                             const BackupOutcome& outcome, std::chrono::nanoseconds took)
{
    const Generation generation = CAIRN_TRY(generationNumbered(attachment, outcome.number));
    invocation.announce(
        [&] {
            Json json = jsonOf(generation, attachment.layout());
            json["copy"] = jsonOf(outcome.copy);
            return json;
        },
        [&] {
            const std::string written = outcome.copy.unchangedBytes == 0
                                            ? std::string()
                                            : writtenText(outcome.copy, generation);
            return fmt::format("Backup #{} of {} in {} is {}: {}{} in {}.\n{}", generation.number,
                               titleOf(generation.source), titleOf(generation.target),
                               stateAndConsistency(generation), sizeText(generation.sizeBytes),
                               written, durationText(took), sharingText(outcome, generation));
        });
    warnOfMissing(invocation, attachment.layout(), generation);
    return generation.state == GenerationState::Partial ? ExitCode::Partial : ExitCode::Done;
}

Result<ExitCode> explainBackupFailure(Invocation& invocation, Attachment& attachment,
                                      const BackupAttempt& attempt, const Error& error)
{
    const auto record = recordAfter(attachment, attempt);
    if (!record)
        return std::unexpected(error);
    const std::string resumption =
        continuation(error, fmt::format("cairnctl resume {}{}", record->number, attempt.options));
    // Of a tape nothing is skipped.
    const bool skippable = error.code == ErrorCode::ReadFailed && attempt.resumption.empty();
    explainFailure(invocation.failureContext(), *record,
                   !attempt.resumption.empty() ? attempt.resumption
                   : skippable ? resumption + "; with --skip-unreadable it goes on around what "
                                              "cannot be read of the source"
                               : resumption);
    if (record->state != GenerationState::Partial)
        return std::unexpected(error);
    // Done, but part of it could not be read or proved.
    invocation.report(error, ExitCode::Partial);
    return ExitCode::Partial;
}

void warnOfSourceTakenAway(Invocation& invocation, const std::optional<Error>& takenAway,
                           const RegionRef& source)
{
    warnIfTakenAway(invocation, takenAway,
                    fmt::format("the copy is of what {} was when the job began", titleOf(source)));
}

void warnOfBackupTakenAway(Invocation& invocation, const std::optional<Error>& takenAway,
                           const RegionRef& backup)
{
    warnIfTakenAway(invocation, takenAway,
                    fmt::format("the restore is done, but the backup in {} cannot be restored "
                                "again while that disk is away",
                                titleOf(backup)));
}

ExitCode exitCodeWithUndo(Invocation& invocation, const std::optional<Error>& takenAway,
                          const RegionRef& area)
{
    warnIfTakenAway(invocation, takenAway,
                    fmt::format("what was overwritten is kept in {} there, and cannot be brought "
                                "back while that disk is away",
                                titleOf(area)));
    return takenAway ? ExitCode::Partial : ExitCode::Done;
}

} // namespace cairn::ctl
