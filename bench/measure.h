// One measured run, in a process of its own: time, processor time, and the most memory it had.
#pragma once

#include "core/base/error.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>

namespace cairn::bench {

struct Measurement {
    double seconds = 0;
    double cpuSeconds = 0;
    std::uint64_t peakBytes = 0;
};

// What a run counts is what lies between start() and stop(); its preparation does not.
class Stopwatch {
public:
    void start();
    void stop();
    [[nodiscard]] Measurement measured() const { return m_measured; }
    // Where a program timed itself better than it can be from outside.
    void setSeconds(double seconds) { m_measured.seconds = seconds; }

private:
    std::chrono::steady_clock::time_point m_begun;
    double m_cpuBefore = 0;
    Measurement m_measured;
};

using Job = std::function<Result<void>(Stopwatch& watch)>;

// Forks, runs the job in the child, and waits: each run begins with fresh memory. The calling
// process has one thread.
[[nodiscard]] Result<Measurement> measure(const Job& job);

// The same for a shell command, which must succeed.
[[nodiscard]] Result<Measurement> measureCommand(const std::string& command);
// For fio with --output-format=json --output=FILE: the time that its slowest job says.
[[nodiscard]] Result<Measurement> measureFio(const std::string& command,
                                             const std::string& outputFile);

// Runs a shell command that is no measurement; its output is shown where it fails.
[[nodiscard]] Result<void> runCommand(const std::string& command);

} // namespace cairn::bench
