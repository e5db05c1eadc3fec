// The commands that read backups again: verify, restore.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/backup_outcome.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/missing_text.h"
#include "app/cairnctl/question.h"
#include "app/cairnctl/record_text.h"
#include "app/cairnctl/refusal_text.h"
#include "app/cairnctl/restore_loss.h"
#include "app/cairnctl/swap_command.h"
#include "app/cairnctl/time_text.h"
#include "core/array/path_member.h"
#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "core/backup/restore.h"
#include "core/backup/verify.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"
#include "core/catalog/recovered_record.h"

#include <algorithm>
#include <chrono>
#include <fmt/format.h>
#include <memory>
#include <optional>

namespace cairn::ctl {
namespace {

struct RestoreArguments {
    std::string number;
    std::string to;
    std::string undoTo;
    bool noUndo = false;
    bool swap = false;
    bool all = false;
};

Json verificationJson(GenerationNumber number, const Verification& verification)
{
    const VerifyOutcome& outcome = verification.outcome;
    return {{"number", number},
            {"good", verification.good()},
            {"unchanged", outcome.good()},
            {"recorded", verification.recorded},
            {"verifiedBytes", outcome.verifiedBytes},
            {"readBack", readBackName(outcome.readBack)},
            {"differentChunks", jsonOf(outcome.different)},
            {"unreadableChunks", jsonOf(outcome.unreadable)},
            {"error", nullptr}};
}

std::string verificationText(GenerationNumber number, const Verification& verification,
                             const std::optional<Generation>& lacking)
{
    const VerifyOutcome& outcome = verification.outcome;
    std::string text;
    if (outcome.good() && verification.unwitnessed)
        text = toned(fmt::format("Backup #{} is unchanged since the catalog was rebuilt: {} read "
                                 "back and equal. That it was whole then, nothing proves.",
                                 number, sizeText(outcome.verifiedBytes)),
                     Tone::Warning);
    else if (outcome.good() && lacking)
        text = toned(fmt::format("Backup #{} is unchanged since it was made: {} read back and "
                                 "equal. But {}.",
                                 number, sizeText(outcome.verifiedBytes), missingText(*lacking)),
                     Tone::Warning);
    else if (outcome.good() && verification.inconsistent)
        text = toned(fmt::format("Backup #{} is unchanged: {} read back and equal. It is "
                                 "inconsistent, for its source was in use while it was copied.",
                                 number, sizeText(outcome.verifiedBytes)),
                     Tone::Warning);
    else if (outcome.good())
        text = toned(fmt::format("Backup #{} is good: {} read back and equal.", number,
                                 sizeText(outcome.verifiedBytes)),
                     Tone::Good);
    else
        text = toned(fmt::format("Backup #{} is damaged.", number), Tone::Bad);
    if (!outcome.different.empty())
        text += fmt::format("\n  Different: {}", chunksText(outcome.different));
    if (!outcome.unreadable.empty())
        text += fmt::format("\n  Unreadable: {}", chunksText(outcome.unreadable));
    if (!verification.recorded)
        text += "\n  The array cannot be written now, so this is not recorded in its ledger" +
                (verification.notRecorded ? ": " + errorText(*verification.notRecorded).what : "") +
                ".";
    return text + '\n';
}

// The result of several verifications, for one printing at the end.
struct Verifications {
    Json json = Json::array();
    std::string text;
    bool allGood = true;   // None is damaged, and each could be read.
    bool allProved = true; // And each is proved to be what was backed up.

