// Forking, timing and collecting a run.
#include "bench/measure.h"

#include "core/base/byte_range.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <tuple>
#include <type_traits>
#include <unistd.h>

namespace cairn::bench {
namespace {

double secondsOf(const timeval& time)
{
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double cpuSecondsNow()
{
    double seconds = 0;
    for (const auto who : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
        rusage usage{};
        std::ignore = ::getrusage(who, &usage);
        seconds += secondsOf(usage.ru_utime) + secondsOf(usage.ru_stime);
    }
    return seconds;
}

std::uint64_t peakBytesOf(__rusage_who who)
{
    rusage usage{};
    std::ignore = ::getrusage(who, &usage);
    return static_cast<std::uint64_t>(usage.ru_maxrss) * kKiB;
}

// What comes back through the pipe.
struct Report {
    Measurement measurement;
    bool succeeded = false;
    std::array<char, 400> error{};
};
static_assert(std::is_trivially_copyable_v<Report>);

std::string describe(const Error& error)
{
    return fmt::format("{} {} {} (errno {}, {})", errorName(error.code), error.subject,
                       error.detail, error.osError, error.amount);
}

[[noreturn]] void runChild(const Job& job, int pipeEnd)
{
    Report report;
    Stopwatch watch;
    const auto result = catchOutOfMemory([&] { return job(watch); });
    report.measurement = watch.measured();
    report.succeeded = result.has_value();
    if (!result)
        describe(result.error()).copy(report.error.data(), report.error.size() - 1);
    const bool sent = ::write(pipeEnd, &report, sizeof report) == sizeof report;
    ::_exit(sent ? 0 : 1);
}

Result<int> runShell(const std::string& command)
{
    const int status = std::system(command.c_str());
    if (status == -1 || !WIFEXITED(status))
        return failure(ErrorCode::Unsupported, command);
    return WEXITSTATUS(status);
}

} // namespace

void Stopwatch::start()
{
    m_cpuBefore = cpuSecondsNow();
    m_begun = std::chrono::steady_clock::now();
}

void Stopwatch::stop()
{
    const auto passed = std::chrono::steady_clock::now() - m_begun;
    m_measured.seconds = std::chrono::duration<double>(passed).count();
    m_measured.cpuSeconds = cpuSecondsNow() - m_cpuBefore;
    m_measured.peakBytes = peakBytesOf(RUSAGE_SELF);
}

Result<Measurement> measure(const Job& job)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return osFailure(ErrorCode::OutOfMemory, "pipe");
    std::fflush(nullptr);
    const pid_t child = ::fork();
    if (child == 0)
        runChild(job, ends[1]);
    ::close(ends[1]);
    Report report;
    const auto got = child > 0 ? ::read(ends[0], &report, sizeof report) : -1;
    ::close(ends[0]);
    while (child > 0 && ::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    if (got != sizeof report)
        return failure(ErrorCode::Unsupported, "measured process", "died");
    if (!report.succeeded)
        return failure(ErrorCode::Unsupported, report.error.data());
    return report.measurement;
}

Result<Measurement> measureCommand(const std::string& command)
{
    auto measured = measure([&](Stopwatch& watch) -> Result<void> {
        watch.start();
        const int status = CAIRN_TRY(runShell("{ " + command + "; } >/dev/null 2>&1"));
        watch.stop();
        if (status != 0)
            return failure(ErrorCode::Unsupported, command, fmt::format("exit code {}", status));
        return {};
    });
    // Its memory is that of programs of others, beneath a shell, and is not compared.
    if (measured)
        measured->peakBytes = 0;
    return measured;
}

Result<Measurement> measureFio(const std::string& command, const std::string& outputFile)
{
    auto measured = CAIRN_TRY(measureCommand(command));
    std::ifstream file(outputFile);
    const auto report = nlohmann::json::parse(file, nullptr, false);
    if (report.is_discarded() || !report.contains("jobs"))
        return failure(ErrorCode::Unsupported, outputFile, "no report of fio");
    double longestMs = 0;
    for (const auto& job : report["jobs"])
        longestMs = std::max(longestMs, job.value("job_runtime", 0.0));
    measured.seconds = longestMs / 1000;
    return measured;
}

Result<void> runCommand(const std::string& command)
{
    const int status = CAIRN_TRY(runShell("{ " + command + "; } >/dev/null"));
    if (status != 0)
        return failure(ErrorCode::Unsupported, command, fmt::format("exit code {}", status));
    return {};
}

} // namespace cairn::bench
