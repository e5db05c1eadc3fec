// The steps that backing up, restoring and resuming share: copy, read back, record.
#pragma once

#include "core/backup/attachment.h"
#include "core/backup/source_freeze.h"
#include "core/copy/copy_control.h"
#include "core/copy/stream_copy.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cairn {

// Reads the region of a generation past the cache through a descriptor of its own, and compares it
// with its digests; where it lacks them, takes them.
[[nodiscard]] Result<VerifyOutcome> readBack(Attachment& attachment, const Region& region,
                                             const Generation& generation, Catalog& catalog,
                                             CopyControl& control);

// Reads the region past the cache through a descriptor of its own, and compares.
[[nodiscard]] Result<VerifyOutcome> readBack(Attachment& attachment, const Region& region,
                                             std::uint64_t sizeBytes, DigestSource& expected,
                                             CopyControl& control);

// DigestMismatch or Unreadable for an outcome that is not good(), nothing for one that is.
[[nodiscard]] Result<void> requireGood(const VerifyOutcome& outcome, const std::string& subject);

// Whether going on later makes sense after a copy ended with this error.
[[nodiscard]] bool isResumable(const Error& error);

// The job of a generation, of that number where it is not 0; UnknownGeneration where there is none.
[[nodiscard]] Result<Job> findJob(Catalog& catalog, GenerationNumber number, JobKind kind,
                                  std::uint64_t jobId = 0);

// The regions of a job, as they were checked.
struct JobRegions {
    Region source; // Of the bytes.
    Region target;
};

// The claim of a source that nobody uses; null of one that is in use, which nobody can claim.
[[nodiscard]] Result<std::unique_ptr<RegionIo>> claimUnused(Attachment& attachment,
                                                            const Region& source);

struct BackupRun {
    JobRegions regions;
    SourceHold hold;     // Of the source, since before the job began; let go when it was copied.
    SourcePolicy policy; // For copying again what turned out not to have arrived.
    bool verifyToo = true;
    OnUnreadable onUnreadable = OnUnreadable::Fail;
    bool clone = false; // Where it can be done. Not of a copy that goes on.
};

// For a job that begin() or recordResumed() has just written: marks the target as a backup, copies
// and completes the record; with verify also reads back and records that. The record says
// Interrupted or Failed after an error of the copy, Copied or Partial after one of the reading, and
// Partial where something of the source was skipped.
[[nodiscard]] Result<CopyOutcome> runBackup(Attachment& attachment, Catalog& catalog,
                                            const Job& job, BackupRun run, CopyControl& control);

// The same for the bytes of a stream; `content` is the digest of them all, or zero.
struct StreamedImage {
    ChunkStream& chunks;
    Digest content;
};
[[nodiscard]] Result<CopyOutcome> runImport(Attachment& attachment, Catalog& catalog,
                                            const Job& job, const Region& target,
                                            const StreamedImage& image, bool verifyToo,
                                            CopyControl& control);

// Reads the whole backup and compares; writes nothing. DigestMismatch, Unreadable: the record has
// been made Partial, if the array can be written. Returns what is to be recorded where it is good.
[[nodiscard]] Result<VerifyOutcome> proveBackup(Attachment& attachment,
                                                const Generation& generation, const Region& backup,
                                                CopyControl& control);

// The chunks of the target that are not the backup's, or cannot be read. Reads it past the cache.
[[nodiscard]] Result<ChunkMap> findDifferent(Attachment& attachment, const Generation& backup,
                                             const Region& target, CopyControl& control);

// What was found before a restore overwrites anything.
struct RestoreStart {
    Region target;
    ChunkMap different; // Of the target, since it was claimed.
    // That what will be overwritten is kept, where this run has kept it: not recorded yet.
    std::optional<VerifyOutcome> kept = {};
};

// For a job that beginRestore() or recordResumed() has just written, and that has copied what it
// will overwrite already, if it is to: copies the chunks that differ, reads all of the target back
// and ends the job. PlanChanged where others differ too. Before the first write to the target, and
// not if there is none, it is recorded as half-written, and unmarked. After an error the job stays
// if it can be resumed.
[[nodiscard]] Result<CopyOutcome> runRestore(Attachment& attachment, Catalog& catalog,
                                             const Job& job, const RestoreStart& start,
                                             CopyControl& control);

// For a job that beginUndo() or recordResumed() has just written: brings back the chunks that
// differ, first and last chunk of the extent last, reads them back and ends the job. The target is
// recorded as half-written before the first write to it. After an error the job stays if it can be
// resumed.
[[nodiscard]] Result<CopyOutcome> runUndo(Attachment& attachment, Catalog& catalog, const Job& job,
                                          CopyControl& control);

} // namespace cairn
