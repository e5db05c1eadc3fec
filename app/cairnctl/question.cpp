// Questions on a terminal, and the checks that stand in for them.
#include "app/cairnctl/question.h"

#include "app/cairnctl/input_file.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/refusal_text.h"
#include "app/cairnctl/standard_error.h"
#include "core/backup/candidates.h"
#include "core/backup/guards.h"
#include "core/backup/undo_area.h"
#include "core/base/printable_text.h"

#include <algorithm>
#include <fmt/format.h>

namespace cairn::ctl {
namespace {

// Canceled by a signal, and at the end of the input: the operator pressed Ctrl+D.
Result<std::string> readLine(const std::string& prompt)
{
    const Interruptible asking;
    tell(prompt + " ");
    const InputFile input = CAIRN_TRY(InputFile::open("-"));
    std::string line;
    for (char character = 0; character != '\n';) {
        const auto got = input.read(std::as_writable_bytes(std::span(&character, 1)));
        if (!got || *got == 0) {
            tell("\n");
            return failure(ErrorCode::Canceled);
        }
        if (character != '\n')
            line += character;
    }
    return line;
}

bool isYes(std::string_view answer)
{
    return answer == "y" || answer == "Y" || answer == "yes" || answer == "Yes";
}

bool namesRegion(Attachment& attachment, const std::string& given, const Region& region)
{
    if (const auto meant = findRegion(attachment, given))
        return meant->id == region.id;
    // A region of a member that is away: only its record is left to compare with.
    return attachment.layout().find(region.id) == nullptr &&
           (given == region.name || region.id.uuid == Uuid::parse(given));
}

} // namespace

Result<void> ask(Invocation& invocation, const std::string& question)
{
    if (invocation.options().yes)
        return {};
    if (!invocation.interactive()) {
        invocation.failureContext().question = question;
        return failure(ErrorCode::ConfirmationNeeded);
    }
    const std::string answer = CAIRN_TRY(readLine(question + " [y/N]"));
    if (isYes(answer))
        return {};
    return failure(ErrorCode::Canceled);
}

void explainLoss(Invocation& invocation, Attachment& attachment, const Error& error)
{
    if (error.code != ErrorCode::ConfirmationNeeded || error.amount == 0 ||
        error.detail == kNoUndoRoom)
        return;
    const auto records = readRecords(attachment);
    const Generation* lost = records ? records->find(error.amount) : nullptr;
    if (lost == nullptr)
        return;
    invocation.failureContext().losesUndo = lost->undo.has_value();
    const auto missed = lost->undo ? std::nullopt : records->missedWith(*lost);
    if (!missed)
        return;
    invocation.failureContext().lastCopy =
        lastCopyText(missed->detail, flawOf(*missed), missed->content);
    // A backup of what holds nothing recognised would be missed no less than that one.
    const Region* source = records->layout.find(lost->source.id);
    if (lost->content.kind == ContentKind::Recognised && source != nullptr &&
        source->content.kind != ContentKind::Recognised)
        invocation.failureContext().advice = fmt::format(
            "{0} holds no filesystem now, so another backup of it changes nothing: keep #{1}, "
            "restore it, or export it first: `cairnctl export {1} FILE`. Or, if it may be lost, "
            "give {2}; --yes does not stand for it.",
            titleOf(*source), lost->number, confirmOption(error.subject));
}

Result<std::string> confirmedName(const Invocation& invocation, Attachment& attachment,
                                  const Region& losing)
{
    const auto names = CAIRN_TRY(confirmedNames(invocation, attachment, {losing}));
    return names.front();
}

Result<std::vector<std::string>> confirmedNames(const Invocation& invocation,
                                                Attachment& attachment,
                                                const std::vector<Region>& losing)
{
    std::vector<std::string> names(losing.size());
    for (const std::string& given : invocation.options().confirm) {
        const auto named = std::ranges::find_if(
            losing, [&](const Region& region) { return namesRegion(attachment, given, region); });
        if (named == losing.end())
            return failure(ErrorCode::ConfirmationMismatch,
                           confirmationText(attachment.layout(), losing.front()), given);
        names[static_cast<std::size_t>(named - losing.begin())] = named->id.uuid.toString();
    }
    return names;
}

Result<void> requireNothingConfirmed(const Invocation& invocation)
{
    if (invocation.options().confirm.empty())
        return {};
    return failure(ErrorCode::InvalidArgument, "--confirm",
                   fmt::format("no region loses its content by this, and \"{}\" was confirmed",
                               printable(invocation.options().confirm.front())));
}

Result<std::string> askForName(const Invocation& invocation, Attachment& attachment,
                               const Region& losing, const std::string& explanation)
{
    const std::string name = confirmationText(attachment.layout(), losing);
    if (!invocation.interactive())
        return failure(ErrorCode::ConfirmationNeeded, name);
    tell(explanation + '\n');
    const std::string typed = CAIRN_TRY(readLine(fmt::format(
        "Type the region's {} to confirm ({}):", name == losing.name ? "name" : "PARTUUID",
        printable(name))));
    if (typed.empty())
        return failure(ErrorCode::Canceled);
    // Hostile names cannot be typed; what is shown of them can.
    if (typed != name && typed != printable(name) && losing.id.uuid != Uuid::parse(typed))
        return failure(ErrorCode::ConfirmationMismatch, name, typed);
    return losing.id.uuid.toString();
}

} // namespace cairn::ctl
