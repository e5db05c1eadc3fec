// Creating arrays, and changing their members' tables.
#include "core/array/gpt/free_space.h"
#include "core/array/gpt/gpt_array.h"
#include "core/array/gpt/gpt_types.h"
#include "core/array/open_array.h"
#include "core/array/path_member.h"
#include "core/base/printable_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace cairn {
namespace {

constexpr std::size_t kMaxNameUnits = 36;
constexpr std::size_t kManagementCopies = 3;

Result<std::uint64_t> wholeMebibytes(std::uint64_t sizeBytes, const std::string& name)
{
    if (sizeBytes == 0 || sizeBytes > std::uint64_t{1} << 62U)
        return failure(ErrorCode::InvalidSize, std::to_string(sizeBytes) + " bytes",
                       "too large for " + name);
    return roundUp(sizeBytes, kMiB);
}

// The first free range that is large enough.
Result<ByteRange> placeIn(const GptTable& table, std::uint64_t sizeBytes, const std::string& name)
{
    std::uint64_t largest = 0;
    for (const ByteRange& range : table.freeRanges()) {
        if (range.lengthBytes >= sizeBytes)
            return ByteRange{range.offsetBytes, sizeBytes};
        largest = std::max(largest, range.lengthBytes);
    }
    return failure(ErrorCode::NoSpace, name, {}, sizeBytes - largest);
}

Result<GptTable> withRegion(const GptTable& table, const GptEntry& wanted, ByteRange extent)
{
    GptEntry entry = wanted;
    entry.extent = extent;
    if (table.isFull())
        return failure(ErrorCode::NoSpace, entry.name, "all entries of the table are used");
    return table.withAdded(entry);
}

std::uint64_t attributesFor(RegionRole role, std::uint64_t before)
{
    return role == RegionRole::Data ? before & ~kNoAutomount : before | kNoAutomount;
}

GptEntry newEntry(const std::string& name, RegionRole role, RandomSource& random)
{
    return {.number = 0,
            .type = typeOf(role),
            .id = Uuid::random(random),
            .extent = {},
            .attributes = attributesFor(role, 0),
            .name = name};
}

GptEntry managementEntry(RandomSource& random)
{
    return newEntry(kManagementName, RegionRole::Management, random);
}

// Of a member that is in use already, with a management region more.
Result<GptTable> withManagement(const GptMember& member, const GptEntry& entry,
                                std::uint64_t managementBytes, Leftovers leftovers)
{
    const auto bytes = CAIRN_TRY(wholeMebibytes(managementBytes, member.location()));
    const auto extent = CAIRN_TRY(findManagementPlace(member, bytes, leftovers));
    return withRegion(*member.table(), entry, extent);
}

// The table without anything that only Cairn understands.
bool holdsCatalog(const GptMember& member)
{
    return member.table() && std::ranges::find(member.table()->entries(), kManagementType,
                                               &GptEntry::type) != member.table()->entries().end();
}

Result<GptTable> withoutCairn(const GptTable& table)
{
    GptTable changed = table;
    for (const GptEntry& entry : table.entries()) {
        // Two filesystems of one UUID are worse mounted than not: copies keep off the desktop.
        if (entry.type == kManagementType)
            changed = CAIRN_TRY(changed.without(entry.number));
        else if (roleOf(entry.type) == RegionRole::Backup)
            changed =
                CAIRN_TRY(changed.withType(entry.number, kLinuxFilesystemType, entry.attributes));
    }
    return changed;
}

} // namespace

Result<GptTable> GptArray::newTable(const GptMember& member, std::uint64_t managementBytes)
{
    const GptGeometry geometry{member.io().sizeBytes(), member.io().traits().sectorBytes};
    auto table =
        CAIRN_TRY(GptTable::blank(geometry, Uuid::random(m_environment.random), member.location()));
    if (managementBytes == 0)
        return table;
    const auto entry = managementEntry(m_environment.random);
    const auto bytes = CAIRN_TRY(wholeMebibytes(managementBytes, member.location()));
    const auto extent = CAIRN_TRY(placeIn(table, bytes, entry.name));
    return withRegion(table, entry, extent);
}

