// What of a generation's copy can be found on the array now, whatever its record says.
#pragma once

#include "core/array/region.h"
#include "core/backup/attachment.h"
#include "core/base/error.h"
#include "core/catalog/records.h"

#include <cstdint>
#include <optional>
#include <string>

namespace cairn {

enum class CopyPresence : std::uint8_t {
    Present,
    MemberMissing, // Known, and not attached now.
    MemberFailed,  // Attached, and cannot be read.
    MemberGone,    // It was replaced or released.
    RegionGone,    // No attached member has a region of that identity.
    // The region is smaller than the backup, lost its mark as a backup, or holds something else.
    RegionChanged,
};

// Stable lower-case word for JSON: "present", "member-missing" …
[[nodiscard]] const char* presenceName(CopyPresence presence) noexcept;

struct FoundCopy {
    CopyPresence presence = CopyPresence::Present;
    std::string detail; // Of a region that changed: what of it.
    // Whether all of its bytes can be read, to compare them with their digests.
    bool readable = true;

    [[nodiscard]] bool present() const { return presence == CopyPresence::Present; }
};

// Looks at the layout only, and reads nothing: what the bytes are, verify tells. The layout has
// the members that are missing, as Attachment::layout() gives it.
[[nodiscard]] FoundCopy findCopy(const ArrayLayout& layout, const Generation& generation);

// The region, to read the copy from and compare it with its digests, which also tells whether a
// changed one still holds it. MemberMissing, MemberFailed; ReadFailed where it is gone, or is
// smaller than the backup.
[[nodiscard]] Result<Region> requireCopyRegion(const ArrayLayout& layout,
                                               const Generation& generation);

// Why what was read and written there is not what the member's name leads to any more, so that who
// attaches it next does not find it: a file can be deleted or replaced meanwhile. FlushFailed, or
// why the region cannot be opened any more; nothing where all is as it was.
[[nodiscard]] std::optional<Error> takenAway(Attachment& attachment, const RegionId& region);

} // namespace cairn
