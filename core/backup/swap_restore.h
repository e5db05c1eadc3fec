// Restores a backup by exchanging its region with the one it is of: no byte of either is copied.
#pragma once

#include "core/backup/attachment.h"
#include "core/backup/guards.h"
#include "core/backup/undo.h"
#include "core/copy/copy_control.h"

#include <chrono>
#include <string>
#include <vector>

namespace cairn {

struct SwapPlan {
    Generation generation;
    Region backup; // The region that holds it, and will keep what the source holds now.
    Region source; // Will lead to the backup's bytes, under its name, PARTUUID and number.
    std::string confirmedName = {};
};

// Reads only. ConfirmationNeeded (the name of the backup's region) where the backup is the last
// good copy of its source: it is none while it is in use. BackupNotUsable, CannotSwap (detail: of
// exchange_regions.h), RegionInUse, GenerationHeld, …
[[nodiscard]] Result<SwapPlan> planSwap(Attachment& attachment, GenerationNumber number,
                                        const std::string& confirmedName,
                                        const std::vector<PlannedUse>& planned = {});

struct SwapOutcome {
    GenerationNumber undo = 0; // Keeps what the source held.
    std::uint64_t verifiedBytes = 0;
    std::chrono::nanoseconds verifying{};
    std::chrono::nanoseconds swapping{}; // From taking the right to write to the last commit.
};

// Verifies the whole backup with both regions claimed; DigestMismatch: nothing was written, and the
// record says Partial. PlanChanged where something was written to either before the right to write
// was there. Then exchanges the two: at every moment the table and the catalog lead to before or
// to after. KernelNotTold (subject: the disk): the table has them exchanged, somebody has a
// partition open that is not where it says, and the next verb that writes ends it. No device is
// asked for more than a few blocks, so it takes as long for any size.
[[nodiscard]] Result<SwapOutcome> swapRestore(Attachment& attachment, const SwapPlan& plan,
                                              CopyControl& control);

// The same back, as planUndo() and undo() for what a swap keeps. Where the restored region was
// written to since, or cannot be compared, its name must be typed: ConfirmationNeeded. What it held
// is not lost then, but in the region of the backup, which is Partial from there on.
[[nodiscard]] Result<UndoPlan> planSwapBack(Attachment& attachment, GenerationNumber number,
                                            const std::string& confirmedName,
                                            const std::vector<PlannedUse>& planned = {});
[[nodiscard]] Result<void> swapBack(Attachment& attachment, const UndoPlan& plan,
                                    CopyControl& control);

} // namespace cairn