Result<std::unique_ptr<GptArray>> GptArray::create(Sources sources, std::uint64_t managementBytes,
                                                   const Environment& environment)
{
    auto given = std::move(sources.members);
    std::unique_ptr<GptArray> array(new GptArray(std::move(sources), environment));
    auto& members = array->m_members;
    for (auto& source : given)
        members.push_back(CAIRN_TRY(GptMember::prepare(std::move(source))));
    std::vector<GptTable> tables;
    for (const GptMember& member : members) {
        std::uint64_t bytes = 0;
        if (tables.size() < kManagementCopies) {
            bytes = managementBytes != 0 ? managementBytes
                                         : defaultManagementBytes(member.io().sizeBytes());
        }
        tables.push_back(CAIRN_TRY(array->newTable(member, bytes)));
    }
    const auto writeAll = [&]() -> Result<void> {
        for (std::size_t i = 0; i < members.size(); ++i)
            CAIRN_TRY(members[i].replaceTable(tables[i]));
        return {};
    };
    if (const auto written = writeAll(); !written) {
        for (std::size_t i = 0; i < members.size(); ++i)
            members[i].eraseTable(tables[i]);
        return std::unexpected(written.error());
    }
    // The whole-disk claims go; from here on each region is claimed by itself.
    for (GptMember& member : members)
        member.endWriting();
    for (const GptMember& member : members) {
        if (member.error())
            return std::unexpected(*member.error());
    }
    array->publish(Probing::All);
    CAIRN_TRY(array->beginWriting());
    return array;
}

Result<void> GptArray::adopt(std::uint64_t managementBytes,
                             const std::vector<std::string>& overLeftovers)
{
    for (const GptMember& member : m_members) {
        if (member.error())
            return std::unexpected(*member.error());
        if (member.describe().holdsCatalog)
            return failure(ErrorCode::AlreadyAnArray, member.location());
    }
    CAIRN_TRY(beginWriting());
    const std::scoped_lock guard(m_deviceMutex);
    std::vector<GptTable> tables;
    for (const GptMember& member : m_members) {
        if (tables.size() == kManagementCopies)
            break;
        if (!member.isWriting())
            return failure(ErrorCode::ReadOnlyArray, member.location(), member.describe().problem);
        const std::uint64_t wanted = managementBytes != 0
                                         ? managementBytes
                                         : defaultManagementBytes(member.io().sizeBytes());
        const bool over =
            std::ranges::find(overLeftovers, member.location()) != overLeftovers.end();
        tables.push_back(
            CAIRN_TRY(withManagement(member, managementEntry(m_environment.random), wanted,
                                     over ? Leftovers::Overwrite : Leftovers::Keep)));
    }
    for (std::size_t i = 0; i < tables.size(); ++i)
        CAIRN_TRY(m_members[i].replaceTable(tables[i]));
    publish(Probing::New);
    return {};
}

Result<void> GptArray::checkName(const std::string& name) const
{
    const std::size_t units = utf16Length(name);
    if (units == 0 || units > kMaxNameUnits || !isPrintable(name) || name.front() == ' ' ||
        name.back() == ' ')
        return failure(ErrorCode::InvalidName, name);
    // A disk that is adopted keeps such names. A new one would only lie in wait for a web page.
    if (name.find_first_of("<>") != std::string::npos)
        return failure(ErrorCode::InvalidName, name,
                       "programs that show it may take it for markup");
    // Regions are named by name or PARTUUID: one word must not mean two of them.
    if (Uuid::parse(name))
        return failure(ErrorCode::InvalidName, name, "written as a PARTUUID");
    const ArrayLayout now = layout();
    if (std::ranges::find(now.regions, name, &Region::name) != now.regions.end())
        return failure(ErrorCode::NameInUse, name);
    return {};
}

