// The options that say how a source in use is read, and what is told of it.
#pragma once

#include "app/cairnctl/command_line.h"
#include "core/backup/back_up.h"

#include <cstdint>
#include <memory>
#include <string>

namespace cairn::ctl {

struct SourceArguments {
    bool live = false;
    bool freeze = false;
    std::uint64_t freezeLimitS = kFreezeLimit.count();
};

void addSourceOptions(Command command, const std::shared_ptr<SourceArguments>& arguments);

[[nodiscard]] SourcePolicy policyOf(const SourceArguments& arguments);
// " --live", as they were given; empty without.
[[nodiscard]] std::string optionsText(const SourceArguments& arguments);

// What can be done about a source that is in use or cannot be frozen; empty for any other error.
[[nodiscard]] std::string adviceForSource(const Error& error, const Region& source);

// "good", "copied, inconsistent", "good, frozen".
[[nodiscard]] std::string stateAndConsistency(const Generation& generation);

// Warns where a source that was to stand still did not to the end: Partial then, and Done else.
[[nodiscard]] ExitCode warnOfTorn(Invocation& invocation, const RegionRef& source,
                                  const BackupOutcome& outcome, const SourceArguments& arguments);

} // namespace cairn::ctl
