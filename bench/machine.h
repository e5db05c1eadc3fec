// The machine that was measured, in one line each.
#pragma once

#include <string>

namespace cairn::bench {

// Processor, cores, memory, kernel, and the file system of the directory.
[[nodiscard]] std::string describeMachine(const std::string& directory);

// The load averages of now, as /proc/loadavg has them.
[[nodiscard]] std::string loadAverages();

// Of the programs that were measured; a missing one is left out.
[[nodiscard]] std::string peerVersions();

} // namespace cairn::bench
