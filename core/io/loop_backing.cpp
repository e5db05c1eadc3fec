// Reads loop/backing_file and loop/offset of drivers/block/loop.c, and a partition's start.
#include "core/io/loop_backing.h"

#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sys/sysmacros.h>
#include <system_error>

namespace cairn {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kSysfsSectorBytes = 512; // Whatever the device's own sector is.

std::optional<std::uint64_t> numberIn(const fs::path& path)
{
    std::ifstream file(path);
    std::uint64_t number = 0;
    return file >> number ? std::optional(number) : std::nullopt;
}

} // namespace

std::optional<LoopBacking> loopBackingOf(std::uint64_t device)
{
    const auto number = static_cast<dev_t>(device);
    std::error_code error;
    fs::path attributes =
        fs::canonical(fmt::format("/sys/dev/block/{}:{}", ::major(number), ::minor(number)), error);
    if (error)
        return std::nullopt;
    LoopBacking backing;
    if (fs::exists(attributes / "partition", error)) {
        const auto start = numberIn(attributes / "start");
        if (!start)
            return std::nullopt;
        backing.offsetBytes = *start * kSysfsSectorBytes;
        attributes = attributes.parent_path();
    }
    std::ifstream file(attributes / "loop" / "backing_file");
    const auto offset = numberIn(attributes / "loop" / "offset");
    if (!std::getline(file, backing.path) || backing.path.empty() || !offset)
        return std::nullopt;
    backing.offsetBytes += *offset;
    return backing;
}

} // namespace cairn
