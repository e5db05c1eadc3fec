// Which copies may not be what a history says, since their member was written apart or went back.
#pragma once

#include "core/catalog/ancestry.h"
#include "core/catalog/catalog.h"

#include <cstddef>
#include <vector>

namespace cairn {

// The generations that are Good in that history of the mirror, though another copy of the catalog
// speaks against it; in ascending order. Its own member's copy is behind, is not recorded as
// having missed what came after, and does not know the generation as whole: the member, and the
// region on it, may be an earlier state of itself. Or another history has overwritten the region.
// Where a copy cannot be asked, what lies on its member is in doubt.
[[nodiscard]] std::vector<GenerationNumber> findDoubtful(const InspectedMirror& mirror,
                                                         const std::vector<CatalogCopy>& copies,
                                                         std::size_t history);

} // namespace cairn
