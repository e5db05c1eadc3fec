// Copies a backup onto the region it came from, or onto another.
#pragma once

#include "core/backup/attachment.h"
#include "core/backup/guards.h"
#include "core/copy/copy_control.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct RestoreOptions {
    std::optional<RegionId> to = {}; // Without: the region it came from.
    // The target's name as typed. Not needed where what is overwritten is kept, unless the target
    // holds the last good copy of something, or keeps what undoes another restore.
    std::string confirmedName = {};
    // Keeps the chunks that will be overwritten, so that the restore can be undone. Where there is
    // no room for them and no region was named, the typed name stands for doing without.
    bool undo = true;
    // Keeps them there; without: the array chooses a free region.
    std::optional<RegionId> undoTo = {};
    std::string undoToConfirmed = {};     // The name of that region as typed, where it needs that.
    std::vector<PlannedUse> planned = {}; // By jobs that come before this one.
};

struct RestorePlan {
    Generation generation;
    Region backup; // The region that holds it now.
    Region target; // Will be erased.
    // The newest backup of the target that can be restored now; 0: there is none.
    GenerationNumber newestBackupOfTarget = 0;
    std::string confirmedName = {};
    bool undo = true;
    std::optional<RegionId> undoTo = {};
    std::string undoToConfirmed = {};
    // The array chooses no region that one of these was to use when the restore was planned.
    std::vector<PlannedUse> planned = {};
};

// Reads only. ConfirmationNeeded where confirmedName is empty and no region can keep what will be
// overwritten. BackupNotUsable unless the generation is a backup, Good or Copied; UnknownRegion
// where backup or target is gone; TargetTooSmall, RegionInUse, GenerationHeld, …
[[nodiscard]] Result<RestorePlan> planRestore(Attachment& attachment, GenerationNumber number,
                                              const RestoreOptions& options);

struct RestoreOutcome {
    CopyOutcome copy;
    GenerationNumber undo = 0; // Keeps what was overwritten; 0: nothing was, or it was not kept.
    // Where the disk of the backup, or of the undo copy, was deleted, moved or replaced meanwhile.
    std::optional<Error> backupTakenAway = {};
    std::optional<Error> undoTakenAway = {};
};

// For verbs that have just ended the job: what is to be told of the restore.
[[nodiscard]] Result<RestoreOutcome> outcomeOf(Attachment& attachment, Catalog& catalog,
                                               const Job& job, CopyOutcome copy);

// Verifies the whole backup before its first write (DigestMismatch: nothing was written, and the
// record says Partial), reads the target to see what will change, and keeps that;
// ConfirmationNeeded where it finds no room for it and no name was typed. Only then it copies the
// chunks that differ, flushes, reads the target back, and records itself in the ledger. Canceled or
// failed: the job stays, and can be resumed or undone.
[[nodiscard]] Result<RestoreOutcome> restore(Attachment& attachment, const RestorePlan& plan,
                                             CopyControl& control);

} // namespace cairn
