// A short log on this computer of the commands that did not succeed, for support reports.
#pragma once

#include "app/cairnctl/exit_code.h"

#include <string>
#include <vector>

namespace cairn::ctl {

// Appends a line to CAIRN_LOG, or to cairn/cairnctl.log in XDG_STATE_HOME (~/.local/state). An
// empty CAIRN_LOG switches it off. Kept under 512 KiB by starting anew, the old one kept as ".1".
// A log that cannot be written is no reason to fail.
void logFailure(int count, char** words, ExitCode code);

// The newest lines, oldest first.
[[nodiscard]] std::vector<std::string> recentFailures(std::size_t limit);

} // namespace cairn::ctl
