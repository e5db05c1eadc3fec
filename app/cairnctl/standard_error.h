// Messages to people on standard error, where nobody may be listening.
#pragma once

#include <string_view>

namespace cairn::ctl {

// Prints the text as it is. A message that cannot be delivered is lost, and never a reason to
// fail: what it tells of has happened.
void tell(std::string_view text);

} // namespace cairn::ctl
