// Finds the file that a loop device, or a partition of one, shows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

namespace cairn {

struct LoopBacking {
    std::string path;
    std::uint64_t offsetBytes = 0; // Where the device's first byte lies in the file.
};

// As sysfs tells it; nothing for any other device, or where the file cannot be told any more.
// device: the number of a block device, as st_rdev.
[[nodiscard]] std::optional<LoopBacking> loopBackingOf(std::uint64_t device);

} // namespace cairn