    [[nodiscard]] ExitCode exitCode() const
    {
        if (!allGood)
            return ExitCode::Failed;
        return allProved ? ExitCode::Done : ExitCode::Partial;
    }
};

Result<void> verifyOne(Invocation& invocation, Attachment& attachment, GenerationNumber number,
                       Verifications& all)
{
    const auto verification = [&] {
        ProgressBar progress(invocation.environment().clock,
                             invocation.progress(fmt::format("#{}", number)));
        return cairn::verify(attachment, number, progress);
    }();
    if (!verification)
        return std::unexpected(verification.error());
    all.json.push_back(verificationJson(number, *verification));
    const auto record = generationNumbered(attachment, number);
    const bool lacks = record && !record->unreadable.empty();
    all.text +=
        verificationText(number, *verification, lacks ? std::optional(*record) : std::nullopt);
    all.allProved = all.allProved && !lacks;
    all.allGood = all.allGood && verification->outcome.good();
    all.allProved = all.allProved && !verification->unwitnessed && !verification->inconsistent;
    return {};
}

// The catalog is not held while the verifications write their proofs into it.
Result<std::vector<Generation>> allRecords(Invocation& invocation, Attachment& attachment,
                                           bool& whole)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    return recordsThatCanBeRead(invocation, *catalog, {}, whole);
}

Result<ExitCode> verifyAll(Invocation& invocation, Attachment& attachment)
{
    Verifications all;
    bool whole = true;
    const auto generations = CAIRN_TRY(allRecords(invocation, attachment, whole));
    all.allGood = whole;
    for (const Generation& generation : generations) {
        if (generation.state != GenerationState::Good &&
            generation.state != GenerationState::Copied &&
            generation.state != GenerationState::Partial)
            continue;
        const auto verified = verifyOne(invocation, attachment, generation.number, all);
        if (verified)
            continue;
        if (verified.error().code == ErrorCode::Canceled)
            return std::unexpected(verified.error());
        // One that cannot be read now is no reason to leave the others unproved.
        const std::string what = errorText(verified.error()).what;
        all.json.push_back({{"number", generation.number},
                            {"good", false},
                            {"error", jsonOf(verified.error(), what)}});
        all.text += fmt::format("Backup #{} could not be verified: {}.\n", generation.number, what);
        all.allGood = false;
    }
    if (all.text.empty())
        all.text = "There is no backup to verify.\n";
    // Of a damaged catalog, which records are missing is not known.
    if (whole && warnOfUnrecorded(invocation, attachment))
        all.allProved = false;
    invocation.setAchievement(all.text);
    if (invocation.talkative() || invocation.options().json || !all.allGood)
        invocation.print([&] { return all.json; }, [&] { return all.text; });
    return all.exitCode();
}

Result<ExitCode> verify(Invocation& invocation, const RestoreArguments& arguments)
{
    if (arguments.all != arguments.number.empty())
        return failure(ErrorCode::InvalidArgument, "verify takes a number or --all");
    if (arguments.all) {
        invocation.attempt("verify all backups");
        return verifyAll(invocation, *CAIRN_TRY(invocation.attach()));
    }
    invocation.attempt(fmt::format("verify the backup {}", printable(arguments.number)));
    const GenerationNumber number = CAIRN_TRY(parseNumber(arguments.number));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    if (CAIRN_TRY(endSwapFirst(invocation, attachment, number)))
        return ExitCode::Done;
    Verifications all;
    CAIRN_TRY(verifyOne(invocation, attachment, number, all));
    invocation.setAchievement(all.text);
    if (invocation.talkative() || invocation.options().json || !all.allGood)
        invocation.print([&] { return all.json.front(); }, [&] { return all.text; });
    return all.exitCode();
}

Result<std::string> explanationOf(Attachment& attachment, const RestorePlan& plan)
{
    const Records records = CAIRN_TRY(readRecords(attachment));
    return fmt::format(
        "Restored from:   backup #{} in {}, of {}\nWill be erased:  {} ({}), which holds: {}\n{}",
        plan.generation.number, titleOf(plan.backup), localTimeText(plan.generation.startedMs),
        titleOf(plan.target), sizeText(plan.target.extent.lengthBytes),
        titleOf(plan.target.content), lossText(records, plan));
}

// A hint and no more: a clone of where it came from has the same filesystem.
std::string sameFilesystemText(Attachment& attachment, const Content& content)
{
    std::string names;
    for (const Region& region : attachment.layout().regions) {
        if (region.role == RegionRole::Data && !content.uuid.empty() &&
            sameContent(region.content, content))
            names += (names.empty() ? "" : ", ") + titleOf(region);
    }
    return names.empty() ? names : fmt::format("The same filesystem is now in {}. ", names);
}

Result<Region> targetOf(Invocation& invocation, Attachment& attachment, GenerationNumber number,
                        const std::string& to)
{
    if (!to.empty())
        return regionNamed(attachment, to);
    const Generation generation = CAIRN_TRY(generationNumbered(attachment, number));
    if (generation.source.id.uuid.isNull()) {
        invocation.failureContext().advice =
            fmt::format("{}Name where to: cairnctl restore {} --to REGION",
                        sameFilesystemText(attachment, generation.content), number);
        return failure(ErrorCode::InvalidArgument,
                       fmt::format("it is not known which region backup #{} came from", number));
    }
    auto region = regionOf(attachment, generation.source);
    if (!region && region.error().code == ErrorCode::UnknownRegion)
        invocation.failureContext().advice = fmt::format(
            "The backup came from it. Name where to: cairnctl restore {} --to REGION", number);
    if (!region && region.error().code == ErrorCode::MemberMissing)
        invocation.failureContext().advice =
            fmt::format("The backup came from a region on it. Attach it and name it with -a, or "
                        "name another region: cairnctl restore {} --to REGION",
                        number);
    return region;
}

Result<RestoreOptions> optionsOf(Invocation& invocation, Attachment& attachment,
                                 const Region& target, const RestoreArguments& arguments)
{
    RestoreOptions options{.to = target.id, .confirmedName = {}, .undo = !arguments.noUndo};
    if (!arguments.undoTo.empty()) {
        const Region area = CAIRN_TRY(regionNamed(attachment, arguments.undoTo));
        const auto names = CAIRN_TRY(confirmedNames(invocation, attachment, {target, area}));
        options.undoTo = area.id;
        options.confirmedName = names.front();
        options.undoToConfirmed = names.back();
        return options;
    }
    options.confirmedName = CAIRN_TRY(confirmedName(invocation, attachment, target));
    return options;
}

// Whether the target's name can be asked for, after that error.
bool asksForName(const Invocation& invocation, const RestoreOptions& options, const Error& error)
{
    return invocation.interactive() && error.code == ErrorCode::ConfirmationNeeded &&
           options.confirmedName.empty() && options.undoToConfirmed.empty();
}

// The restore onto the region that was begun and not ended.
std::optional<Job> unfinishedRestore(Attachment& attachment, const RegionId& target)
{
    const auto catalog = attachment.catalog();
    if (!catalog)
        return std::nullopt;
    const auto jobs = (*catalog)->jobs();
    if (!jobs)
        return std::nullopt;
    const auto found = std::ranges::find_if(*jobs, [&](const Job& job) {
        return job.kind == JobKind::Restore && job.target.id == target;
    });
    return found == jobs->end() ? std::nullopt : std::optional(*found);
}

// Of a record that was recovered from its region alone the source's size is not known.
void adviseOnSize(Invocation& invocation, Attachment& attachment, GenerationNumber number,
                  const Region& target)
{
    const auto backup = generationNumbered(attachment, number);
    if (!backup || !isUnwitnessed(*backup))
        return;
    const std::string file = fmt::format("backup-{}.img", number);
    invocation.failureContext().advice = fmt::format(
        "Its record was recovered from its region, whose size it has; the source may have been "
        "smaller. If it was no larger than {0}, its bytes get there by a file: `cairnctl region "
        "export {1} {2}`, `truncate -s {3} {2}`, and then, which erases {0}, `cairnctl region "
        "import {4} {2} {5}`",
        titleOf(target), argumentFor(backup->target), file, target.extent.lengthBytes,
        argumentFor(target), confirmOption(titleOf(target)));
}

Result<RestorePlan> makePlan(Invocation& invocation, Attachment& attachment,
                             GenerationNumber number, const RestoreArguments& arguments)
{
    const Region target = CAIRN_TRY(targetOf(invocation, attachment, number, arguments.to));
    RestoreOptions options = CAIRN_TRY(optionsOf(invocation, attachment, target, arguments));
    auto plan = planRestore(attachment, number, options);
    if (plan || !asksForName(invocation, options, plan.error())) {
        if (plan)
            return plan;
        explainLoss(invocation, attachment, plan.error());
        const auto begun = unfinishedRestore(attachment, target.id);
        if (begun && plan.error().code == ErrorCode::ConfirmationNeeded)
            invocation.failureContext().advice = fmt::format(
                "A restore into {} was interrupted: {}. Or, if what {} holds now may be erased, "
                "give {}; --yes does not stand for it.",
                titleOf(target), waysToEnd(*begun, !overwroteNothing(attachment, target.id)),
                titleOf(target), confirmOption(titleOf(target)));
        if (plan.error().code == ErrorCode::TargetTooSmall)
            adviseOnSize(invocation, attachment, number, target);
        if (plan.error().code == ErrorCode::BackupNotUsable)
            adviseOnMissing(invocation, attachment, number);
        return std::unexpected(memberError(attachment, target, plan.error()));
    }
    // The plan tells what the operator must know before typing the name; it is carried out only
    // if the name is typed.
    options.confirmedName = target.id.uuid.toString();
    plan = CAIRN_TRY(planRestore(attachment, number, options));
    const std::string explanation = CAIRN_TRY(explanationOf(attachment, *plan));
    plan->confirmedName = CAIRN_TRY(askForName(invocation, attachment, target, explanation));
    return plan;
}

// Of a backup whose bytes are not what they were.
std::string whatElse(Attachment& attachment, const Generation& bad)
{
    const auto records = readRecords(attachment);
    if (!records)
        return {};
    if (bad.source.id.uuid.isNull())
        return "Check the disk. Of what it is a backup is not known.";
    const std::string source = titleOf(bad.source);
    const Generation* other = records->newestBackup(bad.source.id, bad.number);
    if (other == nullptr)
        return fmt::format("Check the disk. No other backup of {} can be reached now: if {} itself "
                           "is sound, back it up again, to another disk.",
                           source, source);
    return fmt::format("Check the disk. Of {} there is also backup #{}: cairnctl verify {}", source,
                       other->number, other->number);
}

// A free region that is large enough, as it is named on a command line, on another member than
// that.
std::string roomBesides(const ArrayLayout& layout, const Records& records, const Uuid& member,
                        const RestorePlan& plan)
{
    for (const Region& region : layout.regions) {
        if (region.member != member && region.id != plan.target.id && !region.use.inUse &&
            region.role == RegionRole::Data && region.content.kind == ContentKind::Empty &&
            region.extent.lengthBytes >= plan.generation.sizeBytes &&
            records.occupant(region.id) == nullptr && records.unfinishedIn(region.id) == nullptr)
            return argumentFor(region);
    }
    return "REGION";
}

// Where the member that holds the backup can be read but not written, and the catalog on it
// neither: the backup goes through a file into what is left without it. Empty where that is not the
// reason.
std::string wayByFile(Invocation& invocation, Attachment& attachment, const RestorePlan& plan,
                      const Error& error)
{
    const ArrayLayout layout = attachment.layout();
    const Member* member = layout.findMember(plan.backup.member);
    const auto records = readRecords(attachment);
    if (error.code != ErrorCode::ReadOnlyArray || member == nullptr || !records ||
        member->state != MemberState::ReadOnly || plan.target.member == member->id ||
        !isSamePlace(member->location, error.subject))
        return {};
    std::vector<std::string> others = invocation.options().uris;
    std::erase_if(others,
                  [&](const std::string& uri) { return isSamePlace(uri, member->location); });
    if (others.empty() || others.size() == invocation.options().uris.size())
        return {};
    const std::string file = fmt::format("backup-{}.tar", plan.generation.number);
    const std::string with = arrayArguments(others);
    return fmt::format(
        "Make the file or device writable, then try again. If it cannot be, what is on it gets out "
        "by a file: `cairnctl {} export {} {}`, then without it `cairnctl {} import {} {}` and "
        "`cairnctl {} restore {} --to {}`",
        arrayArguments(invocation.options().uris), plan.generation.number, file, with, file,
        roomBesides(layout, *records, member->id, plan), with, newestNumber(attachment) + 1,
        argumentFor(plan.target));
}

void explainFailure(Invocation& invocation, Attachment& attachment, const RestorePlan& plan,
                    const Error& error)
{
    const std::string target = titleOf(plan.target);
    ErrorContext& context = invocation.failureContext();
    const auto job = unfinishedRestore(attachment, plan.target.id);
    if (!job) {
        context.state = stateOfTarget(attachment, plan.target);
        const bool damaged =
            error.code == ErrorCode::DigestMismatch || error.code == ErrorCode::Unreadable;
        if (damaged && error.subject == plan.backup.name)
            context.advice = whatElse(attachment, plan.generation);
        else
            context.advice = wayByFile(invocation, attachment, plan, error);
        return;
    }
    const bool written = !overwroteNothing(attachment, plan.target.id);
    if (!written)
        context.state = fmt::format("{} is unchanged so far", target);
    else
        context.state = fmt::format("The content of {} is incomplete; backup #{} is untouched",
                                    target, plan.generation.number);
    context.advice = roomFirst(error) + adviceToEnd(*job, written);
}

Result<RestoreOutcome> runPlan(Invocation& invocation, Attachment& attachment, RestorePlan plan)
{
    const auto run = [&] {
        ProgressBar progress(invocation.environment().clock, invocation.progress({}));
        return cairn::restore(attachment, plan, progress);
    };
    auto outcome = run();
    // Whether there is room for what is overwritten is known only when the target was read.
    if (!outcome && outcome.error().code == ErrorCode::ConfirmationNeeded && !plan.undoTo &&
        plan.confirmedName.empty() && invocation.interactive()) {
        const std::string explanation = CAIRN_TRY(explanationOf(attachment, plan));
        plan.confirmedName = CAIRN_TRY(
            askForName(invocation, attachment, plan.target,
                       "No free region can keep what will be overwritten.\n" + explanation));
        outcome = run();
    }
    if (!outcome) {
        explainLoss(invocation, attachment, outcome.error());
        explainFailure(invocation, attachment, plan, outcome.error());
    }
    return outcome;
}

// A backup that lies in the target is given up by the restore, whatever is kept of its bytes.
Result<void> askForReplaced(Invocation& invocation, Attachment& attachment, const RestorePlan& plan)
{
    const Records records = CAIRN_TRY(readRecords(attachment));
    const Generation* replaced = records.occupant(plan.target.id);
    if (replaced == nullptr || !hasCopy(*replaced) || !plan.confirmedName.empty())
        return {};
    return ask(invocation, fmt::format("Restore backup #{} over backup #{} of {}, which is in {}?",
                                       plan.generation.number, replaced->number,
                                       titleOf(replaced->source), titleOf(plan.target)));
}

std::string outcomeText(const RestorePlan& plan, const RestoreOutcome& outcome,
                        const std::string& area, bool undoable, std::chrono::nanoseconds duration)
{
    std::string text =
        fmt::format("Restored backup #{} to {}: {} written, {} were equal already; {}.\n",
                    plan.generation.number, titleOf(plan.target),
                    sizeText(outcome.copy.writtenBytes + outcome.copy.zeroBytes),
                    sizeText(outcome.copy.unchangedBytes), durationText(duration));
    if (outcome.undo != 0 && undoable)
        text += fmt::format("What was overwritten is kept in {}. To bring it back: cairnctl undo "
                            "{}\n",
                            area, outcome.undo);
    return text;
}

Result<ExitCode> restore(Invocation& invocation, const RestoreArguments& arguments)
{
    invocation.attempt(fmt::format("restore the backup {}", printable(arguments.number)));
    const GenerationNumber number = CAIRN_TRY(parseNumber(arguments.number));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    if (CAIRN_TRY(endSwapFirst(invocation, attachment, number)) && arguments.swap)
        return ExitCode::Done;
    if (arguments.swap)
        return restoreBySwap(invocation, attachment, number);
    const RestorePlan plan = CAIRN_TRY(makePlan(invocation, attachment, number, arguments));
    CAIRN_TRY(askForReplaced(invocation, attachment, plan));
    Clock& clock = invocation.environment().clock;
    const auto started = clock.monotonic();
    const std::uint64_t commits = commitsOf(attachment);
    const auto run = runPlan(invocation, attachment, plan);
    if (!run)
        return endSince(invocation, attachment, commits, run.error());
    const RestoreOutcome& outcome = *run;
    const auto kept = generationNumbered(attachment, outcome.undo);
    const RegionRef area = kept ? kept->target : RegionRef();
    warnOfBackupTakenAway(invocation, outcome.backupTakenAway, refTo(plan.backup));
    const ExitCode code = exitCodeWithUndo(invocation, outcome.undoTakenAway, area);
    invocation.announce(
        [&] {
            return Json{{"number", number},
                        {"backup", plan.backup.name},
                        {"target", plan.target.name},
                        {"targetId", plan.target.id.uuid.toString()},
                        {"sizeBytes", plan.generation.sizeBytes},
                        {"undo", outcome.undo == 0 ? Json(nullptr) : Json(outcome.undo)},
                        {"copy", jsonOf(outcome.copy)}};
        },
        [&] {
            return outcomeText(plan, outcome, kept ? titleOf(area) : "its region",
                               code == ExitCode::Done, clock.monotonic() - started);
        });
    return code;
}

} // namespace

