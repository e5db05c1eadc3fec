// The commands that make backups: targets, backup.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/lookup.h"
#include "app/cairnctl/question.h"
#include "app/cairnctl/record_text.h"
#include "app/cairnctl/refusal_text.h"
#include "app/cairnctl/table_output.h"
#include "app/cairnctl/time_text.h"
#include "core/backup/back_up.h"
#include "core/backup/candidates.h"
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
};

const char* verdictName(const CandidateTarget& candidate)
{
    if (candidate.allowed())
        return "allowed";
    return candidate.allowedIfConfirmed() ? "confirm" : "refused";
}

std::vector<std::string> reasonsOf(const CandidateTarget& candidate)
{
    std::vector<std::string> reasons;
    for (const Refusal& refusal : candidate.refusals)
        reasons.push_back(refusalText(refusal));
    return reasons;
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

std::string remarksOf(const CandidateTarget& candidate)
{
    std::vector<std::string> remarks = reasonsOf(candidate);
    if (candidate.replaces != 0)
        remarks.push_back(fmt::format("replaces backup #{}", candidate.replaces));
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
    return carriers > 1 ? region.id.uuid.toString() : titleOf(region);
}

std::string candidateTable(const std::vector<CandidateTarget>& candidates,
                           const ArrayLayout& layout)
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
    return table.text();
}

Result<ExitCode> targets(Invocation& invocation, const BackupArguments& arguments)
{
    invocation.attempt(
        fmt::format("list the targets for {}", printableShort(arguments.source, 60)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Region source = CAIRN_TRY(regionNamed(attachment, arguments.source));
    const auto candidates = CAIRN_TRY(candidateTargets(attachment, source.id));
    const ArrayLayout layout = attachment.layout();
    const auto makeJson = [&] {
        Json all = Json::array();
        for (const CandidateTarget& candidate : candidates)
            all.push_back(candidateJson(candidate, layout));
        return all;
    };
    invocation.print(makeJson, [&] { return candidateTable(candidates, layout); });
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
        invocation.failureContext().reasons = reasonsOf(*found);
}

Result<BackupPlan> makePlan(Invocation& invocation, Attachment& attachment, const Region& source,
                            const Region& target, const BackupArguments& arguments)
{
    const auto plan = withConfirmedName(
        invocation, attachment, target,
        fmt::format("{} loses what it holds now: {}.", titleOf(target), titleOf(target.content)),
        [&](const std::string& confirmed) {
            return planBackup(attachment, source.id, target.id,
                              {.label = arguments.label,
                               .note = arguments.note,
                               .verify = !arguments.noVerify,
                               .confirmedName = confirmed});
        });
    if (!plan) {
        const ErrorClass errorClass = cairn::errorClass(plan.error().code);
        if (errorClass == ErrorClass::Refused &&
            plan.error().code != ErrorCode::ConfirmationMismatch)
            explainRefusal(invocation, attachment, source, target);
        return std::unexpected(memberError(attachment, target, plan.error()));
    }
    if (plan->candidate.replaces != 0 && plan->confirmedName.empty()) {
        CAIRN_TRY(ask(invocation,
                      fmt::format("Replace backup #{} in {} by a new one of {}?",
                                  plan->candidate.replaces, titleOf(target), titleOf(source))));
    }
    return plan;
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

// What became of a backup that failed, as its record tells.
std::optional<Generation> recordAfter(Attachment& attachment, const Region& target,
                                      GenerationNumber before)
{
    const auto catalog = attachment.catalog();
    if (!catalog)
        return std::nullopt;
    GenerationFilter filter;
    filter.target = target.id;
    filter.limit = 1;
    const auto newest = (*catalog)->generations(filter);
    if (!newest || newest->empty() || newest->front().number <= before)
        return std::nullopt;
    return newest->front();
}

void explainFailure(ErrorContext& context, const Generation& generation)
{
    context.state = fmt::format("Backup #{} is recorded as {}; the source is unchanged",
                                generation.number, stateName(generation.state));
    if (generation.state == GenerationState::Interrupted ||
        generation.state == GenerationState::Copying)
        context.advice = fmt::format("Continue it with: cairnctl resume {}", generation.number);
    else if (generation.state == GenerationState::Partial)
        context.advice =
            fmt::format("See what is damaged with: cairnctl show {}", generation.number);
    else
        context.advice = "What the target held before is gone: back up again.";
}

Result<ExitCode> printBackup(Invocation& invocation, Attachment& attachment,
                             const BackupOutcome& outcome, std::chrono::nanoseconds took)
{
    const Generation generation = CAIRN_TRY(generationNumbered(attachment, outcome.number));
    if (!invocation.options().quiet || invocation.options().json) {
        invocation.print(
            [&] {
                Json json = jsonOf(generation);
                json["copy"] = jsonOf(outcome.copy);
                return json;
            },
            [&] {
                return fmt::format("Backup #{} of {} in {} is {}: {} in {}.\n", generation.number,
                                   titleOf(generation.source), titleOf(generation.target),
                                   stateName(generation.state), sizeText(generation.sizeBytes),
                                   durationText(took));
            });
    }
    return generation.state == GenerationState::Partial ? ExitCode::Partial : ExitCode::Done;
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
    if (outcome)
        return printBackup(invocation, attachment, *outcome, clock.monotonic() - started);
    const auto record = recordAfter(attachment, target, before);
    if (!record)
        return std::unexpected(outcome.error());
    explainFailure(invocation.failureContext(), *record);
    if (record->state != GenerationState::Partial)
        return std::unexpected(outcome.error());
    // Done, but part of it could not be read or proved.
    invocation.report(outcome.error(), ExitCode::Partial);
    return ExitCode::Partial;
}

} // namespace

void addBackupCommands(CommandLine& line)
{
    const auto arguments = std::make_shared<BackupArguments>();
    CLI::App& listing = line.add(
        line.root(),
        {.name = "targets",
         .purpose = "List where a region may be backed up to, best first, with all reasons",
         .example = "targets db"},
        [arguments](Invocation& invocation) { return targets(invocation, *arguments); });
    listing.add_option("SOURCE", arguments->source, "Name or PARTUUID")->required();

    CLI::App& copying = line.add(
        line.root(),
        {.name = "backup",
         .purpose = "Copy a region into another, read it back, and record it in the catalog",
         .example = "backup db target-02 --label \"before the upgrade\""},
        [arguments](Invocation& invocation) { return backup(invocation, *arguments); });
    copying.add_option("SOURCE", arguments->source, "Region to back up: name or PARTUUID")
        ->required();
    copying.add_option("TARGET", arguments->target, "Region to write: name or PARTUUID")
        ->required();
    copying.add_option("--label", arguments->label, "A short name for it")->type_name("TEXT");
    copying.add_option("--note", arguments->note, "Anything to remember")->type_name("TEXT");
    copying.add_flag("--no-verify", arguments->noVerify,
                     "Do not read the copy back; it is then \"copied\", not \"good\"");
}

} // namespace cairn::ctl
