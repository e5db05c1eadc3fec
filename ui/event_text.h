// What the entries of the ledger tell, in words.
#pragma once

#include "core/catalog/records.h"

#include <QString>

namespace cairn {

// "Backup begun", "Restore interrupted" …; of a kind that this version does not know, that.
[[nodiscard]] QString eventDisplay(EventKind kind);

} // namespace cairn