void addRestoreCommands(CommandLine& line)
{
    const auto arguments = std::make_shared<RestoreArguments>();
    Command proving = line.add(
        line.root(),
        {.name = "verify",
         .purpose = "Read backups again and compare every chunk; exit code 1 if one is damaged",
         .example = "verify 12"},
        [arguments](Invocation& invocation) { return verify(invocation, *arguments); });
    proving.addOption("N", arguments->number, "Number of the backup, from `list`").notEmpty();
    proving.addFlag("--all", arguments->all, "Every backup that has a copy");

    Command restoring = line.add(
        line.root(),
        {.name = "restore",
         .purpose = "Verify a backup, then copy it over a region; what it overwrites is kept",
         .example = "restore 12 --undo-to spare",
         .losesContent = true},
        [arguments](Invocation& invocation) { return restore(invocation, *arguments); });
    restoring.addOption("N", arguments->number, "Number of the backup, from `list`").required();
    const Option to =
        restoring
            .addOption("--to", arguments->to, "Region to erase and write; else where it came from")
            .typeName("REGION")
            .notEmpty();
    const Option undoTo =
        restoring
            .addOption("--undo-to", arguments->undoTo,
                       "Region that keeps what is overwritten; else a free one is chosen")
            .typeName("REGION")
            .notEmpty();
    const Option noUndo =
        restoring
            .addFlag("--no-undo", arguments->noUndo,
                     "Keep nothing of what is overwritten; needs --confirm REGION")
            .excludes(undoTo);
    restoring
        .addFlag("--swap", arguments->swap,
                 "Exchange backup and source in the partition table instead of copying")
        .excludes(to)
        .excludes(undoTo)
        .excludes(noUndo);
}

} // namespace cairn::ctl
