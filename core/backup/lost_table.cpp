// Looks where a management region may begin: at a MiB.
#include "core/backup/lost_table.h"

#include "core/array/gpt/gpt_table.h"
#include "core/array/probe.h"
#include "core/catalog/management_region.h"
#include "core/io/fenced_io.h"
#include "core/io/file_io.h"

#include <algorithm>
#include <optional>

namespace cairn {
namespace {

// A new array's catalog begins at 1 MiB. Each place is a seek of a disk that turns.
constexpr std::uint64_t kSearchedBytes = 64 * kMiB;
// As libblkid calls what is left of a GPT without its headers.
constexpr const char* kProtectiveMbr = "PMBR";

std::optional<std::uint64_t> findCatalog(const std::shared_ptr<RegionIo>& disk)
{
    const std::uint64_t end = std::min(disk->sizeBytes(), kSearchedBytes);
    for (std::uint64_t at = kMiB; at + kMinimumManagementBytes <= end; at += kMiB) {
        const auto region =
            FencedIo::create(disk, {at, kMinimumManagementBytes}, Access::Read, disk->name());
        if (region && readSuperBlock(**region))
            return at;
    }
    return std::nullopt;
}

// A former member that has another table now, or a filesystem, is what that says.
bool isWithoutTable(RegionIo& disk)
{
    const auto table = GptTable::read(disk);
    if (table || table.error().code != ErrorCode::NotAnArray)
        return false;
    const Content content = probeContent(disk);
    return content.kind != ContentKind::Recognised || content.type == kProtectiveMbr;
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
    if (!disk || !isWithoutTable(**disk))
        return error;
    const auto found = findCatalog(std::shared_ptr<RegionIo>(*std::move(disk)));
    return found ? Error{ErrorCode::TableLost, 0, error.subject, {}, *found} : error;
}

} // namespace cairn
