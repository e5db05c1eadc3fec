// Words for sources that are in use while they are copied.
#include "app/cairnctl/source_options.h"

#include "app/cairnctl/failure_log.h"
#include "app/cairnctl/lookup.h"
#include "core/base/printable_text.h"

#include <fmt/format.h>

namespace cairn::ctl {

void addSourceOptions(Command command, const std::shared_ptr<SourceArguments>& arguments)
{
    const Option live =
        command.addFlag("--live", arguments->live,
                        "Copy a source in use as it is: the copy is \"inconsistent\", "
                        "and never good");
    const Option freeze =
        command
            .addFlag("--freeze", arguments->freeze,
                     "Freeze the filesystem of a mounted source while it is copied; needs root")
            .excludes(live);
    command
        .addNumber("--freeze-limit", arguments->freezeLimitS, 1,
                   static_cast<std::uint64_t>(kLongestFreeze.count()),
                   "Let it go after so long at the latest, copied or not; 60 unless given")
        .typeName("SECONDS")
        .needs(freeze);
}

SourcePolicy policyOf(const SourceArguments& arguments)
{
    SourcePolicy policy;
    if (arguments.live)
        policy.inUse = SourceInUse::Copy;
    else if (arguments.freeze)
        policy.inUse = SourceInUse::Freeze;
    policy.freezeLimit = std::chrono::seconds(arguments.freezeLimitS);
    if (const std::string log = failureLogPath(); !log.empty())
        policy.needed.push_back(log);
    return policy;
}

std::string optionsText(const SourceArguments& arguments)
{
    if (arguments.live)
        return " --live";
    if (!arguments.freeze)
        return {};
    return arguments.freezeLimitS == static_cast<std::uint64_t>(kFreezeLimit.count())
               ? " --freeze"
               : fmt::format(" --freeze --freeze-limit {}", arguments.freezeLimitS);
}

std::string adviceForSource(const Error& error, const Region& source)
{
    if (error.subject != source.name)
        return {};
    if (error.code == ErrorCode::RegionInUse)
        return "End that use first (unmount, swapoff, losetup -d). Or, if it must go on: with "
               "--freeze a mounted filesystem stands still while it is copied (as root); with "
               "--live it is copied as it is, and the copy is inconsistent, never good.";
    if (error.code == ErrorCode::CannotFreeze && error.detail == kOnlyRootFreezes)
        return "Give the same command to sudo. Or unmount it first; or copy it as it is with "
               "--live: that copy is inconsistent, and never good.";
    return {};
}

std::string stateAndConsistency(const Generation& generation)
{
    std::string text = stateName(generation.state);
    if (generation.consistency != Consistency::Offline)
        text += fmt::format(", {}", consistencyName(generation.consistency));
    return text;
}

ExitCode warnOfTorn(Invocation& invocation, const RegionRef& source, const BackupOutcome& outcome,
                    const SourceArguments& arguments)
{
    if (!outcome.usedMeanwhile.empty()) {
        invocation.warn("SourceUsed", source.name,
                        fmt::format("{} came into use while it was copied ({}): backup #{} is "
                                    "inconsistent, and never good. Unmount it and back up again, "
                                    "or give --freeze",
                                    titleOf(source), printable(outcome.usedMeanwhile),
                                    outcome.number));
        return ExitCode::Partial;
    }
    if (!arguments.freeze || outcome.consistency != Consistency::Inconsistent)
        return ExitCode::Done;
    const std::string why = outcome.thawedEarly.empty() ? "it did not stand still to the end"
                                                        : printable(outcome.thawedEarly);
    invocation.warn("SourceThawedEarly", source.name,
                    fmt::format("{} was thawed before all of it was copied ({}): backup #{} is "
                                "inconsistent, and never good. For more time, up to {} s: "
                                "--freeze-limit",
                                titleOf(source), why, outcome.number, kLongestFreeze.count()));
    return ExitCode::Partial;
}

} // namespace cairn::ctl
