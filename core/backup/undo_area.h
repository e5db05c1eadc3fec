// Keeps what a restore is about to overwrite, in a region of the array's own.
#pragma once

#include "core/backup/attachment.h"
#include "core/backup/guards.h"
#include "core/copy/copy_control.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

// The detail of a ConfirmationNeeded: no region is free and large enough to keep it. Its amount:
// the bytes that there are to keep; 0 where that was not looked at.
inline constexpr const char* kNoUndoRoom = "no room for an undo";
// The details of a SourceIsTarget: what the region is that cannot keep what is overwritten.
inline constexpr const char* kIsRestored = "restored to";
inline constexpr const char* kIsRead = "restored from";

// What a restore will overwrite: found by reading the whole extent and comparing.
struct Overwritten {
    ChunkMap chunks; // Those that differ, and the edges, which are erased while others are written.
    Digest contentBefore; // CopyOutcome::content of the extent as it is,
    Digest contentAfter;  // and as it will be.
    Digest kept;          // CopyOutcome::content of the chunks in the order of their slots.

    [[nodiscard]] bool differs() const { return contentBefore != contentAfter; }
    [[nodiscard]] std::uint64_t bytes() const { return chunks.count() * kChunkBytes; }
};

// Writes nothing. ReadFailed where a chunk cannot be read: it could not be kept either.
[[nodiscard]] Result<Overwritten> findOverwritten(Attachment& attachment,
                                                  const Generation& restored, const Region& target,
                                                  CopyControl& control);

// The regions of a restore, none of which can keep anything of it.
struct RestoreRegions {
    RegionId backup;
    RegionId target;
};

// What speaks against keeping that many bytes in the region.
[[nodiscard]] std::vector<Refusal> areaRefusals(Attachment& attachment, const Records& records,
                                                const Region& area, const RestoreRegions& restore,
                                                std::uint64_t bytes);

// The region to use where the operator names none: allowed without confirmation, and holding
// nothing, or what was brought back already, or was never needed; never one that was backed up.
// Another member than the target's before the same; the least spare space; name. Nothing where
// there is none.
[[nodiscard]] std::optional<Region> chooseArea(Attachment& attachment, const Records& records,
                                               const RestoreRegions& restore, std::uint64_t bytes);

// The area that the operator named, if it may be used; ConfirmationNeeded where only its name has
// to be typed.
[[nodiscard]] Result<Region> requireArea(Attachment& attachment, const Records& records,
                                         const RegionId& area, const RestoreRegions& restore,
                                         std::uint64_t bytes, const std::string& confirmedName);

[[nodiscard]] NewUndo newUndo(const Region& area, const Region& target, std::uint64_t sizeBytes,
                              const Overwritten& overwritten);

// For a restore that has just begun, and overwritten nothing: copies its chunks into the area,
// flushes and reads them back; the proof is for recordKept(), when the first of them will be
// overwritten. PlanChanged where they are not what findOverwritten() found. After an error the job
// stays if it can be resumed.
[[nodiscard]] Result<VerifyOutcome> keepOverwritten(Attachment& attachment, Catalog& catalog,
                                                    const Job& restore,
                                                    const Overwritten& overwritten,
                                                    CopyControl& control);

} // namespace cairn
