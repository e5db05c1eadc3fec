// Whether the array has one history, as whoever plans a change of it must know first.
#pragma once

#include "core/backup/attachment.h"

namespace cairn {

// HistoriesDiverged: until one is chosen nothing is written, and no record tells for sure what a
// write would cost.
[[nodiscard]] Result<void> requireOneHistory(Attachment& attachment);

} // namespace cairn
