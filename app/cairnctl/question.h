// Asks the operator, or takes the answer from --yes and --confirm.
#pragma once

#include "app/cairnctl/invocation.h"
#include "core/array/region.h"

#include <string>

namespace cairn::ctl {

// An ordinary question, "Supersede backup #12 in target-02?". --yes answers it; without a
// terminal it is ConfirmationNeeded; an answer other than y or yes is Canceled.
[[nodiscard]] Result<void> ask(Invocation& invocation, const std::string& question);

// The PARTUUID of the region that --confirm named, which core takes for the typed name; empty
// without --confirm. It must be the region that loses its content: ConfirmationMismatch.
[[nodiscard]] Result<std::string> confirmedName(const Invocation& invocation,
                                                Attachment& attachment, const Region& losing);

// The same where several lose their content: the names in their order, each empty unless given.
// Each --confirm must be one of theirs.
[[nodiscard]] Result<std::vector<std::string>> confirmedNames(const Invocation& invocation,
                                                              Attachment& attachment,
                                                              const std::vector<Region>& losing);

// Where no region loses its content, --confirm names none that does: InvalidArgument.
[[nodiscard]] Result<void> requireNothingConfirmed(const Invocation& invocation);

// Asks for the region's name on a terminal, or for its PARTUUID where another region has that name
// too, after `explanation`, and returns its PARTUUID.
// ConfirmationNeeded without a terminal, ConfirmationMismatch for another name, Canceled for an
// empty line.
[[nodiscard]] Result<std::string> askForName(const Invocation& invocation, Attachment& attachment,
                                             const Region& losing, const std::string& explanation);

// What the failure of a verb would cost, for its message.
void explainLoss(Invocation& invocation, Attachment& attachment, const Error& error);

// Runs `verb` with the confirmed name; where that is not given and turns out to be needed, asks
// for it and runs the verb again.
template<typename Verb>
auto withConfirmedName(Invocation& invocation, Attachment& attachment, const Region& losing,
                       const std::string& explanation, const Verb& verb)
    -> decltype(verb(std::string{}))
{
    const std::string given = CAIRN_TRY(confirmedName(invocation, attachment, losing));
    auto result = verb(given);
    if (!result)
        explainLoss(invocation, attachment, result.error());
    // Without a terminal to ask on, the verb's own error tells best what would be lost.
    if (result || !given.empty() || result.error().code != ErrorCode::ConfirmationNeeded ||
        !invocation.interactive())
        return result;
    return verb(CAIRN_TRY(askForName(invocation, attachment, losing, explanation)));
}

} // namespace cairn::ctl
