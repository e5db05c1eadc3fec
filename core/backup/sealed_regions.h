// Tells an array what its catalog keeps of sealed regions.
#pragma once

#include "core/array/array.h"
#include "core/catalog/catalog.h"

namespace cairn {

// Of no catalog, or one that cannot tell: none, since that must not keep anybody from reading what
// there is.
void showSealed(Array& array, Catalog* catalog, const Array::SealRecorder& recorder);

} // namespace cairn
