// Proves that a backup still is what it was.
#pragma once

#include "core/backup/attachment.h"
#include "core/copy/copy_control.h"

namespace cairn {

// Reads the backup past the cache and compares every chunk; a proof goes into the ledger. Its
// result is Good (or stays Copied) or Partial in the record, and returned either way;
// BackupNotUsable for a generation without a copy. Where the array cannot be written now
// (ArrayBusy, ReadOnlyArray, HistoriesDiverged, CatalogDamaged, CatalogFull) the comparison is made
// all the same and `recorded` is false; of one that lacksDigests() there is nothing to compare, and
// that is the error.
struct Verification {
    VerifyOutcome outcome;
    bool recorded = true;
    std::optional<Error> notRecorded = {};
    // The record was made from the region alone, as isUnwitnessed() tells: a good outcome proves
    // only that nothing changed since, and the record stays Copied.
    bool unwitnessed = false;
    // The source was in use when it was copied, as isInconsistent() tells: the same.
    bool inconsistent = false;
    [[nodiscard]] bool good() const { return outcome.good() && !unwitnessed && !inconsistent; }
};
[[nodiscard]] Result<Verification> verify(Attachment& attachment, GenerationNumber number,
                                          CopyControl& control);

// What reads a backup to do something with it needs its digests: one that lacksDigests() is
// verified first. DigestMismatch, Unreadable: the record is Partial now. Writes nothing for others.
[[nodiscard]] Result<void> requireDigests(Attachment& attachment, GenerationNumber number,
                                          CopyControl& control);

} // namespace cairn