Result<GptMember*> GptArray::memberFor(const NewRegion& wanted, std::uint64_t sizeBytes)
{
    GptMember* best = nullptr;
    std::uint64_t mostFree = 0;
    std::uint64_t largest = 0;
    bool anyWritable = false;
    for (GptMember& member : m_members) {
        const bool named = wanted.member != nullptr && member.table() &&
                           member.table()->diskId() == *wanted.member;
        if (named && !member.isWriting())
            return failure(ErrorCode::ReadOnlyArray, member.location(), member.describe().problem);
        if (named)
            return &member;
        if (wanted.member != nullptr || !member.isUsable() || !member.isWriting())
            continue;
        anyWritable = true;
        std::uint64_t free = 0;
        std::uint64_t largestHere = 0;
        for (const ByteRange& range : member.table()->freeRanges()) {
            free += range.lengthBytes;
            largestHere = std::max(largestHere, range.lengthBytes);
        }
        largest = std::max(largest, largestHere);
        if (largestHere >= sizeBytes && !member.table()->isFull() && free > mostFree) {
            best = &member;
            mostFree = free;
        }
    }
    if (wanted.member != nullptr)
        return failure(ErrorCode::UnknownMember, wanted.member->toString());
    if (!anyWritable)
        return failure(ErrorCode::ReadOnlyArray, m_uri, "not open for writing");
    // No subject: it is not one member that is full.
    if (best == nullptr && largest >= sizeBytes)
        return failure(ErrorCode::NoSpace, {}, "all entries of the tables are used");
    if (best == nullptr)
        return failure(ErrorCode::NoSpace, {}, {}, sizeBytes - largest);
    return best;
}

Result<Region> GptArray::addRegion(const NewRegion& wanted)
{
    return catchOutOfMemory([&]() -> Result<Region> {
        const std::scoped_lock guard(m_deviceMutex);
        // Management regions share one name: nobody chooses among them.
        const bool management = wanted.role == RegionRole::Management;
        if (!management)
            CAIRN_TRY(checkName(wanted.name));
        const auto bytes = CAIRN_TRY(wholeMebibytes(wanted.sizeBytes, wanted.name));
        GptMember* member = CAIRN_TRY(memberFor(wanted, bytes));
        const auto entry = management ? managementEntry(m_environment.random)
                                      : newEntry(wanted.name, wanted.role, m_environment.random);
        const auto table = [&]() -> Result<GptTable> {
            if (management)
                return withManagement(*member, entry, bytes, wanted.leftovers);
            const auto extent = CAIRN_TRY(placeIn(*member->table(), bytes, entry.name));
            return withRegion(*member->table(), entry, extent);
        };
        auto changed = table();
        if (!changed && changed.error().code == ErrorCode::NoSpace)
            changed.error().subject = member->location();
        if (!changed)
            return std::unexpected(std::move(changed).error());
        CAIRN_TRY(member->replaceTable(*changed));
        publish(Probing::New);
        return CAIRN_TRY(findRegion({entry.id})).region;
    });
}

// A region whose table can be changed.
Result<GptArray::Found> GptArray::findWritable(const RegionId& id)
{
    Found found = CAIRN_TRY(findRegion(id));
    if (!found.member->isWriting()) {
        return failure(ErrorCode::ReadOnlyArray, found.member->location(),
                       m_writing ? found.member->describe().problem : "not open for writing");
    }
    return found;
}

