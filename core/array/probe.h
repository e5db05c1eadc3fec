// Asks libblkid what a region holds.
#pragma once

#include "core/array/probe_child.h"
#include "core/array/region.h"
#include "core/base/error.h"
#include "core/io/aligned_buffer.h"
#include "core/io/region_io.h"

#include <optional>

namespace cairn {

// Runs libblkid in a child process with limits on time (2 s), memory (256 MiB) and files, on a
// copy of the bytes that signatures can be in: Debian's libblkid is older than its fuzzer, and the
// bytes may come from a stranger. A child that dies or a second signature means Unknown. Empty
// only if libblkid finds nothing and nothing but zeroes are where it looked: by holes where the
// device tells them, and then of the first 8 MiB of data; by 64 samples spread over the region
// where more is left, and then it is marked as sampled. An unreadable region is Unread, not an
// error.
[[nodiscard]] Content probeContent(RegionIo& region);

// The same for many regions of one member, with one child process and one buffer. For one thread.
class ContentProbe {
public:
    [[nodiscard]] Content probe(RegionIo& region);

private:
    ProbeChild m_child;
    std::optional<AlignedBuffer> m_buffer;
};

} // namespace cairn
