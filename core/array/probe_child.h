// A child process that asks libblkid about a memory file.
#pragma once

#include <cstdint>
#include <string>

namespace cairn {

enum class BlkidAnswer : std::uint8_t {
    Nothing,
    Found,
    Ambiguous,
    Died, // Killed by its limits, or it said nothing that makes sense.
};

struct BlkidFinding {
    BlkidAnswer answer = BlkidAnswer::Died;
    std::string type; // Of a filesystem, RAID member …, or of a partition table.
    std::string label;
    std::string uuid;
};

// Blocks for at most 2 s. The child has no descriptor but the file, and 256 MiB more memory than
// this process has at the call.
[[nodiscard]] BlkidFinding askBlkid(int memoryFile);

} // namespace cairn
