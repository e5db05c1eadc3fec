// Changes an array's structure, and records it: regions, members, histories.
#pragma once

#include "core/backup/member_loss.h"
#include "core/copy/copy_control.h"
#include "core/copy/read_around.h"
#include "core/io/byte_stream.h"

#include <string>

namespace cairn {

[[nodiscard]] Result<Region> addRegion(Attachment& attachment, const Array::NewRegion& wanted);
[[nodiscard]] Result<void> renameRegion(Attachment& attachment, const RegionId& region,
                                        const std::string& name);
// Removes the entry from the table; the bytes stay. RegionHoldsBackup for a backup that is not
// forgotten; the name must be confirmed unless the region is Empty.
[[nodiscard]] Result<void> removeRegion(Attachment& attachment, const RegionId& region,
                                        const std::string& confirmedName);

// Takes the region's content as it is, though something that began to overwrite it never ended: it
// may be backed up again. The name must be confirmed. RestoreUnfinished, RestoreWaiting, RegionBusy
// while a job can go on there; InvalidArgument where nothing is half-written.
[[nodiscard]] Result<void> acceptContent(Attachment& attachment, const RegionId& region,
                                         const std::string& confirmedName);

// A member joins; with fewer than three catalog holders it gets a management region and a copy.
// The only way in for a disk that the catalog does not list: being attached makes none a member.
// AlreadyAnArray where it carries a catalog.
[[nodiscard]] Result<Member> addMember(Attachment& attachment, const Array::NewMember& wanted);
// What giving up a member that is missing or failed costs; read before the operator is asked.
struct MemberReplacement {
    KnownMember old;
    MemberLoss loss;
    // Where a last copy goes: the region with the first of them, whose name must be confirmed.
    std::optional<Region> losing;
};
// RegionInUse where it is attached and works, GenerationHeld; UnknownMember.
[[nodiscard]] Result<MemberReplacement> planReplacement(Attachment& attachment, const Uuid& old);
// The new member takes the place of the old one: it is written as addMember() would, and the old
// one is recorded as removed. A replacement that was cut short is gone on with by the same call:
// the new disk may be what it left, or a member already on which nothing but a catalog is. What
// planReplacement() refuses is refused; ConfirmationNeeded, ConfirmationMismatch: nothing was
// written.
[[nodiscard]] Result<Member> replaceMember(Attachment& attachment, const Uuid& old,
                                           const Array::NewMember& wanted,
                                           const std::string& confirmedName);

// Gives a member that holds no catalog a management region with a copy of it, as when its own was
// deleted. AlreadyAnArray where it holds one, or three others do (detail), NoSpace,
// ContentRecognised or ContentUnknown as Array::addRegion().
[[nodiscard]] Result<Member> addCatalogCopy(Attachment& attachment, const Uuid& member,
                                            Leftovers leftovers = Leftovers::Keep);

[[nodiscard]] Result<void> chooseHistory(Attachment& attachment, const std::string& historyId);

// Feeds the region from a stream of bytes. A stream that is known to be longer than the region is
// refused (TargetTooSmall); one that turns out to be, with NoSpace, and its first chunk is not
// written. A shorter one leaves the rest untouched; an empty one is InvalidArgument. The first
// chunk is awaited before anything is locked or written. Guards as for a backup's target.
struct ImportPlan {
    RegionId region;
    std::uint64_t sizeBytes = 0; // Of the stream, 0 where unknown; checked before the first write.
    std::string confirmedName;
    std::optional<Region> seen = {};   // As it was when it was confirmed, but for its content.
    std::function<void()> begins = {}; // Called just before the region's content changes.
};
[[nodiscard]] Result<std::uint64_t> importRegion(Attachment& attachment, const ImportPlan& plan,
                                                 const ByteSource& read, CopyControl& control);
struct RegionExport {
    std::uint64_t sizeBytes = 0;
    std::vector<ByteRange> unreadable; // Of the region, in order: given as zeroes.
};
// Of a region that is half-written as well, which the ledger then says: who rescues data needs it,
// and is to be told by the caller. What cannot be read is ReadFailed, or is skipped, sector by
// sector; the ledger then says that, too.
[[nodiscard]] Result<RegionExport> exportRegion(Attachment& attachment, const RegionId& region,
                                                const ByteSink& write, CopyControl& control,
                                                OnUnreadable onUnreadable = OnUnreadable::Fail);

} // namespace cairn
