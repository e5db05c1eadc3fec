// What both ways to rebuild a catalog share.
#pragma once

#include "core/backup/catalog_file.h"
#include "core/backup/salvage.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

// Makes sure that the array has a catalog that can be written: where none can be read, or what is
// there is too damaged to be written, an empty one is written over it. Gives what could be read of
// the old one, to be inserted. InvalidArgument: the array is another one than `arrayId`, where that
// is given.
[[nodiscard]] Result<Salvage> requireCatalog(Attachment& attachment,
                                             const std::optional<Uuid>& arrayId,
                                             const std::string& label,
                                             const std::vector<KnownMember>& members);

// The records of the old catalog, as those of an export are inserted.
[[nodiscard]] Result<void> insertSalvaged(Attachment& attachment, Catalog& catalog,
                                          const Salvage& salvaged, RebuildOutcome& outcome);

[[nodiscard]] Result<void> recordRebuilt(Catalog& catalog, const RebuildOutcome& outcome,
                                         const std::string& from);

} // namespace cairn
