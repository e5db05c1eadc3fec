// Goes on with jobs that were interrupted, on this host or another.
#pragma once

#include "core/backup/attachment.h"
#include "core/backup/back_up.h"
#include "core/backup/restore.h"
#include "core/backup/source_freeze.h"
#include "core/copy/copy_control.h"
#include "core/copy/read_around.h"
#include "core/copy/stream_copy.h"

#include <variant>
#include <vector>

namespace cairn {

// Jobs whose writer is gone, in the order in which they go on: a region that a restore or undo has
// left half-written is no source before that has ended. Reads only.
[[nodiscard]] Result<std::vector<Job>> interruptedJobs(Attachment& attachment);

// What the verb that was interrupted would have told; of an undo, its copy.
using ResumeOutcome = std::variant<BackupOutcome, RestoreOutcome, CopyOutcome>;
[[nodiscard]] const CopyOutcome& copyOf(const ResumeOutcome& outcome);

// Hashes the done chunks of the source again, copies what is missing, then verifies as the verb
// itself would. A restore that had not kept yet what it will overwrite looks for that again first,
// and keeps it. The guards of the verb are checked again first, but for what the operator
// confirmed when it began. BackupNotUsable for an import. Of a backup's
// source, what cannot be read may be skipped; of no other bytes. The policy is for it too: what is
// read now says how consistent the copy is, not how it began.
[[nodiscard]] Result<ResumeOutcome> resume(Attachment& attachment, const Job& job,
                                           CopyControl& control,
                                           OnUnreadable onUnreadable = OnUnreadable::Fail,
                                           const SourcePolicy& policy = {});

// Goes on with an interrupted import; resume() cannot, for lack of the bytes. The stream must be of
// the same image: PlanChanged otherwise.
[[nodiscard]] Result<CopyOutcome> resumeImport(Attachment& attachment, std::uint64_t jobId,
                                               ChunkStream& chunks, bool verifyToo,
                                               CopyControl& control);

// Gives an interrupted job up: a backup becomes Failed; of a restore, the target stays as it is.
[[nodiscard]] Result<void> discard(Attachment& attachment, const Job& job);

} // namespace cairn
