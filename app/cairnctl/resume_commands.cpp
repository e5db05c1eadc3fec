// The commands on interrupted jobs: resume, discard.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/backup_outcome.h"
#include "app/cairnctl/import_command.h"
#include "app/cairnctl/lease_text.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/missing_text.h"
#include "app/cairnctl/question.h"
#include "app/cairnctl/refusal_text.h"
#include "app/cairnctl/source_options.h"
#include "app/cairnctl/time_text.h"
#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "core/backup/reread.h"
#include "core/backup/resume.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <iterator>
#include <memory>
#include <optional>

namespace cairn::ctl {
namespace {

std::string titleOf(const ArrayLayout& layout, const Job& job)
{
    const std::string target = titleNow(layout, job.target);
    if (makesGeneration(job.kind))
        return fmt::format("{} #{} of {} into {}",
                           job.kind == JobKind::Import ? "import" : "backup", job.generation,
                           titleNow(layout, job.source), target);
    if (job.kind == JobKind::Undo)
        return fmt::format("undo #{} of a restore to {}", job.generation, target);
    return fmt::format("restore of backup #{} to {}", job.generation, target);
}

// The interrupted jobs of that backup, or all without a number.
Result<std::vector<Job>> jobsOf(Attachment& attachment, const std::string& text)
{
    auto jobs = CAIRN_TRY(interruptedJobs(attachment));
    if (text.empty())
        return jobs;
    const GenerationNumber number = CAIRN_TRY(parseNumber(text));
    std::erase_if(jobs,
                  [&](const Job& job) { return job.generation != number && job.undo != number; });
    if (!jobs.empty())
        return jobs;
    const Generation generation = CAIRN_TRY(generationNumbered(attachment, number));
    return failure(
        ErrorCode::BackupNotUsable, generation.source.name,
        fmt::format("it is {}, and no job on it was interrupted", stateName(generation.state)),
        number);
}

Result<void> checkConfirm(Invocation& invocation, Attachment& attachment, const Job& job)
{
    if (!invocation.options().confirm.empty()) {
        const Region target = CAIRN_TRY(regionOf(attachment, job.target));
        CAIRN_TRY(confirmedName(invocation, attachment, target));
    }
    return {};
}

struct Resumptions {
    Json json = Json::array();
    std::string text;
    bool anyFinished = false;
    std::vector<ExitCode> failures; // In the order of their jobs.
};

// That nothing was changed is told only where it is so.
ExitCode exitCodeOf(const Resumptions& all, bool written)
{
    if (all.failures.empty())
        return ExitCode::Done;
    const auto count = [&](ExitCode code) { return std::ranges::count(all.failures, code); };
    const ExitCode first = all.failures.front();
    const bool alike = count(first) == std::ssize(all.failures);
    if (alike && !all.anyFinished && !written)
        return first;
    const bool inPart = all.anyFinished || count(ExitCode::Partial) != 0;
    return inPart && count(ExitCode::Failed) == 0 ? ExitCode::Partial : ExitCode::Failed;
}

// What the record says after the resumption, whatever it returned.
std::string stateAfter(Attachment& attachment, const Job& job)
{
    const auto generation = generationNumbered(attachment, job.generation);
    return generation ? stateName(generation->state) : "unknown";
}

std::string stateAfterText(Attachment& attachment, const Job& job)
{
    const auto generation = generationNumbered(attachment, job.generation);
    return generation ? stateAndConsistency(*generation) : "unknown";
}

// Whether something of a backup's source was skipped.
bool warnOfMissing(Invocation& invocation, Attachment& attachment, const Job& job)
{
    const auto generation = generationNumbered(attachment, job.generation);
    return makesGeneration(job.kind) && generation &&
           warnOfMissing(invocation, attachment.layout(), *generation);
}

void explainFailure(ErrorContext& context, Attachment& attachment, const Job& job,
                    const std::string& state)
{
    const ArrayLayout layout = attachment.layout();
    context.action = "resume the " + titleOf(layout, job);
    context.state = job.kind == JobKind::Undo
                        ? fmt::format("#{} still keeps all that it brings back", job.generation)
                        : fmt::format("Backup #{} is {}; what was copied so far is kept",
                                      job.generation, state);
    context.advice.clear();
    if (job.kind == JobKind::Import)
        context.advice =
            fmt::format("Import the same file again: {}; or give it up: cairnctl discard {}",
                        importCommand(attachment, job), job.generation);
    else if (!makesGeneration(job.kind))
        context.advice = adviceToEnd(job, !overwroteNothing(attachment, job.target.id));
    else if (state == "interrupted")
        context.advice = fmt::format("Try again: cairnctl resume {}; or give it up: cairnctl "
                                     "discard {}",
                                     job.generation, job.generation);
}

ExitCode warnOfTakenAway(Invocation& invocation, Attachment& attachment, const Job& job,
                         const RestoreOutcome& restored)
{
    warnOfBackupTakenAway(invocation, restored.backupTakenAway, job.source);
    if (restored.undo == 0)
        return ExitCode::Done;
    const auto kept = generationNumbered(attachment, restored.undo);
    if (!kept)
        return ExitCode::Partial;
    return exitCodeWithUndo(invocation, restored.undoTakenAway, kept->target);
}

struct ResumeArguments {
    std::string number;
    bool skipUnreadable = false;
    std::shared_ptr<SourceArguments> reading = std::make_shared<SourceArguments>();
};

OnUnreadable onUnreadableOf(const ResumeArguments& arguments)
{
    return arguments.skipUnreadable ? OnUnreadable::Skip : OnUnreadable::Fail;
}

// Of a backup whose source is in use or cannot be read whole; empty for anything else.
std::string adviceFor(Attachment& attachment, const Job& job, const ResumeArguments& arguments,
                      const Error& error)
{
    if (job.kind != JobKind::Backup)
        return {};
    const ArrayLayout layout = attachment.layout();
    const Region* source = layout.find(job.source.id);
    const std::string ofUse = source != nullptr ? adviceForSource(error, *source) : std::string();
    if (!ofUse.empty() || error.code != ErrorCode::ReadFailed || arguments.skipUnreadable)
        return ofUse;
    return fmt::format("With --skip-unreadable it goes on around what cannot be read: cairnctl "
                       "resume {0} --skip-unreadable; or give it up: cairnctl discard {0}",
                       job.generation);
}

// What is to be told of one that ended well, and in part of what it ended.
void tellFinished(Invocation& invocation, Attachment& attachment, const Job& job,
                  const ResumeOutcome& outcome, const ResumeArguments& arguments, Resumptions& all)
{
    bool inPart = warnOfMissing(invocation, attachment, job);
    if (const auto* backup = std::get_if<BackupOutcome>(&outcome)) {
        inPart |= warnOfTorn(invocation, job.source, *backup, *arguments.reading) != ExitCode::Done;
        warnOfSourceTakenAway(invocation, backup->sourceTakenAway, job.source);
    } else if (const auto* restored = std::get_if<RestoreOutcome>(&outcome)) {
        inPart |= warnOfTakenAway(invocation, attachment, job, *restored) != ExitCode::Done;
        if (!inPart && restored->undo != 0)
            all.text += fmt::format("What was overwritten is kept. To bring it back: cairnctl undo "
                                    "{}\n",
                                    restored->undo);
    } else {
        inPart |= warnIfHalfWritten(invocation, attachment, job.target.id);
    }
    if (inPart)
        all.failures.push_back(ExitCode::Partial);
}

Result<void> resumeOne(Invocation& invocation, Attachment& attachment, const Job& job,
                       const ResumeArguments& arguments, Resumptions& all)
{
    CAIRN_TRY(checkConfirm(invocation, attachment, job));
    Clock& clock = invocation.environment().clock;
    const auto started = clock.monotonic();
    const auto outcome = [&] {
        ProgressBar progress(clock, invocation.progress(fmt::format("#{}", job.generation)));
        return cairn::resume(attachment, job, progress, onUnreadableOf(arguments),
                             policyOf(*arguments.reading));
    }();
    const std::string state = stateAfter(attachment, job);
    Json json = {{"job", jobKindName(job.kind)},
                 {"number", job.generation},
                 {"target", job.target.name},
                 {"state", state},
                 {"undo", nullptr},
                 {"copy", outcome ? jsonOf(copyOf(*outcome)) : Json(nullptr)},
                 {"error", nullptr}};
    if (outcome) {
        all.text +=
            fmt::format("Finished the {}: {} copied, {} in all; it is {}.\n",
                        titleOf(attachment.layout(), job), sizeText(copyOf(*outcome).copiedBytes),
                        durationText(clock.monotonic() - started), stateAfterText(attachment, job));
        all.anyFinished = true;
        tellFinished(invocation, attachment, job, *outcome, arguments, all);
        if (const auto* restored = std::get_if<RestoreOutcome>(&*outcome);
            restored != nullptr && restored->undo != 0)
            json["undo"] = restored->undo;
        all.json.push_back(std::move(json));
        return {};
    }
    explainFailure(invocation.failureContext(), attachment, job, state);
    if (const auto advice = adviceFor(attachment, job, arguments, outcome.error()); !advice.empty())
        invocation.failureContext().advice = advice;
    // Without the lease neither can be done: how it is taken is told by the report.
    if (isOfLease(outcome.error()))
        invocation.failureContext().advice.clear();
    if (errorClass(outcome.error().code) == ErrorClass::Canceled)
        return std::unexpected(outcome.error());
    // The others are resumed all the same: each is a job of its own.
    const ExitCode code = state == "partial" && makesGeneration(job.kind)
                              ? ExitCode::Partial
                              : exitCodeFor(errorClass(outcome.error().code));
    all.failures.push_back(code);
    invocation.report(outcome.error(), code);
    json["error"] = jsonOf(outcome.error(), errorText(outcome.error()).what);
    json["error"]["exitCode"] = static_cast<int>(code);
    all.json.push_back(std::move(json));
    return {};
}

std::string rereadText(const std::string& backup, const RereadOutcome& outcome)
{
    const std::string read = sizeText(outcome.readBytes);
    if (outcome.left.empty())
        return fmt::format("{} is {}: the {} that were missing could be read now.\n", backup,
                           stateName(outcome.state), read);
    return fmt::format("{} stays partial: {} of what was missing could be read now, {} could "
                       "not.\n",
                       backup, read, sizeText(outcome.left.bytes()));
}

// A backup that is whole but for what of its source could not be read.
Result<ExitCode> reread(Invocation& invocation, Attachment& attachment, GenerationNumber number)
{
    invocation.attempt(fmt::format("read again what backup #{} lacks of its source", number));
    CAIRN_TRY(requireNothingConfirmed(invocation));
    const std::uint64_t commits = commitsOf(attachment);
    const auto outcome = [&] {
        ProgressBar progress(invocation.environment().clock,
                             invocation.progress(fmt::format("#{}", number)));
        return rereadSource(attachment, number, progress);
    }();
    if (!outcome) {
        if (outcome.error().code == ErrorCode::PlanChanged)
            invocation.failureContext().advice =
                "What is missing now would be of another time than the rest: back up again.";
        return endSince(invocation, attachment, commits, outcome.error());
    }
    const Generation generation = CAIRN_TRY(generationNumbered(attachment, number));
    invocation.announce(
        [&] {
            Json json = Json::array();
            json.push_back({{"job", "reread"},
                            {"number", number},
                            {"target", generation.target.name},
                            {"state", stateName(outcome->state)},
                            {"undo", nullptr},
                            {"readBytes", outcome->readBytes},
                            {"missing", jsonOf(outcome->left.ranges())},
                            {"error", nullptr}});
            return json;
        },
        [&] {
            const ArrayLayout layout = attachment.layout();
            return rereadText(
                fmt::format("Backup #{} of {}", number, titleNow(layout, generation.source)),
                *outcome);
        });
    if (outcome->left.empty())
        return outcome->state == GenerationState::Good ? ExitCode::Done : ExitCode::Partial;
    invocation.warn("SourceUnreadable", generation.source.name, missingText(generation));
    return ExitCode::Partial;
}

// The backup of that number, where it has no job, but lacks some of its source.
std::optional<GenerationNumber> lackingBackup(Attachment& attachment, const std::string& text)
{
    const auto number = parseNumber(text);
    const auto generation = number ? generationNumbered(attachment, *number)
                                   : Result<Generation>(std::unexpected(number.error()));
    if (!generation || !lacksSource(*generation))
        return std::nullopt;
    return *number;
}

Result<ExitCode> resume(Invocation& invocation, const ResumeArguments& arguments)
{
    const std::string& number = arguments.number;
    invocation.attempt(number.empty() ? "resume interrupted jobs"
                                      : fmt::format("resume the job of {}", printable(number)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    if (const auto lacking = lackingBackup(attachment, number))
        return reread(invocation, attachment, *lacking);
    const auto jobs = CAIRN_TRY(jobsOf(attachment, number));
    if (jobs.empty())
        CAIRN_TRY(requireNothingConfirmed(invocation));
    Resumptions all;
    const std::uint64_t commitsBefore = commitsOf(attachment);
    for (const Job& job : jobs)
        CAIRN_TRY(resumeOne(invocation, attachment, job, arguments, all));
    if (jobs.empty())
        all.text = "No job was interrupted: there is nothing to resume.\n";
    invocation.announce([&] { return all.json; }, [&] { return all.text; });
    return exitCodeOf(all, commitsOf(attachment) != commitsBefore);
}

// What giving the job up leaves in its target.
std::string leftText(const ArrayLayout& layout, const std::vector<HalfWritten>& half,
                     const Job& job)
{
    const std::string target = titleNow(layout, job.target);
    return findHalfWritten(half, job.target.id) != nullptr
               ? fmt::format("{} stays half-written.", target)
               : fmt::format("{} is what it was.", target);
}

Result<ExitCode> discard(Invocation& invocation, const std::string& number)
{
    invocation.attempt(fmt::format("give up the job of {}", printable(number)));
    CAIRN_TRY(parseNumber(number));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const auto jobs = CAIRN_TRY(jobsOf(attachment, number));
    const auto half = CAIRN_TRY(halfWrittenRegions(attachment));
    const ArrayLayout layout = attachment.layout();
    for (const Job& job : jobs) {
        CAIRN_TRY(ask(invocation, fmt::format("Give up the {}? {}", titleOf(layout, job),
                                              leftText(layout, half, job))));
    }
    const Interruptible finishes;
    for (const Job& job : jobs)
        CAIRN_TRY(cairn::discard(attachment, job));
    const auto makeJson = [&] {
        Json all = Json::array();
        for (const Job& job : jobs)
            all.push_back(jsonOf(job));
        return all;
    };
    const auto makeText = [&] {
        std::string text;
        for (const Job& job : jobs)
            text += fmt::format("Gave up the {}. {}\n", titleOf(layout, job),
                                leftText(layout, half, job));
        return text;
    };
    invocation.announce(makeJson, makeText);
    return ExitCode::Done;
}

} // namespace

void addResumeCommands(CommandLine& line)
{
    const auto arguments = std::make_shared<ResumeArguments>();
    Command resuming =
        line.add(line.root(),
                 {.name = "resume",
                  .purpose = "Continue interrupted backups, restores and undos where they stopped",
                  .example = "resume 12",
                  .losesContent = true},
                 [arguments](Invocation& invocation) { return resume(invocation, *arguments); });
    resuming
        .addOption("N", arguments->number,
                   "Number of the backup or undo; without it, all interrupted jobs")
        .notEmpty();
    resuming.addFlag("--skip-unreadable", arguments->skipUnreadable,
                     "Go on around what cannot be read of a backup's source");
    addSourceOptions(resuming, arguments->reading);

    const auto number = std::make_shared<std::string>();
    Command giving = line.add(
        line.root(),
        {.name = "discard",
         .purpose = "Give an interrupted job up; what it began to overwrite stays half-written",
         .example = "discard 12 --yes"},
        [number](Invocation& invocation) { return discard(invocation, *number); });
    giving.addOption("N", *number, "Number of the backup or undo").required();
}

} // namespace cairn::ctl
