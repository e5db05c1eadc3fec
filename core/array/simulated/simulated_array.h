// The members of a simulated array: made, opened, and given other faults while they run.
#pragma once

#include "core/array/new_members.h"
#include "core/array/simulated/simulated_member.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cairn {

// What the directory's description names. As readSimulation().
[[nodiscard]] Result<std::vector<std::unique_ptr<MemberSource>>>
simulatedMembers(const std::string& directory, Clock& clock);

// A description for a directory that has none: two members of that size. An existing description
// keeps its members; sizeBytes other than 0 gives them that size.
[[nodiscard]] Result<Simulation> newSimulation(const std::string& directory,
                                               std::uint64_t sizeBytes);
[[nodiscard]] std::vector<NewMemberFile> filesOf(const std::string& directory,
                                                 const Simulation& simulation);
// Makes the directory too where it does not exist.
[[nodiscard]] Result<void> writeNewSimulation(const std::string& directory,
                                              const Simulation& simulation, MadeFiles& made);

// Adds to the description what is to be made in its directory: a plain name, or a path that leads
// there. InvalidArgument for any other path: the description could not name it.
[[nodiscard]] MemberMaker simulatedMemberMaker(const std::string& directory, Clock& clock);

// Where a new member is of which simulatedMemberMaker() is given the URI.
[[nodiscard]] std::function<std::string(const std::string& uri)>
simulatedLocation(const std::string& directory);

// Takes the disk of that path out of the description; its file stays. Nothing to do where it is not
// described.
[[nodiscard]] MemberRemover simulatedMemberRemover(const std::string& directory);

// Changes the faults of a member in the description: arrays that are open on it, of whatever
// process, follow with their next call, running copies included. UnknownMember for a place that
// is not there.
[[nodiscard]] Result<void> setFaults(const std::string& directory, std::size_t memberIndex,
                                     const Faults& faults);

} // namespace cairn
