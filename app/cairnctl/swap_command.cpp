// Plans a swap, asks for the name where it costs the last good copy, and tells what was done.
#include "app/cairnctl/swap_command.h"

#include "app/cairnctl/lookup.h"
#include "app/cairnctl/progress_bar.h"
#include "app/cairnctl/question.h"
#include "app/cairnctl/time_text.h"
#include "core/backup/exchange_regions.h"
#include "core/backup/swap_restore.h"
#include "core/base/size_text.h"

#include <algorithm>
#include <fmt/format.h>

namespace cairn::ctl {
namespace {

std::string explanationOf(const Generation& generation)
{
    return fmt::format("Backup #{} will be what {} holds, and no backup any more, as long as this "
                       "is not undone. There is no other good copy of it.",
                       generation.number, titleOf(generation.source));
}

struct Swapped {
    SwapPlan plan;
    SwapOutcome outcome;
};

Result<Swapped> swapWith(Invocation& invocation, Attachment& attachment, GenerationNumber number,
                         const std::string& confirmed)
{
    Swapped swapped;
    swapped.plan = CAIRN_TRY(planSwap(attachment, number, confirmed));
    ProgressBar progress(invocation.environment().clock, invocation.progress({}));
    swapped.outcome = CAIRN_TRY(swapRestore(attachment, swapped.plan, progress));
    return swapped;
}

std::string outcomeText(const Swapped& swapped)
{
    const SwapPlan& plan = swapped.plan;
    return fmt::format("{} holds backup #{} now: it was verified ({}, {}) and exchanged with {} "
                       "({}). What {} held is in {}. To bring it back: cairnctl undo {}\n",
                       titleOf(plan.source), plan.generation.number,
                       sizeText(swapped.outcome.verifiedBytes),
                       durationText(swapped.outcome.verifying), titleOf(plan.backup),
                       durationText(swapped.outcome.swapping), titleOf(plan.source),
                       titleOf(plan.backup), swapped.outcome.undo);
}

// How one ended that was found open.
std::string endText(const FoundSwap& found)
{
    const RegionSwap& swap = found.swap;
    const std::string what =
        swap.undoes ? fmt::format("the undo with #{}, which was cut short, is", swap.generation)
                    : fmt::format("the exchange of {} with backup #{}, which was cut short, is",
                                  titleOf(swap.source), swap.generation);
    if (!found.settled->made)
        return what + " not made; both regions are what they were";
    if (swap.undoes)
        return what + " made";
    return fmt::format("{} made; `cairnctl undo {}` brings back what {} held", what,
                       found.settled->kept, titleOf(swap.source));
}

} // namespace

void explainOpenSwap(Invocation& invocation, Attachment& attachment, GenerationNumber number,
                     const Error& error)
{
    const auto catalog = attachment.catalog();
    const auto swaps = catalog ? (*catalog)->swaps() : std::unexpected(catalog.error());
    if (!swaps || swaps->empty() || error.code == ErrorCode::CannotSwap)
        return;
    ErrorContext& context = invocation.failureContext();
    context.state = "The exchange has not ended; both contents are whole";
    if (error.code != ErrorCode::KernelNotTold)
        context.advice = fmt::format("`cairnctl verify {}` ends it: made, or taken back.", number);
}

Result<bool> endSwapFirst(Invocation& invocation, Attachment& attachment, GenerationNumber number)
{
    const auto generation = generationNumbered(attachment, number);
    if (!generation)
        return false;
    const auto found = CAIRN_TRY(endSwapOf(attachment, generation->target.id));
    if (!found)
        return false;
    invocation.warn("SwapEnded", found->swap.source.name, endText(*found));
    return found->settled->made && found->swap.generation == number;
}

Result<ExitCode> restoreBySwap(Invocation& invocation, Attachment& attachment,
                               GenerationNumber number)
{
    const Generation generation = CAIRN_TRY(generationNumbered(attachment, number));
    const Region backup = CAIRN_TRY(regionOf(attachment, generation.target));
    const auto swapped =
        withConfirmedName(invocation, attachment, backup, explanationOf(generation),
                          [&](const std::string& confirmed) {
                              return swapWith(invocation, attachment, number, confirmed);
                          });
    if (!swapped) {
        explainOpenSwap(invocation, attachment, number, swapped.error());
        return std::unexpected(swapped.error());
    }
    invocation.announce(
        [&] {
            const auto ms = [](std::chrono::nanoseconds duration) {
                return std::chrono::duration_cast<std::chrono::milliseconds>(duration).count();
            };
            return Json{{"number", number},
                        {"backup", swapped->plan.backup.name},
                        {"target", swapped->plan.source.name},
                        {"targetId", swapped->plan.source.id.uuid.toString()},
                        {"sizeBytes", swapped->plan.generation.sizeBytes},
                        {"undo", swapped->outcome.undo},
                        {"swapped", true},
                        {"verifyingMs", ms(swapped->outcome.verifying)},
                        {"swappingMs", ms(swapped->outcome.swapping)}};
        },
        [&] { return outcomeText(*swapped); });
    return ExitCode::Done;
}

} // namespace cairn::ctl
