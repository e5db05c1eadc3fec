// Tells a record that was made from its region alone from one that was written at the time.
#pragma once

#include "core/catalog/records.h"

namespace cairn {

// Made when the catalog was rebuilt without an export: its digests were taken of whatever the
// region held then. Comparing with them proves that nothing changed since, and no more: nothing
// tells that the copy was whole. When it was finished nobody knows, which is how it is recorded.
[[nodiscard]] inline bool isUnwitnessed(const Generation& generation)
{
    return generation.recovered && generation.finishedMs == 0;
}

} // namespace cairn
