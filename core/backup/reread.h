// Reads again what a backup had to leave out, because its source could not be read there.
#pragma once

#include "core/backup/attachment.h"
#include "core/copy/copy_control.h"

namespace cairn {

// Whether it is a backup of which a part is missing that its source may give after all.
[[nodiscard]] bool lacksSource(const Generation& generation);

struct RereadOutcome {
    std::uint64_t readBytes = 0; // After all, and written.
    SectorMap left;              // Still cannot be read.
    GenerationState state = GenerationState::Partial;
};

// Reads of the source what is missing, after all that is known of it, which must be what was backed
// up as far as it can still be read: PlanChanged otherwise, or where nothing is left to compare,
// and nothing is written. Each chunk of the backup is read and compared with its digest before
// anything in it is written (DigestMismatch, Unreadable), and only what was missing is written.
// Where nothing is left, all of the backup is read back. Canceled or failed: what was read so far
// is recorded, and the rest stays missing. BackupNotUsable unless lacksSource().
[[nodiscard]] Result<RereadOutcome> rereadSource(Attachment& attachment, GenerationNumber number,
                                                 CopyControl& control);

} // namespace cairn
