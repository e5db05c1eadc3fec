// A short log on this computer of the commands that did not succeed, for support reports.
#pragma once

#include "app/cairnctl/exit_code.h"

#include <string>
#include <vector>

namespace cairn::ctl {

// Empty where nothing is to be logged.
[[nodiscard]] std::string failureLogPath();

// Appends a line to CAIRN_LOG, or to cairn/cairnctl.log in XDG_STATE_HOME (~/.local/state). An
// empty CAIRN_LOG switches it off. Kept under 512 KiB by starting anew, the old one kept as ".1".
// Only a regular file that is empty or begins like this log is ever written or moved. A log that
// cannot be written is no reason to fail.
void logFailure(int count, char** words, ExitCode code);

// The newest lines, oldest first; none of a file that is not this log.
[[nodiscard]] std::vector<std::string> recentFailures(std::size_t limit);

} // namespace cairn::ctl
