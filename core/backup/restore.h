// Copies a backup onto the region it came from, or onto another.
#pragma once

#include "core/backup/attachment.h"
#include "core/copy/copy_control.h"

#include <optional>
#include <string>

namespace cairn {

struct RestorePlan {
    Generation generation;
    Region backup; // The region that holds it now.
    Region target; // Will be erased.
    // The newest good backup of what the target holds now; 0: its content is in no backup.
    GenerationNumber newestBackupOfTarget = 0;
    std::string confirmedName;
};

// Reads only. Without `to` the region it came from. ConfirmationNeeded where confirmedName is
// empty: a restore always erases. BackupNotUsable unless the generation is Good or Copied;
// UnknownRegion where backup or target is gone; TargetTooSmall, RegionInUse, GenerationHeld, …
[[nodiscard]] Result<RestorePlan> planRestore(Attachment& attachment, GenerationNumber number,
                                              const std::optional<RegionId>& to,
                                              const std::string& confirmedName);

// Verifies the whole backup before its first write (DigestMismatch: nothing was written, and the
// record says Partial), then copies only the chunks that differ, flushes, reads the target back,
// and records itself in the ledger. Canceled or failed: the job stays and can be resumed.
[[nodiscard]] Result<CopyOutcome> restore(Attachment& attachment, const RestorePlan& plan,
                                          CopyControl& control);

} // namespace cairn
