// Attaching members, and reading and copying their regions.
#include "core/array/gpt/gpt_array.h"

#include "core/array/gpt/gpt_types.h"
#include "core/array/probe.h"
#include "core/io/loop_backing.h"

#include <algorithm>
#include <atomic>
#include <fmt/format.h>
#include <new>
#include <optional>
#include <sys/stat.h>
#include <tuple>

namespace cairn {
namespace {

// How much of the region a copy reaches.
std::uint64_t extentBytes(const ArrayCopy& plan, const ChunkSelection* chunks)
{
    return chunks != nullptr ? chunks->extentBytes() : plan.sizeBytes;
}

RegionIo& viewOf(RegionIo& region, const ChunkSelection* chunks, std::optional<ChunkView>& view)
{
    if (chunks == nullptr)
        return region;
    return view.emplace(region, *chunks);
}

bool isSame(const DeviceIdentity& a, const DeviceIdentity& b)
{
    return a.blockDevice == b.blockDevice && a.device == b.device && a.inode == b.inode;
}

// What a loop device that shows all of something is over, however many lie between.
DeviceIdentity shownBy(DeviceIdentity device)
{
    constexpr int kDeepest = 8; // As deep as nobody stacks them: sysfs may change meanwhile.
    for (int depth = 0; device.blockDevice && depth < kDeepest; ++depth) {
        const auto backing = loopBackingOf(device.device);
        struct stat status{};
        if (!backing || backing->offsetBytes != 0 || ::stat(backing->path.c_str(), &status) != 0)
            break;
        const bool block = S_ISBLK(status.st_mode);
        device = {};
        device.blockDevice = block;
        device.device = block ? status.st_rdev : status.st_dev;
        device.inode = block ? 0 : status.st_ino;
    }
    return device;
}

Result<void> checkNotTheSame(const GptMember& member, const GptMember& other)
{
    if (!member.isOpen() || !other.isOpen())
        return {};
    if (isSame(member.identity(), other.identity()))
        return failure(ErrorCode::InvalidArgument, member.location(), "given twice");
    if (!isSame(shownBy(member.identity()), shownBy(other.identity())))
        return {};
    const bool over = member.identity().blockDevice;
    const GptMember& loop = over ? member : other;
    return failure(ErrorCode::InvalidArgument, loop.location(),
                   fmt::format("given twice: it shows the same bytes as {}",
                               (over ? other : member).location()));
}

} // namespace

GptArray::GptArray(Sources sources, const Environment& environment)
    : m_environment(environment), m_uri(std::move(sources.uri)),
      m_makeMember(std::move(sources.makeMember)), m_leaveOut(std::move(sources.leaveOut)),
      m_locationOf(std::move(sources.locationOf))
{}

GptArray::~GptArray()
{
    for (GptMember& member : m_members)
        member.endWriting();
}

Result<std::unique_ptr<GptArray>> GptArray::open(Sources sources, const Environment& environment)
{
    auto members = std::move(sources.members);
    std::unique_ptr<GptArray> array(new GptArray(std::move(sources), environment));
    CAIRN_TRY(array->attachAll(std::move(members)));
    array->publish(Probing::All);
    CAIRN_TRY(array->requireNoneRefused());
    return array;
}

Result<void> GptArray::attachAll(std::vector<std::unique_ptr<MemberSource>> sources)
{
    CAIRN_ASSERT(!sources.empty());
    for (auto& source : sources) {
        m_members.push_back(GptMember::attach(std::move(source)));
        CAIRN_TRY(requireNoneRefused());
    }
    return checkAllIdentities();
}

Result<void> GptArray::checkAllIdentities() const
{
    const auto usable = std::ranges::find_if(m_members, &GptMember::isUsable);
    if (usable == m_members.end())
        return std::unexpected(*m_members.front().error());
    std::vector<const GptMember*> members;
    for (const GptMember& member : m_members)
        members.push_back(&member);
    return checkIdentities(members);
}

Result<void> GptArray::checkIdentities(const std::vector<const GptMember*>& members)
{
    struct Owner {
        Uuid id;
        std::string name;
    };
    std::vector<Owner> owners;
    for (std::size_t i = 0; i < members.size(); ++i) {
        const GptMember& member = *members[i];
        for (std::size_t other = 0; other < i; ++other)
            CAIRN_TRY(checkNotTheSame(member, *members[other]));
        if (!member.isUsable())
            continue;
        owners.push_back({member.table()->diskId(), member.location()});
        for (const GptEntry& entry : member.table()->entries()) {
            owners.push_back({entry.id, fmt::format("{} ({})", entry.name, member.location())});
        }
    }
    std::ranges::stable_sort(owners, {}, &Owner::id);
    const auto twice = std::ranges::adjacent_find(owners, {}, &Owner::id);
    if (twice != owners.end())
        return failure(ErrorCode::DuplicateIdentity, twice->name, std::next(twice)->name);
    return {};
}

GptArray::Probed GptArray::probedRegions(GptMember& member, const HostUse& use,
                                         const ArrayLayout* known, std::atomic<bool>& refused) const
{
    ContentProbe probe;
    Probed probed{member.regions(use), {}};
    for (Region& region : probed.regions) {
        const Region* before = known == nullptr ? nullptr : known->find(region.id);
        if (before != nullptr && before->extent == region.extent &&
            before->member == region.member) {
            region.content = before->content;
            continue;
        }
        if (refused)
            continue;
        const auto io = openTrue(member, region, {});
        if (io)
            region.content = probe.probe(**io);
        else if (io.error().code == ErrorCode::NotAuthorized) {
            refused = true;
            probed.refused = io.error();
        }
    }
    return probed;
}

Result<void> GptArray::requireNoneRefused() const
{
    for (const GptMember& member : m_members) {
        if (member.isRefused())
            return std::unexpected(*member.error());
    }
    return m_refused ? std::unexpected(*m_refused) : Result<void>();
}

void GptArray::publish(Probing probing)
{
    // A device waits for its answers most of the time: members are asked side by side.
    constexpr std::size_t kMostAtOnce = 4;
    const HostUse use = HostUse::read();
    const ArrayLayout old = layout();
    const ArrayLayout* known = probing == Probing::New ? &old : nullptr;
    std::vector<Probed> probed(m_members.size());
    std::atomic<std::size_t> next{0};
    std::atomic<bool> outOfMemory{false};
    std::atomic<bool> refused{false};
    const auto work = [&]() -> Result<void> {
        for (std::size_t i = next++; i < m_members.size(); i = next++)
            probed[i] = probedRegions(m_members[i], use, known, refused);
        return {};
    };
    m_environment.executor.runWorkers(
        static_cast<unsigned>(std::min(kMostAtOnce, m_members.size())), [&](unsigned) {
            if (!catchOutOfMemory(work))
                outOfMemory = true;
        });
    if (outOfMemory)
        throw std::bad_alloc(); // Caught at the verb's entry, as any other.
    ArrayLayout fresh;
    fresh.uri = m_uri;
    m_refused.reset();
    for (std::size_t i = 0; i < m_members.size(); ++i) {
        fresh.members.push_back(m_members[i].describe());
        std::ranges::move(probed[i].regions, std::back_inserter(fresh.regions));
        m_refused = m_refused ? m_refused : probed[i].refused;
    }
    const std::scoped_lock guard(m_layoutMutex);
    for (Region& region : fresh.regions)
        region.content = corrected(region.id, std::move(region.content));
    m_layout = std::move(fresh);
}

Content GptArray::corrected(const RegionId& region, Content content) const
{
    if (content.sampled && m_filled.contains(region)) {
        content.kind = ContentKind::Unknown;
        content.sampled = false;
    }
    return content;
}

Result<void> GptArray::probeOne(const RegionId& id)
{
    const Found found = CAIRN_TRY(findRegion(id));
    Content content;
    if (const auto io = openTrue(*found.member, found.region, {}))
        content = probeContent(**io);
    const std::scoped_lock guard(m_layoutMutex);
    const auto region = std::ranges::find(m_layout.regions, id, &Region::id);
    if (region != m_layout.regions.end())
        region->content = corrected(id, std::move(content));
    return {};
}

Result<void> GptArray::probeAgain(const std::vector<RegionId>& regions)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const std::scoped_lock guard(m_deviceMutex);
        for (const RegionId& region : regions)
            CAIRN_TRY(probeOne(region));
        return {};
    });
}

