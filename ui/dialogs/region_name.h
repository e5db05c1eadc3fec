// What is wrong with a name that is typed for a region, as core would find it.
#pragma once

#include "core/array/region.h"

#include <QString>
#include <optional>
#include <string>

namespace cairn {

// Without the blanks around it, by which core refuses it.
[[nodiscard]] std::string typedRegionName(const QString& typed);

// A sentence; empty where core takes the name, and where nothing is typed yet. `own` is renamed.
[[nodiscard]] QString regionNameProblem(const QString& typed, const ArrayLayout& layout,
                                        const std::optional<RegionId>& own = {});

} // namespace cairn
