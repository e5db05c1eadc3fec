// Opens one copy of each history alone.
#include "core/backup/histories_apart.h"

#include <algorithm>

namespace cairn {
namespace {

Result<HistoryApart> readAlone(Attachment& attachment, const CatalogHistory& history)
{
    HistoryApart apart{.id = history.id, .members = {}, .generations = {}};
    std::vector<CatalogCopy> copies;
    for (const Region& region : attachment.array().layout().regions) {
        if (region.role != RegionRole::Management ||
            std::ranges::find(history.members, region.member) == history.members.end())
            continue;
        copies.push_back({.member = region.member,
                          .memberName = region.member.toString(),
                          .io = CAIRN_TRY(attachment.array().openRegion(region.id, Access::Read))});
    }
    const auto catalog =
        CAIRN_TRY(Catalog::openForReading(std::move(copies), attachment.environment()));
    apart.members = CAIRN_TRY(catalog->members());
    for (const GenerationNumber number : history.ownGenerations) {
        if (auto generation = catalog->generation(number))
            apart.generations.push_back(*std::move(generation));
    }
    return apart;
}

} // namespace

std::vector<HistoryApart> historiesApart(Attachment& attachment)
{
    std::vector<HistoryApart> found;
    const auto catalog = attachment.catalog();
    const CatalogStatus status = catalog ? (*catalog)->status() : CatalogStatus();
    if (status.histories.size() < 2)
        return found;
    for (const CatalogHistory& history : status.histories) {
        auto apart = catchOutOfMemory([&] { return readAlone(attachment, history); });
        if (apart)
            found.push_back(*std::move(apart));
    }
    return found;
}

std::vector<LeftApart> membersLeftApart(Attachment& attachment)
{
    std::vector<LeftApart> found;
    const auto catalog = attachment.catalog();
    const CatalogStatus status = catalog ? (*catalog)->status() : CatalogStatus();
    for (const HistoryApart& apart : historiesApart(attachment)) {
        for (const KnownMember& member : apart.members) {
            const auto holder =
                std::ranges::find_if(status.histories, [&](const CatalogHistory& history) {
                    return std::ranges::find(history.members, member.id) != history.members.end();
                });
            if (member.removed && holder != status.histories.end() && holder->id != apart.id)
                found.push_back({.member = member, .holds = holder->id, .left = apart.id});
        }
    }
    return found;
}

} // namespace cairn