Result<RegionUse> GptArray::useNow(const RegionId& region)
{
    return catchOutOfMemory([&]() -> Result<RegionUse> {
        const std::scoped_lock guard(m_deviceMutex);
        const Found found = CAIRN_TRY(findRegion(region));
        return findUse(found.member->identity(), found.region.extent);
    });
}

ArrayLayout GptArray::layout() const
{
    const std::scoped_lock guard(m_layoutMutex);
    return m_layout;
}

Result<void> GptArray::refresh()
{
    return catchOutOfMemory([this]() -> Result<void> {
        const std::scoped_lock guard(m_deviceMutex);
        m_refused.reset();
        for (GptMember& member : m_members) {
            member.refresh();
            CAIRN_TRY(requireNoneRefused());
        }
        CAIRN_TRY(checkAllIdentities());
        publish(Probing::All);
        return requireNoneRefused();
    });
}

bool GptArray::usesChanged() const
{
    const HostUse use = HostUse::read();
    const ArrayLayout known = layout();
    const auto differs = [&](const Region& now) {
        const Region* before = known.find(now.id);
        return before != nullptr && before->use != now.use;
    };
    return std::ranges::any_of(m_members, [&](const GptMember& member) {
        return std::ranges::any_of(member.regions(use), differs);
    });
}