Result<void> GptArray::renameRegion(const RegionId& id, const std::string& name)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const std::scoped_lock guard(m_deviceMutex);
        const Found found = CAIRN_TRY(findWritable(id));
        if (found.region.role == RegionRole::Management)
            return failure(ErrorCode::RegionHoldsCatalog, found.region.name);
        if (found.region.name == name)
            return {};
        CAIRN_TRY(checkName(name));
        const auto& table = *found.member->table();
        const auto changed = CAIRN_TRY(table.withName(found.region.entry, name));
        CAIRN_TRY(found.member->replaceTable(changed));
        publish(Probing::New);
        return {};
    });
}

Result<void> GptArray::removeRegion(const RegionId& id)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const std::scoped_lock guard(m_deviceMutex);
        const Found found = CAIRN_TRY(findWritable(id));
        if (found.region.role == RegionRole::Management)
            return failure(ErrorCode::RegionHoldsCatalog, found.region.name);
        if (m_targets.contains(id))
            return failure(ErrorCode::RegionBusy, found.region.name);
        CAIRN_TRY(checkUnused(found));
        const auto& table = *found.member->table();
        const auto changed = CAIRN_TRY(table.without(found.region.entry));
        CAIRN_TRY(found.member->replaceTable(changed));
        publish(Probing::New);
        return {};
    });
}

Result<void> GptArray::markRegion(const RegionId& id, RegionRole role)
{
    if (role == RegionRole::Management)
        return failure(ErrorCode::InvalidArgument, id.uuid.toString(), "role");
    return catchOutOfMemory([&]() -> Result<void> {
        const std::scoped_lock guard(m_deviceMutex);
        const Found found = CAIRN_TRY(findWritable(id));
        if (found.region.role == RegionRole::Management)
            return failure(ErrorCode::RegionHoldsCatalog, found.region.name);
        // A region that is no backup keeps the type that another program gave it.
        if (found.region.role == role && role == RegionRole::Data)
            return {};
        return retype(found, role, typeOf(role));
    });
}

Result<void> GptArray::retype(const Found& found, RegionRole role, const Uuid& type)
{
    const auto& table = *found.member->table();
    const GptEntry* entry = table.find(found.region.id.uuid);
    if (entry == nullptr)
        return failure(ErrorCode::PlanChanged, found.region.name, "partition table");
    std::uint64_t attributes = attributesFor(role, entry->attributes);
    if ((type == kBackupType) != (entry->type == kBackupType))
        attributes &= ~kSealedMark; // Of another type it means something else.
    if (entry->type == type && entry->attributes == attributes)
        return {};
    const auto changed = CAIRN_TRY(table.withType(entry->number, type, attributes));
    CAIRN_TRY(found.member->replaceTable(changed));
    publish(Probing::New);
    return {};
}

Result<Member> GptArray::addMember(const NewMember& wanted)
{
    return catchOutOfMemory([&]() -> Result<Member> {
        const std::scoped_lock guard(m_deviceMutex);
        if (!m_writing)
            return failure(ErrorCode::ReadOnlyArray, m_uri, "not open for writing");
        MemberMaking making = CAIRN_TRY(m_makeMember(wanted));
        const std::string made = making.source->location();
        const auto add = [&]() -> Result<Member> {
            std::optional<GptMember> member;
            if (wanted.adopt) {
                member = GptMember::attach(std::move(making.source));
                if (member->error())
                    return std::unexpected(*member->error());
            } else {
                member = CAIRN_TRY(GptMember::prepare(std::move(making.source)));
            }
            member->setFence(m_fence);
            return joinMember(std::move(*member), wanted, making);
        };
        auto added = add();
        if (!added)
            making.undo();
        if (!added && added.error().subject == made)
            added.error().subject = locationOf(wanted.uri);
        return added;
    });
}

