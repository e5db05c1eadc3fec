// Simulated disks by their directory.
#include "core/array/simulated/simulated_array.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <tuple>
#include <unistd.h>

namespace cairn {
namespace {

namespace fs = std::filesystem;

// The name of a path that leads into the directory, or of a plain name; otherwise empty.
std::string nameIn(const std::string& directory, const std::string& uri)
{
    const fs::path path(uri);
    if (!path.has_parent_path())
        return uri;
    std::error_code ignored;
    return fs::equivalent(path.parent_path(), directory, ignored) ? path.filename().string()
                                                                  : std::string{};
}

Result<MemberMaking> addToSimulation(const std::string& directory, const std::string& name,
                                     const Array::NewMember& wanted, Clock& clock)
{
    const Simulation before = CAIRN_TRY(readSimulation(directory));
    Array::NewMember placed = wanted;
    placed.uri = fmt::format("{}/{}", directory, name);
    MemberMaking making = CAIRN_TRY(makePathMember(placed));
    const std::string path = making.source->location();
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0)
        return osFailure(ErrorCode::OpenFailed, path);
    Simulation after = before;
    // What lost its place is described no more: nobody could leave it out when naming the array.
    const std::string gone = nameIn(directory, wanted.replaces);
    std::erase_if(after.members, [&](const SimulatedDisk& disk) {
        return !gone.empty() && disk.file == gone && disk.file != name;
    });
    auto disk = std::ranges::find(after.members, name, &SimulatedDisk::file);
    if (disk == after.members.end())
        disk = after.members.insert(disk, SimulatedDisk{.file = name, .faults = {}});
    disk->sizeBytes = static_cast<std::uint64_t>(status.st_size);
    // Who replaces a disk that was pulled or broken puts in one that works.
    disk->faults = {};
    disk->faults.seed = after.seed + static_cast<std::uint64_t>(disk - after.members.begin());
    SimulatedDisk unfinished = *disk;
    unfinished.file = fs::path(path).filename().string();
    making.source = std::make_unique<SimulatedMember>(directory, unfinished, clock);
    making.undo = [directory, before, removeFile = std::move(making.undo)] {
        std::ignore = writeSimulation(directory, before);
        removeFile();
    };
    // Described last: a disk that is described and not whole is none that the array could open, and
    // nothing would be written while it is there.
    making.finish = [directory, after, whole = *disk, &clock,
                     giveName =
                         std::move(making.finish)]() -> Result<std::unique_ptr<MemberSource>> {
        if (giveName)
            CAIRN_TRY(giveName());
        CAIRN_TRY(writeSimulation(directory, after));
        return std::make_unique<SimulatedMember>(directory, whole, clock);
    };
    // But one of that name is described already, with the faults of a disk that is not there any
    // more.
    const bool described =
        std::ranges::find(before.members, name, &SimulatedDisk::file) != before.members.end();
    if (const auto written = described ? writeSimulation(directory, after) : Result<void>();
        !written) {
        making.undo();
        return std::unexpected(written.error());
    }
    return making;
}

} // namespace

Result<std::vector<std::unique_ptr<MemberSource>>> simulatedMembers(const std::string& directory,
                                                                    Clock& clock)
{
    const Simulation simulation = CAIRN_TRY(readSimulation(directory));
    std::vector<std::unique_ptr<MemberSource>> members;
    for (const SimulatedDisk& disk : simulation.members)
        members.push_back(std::make_unique<SimulatedMember>(directory, disk, clock));
    return members;
}

Result<Simulation> newSimulation(const std::string& directory, std::uint64_t sizeBytes)
{
    auto existing = readSimulation(directory);
    if (!existing && existing.error().osError != ENOENT)
        return existing;
    Simulation simulation;
    if (existing) {
        simulation = std::move(*existing);
    } else {
        if (sizeBytes == 0)
            return failure(ErrorCode::InvalidArgument, "sim:" + directory,
                           "a new simulated array needs the size of its members");
        for (const int number : {0, 1})
            simulation.members.push_back(
                {.file = fmt::format("member-{}.img", number), .faults = {}});
    }
    if (sizeBytes == 0)
        return simulation;
    if (sizeBytes > kMaxSimulatedBytes)
        return failure(ErrorCode::InvalidSize, std::to_string(sizeBytes) + " bytes",
                       "too large for a simulated member");
    for (SimulatedDisk& disk : simulation.members)
        disk.sizeBytes = roundUp(sizeBytes, 4 * kKiB);
    return simulation;
}

std::vector<NewMemberFile> filesOf(const std::string& directory, const Simulation& simulation)
{
    std::vector<NewMemberFile> files;
    for (const SimulatedDisk& disk : simulation.members) {
        NewMemberFile file{fmt::format("{}/{}", directory, disk.file), disk.sizeBytes, false};
        struct stat status{};
        file.exists = ::lstat(file.path.c_str(), &status) == 0;
        files.push_back(std::move(file));
    }
    return files;
}

Result<void> writeNewSimulation(const std::string& directory, const Simulation& simulation,
                                MadeFiles& made)
{
    struct stat status{};
    if (::stat(directory.c_str(), &status) != 0) {
        if (::mkdir(directory.c_str(), 0777) != 0)
            return osFailure(ErrorCode::OpenFailed, directory);
        made.add(directory);
    }
    const std::string description = fmt::format("{}/{}", directory, kSimulationFile);
    const bool existed = ::stat(description.c_str(), &status) == 0;
    CAIRN_TRY(writeSimulation(directory, simulation));
    if (!existed)
        made.add(description);
    return {};
}

MemberMaker simulatedMemberMaker(const std::string& directory, Clock& clock)
{
    return [directory, &clock](const Array::NewMember& wanted) -> Result<MemberMaking> {
        const std::string name = nameIn(directory, wanted.uri);
        if (name.empty())
            return failure(ErrorCode::InvalidArgument, wanted.uri,
                           "the members of a simulated array lie in its directory: give the plain "
                           "name of a file that is made there");
        return addToSimulation(directory, name, wanted, clock);
    };
}

std::function<std::string(const std::string&)> simulatedLocation(const std::string& directory)
{
    return [directory](const std::string& uri) {
        const std::string name = nameIn(directory, uri);
        return name.empty() ? uri : fmt::format("{}/{}", directory, name);
    };
}

MemberRemover simulatedMemberRemover(const std::string& directory)
{
    return [directory](const std::string& location) -> Result<void> {
        Simulation simulation = CAIRN_TRY(readSimulation(directory));
        const std::string gone = nameIn(directory, location);
        const auto removed = std::erase_if(simulation.members, [&](const SimulatedDisk& disk) {
            return !gone.empty() && disk.file == gone;
        });
        return removed == 0 ? Result<void>() : writeSimulation(directory, simulation);
    };
}

Result<void> setFaults(const std::string& directory, std::size_t memberIndex, const Faults& faults)
{
    Simulation simulation = CAIRN_TRY(readSimulation(directory));
    if (memberIndex >= simulation.members.size())
        return failure(ErrorCode::UnknownMember, directory, fmt::format("{}", memberIndex));
    simulation.members[memberIndex].faults = faults;
    return writeSimulation(directory, simulation);
}

} // namespace cairn
