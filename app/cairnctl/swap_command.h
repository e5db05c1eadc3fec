// restore --swap: the backup takes the place of its source, and no byte is copied.
#pragma once

#include "app/cairnctl/exit_code.h"
#include "app/cairnctl/invocation.h"
#include "core/backup/attachment.h"
#include "core/catalog/records.h"

namespace cairn::ctl {

// Where a swap of the backup's region was cut short, ends it, so that what is planned is what there
// is, and says how it ended. Whether it has done for this number all that it was to do. Of a backup
// that is not there nothing is said yet.
[[nodiscard]] Result<bool> endSwapFirst(Invocation& invocation, Attachment& attachment,
                                        GenerationNumber number);

// After a failure: whether it has left a swap open, and what ends that.
void explainOpenSwap(Invocation& invocation, Attachment& attachment, GenerationNumber number,
                     const Error& error);

[[nodiscard]] Result<ExitCode> restoreBySwap(Invocation& invocation, Attachment& attachment,
                                             GenerationNumber number);

} // namespace cairn::ctl
