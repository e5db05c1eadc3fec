// The description of a simulated array: simulation.json, and what it may say.
#pragma once

#include "core/base/error.h"
#include "core/io/faulty_io.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn {

struct SimulatedDisk {
    std::string file; // A plain name in the directory of the description.
    std::string model = "simulated";
    std::uint64_t sizeBytes = 0;
    std::uint32_t sectorBytes = 512; // 512 or 4096.
    Faults faults;                   // Its seed is the simulation's, plus the disk's place.
    bool operator==(const SimulatedDisk& other) const;
};

struct Simulation {
    std::uint64_t seed = 1;
    std::vector<SimulatedDisk> members;
};

// Of one member: enough for every test, and far from where offsets wrap.
inline constexpr std::uint64_t kMaxSimulatedBytes = std::uint64_t{1} << 50U;

inline constexpr const char* kSimulationFile = "simulation.json";

// Untrusted: at most 1 MiB of JSON, 64 members, names without "/". InvalidDescription (detail:
// where and why), OpenFailed.
[[nodiscard]] Result<Simulation> readSimulation(const std::string& directory);
[[nodiscard]] Result<Simulation> parseSimulation(const std::string& text,
                                                 const std::string& subject);

// Replaces the file at once: after a failure the old one stands.
[[nodiscard]] Result<void> writeSimulation(const std::string& directory,
                                           const Simulation& simulation);

} // namespace cairn
