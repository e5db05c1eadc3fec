// Makes the painted cells of the array map known to assistive technology.
#pragma once

namespace cairn {

// May be called again; the program needs it before its first map is shown.
void registerMapAccessibility();

} // namespace cairn
