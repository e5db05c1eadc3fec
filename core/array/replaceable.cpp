// Looks for an array in a file: in its partition table, and beside it.
#include "core/array/replaceable.h"

#include "core/array/gpt/gpt_table.h"
#include "core/array/gpt/gpt_types.h"
#include "core/array/in_use.h"
#include "core/array/simulated/simulation.h"
#include "core/io/file_io.h"

#include <algorithm>
#include <filesystem>
#include <sys/stat.h>
#include <system_error>

namespace cairn {
namespace {

bool isCairns(const GptEntry& entry)
{
    return roleOf(entry.type) != RegionRole::Data;
}

// Why the table forbids it; empty where it does not.
Result<std::string> reasonInTable(RegionIo& disk)
{
    const auto table = GptTable::read(disk);
    if (!table && table.error().code == ErrorCode::NotAnArray)
        return std::string();
    // As an image that was cut off: whose partitions it had cannot be told.
    if (!table && table.error().code == ErrorCode::InvalidTable)
        return std::string("it has a damaged partition table, and may be a member of an array");
    if (!table)
        return std::unexpected(table.error());
    return std::ranges::any_of(table->entries(), isCairns)
               ? std::string("it is a member of an array, or a copy of one")
               : std::string();
}

std::string reasonBeside(const std::string& path)
{
    std::error_code failed;
    const auto real = std::filesystem::canonical(path, failed);
    if (failed)
        return {};
    const auto simulation = readSimulation(real.parent_path().string());
    if (real.filename() == kSimulationFile)
        return simulation ? "it describes a simulated array"
                          : "a file of that name describes a simulated array";
    if (!simulation)
        return {};
    const bool listed = std::ranges::find(simulation->members, real.filename().string(),
                                          &SimulatedDisk::file) != simulation->members.end();
    return listed ? "it is a disk of a simulated array" : "";
}

} // namespace

Result<void> checkReplaceable(const std::string& path)
{
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0 ||
        (!S_ISREG(status.st_mode) && !S_ISBLK(status.st_mode)))
        return {};
    std::string reason = reasonBeside(path);
    if (reason.empty()) {
        const auto disk = CAIRN_TRY(FileIo::open(path, {.access = Access::Read}));
        const RegionUse use = findUse(disk->identity(), {0, disk->sizeBytes()});
        reason = use.inUse ? use.by : CAIRN_TRY(reasonInTable(*disk));
    }
    if (reason.empty())
        return {};
    return failure(ErrorCode::RegionInUse, path, reason);
}

} // namespace cairn
