// An image file as the stream that an import reads.
#pragma once

#include "core/backup/administer.h"

#include <string>

namespace cairn {

// Opened at the first call, on the thread that calls. OpenFailed, ReadFailed.
[[nodiscard]] ByteSource imageSource(const std::string& path);

} // namespace cairn
