// restore --swap: the backup takes the place of its source, and no byte is copied.
#pragma once

#include "app/cairnctl/exit_code.h"
#include "app/cairnctl/invocation.h"
#include "core/backup/attachment.h"
#include "core/catalog/records.h"

namespace cairn::ctl {

// A swap that was cut short is ended first, so that what is planned is what there is.
void endOpenSwaps(Attachment& attachment);

[[nodiscard]] Result<ExitCode> restoreBySwap(Invocation& invocation, Attachment& attachment,
                                             GenerationNumber number);

} // namespace cairn::ctl
