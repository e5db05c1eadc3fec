// Gives a member up: its table first, or its description, then the catalog of those that stay.
#include "core/backup/release_disk.h"

#include "core/array/path_member.h"
#include "core/backup/guards.h"
#include "core/backup/seal.h"

#include <algorithm>
#include <deque>

namespace cairn {
namespace {

// That the history does not end here: opening for writing has repaired what could be.
Result<void> checkCatalogStays(const CatalogStatus& status, const Uuid& leaving)
{
    const CatalogCopyStatus* other = nullptr;
    for (const CatalogCopyStatus& copy : status.copies) {
        if (copy.member == leaving)
            continue;
        if (copy.state == CatalogCopyState::Current)
            return {};
        other = &copy;
    }
    return failure(ErrorCode::CatalogDamaged, other != nullptr ? other->memberName : std::string(),
                   other != nullptr ? other->detail : std::string());
}

// Those that are attached, or else those that the records name.
std::vector<Region> regionsOn(const Records& records, const Uuid& member)
{
    std::vector<Region> found;
    const auto add = [&](const Region& region) {
        if (region.member == member && !region.id.uuid.isNull() &&
            std::ranges::find(found, region.id, &Region::id) == found.end())
            found.push_back(region);
    };
    const auto addNamed = [&add](const RegionRef& named) {
        Region region;
        region.id = named.id;
        region.name = named.name;
        region.member = named.member;
        add(region);
    };
    for (const Region& region : records.layout.regions)
        add(region);
    if (!found.empty())
        return found;
    for (const Job& job : records.jobs) {
        addNamed(job.source);
        addNamed(job.target);
    }
    for (const Generation& generation : records.generations) {
        addNamed(generation.source);
        addNamed(generation.target);
    }
    return found;
}

// That nothing runs, waits or is held on the member's regions.
Result<void> checkIdle(Attachment& attachment, const Records& records, const Uuid& member)
{
    for (const Region& region : regionsOn(records, member)) {
        if (const auto unfinished = unfinishedRestore(attachment, records, region.id))
            return std::unexpected(refusalError(*unfinished, region));
        for (const Job& job : records.jobs) {
            if (job.source.id == region.id || job.target.id == region.id)
                return failure(ErrorCode::RegionBusy, region.name, {}, job.generation);
        }
        if (attachment.isBeingWritten(region.id))
            return failure(ErrorCode::RegionBusy, region.name);
        const Member* disk = records.layout.findMember(member);
        if (disk != nullptr && !isAway(*disk))
            CAIRN_TRY(requireNoSwapOf(records, region));
    }
    return requireNoneHeld(records, member);
}

// Whether the disk of a member that was not named stands where it was last seen.
bool isThere(Attachment& attachment, const Member& member)
{
    const ArrayLayout named = attachment.array().layout();
    if (std::ranges::any_of(named.members, [&](const Member& other) {
            return isSamePlace(other.location, member.location);
        }))
        return false;
    const auto alone = openArray({member.location}, attachment.environment());
    return alone && (*alone)->layout().findMember(member.id) != nullptr;
}

Result<DiskRelease> readRelease(Attachment& attachment, const Records& records, const Uuid& id)
{
    DiskRelease release;
    const Member* member = records.layout.findMember(id);
    if (member == nullptr)
        return failure(ErrorCode::UnknownMember, id.toString());
    if (member->state == MemberState::Foreign)
        return failure(ErrorCode::ForeignMember, member->location, member->problem);
    // Who forgot to name it would lose what lies on it; where it is named, it can be released
    // whole.
    if (member->state == MemberState::Missing && isThere(attachment, *member))
        return failure(ErrorCode::RegionInUse, member->location, "its disk is there, not named");
    release.member = *member;
    for (const Region& region : records.layout.regions) {
        if (region.role == RegionRole::Management && region.member == id)
            release.management = region;
    }
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const auto copies = catalog->status().copies;
    release.lastCatalog = std::ranges::none_of(
        copies, [&](const CatalogCopyStatus& copy) { return copy.member != id; });
    release.loss = lossWith(records, id);
    release.losing = release.management;
    if (isAway(*member)) {
        release.losing = losingRegion(records, release.loss);
        for (const Region& region : regionsOn(records, id))
            release.regions.push_back(nameOrUuid(refTo(region)));
    }
    return release;
}

Result<void> recordRelease(Catalog& catalog, const Member& member)
{
    auto known = CAIRN_TRY(catalog.members());
    for (KnownMember& entry : known) {
        if (entry.id == member.id) {
            entry.removed = true;
            entry.holdsCatalog = false;
        }
    }
    CAIRN_TRY(catalog.append({.kind = EventKind::MemberReleased,
                              .generation = 0,
                              .subject = member.location,
                              .detail = member.id.toString()}));
    return catalog.setMembers(known);
}

// A crash between the two leaves a member that is away: releasing it once more ends the work.
Result<void> releaseAway(Attachment& attachment, const Member& member)
{
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    CAIRN_TRY(attachment.array().leaveOut(member.location));
    return recordRelease(writing.catalog(), member);
}

Result<void> release(Attachment& attachment, const Uuid& id, const std::string& confirmedName)
{
    CAIRN_TRY(attachment.refresh());
    const Records records = CAIRN_TRY(readRecords(attachment));
    const DiskRelease planned = CAIRN_TRY(readRelease(attachment, records, id));
    CAIRN_TRY(checkIdle(attachment, records, id));
    if (isAway(planned.member)) {
        CAIRN_TRY(checkLossConfirmed(records, planned.loss, confirmedName));
        return releaseAway(attachment, planned.member);
    }
    if (planned.management)
        CAIRN_TRY(checkConfirmation(records.layout, *planned.management, confirmedName, true));
    {
        const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
        if (!planned.lastCatalog)
            CAIRN_TRY(checkCatalogStays(writing.catalog().status(), id));
        // What stays on the disk must not need a catalog that it leaves.
        std::deque<UnsealedForNow> unsealed;
        for (const Region& region : records.layout.regions) {
            if (region.member == id)
                unsealed.emplace_back(attachment, writing.catalog(),
                                      CAIRN_TRY(unsealForWriting(attachment, writing.catalog(),
                                                                 region, Occupant::Stays)));
        }
        CAIRN_TRY(attachment.array().releaseMember(id));
        std::ranges::for_each(unsealed, &UnsealedForNow::letGo);
    }
    // A crash between the two leaves a member that holds no catalog: releasing it once more ends
    // the work.
    if (planned.lastCatalog)
        return {};
    // Anew: without the copy that was given up.
    const auto writing = CAIRN_TRY(WriteAccess::takeAnew(attachment));
    return recordRelease(writing.catalog(), planned.member);
}

} // namespace

Result<DiskRelease> planRelease(Attachment& attachment, const Uuid& member)
{
    return catchOutOfMemory([&]() -> Result<DiskRelease> {
        const Records records = CAIRN_TRY(readRecords(attachment));
        DiskRelease release = CAIRN_TRY(readRelease(attachment, records, member));
        CAIRN_TRY(checkIdle(attachment, records, member));
        return release;
    });
}

Result<void> releaseDisk(Attachment& attachment, const Uuid& member,
                         const std::string& confirmedName)
{
    return catchOutOfMemory([&] { return release(attachment, member, confirmedName); });
}

} // namespace cairn
