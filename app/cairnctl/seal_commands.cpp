// The commands that take a backup's signatures off the disk and put them back: seal, unseal.
#include "app/cairnctl/command_line.h"
#include "app/cairnctl/interrupt.h"
#include "app/cairnctl/json_output.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/seal_options.h"
#include "core/backup/seal.h"
#include "core/base/printable_text.h"

#include <fmt/format.h>
#include <memory>
#include <string>
#include <tuple>

namespace cairn::ctl {
namespace {

std::string sealedText(GenerationNumber number, const SealOutcome& outcome)
{
    if (!outcome.changed)
        return fmt::format("Backup #{} is sealed already.\n", number);
    if (outcome.pieces == 0)
        return fmt::format("Backup #{} is sealed; no signature was found in it.\n", number);
    return fmt::format(
        "Backup #{} is sealed: {} of signatures are in the catalog, and no program "
        "finds a filesystem in it before `cairnctl unseal {}`.\n",
        number, outcome.bytes == 1 ? "1 byte" : fmt::format("{} bytes", outcome.bytes), number);
}

std::string unsealedText(GenerationNumber number, const SealOutcome& outcome)
{
    return outcome.changed
               ? fmt::format("Backup #{} is not sealed any more: it can be mounted as it is. Where "
                             "its source is attached too, both have one UUID.\n",
                             number)
               : fmt::format("Backup #{} is not sealed.\n", number);
}

Result<ExitCode> change(Invocation& invocation, const std::string& word, bool sealing)
{
    invocation.attempt(
        fmt::format("{} the backup {}", sealing ? "seal" : "unseal", printable(word)));
    const GenerationNumber number = CAIRN_TRY(parseNumber(word));
    Attachment& attachment = *CAIRN_TRY(invocation.attach());
    const Interruptible finishes;
    const SealOutcome outcome =
        CAIRN_TRY(sealing ? cairn::seal(attachment, number) : cairn::unseal(attachment, number));
    invocation.announce(
        [&] {
            return Json{{"number", number},
                        {"seal", sealStateName(sealing ? SealState::Sealed : SealState::Plain)},
                        {"changed", outcome.changed},
                        {"pieces", outcome.pieces},
                        {"bytes", outcome.bytes}};
        },
        [&] { return sealing ? sealedText(number, outcome) : unsealedText(number, outcome); });
    return ExitCode::Done;
}

} // namespace

void addSealOptions(Command command, SealArguments& arguments)
{
    const Option seal = command.addFlag(
        "--seal", arguments.seal,
        "Keep its signatures in the catalog, so that no program takes it for its source; the "
        "default on block devices");
    std::ignore = command
                      .addFlag("--plain", arguments.plain,
                               "Leave its signatures where they are, so that it can be mounted; "
                               "the default on image files")
                      .excludes(seal);
}

std::optional<bool> chosenSeal(const SealArguments& arguments)
{
    if (arguments.seal || arguments.plain)
        return arguments.seal;
    return std::nullopt;
}

void addSealCommands(CommandLine& line)
{
    const auto number = std::make_shared<std::string>();
    for (const bool sealing : {true, false}) {
        const Command command = line.add(
            line.root(),
            sealing ? CommandHelp{.name = "seal",
                                  .purpose = "Take a backup's signatures off the disk, into the "
                                             "catalog: nothing takes it for its source then",
                                  .example = "seal 12"}
                    : CommandHelp{.name = "unseal",
                                  .purpose = "Put a backup's signatures back, so that it can be "
                                             "mounted",
                                  .example = "unseal 12"},
            [number, sealing](Invocation& invocation) {
                return change(invocation, *number, sealing);
            });
        command.addOption("N", *number, "Number of the backup, as in the list").required();
    }
}

} // namespace cairn::ctl
