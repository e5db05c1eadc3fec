// Finds room in a management region, fills it with the pages of a database, and switches over.
#include "core/catalog/move_database.h"

#include "core/catalog/region_attach.h"
#include "core/catalog/region_database.h"
#include "core/catalog/region_journal.h"

#include <array>
#include <fmt/format.h>
#include <optional>
#include <tuple>

namespace cairn {
namespace {

// Rolled back if it has to be and can be. A journal that is still hot then, or damaged, is all
// that may be left of pages in the main area.
bool settleJournal(RegionIo& copy, const AttachedCopy& attached)
{
    const Uuid& arrayId = attached.super.arrayId;
    std::ignore = RegionDatabase::open({&copy}, {DatabaseMode::Live, arrayId, false});
    RegionCopies alone({attached.copy}, arrayId);
    const auto header = RegionJournal(alone, false).firstHeader();
    return header && !header->live;
}

// The size for a super block by which so many pages lie apart from the database that is there.
std::optional<std::uint64_t> roomBeside(RegionIo& copy, const ManagementAreas& taken,
                                        std::uint32_t pages)
{
    const auto whole = managementAreas(copy.sizeBytes());
    if (!whole)
        return std::nullopt;
    for (const std::uint64_t size : {copy.sizeBytes(), whole->main.offsetBytes}) {
        const auto areas = managementAreas(size);
        if (areas && areas->main.lengthBytes / kPageBytes >= pages &&
            !areas->main.overlaps(taken.main))
            return size;
    }
    return std::nullopt;
}

// Pages first, then the super block that makes them count; of a cut in between, nothing is seen.
Result<void> movePages(RegionCopies& from, std::uint32_t pages, RegionIo& to,
                       const SuperBlock& super)
{
    const ManagementAreas areas = CAIRN_TRY(managementAreas(super.regionBytes));
    RegionCopies place({StoredCopy{&to, areas, false}}, super.arrayId);
    std::array<std::byte, kPageBytes> page{};
    for (std::uint32_t number = 1; number <= pages; ++number) {
        if (CAIRN_TRY(from.readPage(number, page, false)) != PageState::Valid)
            return failure(ErrorCode::CatalogDamaged, from.name(), fmt::format("page {}", number));
        CAIRN_TRY(place.writePage(number, page));
    }
    CAIRN_TRY(to.flush());
    // Both slots: what the older one names is not kept up from here on.
    CAIRN_TRY(writeSuperBlock(to, super));
    CAIRN_TRY(writeSuperBlock(to, super));
    CAIRN_TRY(describeManagementRegion(to, super));
    return to.flush();
}

} // namespace

Result<bool> installBeside(RegionIo& draft, RegionIo& copy, const Uuid& arrayId)
{
    const AttachedCopy from = CAIRN_TRY(attachCopy(draft, arrayId));
    RegionCopies source({from.copy}, arrayId);
    const std::uint32_t pages = CAIRN_TRY(source.pagesByHeader());
    const auto there = attachCopy(copy, arrayId);
    if (!there)
        return false;
    const auto size = roomBeside(copy, there->copy.areas, pages);
    if (!size || !settleJournal(copy, *there))
        return false;
    SuperBlock super = there->super;
    super.regionBytes = *size;
    super.commitId = from.super.commitId;
    super.repairing = false;
    CAIRN_TRY(movePages(source, pages, copy, super));
    return true;
}

bool canBeEnlarged(RegionIo& copy, const Uuid& arrayId)
{
    const auto there = attachCopy(copy, arrayId);
    const auto whole = managementAreas(copy.sizeBytes());
    return there && whole && !there->super.repairing &&
           there->super.regionBytes <= whole->main.offsetBytes;
}

Result<void> enlarge(RegionIo& copy, const Uuid& arrayId)
{
    const AttachedCopy there = CAIRN_TRY(attachCopy(copy, arrayId));
    if (!settleJournal(copy, there))
        return failure(ErrorCode::CatalogDamaged, copy.name(), "journal header");
    RegionCopies source({there.copy}, arrayId);
    const std::uint32_t pages = CAIRN_TRY(source.pagesByHeader());
    SuperBlock super = there.super;
    super.regionBytes = copy.sizeBytes();
    return movePages(source, pages, copy, super);
}

} // namespace cairn
