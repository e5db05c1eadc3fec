// Whether backups are sealed where nobody chooses: what the operator chose last for that kind.
#pragma once

#include "core/array/array.h"
#include "core/array/region.h"

namespace cairn {

// Of a target on a block device, or in a file; sealsByDefault() where nothing was chosen yet.
[[nodiscard]] bool sealSetting(const ArrayLayout& layout, const Region& target);
void keepSealSetting(const ArrayLayout& layout, const Region& target, bool sealed);

} // namespace cairn
