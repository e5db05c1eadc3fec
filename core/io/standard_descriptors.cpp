// The placeholders, opened the wrong way round so that nothing can pass through them.
#include "core/io/standard_descriptors.h"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace cairn {

void occupyStandardDescriptors()
{
    constexpr std::array kAccess{O_WRONLY, O_RDONLY, O_RDONLY};
    // In this order, each open(2) takes the lowest number that is free: the one that is missing.
    for (int descriptor = STDIN_FILENO; descriptor <= STDERR_FILENO; ++descriptor) {
        if (::fcntl(descriptor, F_GETFD) >= 0 || errno != EBADF)
            continue;
        int opened = ::open("/dev/null", kAccess[static_cast<std::size_t>(descriptor)]);
        if (opened < 0)
            opened = ::open("/", O_PATH); // A root without /dev.
        if (opened != descriptor)
            std::abort(); // Nothing was opened yet, and nothing may be now.
    }
}

} // namespace cairn
