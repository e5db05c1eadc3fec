// Compares super block, records and names with what the table says now.
#include "core/backup/former_guids.h"

#include "core/array/path_member.h"
#include "core/backup/absent_regions.h"
#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "core/catalog/management_region.h"

#include <algorithm>
#include <map>

namespace cairn {
namespace {

// The one member that is open at the path.
const Member* memberAt(const ArrayLayout& layout, const std::string& path)
{
    const auto found = std::ranges::find_if(layout.members, [&](const Member& member) {
        return !member.id.isNull() && isSamePlace(member.location, path);
    });
    return found == layout.members.end() ? nullptr : &*found;
}

std::optional<SuperBlock> superBlockOn(Array& array, const Uuid& disk)
{
    for (const Region& region : array.layout().regions) {
        if (region.member != disk || region.role != RegionRole::Management)
            continue;
        const auto io = array.openRegion(region.id, Access::Read);
        const auto super = io ? readSuperBlock(**io) : std::unexpected(io.error());
        if (super)
            return *super;
    }
    return std::nullopt;
}

// What has that name on the disk, if one region alone does.
const Region* regionNamed(const ArrayLayout& layout, const Uuid& disk, const std::string& name)
{
    const Region* found = nullptr;
    for (const Region& region : layout.regions) {
        if (region.member != disk || region.name != name || region.role == RegionRole::Management)
            continue;
        if (found != nullptr)
            return nullptr;
        found = &region;
    }
    return name.empty() ? nullptr : found;
}

// Names that two regions had tell of neither.
class FormerNames {
public:
    void add(const Region& now, const Uuid& before)
    {
        auto& uuid = m_entries.try_emplace(now.entry, before).first->second;
        if (uuid != before)
            uuid = Uuid();
    }

    [[nodiscard]] std::vector<FormerRegion> regions() const
    {
        std::vector<FormerRegion> regions;
        for (const auto& [entry, uuid] : m_entries) {
            if (!uuid.isNull())
                regions.push_back({entry, uuid});
        }
        return regions;
    }

private:
    std::map<std::uint32_t, Uuid> m_entries;
};

// Of the regions that were known on the member; nothing where some are known and none is there.
std::optional<std::vector<FormerRegion>>
regionsOf(Attachment& attachment, const ArrayLayout& layout, const Uuid& disk, const Uuid& member)
{
    const auto records = readRecords(attachment);
    const auto absent = absentRegions(attachment);
    if (!records || !absent)
        return std::nullopt;
    const auto isOn = [&](const RegionId& id) {
        const Region* region = layout.find(id);
        return region != nullptr && region->member == disk;
    };
    bool known = false;
    bool found = false;
    for (const Generation& generation : records->generations) {
        for (const RegionRef& region : {generation.source, generation.target}) {
            known = known || region.member == member;
            found = found || (region.member == member && isOn(region.id));
        }
    }
    FormerNames names;
    for (const AbsentRegion& region : *absent) {
        known = known || region.region.member == member;
        found = found || isOn(region.region.id);
        if (isOn(region.region.id) || region.members.size() > 1 ||
            region.members.front().id != member)
            continue;
        if (const Region* now = regionNamed(layout, disk, region.region.name))
            names.add(*now, region.region.id.uuid);
    }
    auto regions = names.regions();
    if (known && !found && regions.empty())
        return std::nullopt;
    return regions;
}

std::optional<FormerDisk> formerDisk(Attachment& attachment, Array& array, const Member& disk)
{
    const auto super = superBlockOn(array, disk.id);
    if (!super || super->memberId == disk.id ||
        attachment.array().layout().findMember(super->memberId) != nullptr)
        return std::nullopt;
    const auto catalog = attachment.catalog();
    if (!catalog)
        return FormerDisk{.disk = super->memberId, .location = {}, .regions = {}};
    const CatalogStatus status = (*catalog)->status();
    if (super->arrayId != status.arrayId || status.histories.size() > 1)
        return std::nullopt;
    const auto known = (*catalog)->members().value_or(std::vector<KnownMember>());
    const auto member = std::ranges::find(known, super->memberId, &KnownMember::id);
    if (member == known.end() || member->removed || member->sizeBytes != disk.sizeBytes ||
        std::ranges::find(known, disk.id, &KnownMember::id) != known.end())
        return std::nullopt;
    auto regions = regionsOf(attachment, array.layout(), disk.id, member->id);
    if (!regions)
        return std::nullopt;
    return FormerDisk{
        .disk = member->id, .location = member->location, .regions = *std::move(regions)};
}

} // namespace

std::optional<FormerDisk> findFormerDisk(Attachment& attachment, const std::string& path)
{
    const ArrayLayout attached = attachment.array().layout();
    if (const Member* disk = memberAt(attached, path))
        return formerDisk(attachment, attachment.array(), *disk);
    const auto alone = openArray({path}, attachment.environment());
    if (!alone)
        return std::nullopt;
    const ArrayLayout layout = (*alone)->layout();
    const Member* disk = memberAt(layout, path);
    if (disk == nullptr || attached.findMember(disk->id) != nullptr)
        return std::nullopt;
    return formerDisk(attachment, **alone, *disk);
}

std::vector<FormerRegion> findFormerRegions(const ArrayLayout& layout,
                                            const std::vector<Generation>& generations,
                                            const Uuid& member)
{
    FormerNames names;
    bool found = false;
    for (const Generation& generation : generations) {
        if (generation.target.member != member || !isUsable(generation) ||
            findCopy(layout, generation).presence != CopyPresence::RegionGone)
            continue;
        const Region* now = regionNamed(layout, member, generation.target.name);
        if (now == nullptr || now->role != RegionRole::Backup ||
            now->extent.lengthBytes < generation.sizeBytes)
            continue;
        found = true;
        names.add(*now, generation.target.id.uuid);
    }
    for (const Generation& generation : generations) {
        if (!found || generation.source.member != member || !isUsable(generation) ||
            layout.find(generation.source.id) != nullptr)
            continue;
        if (const Region* now = regionNamed(layout, member, generation.source.name))
            names.add(*now, generation.source.id.uuid);
    }
    return names.regions();
}

} // namespace cairn
