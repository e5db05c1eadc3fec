// Words cairnctl commands for somebody who gives them to a terminal.
#pragma once

#include "core/backup/back_up.h"
#include "ui/array_snapshot.h"

#include <QString>

namespace cairn {

// As a shell takes it for one word.
[[nodiscard]] QString shellWord(const QString& text);

// What `cairnctl` does for root where this plan is carried out with a frozen source.
[[nodiscard]] QString frozenBackupCommand(const ArraySnapshot& snapshot, const BackupPlan& plan);

// The same of an interrupted backup that goes on.
[[nodiscard]] QString frozenResumeCommand(const ArraySnapshot& snapshot, GenerationNumber number,
                                          OnUnreadable onUnreadable, int limitS);

} // namespace cairn
