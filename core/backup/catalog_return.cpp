// Empties the management region that another catalog fills: what is wiped there is then repaired.
#include "core/backup/catalog_return.h"

#include "core/backup/guards.h"
#include "core/catalog/management_region.h"

#include <algorithm>
#include <array>

namespace cairn {
namespace {

// Whether the catalog knows the member as one that holds a copy.
bool isHolder(Catalog& catalog, const Uuid& member)
{
    const auto known = catalog.members();
    return known && std::ranges::any_of(*known, [&](const KnownMember& entry) {
               return entry.id == member && entry.holdsCatalog && !entry.removed;
           });
}

Result<void> wipe(RegionIo& region)
{
    const std::array<std::byte, kPageBytes> zeroes{};
    for (const std::uint64_t offset : kSuperSlotOffsets)
        CAIRN_TRY(region.write(offset, zeroes));
    return region.flush();
}

Result<void> takeBack(Attachment& attachment, const Uuid& member, const std::string& confirmedName)
{
    CAIRN_TRY(attachment.refresh());
    const auto region = foreignCopyOn(attachment, member);
    const ArrayLayout layout = attachment.layout();
    if (!region) {
        const Member* named = layout.findMember(member);
        return failure(ErrorCode::ForeignMember,
                       named != nullptr ? named->location : member.toString());
    }
    const CatalogStatus status = CAIRN_TRY(attachment.catalog())->status();
    if (status.histories.size() > 1)
        return failure(ErrorCode::HistoriesDiverged);
    CAIRN_TRY(checkConfirmation(layout, *region, confirmedName, true));
    const auto repaired = attachment.rewriteCatalog(
        [&](std::vector<CatalogCopy> copies) -> Result<std::unique_ptr<Catalog>> {
            const auto copy = std::ranges::find(copies, member, &CatalogCopy::member);
            CAIRN_ASSERT(copy != copies.end());
            CAIRN_TRY(wipe(*copy->io));
            return Catalog::openForWriting(std::move(copies), attachment.environment());
        },
        {.arrayId = status.arrayId});
    if (!repaired)
        return repaired;
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    return writing.catalog().append({.kind = EventKind::MirrorRepaired,
                                     .generation = 0,
                                     .subject = layout.findMember(member)->location,
                                     .detail = "another catalog was given up"});
}

} // namespace

std::optional<Region> foreignCopyOn(Attachment& attachment, const Uuid& member)
{
    const auto catalog = attachment.catalog();
    if (!catalog || !isHolder(**catalog, member))
        return std::nullopt;
    const auto copies = (*catalog)->status().copies;
    const auto copy = std::ranges::find(copies, member, &CatalogCopyStatus::member);
    if (copy == copies.end() || copy->state != CatalogCopyState::Foreign)
        return std::nullopt;
    for (const Region& region : attachment.array().layout().regions) {
        if (region.member == member && region.role == RegionRole::Management)
            return region;
    }
    return std::nullopt;
}

Result<void> takeCopyBack(Attachment& attachment, const Uuid& member,
                          const std::string& confirmedName)
{
    return catchOutOfMemory([&] { return takeBack(attachment, member, confirmedName); });
}

} // namespace cairn
