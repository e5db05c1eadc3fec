// Looks where a management region may begin: at a MiB.
#include "core/backup/lost_table.h"

#include "core/catalog/management_region.h"
#include "core/io/fenced_io.h"
#include "core/io/file_io.h"

#include <algorithm>
#include <optional>

namespace cairn {
namespace {

std::optional<std::uint64_t> findCatalog(const std::shared_ptr<RegionIo>& disk)
{
    const std::uint64_t end = std::min(disk->sizeBytes(), kGiB);
    for (std::uint64_t at = kMiB; at + kMinimumManagementBytes <= end; at += kMiB) {
        const auto region =
            FencedIo::create(disk, {at, kMinimumManagementBytes}, Access::Read, disk->name());
        if (region && readSuperBlock(**region))
            return at;
    }
    return std::nullopt;
}

} // namespace

Error orTableLost(Error error, const Environment& environment)
{
    const bool concerned = (error.code == ErrorCode::NotAnArray && error.amount == 0) ||
                           error.code == ErrorCode::ContentRecognised ||
                           error.code == ErrorCode::ContentUnknown;
    if (!concerned)
        return error;
    auto disk =
        FileIo::open(error.subject, {.access = Access::Read, .devices = environment.devices});
    if (!disk)
        return error;
    const auto found = findCatalog(std::shared_ptr<RegionIo>(*std::move(disk)));
    return found ? Error{ErrorCode::TableLost, 0, error.subject, {}, *found} : error;
}

} // namespace cairn
