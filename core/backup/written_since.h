// Whether what was read of regions without the right to write can still be relied on with it.
#pragma once

#include "core/backup/attachment.h"

#include <vector>

namespace cairn {

// Where the ledger stands; taken before anything is read that is to be relied on.
[[nodiscard]] Result<HistoryMark> ledgerMark(Attachment& attachment);

// What a region shows of itself is the same sealed or not, but who reads it while its signatures go
// or come back reads a mixture.
enum class Sealing : std::uint8_t { IsNoChange, IsAChange };

// With the right to write, so that no other process has it from here on. PlanChanged (detail:
// "content") where the ledger tells since the mark that something began or ended to write one of
// the regions, or does not follow on the mark.
[[nodiscard]] Result<void> requireNotWrittenSince(Catalog& catalog, const HistoryMark& mark,
                                                  const std::vector<Region>& regions,
                                                  Sealing sealing = Sealing::IsNoChange);

// Of regions that are claimed now: any other program may have made something there since they were
// looked at. PlanChanged (detail: what is not as it was then).
[[nodiscard]] Result<void> requireAsSeen(Attachment& attachment, const std::vector<Region>& seen);

} // namespace cairn
