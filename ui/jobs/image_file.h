// An image file as the stream that import and export verbs work on.
#pragma once

#include "core/backup/administer.h"

#include <string>

namespace cairn {

// Opened at the first call, on the thread that calls. OpenFailed, ReadFailed.
[[nodiscard]] ByteSource imageSource(const std::string& path);
// Replaces what the file held, but no array: checkReplaceable(). OpenFailed, WriteFailed, NoSpace.
[[nodiscard]] ByteSink imageSink(const std::string& path);

} // namespace cairn
