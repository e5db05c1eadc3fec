// Brings back what a restore overwrote.
#pragma once

#include "core/backup/attachment.h"
#include "core/backup/guards.h"
#include "core/copy/copy_control.h"

#include <string>
#include <vector>

namespace cairn {

struct UndoPlan {
    Generation kept; // What was overwritten, and where.
    Region area;     // The region that holds it now.
    Region target;   // The region that was restored, and gets it back.
    // Whether the restore was interrupted before it overwrote anything: there is nothing to bring
    // back, and the restore is given up.
    bool nothingOverwritten = false;
    std::string confirmedName;
};

// The newest generation by which a restore can be undone now; UnknownGeneration where there is
// none.
[[nodiscard]] Result<GenerationNumber> newestUndo(Attachment& attachment);

// Reads only. BackupNotUsable for a generation that keeps nothing, or was brought back already;
// RegionBusy while its restore runs; the refusals of the target. ConfirmationNeeded where undoing
// would lose something for good: the backup that was restored is not there any more, or the target
// has become the only copy of something. RegionBusy also where one of the `planned` jobs writes the
// target or the area, or reads the target.
[[nodiscard]] Result<UndoPlan> planUndo(Attachment& attachment, GenerationNumber number,
                                        const std::string& confirmedName,
                                        const std::vector<PlannedUse>& planned = {});

// Verifies all that is kept, and reads the target, before its first write. ContentChanged: the
// chunks that the restore left alone are not what they were, so that the old content cannot come
// back whole. ConfirmationNeeded: only chunks that the restore wrote have changed since it ended;
// undoing loses these changes. Then brings back the chunks that differ, flushes, reads them back,
// and records itself in the ledger. An undo that was interrupted goes on. Canceled or failed: the
// job stays and can be resumed.
[[nodiscard]] Result<CopyOutcome> undo(Attachment& attachment, const UndoPlan& plan,
                                       CopyControl& control);

} // namespace cairn
