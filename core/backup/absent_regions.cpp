// Asks records and ledger for regions that no attached table has.
#include "core/backup/absent_regions.h"

#include "core/backup/member_loss.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace cairn {
namespace {

// What the ledger alone tells: names by identity, as adding and renaming left them.
struct Told {
    std::map<RegionId, std::string> added;
    std::set<RegionId> removed;
};

Told toldBy(const std::vector<Event>& events)
{
    Told told;
    for (const Event& event : events) {
        const auto uuid = Uuid::parse(event.detail);
        if (event.kind == EventKind::RegionAdded && uuid)
            told.added[RegionId{*uuid}] = event.subject;
        if (event.kind == EventKind::RegionRemoved && uuid) {
            told.added.erase(RegionId{*uuid});
            told.removed.insert(RegionId{*uuid});
        }
        if (event.kind != EventKind::RegionRenamed)
            continue;
        // A name is one region's at a time.
        for (auto& [id, name] : told.added) {
            if (name == event.detail)
                name = event.subject;
        }
    }
    return told;
}

std::vector<Member> membersAway(const ArrayLayout& layout)
{
    std::vector<Member> away;
    std::ranges::copy_if(layout.members, std::back_inserter(away), [](const Member& member) {
        return !member.id.isNull() && isAway(member);
    });
    return away;
}

} // namespace

Result<std::vector<AbsentRegion>> absentRegions(Attachment& attachment)
{
    return catchOutOfMemory([&]() -> Result<std::vector<AbsentRegion>> {
        const ArrayLayout layout = attachment.layout();
        const std::vector<Member> away = membersAway(layout);
        if (away.empty())
            return std::vector<AbsentRegion>();
        const auto catalog = CAIRN_TRY(attachment.catalog());
        // Without the ledger the records still tell of what they name.
        const auto ledger = catalog->ledger();
        const Told told = ledger ? toldBy(ledger->events) : Told();
        std::map<RegionId, AbsentRegion> found;
        // The newest record that names a region has its newest name.
        for (const Generation& generation : CAIRN_TRY(catalog->generations())) {
            for (const RegionRef& region : {generation.source, generation.target}) {
                const auto member = std::ranges::find(away, region.member, &Member::id);
                if (member != away.end())
                    found.try_emplace(region.id, AbsentRegion{region, {*member}});
            }
        }
        const Uuid only = away.size() == 1 ? away.front().id : Uuid();
        for (const auto& [id, name] : told.added)
            found.try_emplace(id, AbsentRegion{{id, name, only}, away});
        std::vector<AbsentRegion> regions;
        for (auto& [id, region] : found) {
            if (layout.find(id) == nullptr && !told.removed.contains(id))
                regions.push_back(std::move(region));
        }
        std::ranges::sort(regions, {}, [](const AbsentRegion& region) {
            return std::pair(region.region.name, region.region.id);
        });
        return regions;
    });
}

} // namespace cairn
