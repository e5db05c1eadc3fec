// The commands that make backups: targets, backup.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/absence_text.h"
#include "app/cairnctl/backup_outcome.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/question.h"
#include "app/cairnctl/record_text.h"
#include "app/cairnctl/refusal_text.h"
#include "app/cairnctl/seal_options.h"
#include "app/cairnctl/source_options.h"
#include "app/cairnctl/table_output.h"
#include "app/cairnctl/time_text.h"
#include "core/backup/back_up.h"
#include "core/backup/candidates.h"
#include "core/backup/one_history.h"
#include "core/base/command_word.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>

namespace cairn::ctl {
namespace {

struct BackupArguments {
    std::string source;
    std::string target;
    std::string label;
    std::string note;
    bool noVerify = false;
    bool skipUnreadable = false;
    SealArguments seal;
    bool noClone = false;
    std::shared_ptr<SourceArguments> reading = std::make_shared<SourceArguments>();
};

const char* verdictName(const CandidateTarget& candidate)
{
    if (candidate.allowed())
        return "allowed";
    return candidate.allowedIfConfirmed() ? "confirm" : "refused";
}

Json candidateJson(const CandidateTarget& candidate, const ArrayLayout& layout)
{
    const Region* region = layout.find(candidate.region);
    Json refusals = Json::array();
    for (const Refusal& refusal : candidate.refusals) {
        refusals.push_back({{"reason", refusalName(refusal.reason)},
                            {"confirmable", confirmable(refusal.reason)},
                            {"amount", refusal.amount},
                            {"detail", refusal.detail},
                            {"text", refusalText(refusal)}});
    }
    return {{"region", region == nullptr ? "" : region->name},
            {"regionId", candidate.region.uuid.toString()},
            {"member", region == nullptr ? 0 : memberNumber(layout, region->member)},
            {"sizeBytes", region == nullptr ? 0 : region->extent.lengthBytes},
            {"verdict", verdictName(candidate)},
            {"sameMember", candidate.sameMember},
            {"replaces", candidate.replaces == 0 ? Json(nullptr) : Json(candidate.replaces)},
            {"spareBytes", candidate.spareBytes},
            {"refusals", std::move(refusals)}};
}

// The reasons that only its table could tell are unknown.
Json absentJson(const AbsentRegion& region, const ArrayLayout& layout)
{
    Json refusals = Json::array();
    refusals.push_back({{"reason", refusalName(RefusalReason::MemberFailed)},
                        {"confirmable", false},
                        {"amount", 0},
                        {"detail", awayNames(region)},
                        {"text", absenceText(region)}});
    const std::size_t member = memberNumber(layout, region.region.member);
    return {{"region", region.region.name},
            {"regionId", region.region.id.uuid.toString()},
            {"member", member == 0 ? Json(nullptr) : Json(member)},
            {"sizeBytes", nullptr},
            {"verdict", "refused"},
            {"sameMember", false},
            {"replaces", nullptr},
            {"spareBytes", 0},
            {"refusals", std::move(refusals)}};
}

std::string remarksOf(const CandidateTarget& candidate)
{
    std::vector<std::string> remarks = refusalTexts(candidate.refusals);
    if (candidate.replaces != 0)
        remarks.push_back(fmt::format("supersedes backup #{}", candidate.replaces));
    const bool isSource = std::ranges::any_of(candidate.refusals, [](const Refusal& refusal) {
        return refusal.reason == RefusalReason::IsSource;
    });
    if (candidate.sameMember && !isSource)
        remarks.emplace_back("same member: no protection from its failure");
    return fmt::format("{}", fmt::join(remarks, "; "));
}

// What leads to that region and no other.
std::string wordFor(const Region& region, const ArrayLayout& layout)
{
    const auto carriers = std::ranges::count(layout.regions, region.name, &Region::name);
    if (carriers > 1 || !isPrintable(region.name))
        return region.id.uuid.toString();
    return wordOnCommandLine(titleOf(region), region.id.uuid.toString());
}

std::string candidateTable(const std::vector<CandidateTarget>& candidates,
                           const std::vector<AbsentRegion>& absent, const ArrayLayout& layout)
{
    Table table({{"Region"},
                 {"Member", Table::Align::Right},
                 {"Size", Table::Align::Right},
                 {"Verdict"},
                 {"Remarks"}});
    for (const CandidateTarget& candidate : candidates) {
        const Region* region = layout.find(candidate.region);
        if (region == nullptr)
            continue; // Removed since the candidates were listed.
        Table::Cell verdict(std::string("refused"), Tone::Bad);
        if (candidate.allowed())
            verdict = {"allowed", Tone::Good};
        else if (candidate.allowedIfConfirmed())
            verdict = {fmt::format("allowed with --confirm {}", wordFor(*region, layout)),
                       Tone::Warning};
        table.add({titleOf(*region), std::to_string(memberNumber(layout, region->member)),
                   sizeText(region->extent.lengthBytes), verdict, remarksOf(candidate)});
    }
    for (const AbsentRegion& region : absent) {
        const std::size_t member = memberNumber(layout, region.region.member);
        table.add({titleOf(region.region), member == 0 ? "-" : std::to_string(member),
                   std::string("-"), Table::Cell(std::string("refused"), Tone::Bad),
                   absenceText(region)});
    }
    return table.text();
}

// The first of the reasons for which a backup would be refused whatever its target is.
std::string whyNothingIsWritten(Attachment& attachment, const ArrayLayout& layout)
{
    if (const auto one = requireOneHistory(attachment); !one)
        return errorText(one.error()).what;
    for (const Member& member : layout.members) {
        const bool readOnly = member.state == MemberState::ReadOnly && member.holdsCatalog;
        if (readOnly || member.state == MemberState::Foreign)
            return errorText({readOnly ? ErrorCode::ReadOnlyArray : ErrorCode::ForeignMember, 0,
                              member.location, member.problem, 0})
                .what;
    }
    return {};
}

Result<ExitCode> targets(Invocation& invocation, const BackupArguments& arguments)
{
    invocation.attempt(
        fmt::format("list the targets for {}", printableShort(arguments.source, 60)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Region source = CAIRN_TRY(regionNamed(attachment, arguments.source));
    const auto candidates = CAIRN_TRY(candidateTargets(attachment, source.id));
    const auto absent = CAIRN_TRY(absentRegions(attachment));
    const ArrayLayout layout = attachment.layout();
    const auto makeJson = [&] {
        Json all = Json::array();
        for (const CandidateTarget& candidate : candidates)
            all.push_back(candidateJson(candidate, layout));
        for (const AbsentRegion& region : absent)
            all.push_back(absentJson(region, layout));
        return all;
    };
    const std::string nothing = whyNothingIsWritten(attachment, layout);
    if (!nothing.empty())
        invocation.warn(
            "NothingWritten", source.name,
            fmt::format("nothing can be written now, whatever the list allows: {}", nothing));
    invocation.print(makeJson, [&] { return candidateTable(candidates, absent, layout); });
    return ExitCode::Done;
}

// The reasons of a refusal, all of them; what planBackup() returns is the first.
void explainRefusal(Invocation& invocation, Attachment& attachment, const Region& source,
                    const Region& target)
{
    const auto candidates = candidateTargets(attachment, source.id);
    if (!candidates)
        return; // The refusal itself is explanation enough.
    const auto found = std::ranges::find(*candidates, target.id, &CandidateTarget::region);
    if (found != candidates->end())
        invocation.failureContext().reasons = refusalTexts(found->refusals);
}

// What the operator must know before typing the target's name.
std::string lossText(Attachment& attachment, const Region& source, const Region& target)
{
    const auto candidates = candidateTargets(attachment, source.id);
    std::string losses;
    for (const CandidateTarget& candidate : candidates.value_or(std::vector<CandidateTarget>())) {
        if (candidate.region == target.id)
            losses = fmt::format("{}", fmt::join(refusalTexts(candidate.refusals), "; "));
    }
    if (losses.empty())
        losses = "holds " + titleOf(target.content);
    return fmt::format("{} loses what is in it now: it {}.", titleOf(target), losses);
}

Result<BackupPlan> makePlan(Invocation& invocation, Attachment& attachment, const Region& source,
                            const Region& target, const BackupArguments& arguments)
{
    const auto plan = withConfirmedName(
        invocation, attachment, target, lossText(attachment, source, target),
        [&](const std::string& confirmed) {
            return planBackup(
                attachment, source.id, target.id,
                {.label = arguments.label,
                 .note = arguments.note,
                 .verify = !arguments.noVerify,
                 .onUnreadable = arguments.skipUnreadable ? OnUnreadable::Skip : OnUnreadable::Fail,
                 .confirmedName = confirmed,
                 .policy = policyOf(*arguments.reading),
                 .seal = chosenSeal(arguments.seal),
                 .clone = !arguments.noClone});
        });
    if (!plan) {
        const ErrorClass errorClass = cairn::errorClass(plan.error().code);
        if (errorClass == ErrorClass::Refused &&
            plan.error().code != ErrorCode::ConfirmationMismatch &&
            plan.error().code != ErrorCode::HistoriesDiverged)
            explainRefusal(invocation, attachment, source, target);
        if (const auto advice = adviceForSource(plan.error(), source); !advice.empty())
            invocation.failureContext().advice = advice;
        return std::unexpected(
            lossError(attachment, memberError(attachment, target, plan.error())));
    }
    if (plan->candidate.replaces != 0 && plan->confirmedName.empty()) {
        CAIRN_TRY(ask(invocation,
                      fmt::format("Supersede backup #{} in {} by a new one of {}?",
                                  plan->candidate.replaces, titleOf(target), titleOf(source))));
    }
    return plan;
}

Result<ExitCode> backup(Invocation& invocation, const BackupArguments& arguments)
{
    invocation.attempt(fmt::format("back up {} into {}", printableShort(arguments.source, 60),
                                   printableShort(arguments.target, 60)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Region source = CAIRN_TRY(regionNamed(attachment, arguments.source));
    const Region target = CAIRN_TRY(regionNamed(attachment, arguments.target));
    const BackupPlan plan = CAIRN_TRY(makePlan(invocation, attachment, source, target, arguments));
    const GenerationNumber before = newestNumber(attachment);
    Clock& clock = invocation.environment().clock;
    const auto started = clock.monotonic();
    const auto outcome = [&] {
        ProgressBar progress(clock, invocation.progress({}));
        return backUp(attachment, plan, progress);
    }();
    if (!outcome) {
        invocation.failureContext().advice = adviceForSource(outcome.error(), source);
        return explainBackupFailure(invocation, attachment,
                                    {.target = target.id,
                                     .newestBefore = before,
                                     .options = optionsText(*arguments.reading)},
                                    outcome.error());
    }
    warnOfSourceTakenAway(invocation, outcome->sourceTakenAway, refTo(source));
    const ExitCode printed =
        CAIRN_TRY(printBackup(invocation, attachment, *outcome, clock.monotonic() - started));
    const ExitCode stood = warnOfTorn(invocation, refTo(source), *outcome, *arguments.reading);
    return printed == ExitCode::Done ? stood : printed;
}

} // namespace

void addBackupCommands(CommandLine& line)
{
    const auto arguments = std::make_shared<BackupArguments>();
    Command listing = line.add(
        line.root(),
        {.name = "targets",
         .purpose = "List where a region may be backed up to, best first, with all reasons",
         .example = "targets db"},
        [arguments](Invocation& invocation) { return targets(invocation, *arguments); });
    listing.addOption("SOURCE", arguments->source, "Name or PARTUUID").required();

    Command copying = line.add(
        line.root(),
        {.name = "backup",
         .purpose = "Copy a region into another, read it back, and record it in the catalog",
         .example = "backup db target-02 --label \"before the upgrade\"",
         .losesContent = true},
        [arguments](Invocation& invocation) { return backup(invocation, *arguments); });
    copying.addOption("SOURCE", arguments->source, "Region to back up: name or PARTUUID")
        .required();
    copying.addOption("TARGET", arguments->target, "Region to write: name or PARTUUID").required();
    copying.addOption("--label", arguments->label, "A short name for it").typeName("TEXT");
    copying.addOption("--note", arguments->note, "Anything to remember").typeName("TEXT");
    copying.addFlag("--no-verify", arguments->noVerify,
                    "Do not read the copy back; it is then \"copied\", not \"good\"");
    copying.addFlag("--skip-unreadable", arguments->skipUnreadable,
                    "Go on around what cannot be read; the backup is \"partial\" then");
    addSealOptions(copying, arguments->seal);
    copying.addFlag("--no-clone", arguments->noClone,
                    "Copy where blocks could be shared: files of one XFS or btrfs");
    addSourceOptions(copying, arguments->reading);
}

} // namespace cairn::ctl
