// Reads loop/backing_file and loop/offset of drivers/block/loop.c, and a partition's start.
#include "core/io/loop_backing.h"

#include "core/io/sysfs.h"

#include <filesystem>
#include <system_error>

namespace cairn {

std::optional<LoopBacking> loopBackingOf(std::uint64_t device)
{
    std::error_code error;
    std::filesystem::path attributes = std::filesystem::canonical(sysfsPath(device), error);
    if (error)
        return std::nullopt;
    LoopBacking backing;
    if (std::filesystem::exists(attributes / "partition", error)) {
        const auto start = sysfsNumber(attributes / "start");
        if (!start)
            return std::nullopt;
        backing.offsetBytes = *start * kSysfsSectorBytes;
        attributes = attributes.parent_path();
    }
    backing.path = sysfsLine(attributes / "loop" / "backing_file");
    const auto offset = sysfsNumber(attributes / "loop" / "offset");
    if (backing.path.empty() || !offset)
        return std::nullopt;
    backing.offsetBytes += *offset;
    return backing;
}

} // namespace cairn
