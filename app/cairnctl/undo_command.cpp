// The command that brings back what a restore overwrote.
#include "app/cairnctl/command_line.h"

#include "app/cairnctl/lookup.h"
#include "app/cairnctl/question.h"
#include "app/cairnctl/refusal_text.h"
#include "app/cairnctl/swap_command.h"
#include "app/cairnctl/time_text.h"
#include "core/backup/undo.h"
#include "core/base/printable_text.h"
#include "core/base/size_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>

namespace cairn::ctl {
namespace {

std::string explanationOf(const Generation& kept)
{
    if (kept.undo && kept.undo->swapped)
        return fmt::format("{} was written to since backup #{} took its place, or cannot be "
                           "compared with it.\nUndoing the swap puts what {} holds now into {}, "
                           "which is no whole backup then.",
                           titleOf(kept.source), kept.undo->restored, titleOf(kept.source),
                           titleOf(kept.target));
    return fmt::format("{} has changed since backup #{} was restored to it, or that backup cannot "
                       "be restored again.\nUndoing the restore erases what {} holds now.",
                       titleOf(kept.source), kept.undo ? kept.undo->restored : 0,
                       titleOf(kept.source));
}

std::optional<Job> unfinishedUndo(Attachment& attachment, GenerationNumber number)
{
    const auto catalog = attachment.catalog();
    const auto jobs = catalog ? (*catalog)->jobs() : std::unexpected(catalog.error());
    if (!jobs)
        return std::nullopt;
    const auto found = std::ranges::find_if(*jobs, [&](const Job& job) {
        return job.kind == JobKind::Undo && job.generation == number;
    });
    return found == jobs->end() ? std::nullopt : std::optional(*found);
}

void explainFailure(Invocation& invocation, Attachment& attachment, const Region& target,
                    GenerationNumber number)
{
    ErrorContext& context = invocation.failureContext();
    const auto job = unfinishedUndo(attachment, number);
    if (!job) {
        context.state = stateOfTarget(attachment, target);
        return;
    }
    const bool written = !overwroteNothing(attachment, target.id);
    context.state =
        written ? fmt::format("The content of {} is incomplete; what is kept for it is untouched",
                              titleOf(target))
                : fmt::format("{} is unchanged so far", titleOf(target));
    context.advice = adviceToEnd(*job, written);
}

struct Undone {
    UndoPlan plan;
    CopyOutcome copy;
};

Result<Undone> undoWith(Invocation& invocation, Attachment& attachment, GenerationNumber number,
                        const std::string& confirmed)
{
    Undone undone;
    undone.plan = CAIRN_TRY(planUndo(attachment, number, confirmed));
    ProgressBar progress(invocation.environment().clock,
                         invocation.progress(fmt::format("#{}", number)));
    undone.copy = CAIRN_TRY(cairn::undo(attachment, undone.plan, progress));
    return undone;
}

std::string outcomeText(const Undone& undone, bool half)
{
    const std::string target = titleOf(undone.plan.target);
    const GenerationNumber restored = undone.plan.kept.undo->restored;
    if (undone.plan.kept.undo->swapped)
        return fmt::format("{} holds again what it held before backup #{} took its place, and {} "
                           "that backup.\n",
                           target, restored, titleOf(undone.plan.area));
    if (undone.plan.nothingOverwritten)
        return fmt::format("The restore of backup #{} to {} is given up; it had overwritten "
                           "nothing.\n",
                           restored, target);
    return fmt::format("{} holds again what it held before backup #{} was restored to it{}: {} "
                       "written, {} were equal already.\n",
                       target, restored, half ? ", and is half-written again" : "",
                       sizeText(undone.copy.writtenBytes + undone.copy.zeroBytes),
                       sizeText(undone.copy.unchangedBytes));
}

Result<ExitCode> undo(Invocation& invocation, const std::string& text)
{
    invocation.attempt(text.empty() ? std::string("undo the last restore")
                                    : fmt::format("undo with the backup {}", printable(text)));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const GenerationNumber number =
        CAIRN_TRY(text.empty() ? newestUndo(attachment) : parseNumber(text));
    if (CAIRN_TRY(endSwapFirst(invocation, attachment, number)))
        return ExitCode::Done;
    const Generation kept = CAIRN_TRY(generationNumbered(attachment, number));
    const Region target = CAIRN_TRY(regionOf(attachment, kept.source));
    const std::uint64_t commits = commitsOf(attachment);
    const auto undone = withConfirmedName(
        invocation, attachment, target, explanationOf(kept), [&](const std::string& confirmed) {
            return undoWith(invocation, attachment, number, confirmed);
        });
    if (!undone) {
        if (kept.undo && kept.undo->swapped)
            explainOpenSwap(invocation, attachment, number, undone.error());
        else
            explainFailure(invocation, attachment, target, number);
        return endSince(invocation, attachment, commits, undone.error());
    }
    const bool half = warnIfHalfWritten(invocation, attachment, target.id);
    const ExitCode code = half ? ExitCode::Partial : ExitCode::Done;
    if (invocation.options().quiet && !invocation.options().json)
        return code;
    invocation.print(
        [&] {
            return Json{{"number", number},
                        {"restored", undone->plan.kept.undo->restored},
                        {"area", undone->plan.area.name},
                        {"target", undone->plan.target.name},
                        {"targetId", undone->plan.target.id.uuid.toString()},
                        {"nothingOverwritten", undone->plan.nothingOverwritten},
                        {"swapped", undone->plan.kept.undo->swapped},
                        {"copy", jsonOf(undone->copy)}};
        },
        [&] { return outcomeText(*undone, half); });
    return code;
}

} // namespace

void addUndoCommand(CommandLine& line)
{
    const auto number = std::make_shared<std::string>();
    Command undoing =
        line.add(line.root(),
                 {.name = "undo",
                  .purpose = "Bring back what a restore overwrote, byte for byte",
                  .example = "undo 13",
                  .losesContent = true},
                 [number](Invocation& invocation) { return undo(invocation, *number); });
    undoing.addOption("N", *number,
                      "Number of the record that keeps it, from `list`; without it, the newest");
}

} // namespace cairn::ctl