Result<void> GptArray::writeNewMember(GptMember& member, const NewMember& wanted)
{
    const auto format = [&]() -> Result<void> {
        for (const Region& region : member.regions(HostUse::read())) {
            if (region.role != RegionRole::Management || !wanted.format)
                continue;
            const auto io = CAIRN_TRY(member.openRegion(region, {.access = Access::Write}));
            return wanted.format(*io, region.member);
        }
        return {};
    };
    if (wanted.adopt) {
        CAIRN_TRY(member.beginWriting());
        if (wanted.managementBytes == 0)
            return {};
        const auto changed = CAIRN_TRY(withManagement(member, managementEntry(m_environment.random),
                                                      wanted.managementBytes, wanted.leftovers));
        CAIRN_TRY(member.replaceTable(changed));
        return format();
    }
    const auto table = CAIRN_TRY(newTable(member, wanted.managementBytes));
    const auto write = [&]() -> Result<void> {
        CAIRN_TRY(member.replaceTable(table));
        member.endWriting(); // The whole-disk claim goes.
        CAIRN_TRY(member.beginWriting());
        return format();
    };
    auto written = write();
    if (!written && member.isWriting())
        member.eraseTable(table);
    return written;
}

Result<Member> GptArray::joinMember(GptMember member, const NewMember& wanted,
                                    const MemberMaking& making)
{
    // A member that was missing or damaged at the same place, or is replaced, is this one now.
    const auto isReplaced = [&member, &wanted](const GptMember& other) {
        return !other.isUsable() &&
               (other.location() == member.location() ||
                (!wanted.replaces.empty() && isSamePlace(other.location(), wanted.replaces)));
    };
    std::vector<const GptMember*> all;
    for (const GptMember& other : m_members) {
        if (!isReplaced(other))
            all.push_back(&other);
    }
    all.push_back(&member);
    CAIRN_TRY(checkIdentities(all));
    if (wanted.adopt && member.describe().holdsCatalog)
        return failure(ErrorCode::AlreadyAnArray, member.location());
    CAIRN_TRY(writeNewMember(member, wanted));
    const Uuid id = member.table()->diskId();
    if (making.finish) {
        member.endWriting();
        member = GptMember::attach(CAIRN_TRY(making.finish()));
        if (member.error())
            return std::unexpected(*member.error());
        if (member.table()->diskId() != id)
            return failure(ErrorCode::IdentityChanged, member.location());
        CAIRN_TRY(member.beginWriting());
        member.setFence(m_fence);
    }
    std::erase_if(m_members, isReplaced);
    m_members.push_back(std::move(member));
    publish(Probing::New);
    return *layout().findMember(id);
}

std::string GptArray::locationOf(const std::string& uri) const
{
    return m_locationOf ? m_locationOf(uri) : uri;
}

Result<void> GptArray::releaseMember(const Uuid& id)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const std::scoped_lock guard(m_deviceMutex);
        const auto member = std::ranges::find_if(m_members, [&](const GptMember& candidate) {
            return candidate.table() && candidate.table()->diskId() == id;
        });
        if (member == m_members.end())
            return failure(ErrorCode::UnknownMember, id.toString());
        if (!member->isWriting())
            return failure(ErrorCode::ReadOnlyArray, member->location(),
                           m_writing ? member->describe().problem : "not open for writing");
        const auto changed = CAIRN_TRY(withoutCairn(*member->table()));
        if (m_fence) {
            CAIRN_TRY(m_fence->admit(id));
            m_fence->retire(id);
        }
        auto released = member->replaceTable(changed);
        if (m_fence && !released && holdsCatalog(*member))
            m_fence->keep(id);
        publish(Probing::New);
        return released;
    });
}

Result<void> GptArray::leaveOut(const std::string& location)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const std::scoped_lock guard(m_deviceMutex);
        const auto isLeftOut = [&location](const GptMember& member) {
            return !member.isUsable() && isSamePlace(member.location(), location);
        };
        if (std::ranges::none_of(m_members, isLeftOut))
            return {};
        if (m_leaveOut)
            CAIRN_TRY(m_leaveOut(location));
        std::erase_if(m_members, isLeftOut);
        publish(Probing::New);
        return {};
    });
}

} // namespace cairn
