// Compares the disk's GUID with the catalog's list.
#include "core/backup/absent_member.h"

#include <algorithm>

namespace cairn {

std::optional<KnownMember> findAbsentMember(Attachment& attachment, const std::string& path)
{
    const auto catalog = attachment.catalog();
    const auto alone = openArray({path}, attachment.environment());
    if (!catalog || !alone)
        return std::nullopt;
    const Uuid id = (*alone)->layout().members.front().id;
    const ArrayLayout attached = attachment.array().layout();
    if (id.isNull() || attached.findMember(id) != nullptr)
        return std::nullopt;
    const auto known = (*catalog)->members().value_or(std::vector<KnownMember>());
    const auto found = std::ranges::find_if(
        known, [&](const KnownMember& member) { return member.id == id && !member.removed; });
    return found == known.end() ? std::nullopt : std::optional(*found);
}

} // namespace cairn
