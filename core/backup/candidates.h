// Candidate targets with the catalog's reasons added to the array's.
#pragma once

#include "core/backup/attachment.h"
#include "core/backup/guards.h"

#include <string>
#include <string_view>
#include <vector>

namespace cairn {

// Best first: allowed before confirmable before refused; then another member than the source's
// before the same; empty before replacing a backup of this source; the oldest replaced first; the
// least spare space; name. docs/candidates.md explains the order.
[[nodiscard]] Result<std::vector<CandidateTarget>>
candidateTargets(Attachment& attachment, const RegionId& source,
                 const std::vector<PlannedUse>& planned = {});
[[nodiscard]] Result<std::vector<CandidateTarget>>
candidateTargets(Attachment& attachment, const Records& records, const RegionId& source);

// One region as the target of so many bytes that come from outside of the array.
[[nodiscard]] Result<CandidateTarget> candidateFor(Attachment& attachment, const Region& target,
                                                   std::uint64_t sizeBytes);
[[nodiscard]] CandidateTarget candidateFor(Attachment& attachment, const Records& records,
                                           const Region& target, std::uint64_t sizeBytes);

// Nothing where the target is allowed, or where all that speaks against it was confirmed by name.
[[nodiscard]] Result<void> checkCandidate(Attachment& attachment, const CandidateTarget& candidate,
                                          const Region& target, const std::string& confirmedName);

// PlanChanged where there is a reason against the target, or a backup to be replaced, that the
// operator has not seen.
[[nodiscard]] Result<void> requireAsPlanned(const CandidateTarget& now,
                                            const CandidateTarget& planned, const Region& target);

// By name or PARTUUID. UnknownRegion, AmbiguousName.
[[nodiscard]] Result<Region> findRegion(Attachment& attachment, std::string_view nameOrUuid);

// The error that stands for a refusal where one must be returned; of several, the first.
[[nodiscard]] Error refusalError(const CandidateTarget& candidate, const Region& target);

} // namespace cairn
