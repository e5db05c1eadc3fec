// An array whose members carry GUID partition tables: devices, image files, simulated disks.
#pragma once

#include "core/array/array.h"
#include "core/array/gpt/gpt_member.h"
#include "core/array/seal.h"

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

namespace cairn {

// What addMember() needs to know of the kind of array; given by who opens it.
struct MemberMaking {
    std::unique_ptr<MemberSource> source;
    std::function<void()> undo; // Removes the files that were made for it.
    // Where set: gives a file that was made its name, and describes the member, which is whole by
    // now. Returns the source to go on with.
    std::function<Result<std::unique_ptr<MemberSource>>()> finish = {};
};
using MemberMaker = std::function<Result<MemberMaking>(const Array::NewMember&)>;
// Takes the one at that place out of the array's description.
using MemberRemover = std::function<Result<void>(const std::string& location)>;

class GptArray final : public Array {
public:
    struct Sources {
        std::string uri;
        std::vector<std::unique_ptr<MemberSource>> members;
        MemberMaker makeMember;
        MemberRemover leaveOut = {}; // Where the array has a description.
        // Where a new member of that URI is; not set: there.
        std::function<std::string(const std::string& uri)> locationOf = {};
    };

    // As openArray().
    [[nodiscard]] static Result<std::unique_ptr<GptArray>> open(Sources sources,
                                                                const Environment& environment);

    // Writes new tables to members that the caller found blank, with a management region of that
    // size on the first three (0: by the member's size). The array is open for writing.
    [[nodiscard]] static Result<std::unique_ptr<GptArray>>
    create(Sources sources, std::uint64_t managementBytes, const Environment& environment);

    // Adds management regions to the first three members, as adoptArray(). The array is open for
    // writing.
    [[nodiscard]] Result<void> adopt(std::uint64_t managementBytes,
                                     const std::vector<std::string>& overLeftovers);

    ~GptArray() override;

    ArrayLayout layout() const override;
    Result<void> refresh() override;
    Result<bool> membersChanged() override;
    Result<std::vector<CandidateTarget>> candidateTargets(const RegionId& source) override;
    Result<void> probeAgain(const std::vector<RegionId>& regions) override;
    Result<RegionUse> useNow(const RegionId& region) override;
    Result<void> beginWriting() override;
    Result<void> guardWriting(std::shared_ptr<WriteFence> fence, bool othersWrote) override;
    void endWriting() override;
    Result<std::unique_ptr<RegionIo>> openRegion(const RegionId& region, Access access) override;
    Result<std::unique_ptr<RegionIo>> claimSource(const RegionId& region) override;
    Result<std::unique_ptr<MountedFilesystem>> mountedFilesystem(const RegionId& region) override;
    Result<CopyOutcome> copy(const ArrayCopy& plan, CopyJournal& journal,
                             CopyControl& control) override;
    Result<std::optional<std::uint64_t>> findData(const RegionId& region,
                                                  CopyControl& control) override;
    Result<Region> addRegion(const NewRegion& wanted) override;
    Result<void> renameRegion(const RegionId& region, const std::string& name) override;
    Result<void> removeRegion(const RegionId& region) override;
    Result<void> exchangeExtents(const RegionId& one, const RegionId& other) override;
    Result<bool> alignTable(const Uuid& member, const std::vector<RegionId>& regions) override;
    Result<void> markRegion(const RegionId& region, RegionRole role) override;
    void setSealed(const SealedRegions& sealed, const SealRecorder& recorder) override;
    Result<void> eraseSignatures(const RegionId& region) override;
    Result<void> checkSignatures(const RegionId& region) override;
    Result<void> writeSignaturesBack(const RegionId& region) override;
    Result<void> putSignaturesBack(const RegionId& region) override;
    Result<void> markSealed(const RegionId& region, bool sealed) override;
    Result<Member> addMember(const NewMember& wanted) override;
    std::string locationOf(const std::string& uri) const override;
    Result<void> releaseMember(const Uuid& member) override;
    Result<void> leaveOut(const std::string& location) override;

private:
    GptArray(Sources sources, const Environment& environment);

