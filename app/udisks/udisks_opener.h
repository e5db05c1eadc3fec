// Has UDisks open block devices that this user may not open.
#pragma once

#include "core/io/device_opener.h"

namespace cairn {

// UDisks' Block.OpenDevice over the system bus, with O_EXCL and O_DIRECT as the request has them.
// Blocks until polkit has an answer, which may take as long as a person does: never on the GUI
// thread. A descriptor of the caller's own.
//
// NotAuthorized: polkit or the person who was asked said no, or nobody is there to be asked, or
// UDisks is not there itself; nothing was opened. RegionInUse, ReadOnlyArray, OpenFailed as
// openError().
[[nodiscard]] Result<int> openThroughUdisks(const DeviceRequest& request);

} // namespace cairn
