// Looking up regions and members in a layout.
#include "core/array/region.h"

#include <algorithm>

namespace cairn {

const Region* ArrayLayout::find(const RegionId& id) const
{
    const auto found = std::ranges::find(regions, id, &Region::id);
    return found == regions.end() ? nullptr : &*found;
}

const Member* ArrayLayout::findMember(const Uuid& id) const
{
    const auto found = std::ranges::find(members, id, &Member::id);
    return found == members.end() ? nullptr : &*found;
}

std::optional<std::uint64_t> freeBytes(const Member& member)
{
    if (member.id.isNull() || member.state == MemberState::Missing ||
        member.state == MemberState::Failed)
        return std::nullopt;
    std::uint64_t bytes = 0;
    for (const ByteRange& range : member.free)
        bytes += range.lengthBytes;
    return bytes;
}

} // namespace cairn
