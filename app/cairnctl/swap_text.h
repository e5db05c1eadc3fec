// What is said of a swap that cannot be made, or of which the kernel could not be told.
#pragma once

#include "app/cairnctl/error_text.h"

namespace cairn::ctl {

// Of CannotSwap and KernelNotTold; `subject` is printable.
[[nodiscard]] ErrorText swapErrorText(const Error& error, const std::string& subject);

} // namespace cairn::ctl
