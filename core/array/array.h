// The contract: what an administrator attaches, and the means to copy one region onto another.
#pragma once

#include "core/array/candidate_target.h"
#include "core/array/mounted_filesystem.h"
#include "core/array/region.h"
#include "core/base/environment.h"
#include "core/base/error.h"
#include "core/copy/chunk_view.h"
#include "core/copy/copy_engine.h"
#include "core/copy/first_write.h"
#include "core/io/region_io.h"
#include "core/io/sealed_bytes.h"
#include "core/io/write_fence.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct ArrayCopy {
    RegionId source;
    RegionId target;
    std::uint64_t sizeBytes = 0;
    bool sourceInUse = false; // It may be: it is neither claimed nor refused.
    ChunkMap done = {};
    DigestSource* expected = nullptr;
    const ChunkMap* changing = nullptr;
    // Where set, only these chunks of the region, put together, are the source or the target.
    const ChunkSelection* sourceChunks = nullptr;
    const ChunkSelection* targetChunks = nullptr;
    DigestSource* believed = nullptr;
    OnUnreadable onUnreadable = OnUnreadable::Fail;
    bool clone = false;
    // Where set: called before the first byte of the target changes, if any does.
    BeforeFirstWrite beforeFirstWrite = {};
    CopyTuning tuning = {};
};

// What deleted partitions left in the free space where a management region is to go.
enum class Leftovers : std::uint8_t { Keep, Overwrite };

// Safe to call from any thread. Every call may wait for a device: none belongs on the GUI thread.
class Array {
public:
    virtual ~Array() = default;
    Array() = default;
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;

    // What was read last; does not touch a device.
    [[nodiscard]] virtual ArrayLayout layout() const = 0;

    // Reads tables, content and use again. On failure the old layout stays.
    [[nodiscard]] virtual Result<void> refresh() = 0;

    // Whether refresh() would find another member at some place than was found last: one that is
    // gone, is back, or took the place of another; or another use of a region. Opens each member,
    // and reads of those that had no table whether they have one; the layout stays.
    [[nodiscard]] virtual Result<bool> membersChanged() = 0;

    // Every region, best first, each refusal with its reasons; knows nothing of the catalog
    // (backup/candidates.h adds what that says). UnknownRegion.
    [[nodiscard]] virtual Result<std::vector<CandidateTarget>>
    candidateTargets(const RegionId& source) = 0;

    // Opens members for writing and takes each member's writer lock; idempotent. ArrayBusy,
    // ReadOnlyArray, IdentityChanged: nothing was changed.
    [[nodiscard]] virtual Result<void> beginWriting() = 0;
    // From here on until endWriting() every change of a member's bytes asks the fence first. What
    // regions are open already do not. Then each table is read again, both copies of it, for
    // another host may have changed it until the fence was there; where one has written, nothing is
    // believed that this host has cached of the members. IdentityChanged, DuplicateIdentity …
    [[nodiscard]] virtual Result<void> guardWriting(std::shared_ptr<WriteFence> fence,
                                                    bool othersWrote) = 0;
    // Gives the locks back and opens members for reading again.
    virtual void endWriting() = 0;

    // The region's bytes and no others: reads and writes outside [0, extent) are OutsideFence.
    // Access::Write needs beginWriting(), checks the member's identity and the region's use
    // again, and claims a device node exclusively. RegionInUse, UnknownRegion, MemberMissing …
    [[nodiscard]] virtual Result<std::unique_ptr<RegionIo>> openRegion(const RegionId& region,
                                                                       Access access) = 0;

    // What copy() will ask of its source, before anything is written for it: that nobody uses the
    // region. As long as what is returned lives, a device node stays claimed. RegionInUse …
    [[nodiscard]] virtual Result<std::unique_ptr<RegionIo>> claimSource(const RegionId& region) = 0;

    // The one mounted filesystem of this host that alone uses the region, if it could stand still
    // while the array is written: no member lies on it. CannotFreeze, UnknownRegion …
    [[nodiscard]] virtual Result<std::unique_ptr<MountedFilesystem>>
    mountedFilesystem(const RegionId& region) = 0;

    // copyChunks() from one region to another. On success the target is durable; on failure its
    // content is undefined and the journal tells how far it got.
    [[nodiscard]] virtual Result<CopyOutcome> copy(const ArrayCopy& plan, CopyJournal& journal,
                                                   CopyControl& control) = 0;

    // Reads a region that is Empty by samples, every byte: nothing where it is so, or the offset of
    // the first byte that is not zero, and from then on this layout calls its content Unknown.
    // Writes nothing, so that whoever opens the array next knows no more than before. ReadFailed,
    // Canceled.
    [[nodiscard]] virtual Result<std::optional<std::uint64_t>> findData(const RegionId& region,
                                                                        CopyControl& control) = 0;

    // Looks again at what these regions hold, which layout() tells from then on. UnknownRegion …
    [[nodiscard]] virtual Result<void> probeAgain(const std::vector<RegionId>& regions) = 0;
    // How this host uses the region now. UnknownRegion, MemberMissing.
    [[nodiscard]] virtual Result<RegionUse> useNow(const RegionId& region) = 0;

    // The verbs below need beginWriting() and change a member's table: backup GPT, flush, primary
    // GPT, flush. On failure the table is the old or the new one.

