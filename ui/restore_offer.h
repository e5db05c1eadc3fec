// What restoring a backup, or undoing a restore, would mean now: asked of core before a dialog
// asks.
#pragma once

#include "core/backup/restore.h"
#include "core/backup/swap_restore.h"
#include "core/backup/undo.h"

#include <optional>
#include <vector>

namespace cairn {

struct RestoreOffer {
    RestorePlan plan; // Without a name: the dialog asks for it.
    // The free region that would keep all that is overwritten; none: no free region is that large.
    std::optional<Region> areaForAll;
    // The one that would keep a little; none: nothing can be kept.
    std::optional<Region> areaForLittle;
    std::uint64_t mostBytes = 0;     // The largest of them: no more can be kept.
    std::vector<RegionId> areas;     // Each that may be chosen, by how much there is to keep.
    bool nameNeeded = false;         // Even where what is overwritten is kept.
    std::optional<Generation> holds; // The backup or undo copy that lies in the target.
    std::optional<Refusal> missed;   // Why that backup would be: Records::missedWith().

    [[nodiscard]] bool canBeKept() const { return areaForLittle.has_value(); }
};

// Both read only, and wait for devices; the errors of planRestore() and planUndo(). `planned` is
// what the jobs before it do.
[[nodiscard]] Result<RestoreOffer> offerRestore(Attachment& attachment, GenerationNumber number,
                                                const RegionId& target,
                                                const std::vector<PlannedUse>& planned);

struct UndoOffer {
    UndoPlan plan;
    bool nameNeeded = false;  // Something would be lost for good.
    bool canBeRedone = false; // The restored backup can be restored again.
};
[[nodiscard]] Result<UndoOffer> offerUndo(Attachment& attachment, GenerationNumber number,
                                          const std::vector<PlannedUse>& planned);

struct SwapOffer {
    SwapPlan plan;           // Without a name: the dialog asks for it.
    bool nameNeeded = false; // It is the last good copy of its source.
};
// Reads only; the errors of planSwap().
[[nodiscard]] Result<SwapOffer> offerSwap(Attachment& attachment, GenerationNumber number,
                                          const std::vector<PlannedUse>& planned);

} // namespace cairn
