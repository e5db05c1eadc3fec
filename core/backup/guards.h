// What the verbs check before they write: regions against the catalog, plans against the world.
#pragma once

#include "core/backup/attachment.h"
#include "core/copy/copy_control.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

// What a job will do to a region, as whoever puts jobs into their order tells: it may not have
// begun yet, and then nothing of it is recorded.
struct PlannedUse {
    RegionId region;
    bool writes = false; // Or may; otherwise it reads.
    std::string job;     // What the operator knows it by; unescaped.
    friend bool operator==(const PlannedUse&, const PlannedUse&) = default;
};

// The catalog's records, read once for one check.
struct Records {
    std::vector<Generation> generations; // Newest first, without the forgotten.
    std::vector<Job> jobs;
    ArrayLayout layout;
    std::vector<UnfinishedWrite> unfinished;
    std::vector<RegionSwap> swaps;   // That have not ended.
    std::vector<PlannedUse> planned; // Nothing unless the caller knows of some.
    // What the verb that asks has for itself by now, with the right to write.
    std::vector<RegionId> claimed;
    [[nodiscard]] bool isClaimed(const RegionId& region) const;
    // A region that was claimed is used by nobody else.
    void dropOwnUse(const RegionId& region, std::vector<Refusal>& refusals) const;

    // The newest generation that was written to the region and still is what the catalog says
    // about it: neither superseded nor forgotten.
    [[nodiscard]] const Generation* occupant(const RegionId& region) const;
    [[nodiscard]] const Generation* find(GenerationNumber number) const;
    // Whether no other usable copy of its source is there now, as findCopy() sees it; of a good
    // one, whether it is the only good one: a copy that nobody has read back does not stand for it,
    // and neither does one whose source was half-written, or in use, for one whose source was not.
    // Of a partial one, whether there is no usable one.
    [[nodiscard]] bool isLastGoodCopy(const Generation& generation) const;
    // Why it would be missed: LastGoodCopy; or LastRecognised where others make up for its loss by
    // what was recorded of them, but hold nothing recognised, none of them or none that is newer.
    [[nodiscard]] std::optional<Refusal> missedWith(const Generation& generation) const;
    // The newest backup of that source which can be restored and is there now; without that one.
    [[nodiscard]] const Generation* newestBackup(const RegionId& source,
                                                 GenerationNumber besides = 0) const;
    // The last that left the region half-written, and that nobody has accepted.
    [[nodiscard]] const UnfinishedWrite* unfinishedIn(const RegionId& region) const;
    // Of a region whose extent is about to be exchanged: nothing is read from it or written to it.
    [[nodiscard]] const RegionSwap* swapOf(const RegionId& region) const;
    // The first planned job that writes the region, or that reads it.
    [[nodiscard]] const PlannedUse* plannedFor(const RegionId& region, bool writes) const;
};
[[nodiscard]] Result<Records> readRecords(Catalog& catalog, const ArrayLayout& layout);
// With the right to write, for checks that are made again: no other process can change them now.
// PlanChanged where one that is claimed is not what it was when it was checked first.
[[nodiscard]] Result<Records> readRecordsAgain(Attachment& attachment, Catalog& catalog,
                                               const std::vector<Region>& claimed);
[[nodiscard]] Result<Records> readRecords(Attachment& attachment,
                                          std::vector<PlannedUse> planned = {});

// Whether the one, wherever it is now, makes up for the loss of the other, a copy of one source:
// see Records::isLastGoodCopy().
[[nodiscard]] bool standsFor(const Generation& other, const Generation& generation);

// Whether the record says that its target holds every byte of the backup.
[[nodiscard]] bool isUsable(const Generation& generation);
// The same, and it is a backup of its whole source: what can be restored.
[[nodiscard]] bool isRestorable(const Generation& generation);
// The record of one that is; UnknownGeneration, BackupNotUsable.
[[nodiscard]] Result<Generation> requireRestorable(Catalog& catalog, GenerationNumber number);
// Whether its bytes are what its digests say: one that can be restored, or one that lacks nothing
// but what its source did not give.
[[nodiscard]] bool isExportable(const Generation& generation);
// Whether it keeps what a restore may have overwritten. Until then the restore has written nothing.
[[nodiscard]] bool keepsOverwritten(const Generation& generation);
// Whether a restore can be undone from it.
[[nodiscard]] bool canBeUndone(const Generation& generation);

// The same signature; how full the filesystem is does not matter.
[[nodiscard]] bool sameContent(const Content& a, const Content& b);

// Whether what is in the region can be what the generation's copy left there. Of a record that was
// recovered and not proved since, nobody knows.
[[nodiscard]] bool holdsContentOf(const Region& region, const Generation& occupant);

// Whether another verb of this process writes the region.
[[nodiscard]] bool isBeingWritten(Attachment& attachment, const Records& records,
                                  const RegionId& region);
// Whether nobody goes on with the job.
[[nodiscard]] bool isInterrupted(Attachment& attachment, const Records& records, const Job& job);

