// Keeps the numbers 0, 1 and 2 from ever belonging to a device.
#pragma once

namespace cairn {

// A program that was started with a standard descriptor closed gives its number to the next file
// that it opens, and whatever prints to standard error then prints into that file: into a member
// of an array. Called first in main(): puts a placeholder at each closed one, which fails to be
// read or written just as the closed one did.
void occupyStandardDescriptors();

} // namespace cairn
