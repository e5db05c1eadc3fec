// What to do about a disk that cannot become a member as it is.
#pragma once

#include "app/cairnctl/invocation.h"

namespace cairn::ctl {

// A whole disk has no name to confirm it by: what erases it is another program's to do. Sets the
// advice of the failure where there is better than the code's own.
void adviseOnDisk(Invocation& invocation, const Error& error);
// The same of one that was to join the attached array, with the ways that this one offers. Returns
// whether it belongs to that already, and must not be erased.
bool adviseOnNewMember(Invocation& invocation, Attachment& attachment, const Error& error);

// Where a catalog found no free space without leftovers of deleted partitions: whether the error
// says so.
[[nodiscard]] bool isOfLeftovers(const Error& error);
// An ordinary question, after which they may be overwritten; --yes answers it, and a warning then
// tells what goes.
[[nodiscard]] Result<void> askForLeftovers(Invocation& invocation, const Error& error);

// How the backups that only such a disk holds become backups of the array again, and how the disk
// itself joins it again where it left it: `why` is kHasLeft. Without a full stop.
[[nodiscard]] std::string wayBackFrom(const std::string& member, const std::string& why = {});

} // namespace cairn::ctl
