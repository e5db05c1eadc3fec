// The options that say whether a copy is sealed as it is made.
#pragma once

#include "app/cairnctl/command_line.h"

#include <optional>

namespace cairn::ctl {

struct SealArguments {
    bool seal = false;
    bool plain = false;
};

// They go into the arguments, which outlive the parsing.
void addSealOptions(Command command, SealArguments& arguments);

// Nothing where neither was given.
[[nodiscard]] std::optional<bool> chosenSeal(const SealArguments& arguments);

} // namespace cairn::ctl
