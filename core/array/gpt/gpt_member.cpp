// Opening a member, its regions and its lock; writing its table.
#include "core/array/gpt/gpt_member.h"

#include "core/array/gpt/gpt_types.h"
#include "core/array/gpt/kernel_partitions.h"
#include "core/array/probe.h"
#include "core/io/fenced_io.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fmt/format.h>
#include <sys/file.h>
#include <tuple>
#include <utility>

namespace cairn {
namespace {

// The byte that a writer locks on each member; far beyond any member's end, where locks need no
// bytes (fcntl(2)).
constexpr ByteRange kWriterLock{std::uint64_t{1} << 62U, 1};

bool isAbsence(int osError)
{
    return osError == ENOENT || osError == ENODEV || osError == ENXIO || osError == ENOTDIR ||
           osError == ENOMEDIUM;
}

std::string problemOf(const Error& error)
{
    if (error.osError == 0)
        return error.detail.empty() ? errorName(error.code) : error.detail;
    const char* reason = ::strerrordesc_np(error.osError);
    return error.detail.empty() ? reason : fmt::format("{}: {}", error.detail, reason);
}

} // namespace

GptMember GptMember::attach(std::unique_ptr<MemberSource> source)
{
    GptMember member(std::move(source));
    member.openForReading();
    return member;
}

Result<GptMember> GptMember::prepare(std::unique_ptr<MemberSource> source)
{
    GptMember member(std::move(source));
    member.m_opened = CAIRN_TRY(member.m_source->open(Access::Write, true));
    if (!CAIRN_TRY(member.m_opened.io->tryLock(kWriterLock, LockMode::Exclusive)))
        return failure(ErrorCode::ArrayBusy, member.location());
    member.m_writing = true;
    return member;
}

bool GptMember::openDeviceForReading()
{
    m_error.reset();
    m_bare.reset();
    m_missing = false;
    m_writing = false;
    auto opened = m_source->open(Access::Read, false);
    if (!opened) {
        m_opened = {};
        m_table.reset();
        m_error = std::move(opened).error();
        m_missing = isAbsence(m_error->osError);
        return false;
    }
    m_opened = std::move(*opened);
    m_readOnlyReason = m_opened.readOnlyReason;
    return true;
}

void GptMember::openForReading()
{
    if (openDeviceForReading())
        readTable();
}

void GptMember::readTable()
{
    m_bare.reset();
    auto table = GptTable::read(io());
    if (table) {
        m_table = std::move(*table);
        m_error.reset();
        return;
    }
    m_table.reset();
    m_error = std::move(table).error();
    m_error->subject = location();
    if (m_error->code != ErrorCode::NotAnArray)
        return;
    m_bare = probeContent(io());
    if (m_bare->kind == ContentKind::Recognised)
        m_error->detail += fmt::format("; {}", m_bare->type);
}

Member GptMember::describe() const
{
    Member member;
    member.location = location();
    member.model = m_opened.model;
    if (isOpen()) {
        member.sizeBytes = io().sizeBytes();
        member.sectorBytes = io().traits().sectorBytes;
    }
    if (m_error) {
        member.state = m_missing ? MemberState::Missing : MemberState::Failed;
        member.problem = problemOf(*m_error);
        member.bare = m_bare;
        return member;
    }
    member.id = m_table->diskId();
    member.blockDevice = m_opened.identity.blockDevice;
    member.sectorBytes = m_table->geometry().sectorBytes;
    member.free = m_table->freeRanges();
    member.holdsCatalog = std::ranges::any_of(
        m_table->entries(), [](const GptEntry& entry) { return entry.type == kManagementType; });
    member.problem = m_table->problem();
    if (!m_readOnlyReason.empty()) {
        member.state = MemberState::ReadOnly;
        member.problem = m_readOnlyReason;
    }
    return member;
}

std::vector<Region> GptMember::regions(const HostUse& use) const
{
    std::vector<Region> regions;
    if (!isUsable())
        return regions;
    for (const GptEntry& entry : m_table->entries()) {
        Region region;
        region.id = {entry.id};
        region.name = entry.name;
        region.member = m_table->diskId();
        region.entry = entry.number;
        region.extent = entry.extent;
        region.type = entry.type;
        region.role = roleOf(entry.type);
        region.sealedMark = entry.type == kBackupType && (entry.attributes & kSealedMark) != 0;
        region.use = use.find(m_opened.identity, entry.extent);
        region.device = m_opened.identity;
        regions.push_back(std::move(region));
    }
    std::ranges::sort(regions, {}, [](const Region& one) { return one.extent.offsetBytes; });
    return regions;
}

Result<void> GptMember::beginWriting()
{
    if (m_writing)
        return {};
    auto opened = m_source->open(Access::Write, false);
    if (!opened && opened.error().code == ErrorCode::ReadOnlyArray)
        m_readOnlyReason = problemOf(opened.error());
    if (!opened)
        return std::unexpected(std::move(opened).error());
    if (opened->identity != m_opened.identity)
        return failure(ErrorCode::IdentityChanged, location());
    if (!CAIRN_TRY(opened->io->tryLock(kWriterLock, LockMode::Exclusive)))
        return failure(ErrorCode::ArrayBusy, location());
    // udev reads a disk's table again, and takes its nodes away meanwhile, whenever a writer
    // closes it; it leaves a disk alone that somebody has locked.
    if (opened->identity.blockDevice)
        std::ignore = ::flock(opened->descriptor, LOCK_EX | LOCK_NB);
    if (asksToOpen())
        m_reading = std::move(m_opened);
    m_opened = std::move(*opened);
    m_readOnlyReason.clear();
    m_writing = true;
    readTable();
    return {};
}

Result<bool> GptMember::readTableAgain(bool othersWrote)
{
    if (!m_writing || !isUsable())
        return false;
    if (othersWrote) {
        CAIRN_TRY(io().dropCache({0, io().sizeBytes()}));
        for (const GptEntry& entry : m_table->entries()) {
            Region region;
            region.id = {entry.id};
            region.name = entry.name;
            region.member = m_table->diskId();
            region.extent = entry.extent;
            const auto opened = CAIRN_TRY(openRegion(region, {}));
            CAIRN_TRY(opened->dropCache({0, opened->sizeBytes()}));
        }
    }
    const GptTable before = *m_table;
    readTable();
    if (!m_table)
        return std::unexpected(*m_error);
    if (m_table->diskId() != before.diskId())
        return failure(ErrorCode::IdentityChanged, location(), "partition table");
    return !m_table->sameBytes(before);
}

void GptMember::endWriting()
{
    if (!m_writing)
        return;
    // The catalog was open when its own partition went.
    for (const std::uint32_t number : std::exchange(m_nodesLeft, {}))
        std::ignore = removeKernelPartition(m_opened.descriptor, number);
    // Regions that are still open keep the descriptor alive: the locks are given back by hand.
    std::ignore = io().tryLock(kWriterLock, LockMode::Unlocked);
    if (m_opened.identity.blockDevice)
        std::ignore = ::flock(m_opened.descriptor, LOCK_UN);
    const DeviceIdentity identity = m_opened.identity;
    auto table = std::move(m_table);
    if (auto reading = std::exchange(m_reading, {}); reading.io && reading.identity == identity) {
        m_opened = std::move(reading);
        m_writing = false;
    } else if (!openDeviceForReading()) {
        return;
    }
    // What this process has just written, or read before it wrote, needs no reading: a slow member
    // would make the end of a canceled job wait.
    if (m_opened.identity == identity && table)
        m_table = std::move(table);
    else
        readTable();
}

void GptMember::refresh()
{
    // Nobody is asked for the same device again.
    const auto now = asksToOpen() && isOpen()
                         ? identifyNode(location())
                         : Result<DeviceIdentity>(failure(ErrorCode::OpenFailed, location()));
    if (m_writing || (now && *now == m_opened.identity))
        readTable();
    else
        openForReading();
}

bool GptMember::asksToOpen() const
{
    const DeviceOpener* devices = m_source->devices();
    return devices != nullptr && devices->asks(location());
}

// Without opening it, where that would have somebody asked: every few seconds, as it looks.
bool GptMember::looksChanged() const
{
    const auto now = identifyNode(location());
    if (isOpen())
        return !now || *now != m_opened.identity || (m_error && GptTable::read(io()).has_value());
    // What was refused is asked for again when the operator wants it read again.
    if (isRefused())
        return false;
    return now || !m_error || now.error().osError != m_error->osError;
}

bool GptMember::hasChanged() const
{
    if (isRefused() || asksToOpen())
        return looksChanged();
    const auto now = m_source->open(Access::Read, false);
    if (!now)
        return isOpen() || !m_error || now.error().code != m_error->code ||
               now.error().osError != m_error->osError;
    if (!isOpen() || now->identity != m_opened.identity)
        return true;
    return m_error && GptTable::read(*now->io).has_value();
}

Result<void> GptMember::checkUnchanged(const Region& region) const
{
    const auto identity = CAIRN_TRY(identify(m_opened.descriptor, location()));
    if (identity != m_opened.identity)
        return failure(ErrorCode::IdentityChanged, location());
    const auto table = CAIRN_TRY(GptTable::read(io()));
    const GptEntry* entry = table.find(region.id.uuid);
    if (table.diskId() != region.member || entry == nullptr || entry->extent != region.extent)
        return failure(ErrorCode::IdentityChanged, location(), "partition table");
    return {};
}

Result<std::shared_ptr<RegionIo>> GptMember::claimDisk(Access access)
{
    const std::string key = fmt::format("{}{}", access == Access::Write ? "w" : "r", location());
    if (auto claimed = m_claims[key].lock())
        return claimed;
    // The kernel gives the disk to one descriptor only, and not beside a claim of a partition.
    const bool claimedBefore =
        std::ranges::any_of(m_claims, [](const auto& claim) { return !claim.second.expired(); });
    auto opened = CAIRN_TRY(m_source->open(access, !claimedBefore));
    if (opened.identity != m_opened.identity)
        return failure(ErrorCode::IdentityChanged, location());
    m_claims[key] = opened.io;
    return opened.io;
}

Result<std::shared_ptr<RegionIo>>
GptMember::openNode(const std::string& node, const Opening& opening, std::uint64_t sizeBytes)
{
    const bool writing = opening.access == Access::Write;
    const std::string key = fmt::format("{}{}", writing ? "w" : "r", node);
    if (auto claimed = m_claims[key].lock())
        return claimed;
    const auto isClaimed = [this](const std::string& name) {
        const auto found = m_claims.find(name);
        return found != m_claims.end() && !found->second.expired();
    };
    // A claim of the node, or of the whole disk, that is this process's own keeps others out too.
    const bool claimedBefore = isClaimed("w" + node) || isClaimed("r" + node) ||
                               isClaimed("w" + location()) || isClaimed("r" + location());
    const bool claim = (writing || opening.claim) && !claimedBefore;
    std::shared_ptr<FileIo> file = CAIRN_TRY(FileIo::open(
        node, {.access = opening.access, .exclusive = claim, .devices = m_source->devices()}));
    const DeviceIdentity& identity = file->identity();
    if (identity.diskSequence != m_opened.identity.diskSequence ||
        identity.serial != m_opened.identity.serial || identity.sizeBytes != sizeBytes)
        return failure(ErrorCode::IdentityChanged, node);
    if (claim)
        m_claims[key] = file;
    return file;
}

Result<std::unique_ptr<RegionIo>> GptMember::openRegion(const Region& region,
                                                        const Opening& opening)
{
    CAIRN_ASSERT(isUsable());
    const bool writing = opening.access == Access::Write;
    if (writing && !m_writing) {
        return failure(ErrorCode::ReadOnlyArray, location(),
                       m_readOnlyReason.empty() ? "not open for writing" : m_readOnlyReason);
    }
    if (writing)
        CAIRN_TRY(checkUnchanged(region));
    const std::string name = region.name.empty() ? region.id.uuid.toString() : region.name;
    const auto& identity = m_opened.identity;
    const std::uint32_t sector = m_table->geometry().sectorBytes;
    const std::string node = findPartitionNode(identity, region.extent, sector);
    std::shared_ptr<RegionIo> device = m_opened.io;
    ByteRange extent = region.extent;
    if (!node.empty()) {
        device = CAIRN_TRY(openNode(node, opening, region.extent.lengthBytes));
        extent.offsetBytes = 0;
    } else if (identity.blockDevice && (writing || opening.claim)) {
        device = CAIRN_TRY(claimDisk(opening.access));
    }
    return CAIRN_TRY(FencedIo::create(std::move(device), extent, opening.access, name,
                                      {writing ? m_fence : nullptr, region.member}));
}

Result<std::unique_ptr<RegionIo>> GptMember::fencedIo(const Uuid& diskId) const
{
    return CAIRN_TRY(FencedIo::create(m_opened.io, {0, m_opened.io->sizeBytes()}, Access::Write,
                                      location(), {m_fence, diskId}));
}

Result<void> GptMember::replaceTable(const GptTable& after)
{
    CAIRN_ASSERT(m_writing);
    const std::vector<GptEntry> before = m_table ? m_table->entries() : std::vector<GptEntry>{};
    // A node must not lead to another partition's bytes, not even while the table is written.
    std::vector<Uuid> moved;
    for (const GptEntry& entry : CAIRN_TRY(withdrawMoved(after)))
        moved.push_back(entry.id);
    const auto whole = CAIRN_TRY(fencedIo(after.diskId()));
    const Result<void> written =
        m_table ? m_table->replaceBy(after, *whole) : after.writeNew(*whole);
    if (!written) {
        dropCaches();
        if (m_table)
            readTable();
        // What the medium has after a flush that failed, nobody knows: no node leads anywhere then.
        if (written.error().code != ErrorCode::FlushFailed)
            placeNodes(moved);
        return written;
    }
    m_table = CAIRN_TRY(GptTable::read(io()));
    m_error.reset();
    m_bare.reset();
    tellKernel(before);
    placeNodes(moved);
    return {};
}

void GptMember::tellKernel(const std::vector<GptEntry>& before)
{
    const bool hasNodes = hasKernelPartitions(m_opened.identity);
    if (!hasNodes && !takesKernelPartitions(m_opened.identity))
        return;
    for (const GptEntry& old : before) {
        if (hasNodes && m_table->find(old.id) == nullptr &&
            removeKernelPartition(m_opened.descriptor, old.number) == EBUSY)
            m_nodesLeft.push_back(old.number);
    }
    for (const GptEntry& entry : m_table->entries()) {
        if (!hasNodes || std::ranges::find(before, entry.id, &GptEntry::id) == before.end())
            std::ignore = addKernelPartition(m_opened.descriptor, entry.number, entry.extent);
    }
}

Result<std::vector<GptEntry>> GptMember::withdrawMoved(const GptTable& after) const
{
    std::vector<GptEntry> withdrawn;
    if (!m_table || !hasKernelPartitions(m_opened.identity))
        return withdrawn;
    for (const GptEntry& entry : m_table->entries()) {
        const GptEntry* next = after.find(entry.id);
        if (next == nullptr || next->extent == entry.extent)
            continue;
        if (const int kept = removeKernelPartition(m_opened.descriptor, entry.number); kept != 0) {
            for (const GptEntry& gone : withdrawn)
                std::ignore = addKernelPartition(m_opened.descriptor, gone.number, gone.extent);
            if (kept == EACCES || kept == EPERM)
                return failure(ErrorCode::NotAuthorized, location(),
                               "only root may tell the kernel of a changed table");
            return failure(ErrorCode::RegionInUse, entry.name, "its partition node is open");
        }
        withdrawn.push_back(entry);
    }
    return withdrawn;
}

void GptMember::dropCaches()
{
    dropDiskCache(m_opened.descriptor);
    std::ignore = io().dropCache({0, io().sizeBytes()});
}

bool GptMember::placeNodes(const std::vector<Uuid>& regions)
{
    if (regions.empty() || !m_table)
        return true;
    const DeviceIdentity& disk = m_opened.identity;
    dropDiskCache(m_opened.descriptor);
    std::vector<const GptEntry*> misplaced;
    for (const Uuid& id : regions) {
        const GptEntry* entry = m_table->find(id);
        if (entry != nullptr && kernelExtentOf(disk, entry->number) != entry->extent)
            misplaced.push_back(entry);
    }
    // All go before the first comes: one may lie where another was.
    bool placed = true;
    for (const GptEntry* entry : misplaced)
        placed = removeKernelPartition(m_opened.descriptor, entry->number) == 0 && placed;
    for (const GptEntry* entry : misplaced)
        placed = addKernelPartition(m_opened.descriptor, entry->number, entry->extent) && placed;
    return placed;
}

Result<bool> GptMember::alignTable(const std::vector<Uuid>& regions)
{
    CAIRN_ASSERT(m_writing && isUsable());
    dropCaches();
    readTable();
    if (!m_table)
        return std::unexpected(*m_error);
    if (!m_table->problem().empty()) {
        const GptTable equal = CAIRN_TRY(m_table->withEqualCopies());
        CAIRN_TRY(replaceTable(equal));
        // It took what was written, and has it not.
        if (!m_table->problem().empty())
            return failure(ErrorCode::FlushFailed, location(), m_table->problem());
    }
    const auto whole = CAIRN_TRY(fencedIo(m_table->diskId()));
    CAIRN_TRY(m_table->rewrite(*whole));
    const DeviceIdentity& disk = m_opened.identity;
    return !(hasKernelPartitions(disk) || takesKernelPartitions(disk)) || placeNodes(regions);
}

void GptMember::eraseTable(const GptTable& table)
{
    CAIRN_ASSERT(m_writing);
    // Best effort after a failure that is reported already.
    if (const auto whole = fencedIo(table.diskId())) {
        std::ignore = table.erase(**whole);
        std::ignore = (*whole)->flush();
    }
    if (!hasKernelPartitions(m_opened.identity))
        return;
    for (const GptEntry& entry : table.entries())
        std::ignore = removeKernelPartition(m_opened.descriptor, entry.number);
}

} // namespace cairn