    // Name: 1 to 36 UTF-16 units, printable, used by no other region of the array. Size: a
    // multiple of 1 MiB after rounding up, > 0. Without a member: the one with the most free
    // space that fits. NoSpace (amount: bytes missing), InvalidName, NameInUse, InvalidSize. A
    // management region goes where the free space is zero; without such a place ContentRecognised
    // or ContentUnknown (detail: what would be lost), unless it may be overwritten.
    struct NewRegion {
        std::string name;
        std::uint64_t sizeBytes = 0;
        const Uuid* member = nullptr;
        RegionRole role = RegionRole::Data;
        Leftovers leftovers = Leftovers::Keep; // Of a management region.
    };
    [[nodiscard]] virtual Result<Region> addRegion(const NewRegion& wanted) = 0;
    [[nodiscard]] virtual Result<void> renameRegion(const RegionId& region,
                                                    const std::string& name) = 0;
    // RegionInUse, RegionHoldsCatalog.
    [[nodiscard]] virtual Result<void> removeRegion(const RegionId& region) = 0;
    // Two regions of one member, equally long, exchange their extents; entry numbers, names, types
    // and attributes stay, and what setSealed() told of each goes with its bytes. Neither may be
    // used or open. Their nodes go before the table is written, and come back where it then says.
    // RegionInUse, CannotSwap (detail: why): nothing was changed.
    [[nodiscard]] virtual Result<void> exchangeExtents(const RegionId& one,
                                                       const RegionId& other) = 0;
    // Reads the member's table past every cache, writes both copies whole as the one that counts,
    // and flushes them; removes and adds the nodes of these regions where they lie elsewhere.
    // Whether the kernel has them where the table says, or has none. The layout is then what the
    // medium has, which after a flush that failed need not be what it was.
    [[nodiscard]] virtual Result<bool> alignTable(const Uuid& member,
                                                  const std::vector<RegionId>& regions) = 0;
    // Sets or clears the backup type GUID and the no-automount attribute; writes nothing where
    // they are already so.
    [[nodiscard]] virtual Result<void> markRegion(const RegionId& region, RegionRole role) = 0;

    // --- sealed regions: whatever reads one, content and candidates too, gets it with the bytes
    // that are kept elsewhere, and whatever writes to one leaves no signature on the medium. A
    // missing or unfit catalog knows of none.
    using SealedRegions = std::map<RegionId, std::vector<SealedBytes>>;
    // Makes what is sealed of a region durable, all of it anew.
    using SealRecorder =
        std::function<Result<void>(const RegionId& region, const std::vector<SealedBytes>& pieces)>;
    // From now on these are sealed and no others; with a recorder, those that were so already keep
    // what it was given of them. Without one they cannot be written where signatures can be.
    virtual void setSealed(const SealedRegions& sealed, const SealRecorder& recorder) = 0;
    // Of one that setSealed() named: records its signatures, erases them, and flushes.
    [[nodiscard]] virtual Result<void> eraseSignatures(const RegionId& region) = 0;
    // Of one that setSealed() named: whether all that is kept of it could be written back.
    // ContentUnknown (detail: where): something else is in the place of a signature.
    [[nodiscard]] virtual Result<void> checkSignatures(const RegionId& region) = 0;
    // Of one that setSealed() named: writes back all that is kept of it, and flushes. Afterwards
    // it reads the same with and without. What is in the place of a signature stays.
    [[nodiscard]] virtual Result<void> writeSignaturesBack(const RegionId& region) = 0;
    // The same of one that somebody may have used since they were there again: as Seal::putBack().
    // RegionInUse only where something is missing.
    [[nodiscard]] virtual Result<void> putSignaturesBack(const RegionId& region) = 0;
    // Sets or clears the attribute of its GPT entry that says so to whoever has lost the catalog.
    [[nodiscard]] virtual Result<void> markSealed(const RegionId& region, bool sealed) = 0;

    // Adds an opened device as a member: `adopt` keeps its GPT, otherwise a new one is written.
    struct NewMember {
        std::string uri;
        bool adopt = false;
        std::uint64_t createSizeBytes = 0;     // > 0: the image file is made, and must not exist.
        std::uint64_t managementBytes = 0;     // > 0: also adds a management region of this size.
        Leftovers leftovers = Leftovers::Keep; // Where it is adopted: as in addRegion().
        std::string replaces = {};             // Location of the one whose place it takes.
        // Where set: makes the new management region one of this array, before anything names the
        // disk as a member.
        std::function<Result<void>(RegionIo& management, const Uuid& member)> format = {};
        // Whether a disk with no other region than this management region is what adding it left
        // that was cut short: it is written anew then. Not set: no disk is.
        std::function<bool(RegionIo& management, const Uuid& member)> isUnfinished = {};
    };
    // A file that is made has another name until it is whole, so that nothing is left of it under
    // its own that is cut short before.
    [[nodiscard]] virtual Result<Member> addMember(const NewMember& wanted) = 0;

    // Where a member that addMember() was given by this URI is.
    [[nodiscard]] virtual std::string locationOf(const std::string& uri) const = 0;

    // Takes the management region out of a member's table, and makes its backup regions ordinary
    // ones, still not mounted by themselves. No byte outside the table changes; whoever gives a
    // member up stops writing to that management region. UnknownMember, ReadOnlyArray.
    [[nodiscard]] virtual Result<void> releaseMember(const Uuid& member) = 0;

    // Of a member that cannot be opened: it is none of those in the layout any more, nor, where
    // the array has a description, of those that are described. Its disk is not touched. Nothing
    // to do where no such one was attached at that place.
    [[nodiscard]] virtual Result<void> leaveOut(const std::string& location) = 0;
};

} // namespace cairn
