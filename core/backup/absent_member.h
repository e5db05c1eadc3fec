// Which of an array's members a disk or file is that was not attached with it.
#pragma once

#include "core/backup/attachment.h"

#include <optional>
#include <string>

namespace cairn {

// The member that lies at the path, wherever it was last seen: known by its disk GUID, listed by
// the catalog, and not attached. Nothing where it is none, or no catalog can be read. Writes
// nothing.
[[nodiscard]] std::optional<KnownMember> findAbsentMember(Attachment& attachment,
                                                          const std::string& path);

} // namespace cairn
