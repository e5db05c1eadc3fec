// Follows names of regions through the ledger.
#include "core/backup/given_up_copies.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace cairn {
namespace {

std::vector<Region> unexplained(const std::vector<Region>& regions,
                                const std::vector<Generation>& records)
{
    std::vector<Region> found;
    std::ranges::copy_if(regions, std::back_inserter(found), [&](const Region& region) {
        return region.role == RegionRole::Backup && !region.name.empty() &&
               std::ranges::none_of(records, [&](const Generation& record) {
                   return record.target.id == region.id;
               });
    });
    return found;
}

// What a history that was given up had done, which the ledger that goes on tells in its detail:
// "in history ID, TIME: NAME #5: DETAIL", the last two only where there are any.
struct Told {
    std::string_view name; // Of the kind, as eventName().
    std::string_view detail;
};

std::optional<Told> toldBy(const Event& event)
{
    constexpr std::string_view kAfterTime = "Z: ";
    const std::string_view text = event.detail;
    const auto time = text.find(kAfterTime);
    if (time == std::string_view::npos)
        return std::nullopt;
    const std::string_view rest = text.substr(time + kAfterTime.size());
    const auto colon = rest.find(": ");
    return Told{rest.substr(0, rest.find_first_of(" :")),
                colon == std::string_view::npos ? std::string_view() : rest.substr(colon + 2)};
}

} // namespace

GivenUpCopies givenUpCopies(const std::vector<Region>& regions,
                            const std::vector<Generation>& records,
                            const std::vector<Event>& events)
{
    std::map<std::string, std::int64_t, std::less<>> byName;
    for (const Event& event : events) {
        const bool givenUp = event.kind == EventKind::GivenUp;
        const auto told =
            givenUp ? toldBy(event) : std::optional(Told{eventName(event.kind), event.detail});
        const auto is = [&](EventKind kind) { return told && told->name == eventName(kind); };
        const bool copy = is(EventKind::BackupStarted) || is(EventKind::ImportStarted);
        if (copy && givenUp)
            byName[event.subject] = event.timeMs;
        else if (copy || is(EventKind::RegionRemoved) || is(EventKind::RegionAdded))
            byName.erase(event.subject);
        if (!is(EventKind::RegionRenamed))
            continue;
        if (const auto old = byName.find(told->detail); old != byName.end()) {
            byName[event.subject] = old->second;
            byName.erase(old);
        }
    }
    GivenUpCopies found;
    for (const Region& region : unexplained(regions, records)) {
        const auto when = byName.find(region.name);
        if (when != byName.end() && std::ranges::count(regions, region.name, &Region::name) == 1)
            found.emplace(region.id, when->second);
    }
    return found;
}

Result<GivenUpCopies> givenUpCopies(Attachment& attachment, const std::vector<Generation>& records)
{
    const std::vector<Region> regions = attachment.layout().regions;
    if (unexplained(regions, records).empty())
        return GivenUpCopies();
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const Ledger ledger = CAIRN_TRY(catalog->ledger());
    return givenUpCopies(regions, records, ledger.events);
}

} // namespace cairn
