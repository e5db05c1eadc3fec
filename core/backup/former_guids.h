// Recognises members and regions whose GUIDs were changed from outside.
#pragma once

#include "core/backup/attachment.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct FormerRegion {
    std::uint32_t entry = 0; // Of the GPT that it lies in, from 1.
    Uuid uuid;               // The PARTUUID by which records know it.
    friend bool operator==(const FormerRegion&, const FormerRegion&) = default;
};

struct FormerDisk {
    Uuid disk;            // The GUID for which its management region was made.
    std::string location; // Where that member was last seen; empty where no catalog can tell.
    std::vector<FormerRegion> regions; // Whose PARTUUIDs were changed too, in order of entry.
    friend bool operator==(const FormerDisk&, const FormerDisk&) = default;
};

// Which member the disk at the path was, attached or not, before its GUID became another: that for
// which its management region was made, that the catalog lists, that is not attached, and of whose
// regions some are on it, by PARTUUID or by name, if any is known. Where no catalog can be read,
// the management region alone tells. Writes nothing.
[[nodiscard]] std::optional<FormerDisk> findFormerDisk(Attachment& attachment,
                                                       const std::string& path);

// Regions of an attached member that are marked as backups and are, by name and size, those of
// copies that no attached member has; and the regions beside them that were backed up.
[[nodiscard]] std::vector<FormerRegion>
findFormerRegions(const ArrayLayout& layout, const std::vector<Generation>& generations,
                  const Uuid& member);

} // namespace cairn
