// What holds for every undo copy, whoever wrote it down.
#pragma once

#include "core/catalog/records.h"

#include <cstdint>

namespace cairn {

// What everybody relies on who uses the chunks: they are inside the extent, its edges are among
// them, and the generation that keeps them is as large as they are. Of what was swapped, that it is
// the whole.
[[nodiscard]] bool isConsistent(const UndoCopy& undo, std::uint64_t generationBytes);

} // namespace cairn