Result<bool> GptArray::membersChanged()
{
    return catchOutOfMemory([this]() -> Result<bool> {
        const std::scoped_lock guard(m_deviceMutex);
        return std::ranges::any_of(m_members, &GptMember::hasChanged) || usesChanged();
    });
}

Result<std::vector<CandidateTarget>> GptArray::candidateTargets(const RegionId& source)
{
    return catchOutOfMemory([&]() -> Result<std::vector<CandidateTarget>> {
        const ArrayLayout now = layout();
        const Region* region = now.find(source);
        if (region == nullptr)
            return failure(ErrorCode::UnknownRegion, source.uuid.toString());
        return candidatesOf(now, *region);
    });
}

Result<void> GptArray::beginWriting()
{
    return catchOutOfMemory([this]() -> Result<void> {
        const std::scoped_lock guard(m_deviceMutex);
        if (m_writing)
            return {};
        CAIRN_TRY(requireNoneRefused());
        std::optional<Error> refused;
        bool anyWritable = false;
        for (GptMember& member : m_members) {
            if (!member.isUsable())
                continue;
            const auto begun = member.beginWriting();
            anyWritable = anyWritable || begun.has_value();
            if (begun)
                continue;
            refused = begun.error();
            // A member that cannot be written is left behind; any other refusal stops it all.
            if (refused->code != ErrorCode::ReadOnlyArray) {
                anyWritable = false;
                break;
            }
        }
        if (!anyWritable) {
            for (GptMember& member : m_members)
                member.endWriting();
            return refused ? std::unexpected(*refused)
                           : Result<void>(failure(ErrorCode::MemberMissing, m_uri));
        }
        m_writing = true;
        publish(Probing::New);
        return {};
    });
}

