// Who opens the nodes of block devices: this process by itself, or somebody who is asked for it.
#pragma once

#include "core/base/error.h"
#include "core/io/region_io.h"

#include <string>

namespace cairn {

struct DeviceRequest {
    std::string path; // Of the node.
    Access access = Access::Read;
    bool exclusive = false; // O_EXCL: the device is claimed.
    bool direct = true;     // O_DIRECT.
};

// open(2)'s flags for a request.
[[nodiscard]] int openFlags(const DeviceRequest& request);

// What a failed open(2) means: RegionInUse (EBUSY), ReadOnlyArray (EROFS, or EACCES for writing),
// OpenFailed.
[[nodiscard]] Error openError(const DeviceRequest& request, int osError);

// Safe to call from any thread; outlives every descriptor that it gave. Nobody may rely on what is
// given: FileIo looks at the descriptor itself.
class DeviceOpener {
public:
    virtual ~DeviceOpener() = default;
    DeviceOpener() = default;
    DeviceOpener(const DeviceOpener&) = delete;
    DeviceOpener& operator=(const DeviceOpener&) = delete;

    // Where a person is asked, it may take as long as that person does. NotAuthorized: the answer
    // was no, or this user may not; otherwise as openError().
    [[nodiscard]] virtual Result<int> open(const DeviceRequest& request) = 0;

    // Takes back what open() gave for that request.
    virtual void close(int descriptor, const DeviceRequest& request) = 0;

    // Whether opening the device for reading would have somebody asked: then it is not opened
    // merely to look what is there.
    [[nodiscard]] virtual bool asks(const std::string& path) const = 0;

    // Closes what nobody uses now and was kept so that nobody is asked twice.
    virtual void closeUnused() {}
};

} // namespace cairn
