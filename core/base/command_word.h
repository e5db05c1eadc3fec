// Quotes what a command that is told to somebody names.
#pragma once

#include <string>

namespace cairn {

// In quotes where a shell would take it apart; the other word where quotes do not help.
[[nodiscard]] std::string wordOnCommandLine(const std::string& text, const std::string& otherwise);

} // namespace cairn