Result<void> GptArray::guardWriting(std::shared_ptr<WriteFence> fence, bool othersWrote)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const std::scoped_lock guard(m_deviceMutex);
        CAIRN_ASSERT(m_writing);
        m_fence = std::move(fence);
        bool changed = othersWrote;
        for (GptMember& member : m_members) {
            member.setFence(m_fence);
            changed = CAIRN_TRY(member.readTableAgain(othersWrote)) || changed;
        }
        if (!changed)
            return {};
        CAIRN_TRY(checkAllIdentities());
        publish(othersWrote ? Probing::All : Probing::New);
        return {};
    });
}

void GptArray::endWriting()
{
    const std::scoped_lock guard(m_deviceMutex);
    m_writing = false;
    m_fence.reset();
    for (GptMember& member : m_members) {
        member.endWriting();
        member.setFence({});
    }
}

Result<GptArray::Found> GptArray::findRegion(const RegionId& id)
{
    const ArrayLayout now = layout();
    const Region* region = now.find(id);
    if (region == nullptr)
        return failure(ErrorCode::UnknownRegion, id.uuid.toString());
    for (GptMember& member : m_members) {
        if (member.isUsable() && member.table()->diskId() == region->member)
            return Found{*region, &member};
    }
    return failure(ErrorCode::MemberMissing, region->name);
}

Result<void> GptArray::checkUnused(const Found& found) const
{
    const RegionUse use = findUse(found.member->identity(), found.region.extent);
    if (use.inUse)
        return failure(ErrorCode::RegionInUse, found.region.name, use.by);
    return {};
}

Result<std::unique_ptr<RegionIo>> GptArray::openFound(const Found& found,
                                                      GptMember::Opening opening)
{
    if (opening.access == Access::Write || opening.claim)
        CAIRN_TRY(checkUnused(found));
    return openTrue(*found.member, found.region, opening);
}

Result<std::unique_ptr<RegionIo>> GptArray::openRegion(const RegionId& id, Access access)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<RegionIo>> {
        const std::scoped_lock guard(m_deviceMutex);
        const Found found = CAIRN_TRY(findRegion(id));
        return openFound(found, {.access = access});
    });
}

Result<std::unique_ptr<RegionIo>> GptArray::claimSource(const RegionId& id)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<RegionIo>> {
        const std::scoped_lock guard(m_deviceMutex);
        const Found found = CAIRN_TRY(findRegion(id));
        return openFound(found, {.access = Access::Read, .claim = true});
    });
}

Result<std::unique_ptr<MountedFilesystem>> GptArray::mountedFilesystem(const RegionId& id)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<MountedFilesystem>> {
        const std::scoped_lock guard(m_deviceMutex);
        const Found found = CAIRN_TRY(findRegion(id));
        const auto cannot = [&](const Error& why) {
            return failure(ErrorCode::CannotFreeze, found.region.name, why.detail, 0, why.osError);
        };
        const auto only =
            HostUse::read().onlyFilesystem(found.member->identity(), found.region.extent);
        if (!only)
            return cannot(only.error());
        auto mounted = MountedFilesystem::open(*only);
        if (!mounted)
            return cannot(mounted.error());
        for (const GptMember& member : m_members) {
            if ((*mounted)->carries(member.location()))
                return failure(
                    ErrorCode::CannotFreeze, found.region.name,
                    fmt::format("the member {} lies on the filesystem itself", member.location()));
        }
        return mounted;
    });
}

