// What to do about a disk that cannot become a member.
#pragma once

#include "app/cairnctl/invocation.h"

namespace cairn::ctl {

// A whole disk has no name to confirm it by: what erases it is another program's to do. Sets the
// advice of the failure where there is better than the code's own.
void adviseOnDisk(Invocation& invocation, const Error& error);

} // namespace cairn::ctl