// Whether a restore or undo that was interrupted writes to the region (RestoreUnfinished, or
// RestoreWaiting where it has overwritten nothing yet) or reads from it (NeededByRestore).
[[nodiscard]] std::optional<Refusal>
unfinishedRestore(Attachment& attachment, const Records& records, const RegionId& region);

// That something which was given up, or interrupted, left the region half-written; whatever it was.
[[nodiscard]] std::optional<Refusal> unfinishedContent(const Records& records,
                                                       const RegionId& region);

// CannotSwap (kSwapUnfinished): a swap of the region has not ended.
[[nodiscard]] Result<void> requireNoSwapOf(const Records& records, const Region& region);
[[nodiscard]] Result<void> requireNoSwapOf(Catalog& catalog, const Region& region);

// HalfWritten: what a region that is to be backed up holds is half of one content and half of
// another. CannotSwap as above.
[[nodiscard]] Result<void> requireWhole(const Records& records, const Region& source);

// RegionBusy: a backup of the region was begun and did not end. Going on, it would take what is
// written meanwhile for what it was begun with. Where an interrupted restore or undo has begun to
// overwrite the region that is so already, and to finish it is the way out.
[[nodiscard]] Result<void> requireNoBackupOf(Attachment& attachment, const Records& records,
                                             const Region& region);

// RegionBusy: a planned job will write the region, which may then hold something else than now.
[[nodiscard]] Result<void> requireNotToBeWritten(const Records& records, const Region& region);

// What planned jobs have against the region's being written, or changed in another way:
// ToBeWritten, BeingRead.
[[nodiscard]] std::vector<Refusal> plannedRefusals(const std::vector<PlannedUse>& planned,
                                                   const RegionId& region);

// What the records have against writing to the region: BeingWritten, ToBeWritten, BeingRead by a
// planned job, SwapUnfinished, RestoreUnfinished, RestoreWaiting, NeededByRestore, Held,
// LastGoodCopy or LastRecognised, KeepsUndo, HalfWritten.
[[nodiscard]] std::vector<Refusal> recordRefusals(Attachment& attachment, const Records& records,
                                                  const Region& target);

// What the region itself has against being written with that many bytes: TooSmall, InUse,
// HoldsCatalog, MemberFailed, ContentUnknown, ContentRecognised.
[[nodiscard]] std::vector<Refusal> regionRefusals(const ArrayLayout& layout, const Region& target,
                                                  std::uint64_t sizeBytes);

// Both, in the order of the enumeration.
[[nodiscard]] std::vector<Refusal> targetRefusals(Attachment& attachment, const Records& records,
                                                  const Region& target, std::uint64_t sizeBytes);

// The first of the refusals that no typed name sets aside, or the first of all, as an error.
[[nodiscard]] std::optional<Error> firstFinal(const std::vector<Refusal>& refusals,
                                              const Region& target);
// Whether a record is lost, which bytes that are kept do not make up for.
[[nodiscard]] bool costsARecord(const Refusal& refusal);
[[nodiscard]] Error refusalError(const Refusal& refusal, const Region& target);

// What must be typed to erase the region: its name, or its PARTUUID where the name is empty or
// another region carries it too.
[[nodiscard]] std::string confirmationText(const ArrayLayout& layout, const Region& region);
// ConfirmationNeeded where needed and nothing was typed (with the refusal's fact, if any);
// ConfirmationMismatch for anything but the name, needed or not.
[[nodiscard]] Result<void> checkConfirmation(const ArrayLayout& layout, const Region& region,
                                             const std::string& typed, bool needed,
                                             const Refusal* why = nullptr);

// Reads a region whose content is Empty by samples only, unless its name was confirmed or a record
// tells what is in it: ConfirmationNeeded where that is not nothing.
[[nodiscard]] Result<void> requireNothingLost(Attachment& attachment, const Region& region,
                                              const std::string& confirmedName,
                                              CopyControl& control);

// The region as it is now; UnknownRegion, or MemberMissing where the catalog knows its member.
[[nodiscard]] Result<Region> requireRegion(const ArrayLayout& layout, const RegionRef& wanted);
[[nodiscard]] Result<Region> requireRegion(const ArrayLayout& layout, const RegionId& id);

// The region as it is now, if it is the one that was planned with: PlanChanged otherwise, or
// IdentityChanged where its member is another disk by now, a copy with the same GUIDs maybe.
[[nodiscard]] Result<Region> requireUnchanged(const ArrayLayout& layout, const Region& planned,
                                              bool contentToo);

[[nodiscard]] RegionRef refTo(const Region& region);
// Its PARTUUID where it had no name; empty where neither is known.
[[nodiscard]] std::string nameOrUuid(const RegionRef& region);
// The region where the generation lies; where that is away or gone, as the record names it.
[[nodiscard]] Region targetOf(const ArrayLayout& layout, const Generation& generation);
// That it is the last good copy, or what is left of one.
[[nodiscard]] Refusal lastCopyRefusal(const Generation& generation);

// What libblkid found, as 'ext4 "home"'.
[[nodiscard]] std::string contentText(const Content& content);

} // namespace cairn
