// Says what a restore costs the region that it overwrites.
#pragma once

#include "core/backup/guards.h"
#include "core/backup/restore.h"

#include <string>

namespace cairn::ctl {

// Sentences, for whoever is asked for the region's name: the record that ends, and whether what the
// region holds is known to be anywhere else.
[[nodiscard]] std::string lossText(const Records& records, const RestorePlan& plan);

} // namespace cairn::ctl
