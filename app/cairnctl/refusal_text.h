// Why a region cannot be a target, in words.
#pragma once

#include "core/array/candidate_target.h"

#include <string>
#include <vector>

namespace cairn::ctl {

// Stable word for JSON: "too-small" …
[[nodiscard]] const char* refusalName(RefusalReason reason) noexcept;
// Printable: "too small by 512 MiB (536870912 bytes)" …
[[nodiscard]] std::string refusalText(const Refusal& refusal);
[[nodiscard]] std::vector<std::string> refusalTexts(const std::vector<Refusal>& refusals);

} // namespace cairn::ctl
