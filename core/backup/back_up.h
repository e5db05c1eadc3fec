// Backs up one region into another.
#pragma once

#include "core/backup/attachment.h"
#include "core/backup/guards.h"
#include "core/backup/source_freeze.h"
#include "core/copy/copy_control.h"
#include "core/copy/read_around.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

// What the operator confirmed. An immutable value: it is compared with the world again at the
// start of the job, and PlanChanged ends it where they differ.
struct BackupPlan {
    Region source;
    Region target;
    CandidateTarget candidate; // As the array gave it.
    std::string label;
    std::string note;
    bool verify = true;
    OnUnreadable onUnreadable = OnUnreadable::Fail;
    std::string confirmedName; // The region's name as typed; empty where none was.
    SourcePolicy policy = {};
    bool seal = false; // The signatures of what is copied are kept in the catalog.
    bool clone = true;
};

struct BackupOptions {
    std::string label;
    std::string note;
    bool verify = true;
    // Skip: what of the source cannot be read is zeroes in the backup, which is Partial then.
    OnUnreadable onUnreadable = OnUnreadable::Fail;
    std::string confirmedName;
    SourcePolicy policy = {};
    std::optional<bool> seal = {}; // Not chosen: as sealsByDefault() says.
    // Shares the source's blocks instead of copying them, where both lie in files of a filesystem
    // that can, and the source is not read as it changes.
    bool clone = true;
};

// Reads only. What speaks against the source, whatever the target: RegionHoldsCatalog, RegionInUse,
// CannotFreeze, RegionBusy, RestoreUnfinished, HalfWritten.
[[nodiscard]] Result<void> checkBackupSource(Attachment& attachment, const Region& source,
                                             const std::vector<PlannedUse>& planned = {},
                                             const SourcePolicy& policy = {});

// Reads only. Any Refused error of the candidate; ConfirmationNeeded where only the typed name is
// missing; ConfirmationMismatch for a name that is not the target's.
[[nodiscard]] Result<BackupPlan> planBackup(Attachment& attachment, const RegionId& source,
                                            const RegionId& target, const BackupOptions& options);

struct BackupOutcome {
    GenerationNumber number = 0;
    // Good after a verification, unless the source was in use; Partial where something of it was
    // skipped.
    GenerationState state = GenerationState::Copied;
    CopyOutcome copy;
    // Where the source's disk was deleted, moved or replaced meanwhile: the copy is of what it was.
    std::optional<Error> sourceTakenAway = {};
    Consistency consistency = Consistency::Offline;
    // Of a source that was to stand still and did not to the end: why.
    std::string thawedEarly = {};
    std::string usedMeanwhile = {}; // Who began to use a source that nobody used.
};

// For verbs that have just ended a copy: what is to be told of the backup.
[[nodiscard]] Result<BackupOutcome> outcomeOf(Attachment& attachment, Catalog& catalog,
                                              GenerationNumber number, CopyOutcome copy,
                                              SourceInUse inUse);

// Check the plan again → source frozen, where it is to be → record durable → target marked → copy →
// flush → read back → good. Canceled or failed: the record says Interrupted or Failed; the error is
// the copy's own. A verification that finds differences returns DigestMismatch and leaves the
// record Partial.
[[nodiscard]] Result<BackupOutcome> backUp(Attachment& attachment, const BackupPlan& plan,
                                           CopyControl& control);

} // namespace cairn
