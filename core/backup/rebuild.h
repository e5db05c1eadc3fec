// What both ways to rebuild a catalog share.
#pragma once

#include "core/backup/catalog_file.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

// Makes sure that the array has a catalog that can be written: where none can be read, an empty
// one is written over what is there. CatalogForeign: the array is another one than `arrayId`, where
// that is given.
[[nodiscard]] Result<void> requireCatalog(Attachment& attachment,
                                          const std::optional<Uuid>& arrayId,
                                          const std::string& label,
                                          const std::vector<KnownMember>& members);

[[nodiscard]] Result<void> recordRebuilt(Catalog& catalog, const RebuildOutcome& outcome,
                                         const std::string& from);

} // namespace cairn
