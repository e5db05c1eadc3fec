// Words cairnctl commands for somebody who gives them to a terminal.
#pragma once

#include "core/backup/back_up.h"
#include "ui/array_snapshot.h"
#include "ui/restore_offer.h"

#include <QString>
#include <optional>

namespace cairn {

// As a shell takes it for one word.
[[nodiscard]] QString shellWord(const QString& text);

// What `cairnctl` does for root where this plan is carried out with a frozen source.
[[nodiscard]] QString frozenBackupCommand(const ArraySnapshot& snapshot, const BackupPlan& plan);

// The same of an interrupted backup that goes on.
[[nodiscard]] QString frozenResumeCommand(const ArraySnapshot& snapshot, GenerationNumber number,
                                          OnUnreadable onUnreadable, int limitS);

// What changes the partition table of a disk; names and sizes that are still to be chosen are in
// capitals, as the manual has them.
[[nodiscard]] QString addRegionCommand(const ArraySnapshot& snapshot);
[[nodiscard]] QString removeRegionCommand(const ArraySnapshot& snapshot, const Region& region);
// A disk joins the array, in the place of a member where one is named.
[[nodiscard]] QString joinCommand(const ArraySnapshot& snapshot, const Array::NewMember& member,
                                  const std::optional<Uuid>& replaced);
[[nodiscard]] QString releaseDiskCommand(const ArraySnapshot& snapshot);
[[nodiscard]] QString swapCommand(const ArraySnapshot& snapshot, const SwapOffer& offer);
[[nodiscard]] QString undoCommand(const ArraySnapshot& snapshot, GenerationNumber number);

} // namespace cairn
