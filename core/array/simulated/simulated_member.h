// A member of a simulated array: a file that can be slow and fail on purpose.
#pragma once

#include "core/array/member_source.h"
#include "core/array/simulated/simulation.h"

#include <string>

namespace cairn {

// Faults follow the description: a change in simulation.json takes effect with the next call.
class SimulatedMember final : public MemberSource {
public:
    // The clock outlives the member and its openings.
    SimulatedMember(std::string directory, SimulatedDisk disk, Clock& clock);

    std::string location() const override;
    // InvalidDescription where the file is no regular file, a link, or not of the described size.
    // A disk that is pulled is not there: OpenFailed, ENODEV.
    Result<OpenedMember> open(Access access, bool exclusive) override;

private:
    std::string m_directory;
    SimulatedDisk m_disk;
    Clock& m_clock;
};

} // namespace cairn
