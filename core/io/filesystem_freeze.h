// Makes a mounted filesystem stand still for a while, and lets it go again whatever happens.
#pragma once

#include "core/base/error.h"

#include <chrono>
#include <memory>
#include <string>

namespace cairn {

enum class FreezeEnd : std::uint8_t {
    Held,    // It stood still until it was let go.
    TooLong, // The limit ended before.
    Lost,    // Somebody else let it go, or ended the process that watches.
};

// A filesystem that stands still: who writes to it waits. Let go at the end of its life, if not
// before.
class FilesystemFreeze {
public:
    virtual ~FilesystemFreeze() = default;
    FilesystemFreeze() = default;
    FilesystemFreeze(const FilesystemFreeze&) = delete;
    FilesystemFreeze& operator=(const FilesystemFreeze&) = delete;

    // Lets writing go on. The same answer however often.
    [[nodiscard]] virtual FreezeEnd thaw() = 0;
};

// Freezes the filesystem of an open directory (FIFREEZE, as fsfreeze(8)): what was written is on
// the device when this returns. A process of its own, in a session of its own and with its memory
// locked, thaws it when the limit ends, or when this process has, however it ended. It touches no
// filesystem from then on. CannotFreeze (osError EBUSY: somebody has frozen it already; EPERM;
// EOPNOTSUPP): nothing was changed. The directory stays open until the filesystem was thawed.
[[nodiscard]] Result<std::unique_ptr<FilesystemFreeze>>
freezeFilesystem(int directory, const std::string& name, std::chrono::milliseconds limit);

} // namespace cairn