Result<std::optional<std::uint64_t>> GptArray::findData(const RegionId& id, CopyControl& control)
{
    using Offset = std::optional<std::uint64_t>;
    return catchOutOfMemory([&]() -> Result<Offset> {
        std::unique_ptr<RegionIo> io;
        {
            const std::scoped_lock guard(m_deviceMutex);
            const Found found = CAIRN_TRY(findRegion(id));
            io = CAIRN_TRY(openFound(found, {.access = Access::Read}));
        }
        const std::uint64_t sizeBytes = io->sizeBytes();
        std::optional<ByteRange> filled;
        const auto look = [&](std::uint64_t chunk, const Digest& digest) -> Result<void> {
            const ByteRange range = chunkRange(chunk, sizeBytes);
            if (digest == digestOfZeroes(range.lengthBytes))
                return {};
            filled = range;
            return failure(ErrorCode::ContentUnknown, io->name());
        };
        const auto read = readChunks(*io, sizeBytes, look, control, m_environment);
        if (!read && !filled)
            return std::unexpected(read.error());
        if (!filled)
            return Offset();
        {
            const std::scoped_lock guard(m_layoutMutex);
            m_filled.insert(id);
            const auto region = std::ranges::find(m_layout.regions, id, &Region::id);
            if (region != m_layout.regions.end())
                region->content = corrected(id, std::move(region->content));
        }
        std::vector<std::byte> bytes(filled->lengthBytes);
        CAIRN_TRY(io->read(filled->offsetBytes, bytes));
        const auto first =
            std::ranges::find_if(bytes, [](std::byte byte) { return byte != std::byte{0}; });
        return Offset(filled->offsetBytes + static_cast<std::uint64_t>(first - bytes.begin()));
    });
}

Result<CopyOutcome> GptArray::copy(const ArrayCopy& plan, CopyJournal& journal,
                                   CopyControl& control)
{
    if (plan.source == plan.target)
        return failure(ErrorCode::SourceIsTarget, plan.source.uuid.toString());
    std::unique_ptr<RegionIo> source;
    std::unique_ptr<RegionIo> target;
    {
        const std::scoped_lock guard(m_deviceMutex);
        const Found from = CAIRN_TRY(findRegion(plan.source));
        const Found onto = CAIRN_TRY(findRegion(plan.target));
        if (onto.region.role == RegionRole::Management)
            return failure(ErrorCode::RegionHoldsCatalog, onto.region.name);
        if (plan.sizeBytes == 0 ||
            extentBytes(plan, plan.sourceChunks) > from.region.extent.lengthBytes)
            return failure(ErrorCode::InvalidSize, from.region.name);
        const std::uint64_t neededBytes = extentBytes(plan, plan.targetChunks);
        if (neededBytes > onto.region.extent.lengthBytes) {
            return failure(ErrorCode::TargetTooSmall, onto.region.name, {},
                           neededBytes - onto.region.extent.lengthBytes);
        }
        if (m_targets.contains(plan.source) || m_targets.contains(plan.target))
            return failure(ErrorCode::RegionBusy, onto.region.name);
        // Some chunks of a region, put together, are no backup of it: whoever finds the region
        // without its record must not take it for one.
        if (plan.sourceChunks != nullptr && onto.region.role == RegionRole::Backup) {
            const Found area = CAIRN_TRY(findWritable(plan.target));
            CAIRN_TRY(retype(area, RegionRole::Backup, kUndoAreaType));
        }
        source = CAIRN_TRY(openFound(from, {.access = Access::Read, .claim = !plan.sourceInUse}));
        target = CAIRN_TRY(openFound(onto, {.access = Access::Write}));
        m_targets.insert(plan.target);
    }
    auto outcome = catchOutOfMemory([&] {
        std::optional<ChunkView> sourceView;
        std::optional<ChunkView> targetView;
        FirstWriteIo written(*target, plan.beforeFirstWrite);
        return copyChunks({.source = viewOf(*source, plan.sourceChunks, sourceView),
                           .target = viewOf(written, plan.targetChunks, targetView),
                           .sizeBytes = plan.sizeBytes,
                           .done = plan.done,
                           .expected = plan.expected,
                           .changing = plan.changing,
                           .believed = plan.believed,
                           .onUnreadable = plan.onUnreadable,
                           .clone = plan.clone,
                           .tuning = plan.tuning},
                          journal, control, m_environment);
    });
    source.reset();
    target.reset();
    const std::scoped_lock guard(m_deviceMutex);
    m_targets.erase(plan.target);
    std::ignore = probeOne(plan.target);
    return outcome;
}

} // namespace cairn
