// restore --swap: the backup takes the place of its source, and no byte is copied.
#pragma once

#include "app/cairnctl/exit_code.h"
#include "app/cairnctl/invocation.h"
#include "core/backup/attachment.h"
#include "core/catalog/records.h"

namespace cairn::ctl {

// Where a swap of the backup's region was cut short, ends it, so that what is planned is what there
// is. Of a backup that is not there nothing is said yet.
[[nodiscard]] Result<void> endSwapFirst(Attachment& attachment, GenerationNumber number);

[[nodiscard]] Result<ExitCode> restoreBySwap(Invocation& invocation, Attachment& attachment,
                                             GenerationNumber number);

} // namespace cairn::ctl
