// Candidate targets with the catalog's reasons added to the array's.
#pragma once

#include "core/backup/attachment.h"

#include <string_view>
#include <vector>

namespace cairn {

// Best first: allowed before confirmable before refused; then another member than the source's
// before the same; empty before replacing a backup of this source; the oldest replaced first; the
// least spare space; name. docs/candidates.md explains the order.
[[nodiscard]] Result<std::vector<CandidateTarget>> candidateTargets(Attachment& attachment,
                                                                    const RegionId& source);

// By name or PARTUUID. UnknownRegion, AmbiguousName.
[[nodiscard]] Result<Region> findRegion(Attachment& attachment, std::string_view nameOrUuid);

// The error that stands for a refusal where one must be returned; of several, the first.
[[nodiscard]] Error refusalError(const CandidateTarget& candidate, const Region& target);

} // namespace cairn
