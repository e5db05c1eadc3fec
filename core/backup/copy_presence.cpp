// Looks for the region of a copy, and at what it shows of itself.
#include "core/backup/copy_presence.h"

#include "core/backup/guards.h"
#include "core/base/printable_text.h"

namespace cairn {
namespace {

FoundCopy changed(const char* what, bool readable = true)
{
    return {CopyPresence::RegionChanged, what, readable};
}

FoundCopy notFound(CopyPresence presence)
{
    return {presence, {}, false};
}

// A label that is no valid text is not recorded as it is.
bool sameSignature(const Content& found, const Content& recorded)
{
    Content comparable = found;
    if (utf16Length(found.label) == SIZE_MAX)
        comparable.label = recorded.label;
    return sameContent(comparable, recorded);
}

// The signature that a backup begins with is its source's. What a restore overwrote lies in
// another order, and has none of its own. Of what is unknown nothing follows.
bool showsAnotherContent(const Region& region, const Generation& generation)
{
    if (generation.undo || generation.content.kind == ContentKind::Unread)
        return false;
    // Of other bytes samples may find nothing; where some were, nothing but zeroes is not them.
    if (generation.content.kind == ContentKind::Unknown &&
        region.content.kind == ContentKind::Empty)
        return true;
    return (generation.content.kind == ContentKind::Recognised ||
            region.content.kind == ContentKind::Recognised) &&
           !sameSignature(region.content, generation.content);
}

} // namespace

const char* presenceName(CopyPresence presence) noexcept
{
    switch (presence) {
    case CopyPresence::Present:
        return "present";
    case CopyPresence::MemberMissing:
        return "member-missing";
    case CopyPresence::MemberFailed:
        return "member-failed";
    case CopyPresence::MemberGone:
        return "member-gone";
    case CopyPresence::RegionGone:
        return "region-gone";
    case CopyPresence::RegionChanged:
        return "region-changed";
    }
    return "unknown";
}

FoundCopy findCopy(const ArrayLayout& layout, const Generation& generation)
{
    const Region* region = layout.find(generation.target.id);
    const Member* member =
        layout.findMember(region != nullptr ? region->member : generation.target.member);
    if (member == nullptr || member->state == MemberState::Foreign)
        return notFound(CopyPresence::MemberGone);
    if (member->state == MemberState::Missing)
        return notFound(CopyPresence::MemberMissing);
    if (member->state == MemberState::Failed)
        return notFound(CopyPresence::MemberFailed);
    if (region == nullptr)
        return notFound(CopyPresence::RegionGone);
    if (region->extent.lengthBytes < generation.sizeBytes)
        return changed("it is smaller than the backup", false);
    if (region->role != RegionRole::Backup)
        return changed("it is not marked as a backup any more");
    if (region->content.kind == ContentKind::Unread)
        return changed("its beginning cannot be read");
    if (showsAnotherContent(*region, generation))
        return changed("it shows another content than the backup");
    return {};
}

Result<Region> requireCopyRegion(const ArrayLayout& layout, const Generation& generation)
{
    const FoundCopy found = findCopy(layout, generation);
    const RegionRef& target = generation.target;
    const std::string name = target.name.empty() ? target.id.uuid.toString() : target.name;
    const Region* region = layout.find(target.id);
    const Member* member = layout.findMember(region != nullptr ? region->member : target.member);
    switch (found.presence) {
    case CopyPresence::MemberMissing:
        return failure(ErrorCode::MemberMissing, member != nullptr ? member->location : name, name);
    case CopyPresence::MemberFailed:
        return failure(ErrorCode::MemberFailed, member != nullptr ? member->location : name,
                       member != nullptr ? member->problem : std::string());
    case CopyPresence::MemberGone:
        return failure(ErrorCode::ReadFailed, name,
                       member != nullptr ? "its disk is no member of the array: " + member->problem
                                         : "its member was replaced or released");
    case CopyPresence::RegionGone:
    case CopyPresence::Present:
    case CopyPresence::RegionChanged:
        break;
    }
    if (region == nullptr)
        return failure(ErrorCode::ReadFailed, name, "no attached member has this region");
    if (!found.readable)
        return failure(ErrorCode::ReadFailed, name, found.detail);
    return *region;
}

std::optional<Error> takenAway(Attachment& attachment, const RegionId& region)
{
    const auto io = attachment.array().openRegion(region, Access::Read);
    if (!io)
        return io.error();
    const auto named = (*io)->checkNamed();
    return named ? std::nullopt : std::optional(named.error());
}

} // namespace cairn
