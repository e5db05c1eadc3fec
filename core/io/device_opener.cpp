// What a request means to open(2), and its failure to whoever made the request.
#include "core/io/device_opener.h"

#include <cerrno>
#include <fcntl.h>

namespace cairn {

int openFlags(const DeviceRequest& request)
{
    // A drive without a medium, or a queue that is full, must not be waited for.
    int flags = O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    flags |= request.access == Access::Write ? O_RDWR : O_RDONLY;
    if (request.exclusive)
        flags |= O_EXCL;
    return flags;
}

Error openError(const DeviceRequest& request, int osError)
{
    const auto as = [&](ErrorCode code) { return Error{code, osError, request.path, {}, 0}; };
    switch (osError) {
    case EBUSY:
        return as(ErrorCode::RegionInUse);
    case EROFS:
    case EACCES:
    case EPERM:
    case ETXTBSY:
        return as(request.access == Access::Write ? ErrorCode::ReadOnlyArray
                                                  : ErrorCode::OpenFailed);
    default:
        return as(ErrorCode::OpenFailed);
    }
}

} // namespace cairn