    struct Found { // A region with the member that it is on.
        Region region;
        GptMember* member = nullptr;
    };
    [[nodiscard]] Result<void> attachAll(std::vector<std::unique_ptr<MemberSource>> sources);
    [[nodiscard]] static Result<void> checkIdentities(const std::vector<const GptMember*>& members);
    [[nodiscard]] Result<void> checkAllIdentities() const;
    [[nodiscard]] Result<Member> joinMember(GptMember member, const NewMember& wanted,
                                            const MemberMaking& making);
    // The new member with its table, and its management region made one of this array.
    [[nodiscard]] Result<void> writeNewMember(GptMember& member, const NewMember& wanted);
    [[nodiscard]] Result<GptTable> newTable(const GptMember& member, std::uint64_t managementBytes);

    // Takes over what the members' tables say; content is kept where the region is the same, and
    // probed where not. All with m_deviceMutex held.
    enum class Probing : std::uint8_t { New, All };
    void publish(Probing probing);
    // Content is that of `known` where it has the region; of any other it is probed, until
    // somebody who was asked to open one says no.
    struct Probed {
        std::vector<Region> regions;
        std::optional<Error> refused;
    };
    [[nodiscard]] Probed probedRegions(GptMember& member, const HostUse& use,
                                       const ArrayLayout* known, std::atomic<bool>& refused) const;
    // NotAuthorized where a member or, at the last publish(), a region was not opened for want of
    // permission: it must not be taken for one that is away.
    [[nodiscard]] Result<void> requireNoneRefused() const;
    [[nodiscard]] bool usesChanged() const;
    [[nodiscard]] Result<void> probeOne(const RegionId& region);
    // What findData() has found goes before what samples say; with m_layoutMutex held.
    [[nodiscard]] Content corrected(const RegionId& region, Content content) const;
    [[nodiscard]] Result<Found> findRegion(const RegionId& region);
    [[nodiscard]] Result<Found> findWritable(const RegionId& region);
    // Of a region whose table can be changed.
    [[nodiscard]] Result<void> retype(const Found& found, RegionRole role, const Uuid& type);
    [[nodiscard]] Result<GptMember*> memberFor(const NewRegion& wanted, std::uint64_t sizeBytes);
    [[nodiscard]] Result<void> checkName(const std::string& name) const;
    [[nodiscard]] Result<void> checkUnused(const Found& found) const;
    [[nodiscard]] Result<std::unique_ptr<RegionIo>> openFound(const Found& found,
                                                              GptMember::Opening opening);
    // The one way to a region's bytes, but for those of its signatures.
    [[nodiscard]] Result<std::unique_ptr<RegionIo>>
    openTrue(GptMember& member, const Region& region, const GptMember::Opening& opening) const;
    // As it is on the medium, for writing.
    struct SealedOpening {
        std::unique_ptr<RegionIo> region;
        std::shared_ptr<Seal> seal;
    };
    [[nodiscard]] Result<SealedOpening> openSealed(const RegionId& region);
    // Whether all that is kept of it is on the medium.
    [[nodiscard]] Result<bool> lacksSignatures(const RegionId& region);
    [[nodiscard]] Result<void> checkExchange(const Found& one, const Found& other) const;

    Environment m_environment;
    std::string m_uri;
    MemberMaker m_makeMember;
    MemberRemover m_leaveOut;
    std::function<std::string(const std::string& uri)> m_locationOf;

    // One verb at a time works on the members; a running copy() is none of them.
    std::mutex m_deviceMutex;
    std::vector<GptMember> m_members;
    bool m_writing = false;
    std::shared_ptr<WriteFence> m_fence; // Of new members too.
    std::set<RegionId> m_targets;        // Of copies that run now.
    std::optional<Error> m_refused; // Of a region that could not be probed for want of permission.
    std::map<RegionId, std::shared_ptr<Seal>> m_seals;

    mutable std::mutex m_layoutMutex; // Held for no longer than it takes to copy the layout.
    ArrayLayout m_layout;
    std::set<RegionId> m_filled; // Seem empty by samples, and were found not to be.
};

} // namespace cairn
