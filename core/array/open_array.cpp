// Which kind of array a list of URIs names, and what must hold before a new one is written.
#include "core/array/open_array.h"

#include "core/array/gpt/gpt_array.h"
#include "core/array/in_use.h"
#include "core/array/new_members.h"
#include "core/array/path_member.h"
#include "core/array/simulated/simulated_array.h"

#include <algorithm>
#include <string_view>

namespace cairn {
namespace {

constexpr std::string_view kSimulatedScheme = "sim:";

// The directory of a simulated array, or empty.
Result<std::string> simulatedDirectory(const std::vector<std::string>& uris)
{
    if (uris.empty() || std::ranges::find(uris, std::string{}) != uris.end())
        return failure(ErrorCode::InvalidArgument, {}, "no URI");
    for (const std::string& uri : uris) {
        if (!uri.starts_with(kSimulatedScheme))
            continue;
        if (uris.size() > 1)
            return failure(ErrorCode::InvalidArgument, uri, "a simulated array stands alone");
        std::string directory = uri.substr(kSimulatedScheme.size());
        while (directory.size() > 1 && directory.back() == '/')
            directory.pop_back();
        if (directory.empty())
            return failure(ErrorCode::InvalidArgument, uri, "no directory");
        return directory;
    }
    return std::string{};
}

Result<GptArray::Sources> sourcesOf(const std::vector<std::string>& uris,
                                    const Environment& environment)
{
    const std::string directory = CAIRN_TRY(simulatedDirectory(uris));
    GptArray::Sources sources;
    sources.uri = uris.front();
    if (!directory.empty()) {
        sources.members = CAIRN_TRY(simulatedMembers(directory, environment.clock));
        sources.makeMember = simulatedMemberMaker(directory, environment.clock);
        sources.leaveOut = simulatedMemberRemover(directory);
        sources.locationOf = simulatedLocation(directory);
        return sources;
    }
    for (const std::string& uri : uris)
        sources.members.push_back(std::make_unique<PathMember>(uri, environment.devices));
    sources.makeMember = pathMemberMaker(environment.devices);
    return sources;
}

Result<void> checkManagementSize(const NewArray& wanted)
{
    // What catalog/management_region.h needs at least; this layer does not know the catalog.
    constexpr std::uint64_t kLeastBytes = 4 * kMiB;
    if (wanted.managementBytes != 0 && wanted.managementBytes < kLeastBytes) {
        return failure(ErrorCode::InvalidSize, wanted.uris.front(), "management region",
                       kLeastBytes - wanted.managementBytes);
    }
    return {};
}

Result<void> checkMemberSizes(const std::vector<NewMemberFile>& members,
                              std::uint64_t managementBytes)
{
    for (std::size_t i = 0; i < members.size(); ++i) {
        const std::uint64_t ofCatalog =
            managementBytes != 0 ? managementBytes : defaultManagementBytes(members[i].sizeBytes);
        CAIRN_TRY(checkMemberSize(members[i], i < 3 ? ofCatalog : 0));
        for (std::size_t other = 0; other < i; ++other) {
            if (members[i].path == members[other].path)
                return failure(ErrorCode::InvalidArgument, members[i].path, "given twice");
        }
    }
    return {};
}

} // namespace

std::uint64_t defaultManagementBytes(std::uint64_t memberSizeBytes)
{
    return std::clamp(roundDown(memberSizeBytes / 64, kMiB), 16 * kMiB, kGiB);
}

Result<std::unique_ptr<Array>> openArray(const std::vector<std::string>& uris,
                                         const Environment& environment)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<Array>> {
        auto sources = CAIRN_TRY(sourcesOf(uris, environment));
        return CAIRN_TRY(GptArray::open(std::move(sources), environment));
    });
}

Result<std::unique_ptr<Array>> createArray(const NewArray& wanted, const Environment& environment)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<Array>> {
        const std::string directory = CAIRN_TRY(simulatedDirectory(wanted.uris));
        CAIRN_TRY(checkManagementSize(wanted));
        MadeFiles made;
        std::vector<NewMemberFile> members;
        Simulation simulation;
        if (!directory.empty()) {
            simulation = CAIRN_TRY(newSimulation(directory, wanted.memberSizeBytes));
            members = filesOf(directory, simulation);
        } else {
            for (const std::string& uri : wanted.uris)
                members.push_back(
                    CAIRN_TRY(newMemberFile(uri, wanted.memberSizeBytes, environment.devices)));
        }
        CAIRN_TRY(checkMemberSizes(members, wanted.managementBytes));
        for (const NewMemberFile& member : members)
            CAIRN_TRY(checkBlank(member, wanted.managementBytes != 0
                                             ? wanted.managementBytes
                                             : defaultManagementBytes(member.sizeBytes)));
        if (!directory.empty())
            CAIRN_TRY(writeNewSimulation(directory, simulation, made));
        for (const NewMemberFile& member : members)
            CAIRN_TRY(makeFile(member, made));
        auto sources = CAIRN_TRY(sourcesOf(wanted.uris, environment));
        auto array =
            CAIRN_TRY(GptArray::create(std::move(sources), wanted.managementBytes, environment));
        made.keep();
        return array;
    });
}

Result<std::unique_ptr<Array>> adoptArray(const NewArray& wanted, const Environment& environment)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<Array>> {
        auto sources = CAIRN_TRY(sourcesOf(wanted.uris, environment));
        CAIRN_TRY(checkManagementSize(wanted));
        auto array = CAIRN_TRY(GptArray::open(std::move(sources), environment));
        CAIRN_TRY(array->adopt(wanted.managementBytes, wanted.overLeftovers));
        return array;
    });
}

} // namespace cairn
