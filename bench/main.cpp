// Runs the benchmark's jobs, and prints and writes down what they measured.
#include "bench/jobs.h"
#include "bench/machine.h"
#include "core/base/byte_range.h"

#include <CLI/CLI.hpp>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <sys/resource.h>
#include <unistd.h>

namespace cairn::bench {
namespace {

namespace fs = std::filesystem;

constexpr NamedJob kJobs[] = {
    {"copy", measureDiskCopy},   {"memory", measureMemoryCopy}, {"zeroes", measureZeroes},
    {"holes", measureHoles},     {"verified", measureVerified}, {"second", measureSecondBackup},
    {"restore", measureRestore}, {"cancel", measureCancel},     {"attach", measureAttach},
    {"catalog", measureCatalog},
};

struct Options {
    std::string directory;
    std::string results;
    std::vector<std::string> only;
    bool quick = false;
};

bool isWanted(const Options& options, const std::string& name)
{
    return options.only.empty() || std::ranges::find(options.only, name) != options.only.end();
}

Scale scaleOf(const Options& options)
{
    Scale scale;
    scale.directory = options.directory;
    scale.memory = fmt::format("/dev/shm/cairn-bench-{}", ::getpid());
    scale.copyBytes = options.quick ? 64 * kMiB : kGiB;
    scale.rounds = options.quick ? 3 : 5;
    scale.generations = options.quick ? 20'000 : 1'000'000;
    return scale;
}

std::string commandLine(const Options& options)
{
    std::string text = "bench/run";
    if (options.quick)
        text += " --quick";
    for (const std::string& one : options.only)
        text += " --only " + one;
    return text;
}

// Commands are shown as they would be run in the directory of the images.
std::string withoutPath(std::string text, const std::string& path)
{
    for (auto at = text.find(path); at != std::string::npos; at = text.find(path, at))
        text.erase(at, path.size());
    return text;
}

int run(const Options& options)
{
    const Scale scale = scaleOf(options);
    std::error_code ignored;
    fs::remove_all(options.directory, ignored);
    fs::create_directories(options.directory, ignored);
    const std::string loadBefore = loadAverages();
    const auto begun = std::chrono::steady_clock::now();
    Results results;
    int exitCode = 0;
    for (const NamedJob& job : kJobs) {
        if (!isWanted(options, job.name))
            continue;
        if (const auto done = job.run(scale, results); !done) {
            const Error& error = done.error();
            fmt::print(stderr, "{} failed: {} {} {}\n", job.name, errorName(error.code),
                       error.subject, error.detail);
            exitCode = 1;
        }
        fs::remove_all(scale.memory, ignored);
    }
    const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begun;
    const std::string whole = results.markdown(
        {.command = commandLine(options),
         .machine = describeMachine(options.directory) + "; " + peerVersions(),
         .load = fmt::format(
             "{} before the run, {} after it (averages of 1, 5 and 15 minutes); it ran for "
             "{:.0f} s at nice {}",
             loadBefore, loadAverages(), passed.count(), ::getpriority(PRIO_PROCESS, 0))});
    fs::remove_all(options.directory, ignored);
    const std::string text =
        withoutPath(withoutPath(whole, options.directory + "/"), scale.memory + "/");
    fmt::print("{}", text);
    if (!options.results.empty()) {
        std::ofstream file(options.results);
        file << text;
        file.close();
        if (!file)
            exitCode = 1;
    }
    return exitCode;
}

} // namespace
} // namespace cairn::bench

int main(int argc, char** argv)
{
    using namespace cairn::bench;
    Options options;
    CLI::App app("Measures Cairn's jobs against the machine and against other programs.");
    app.add_option("--directory", options.directory, "Where the images lie; it is emptied")
        ->required();
    app.add_option("--results", options.results, "Also write the results to this file");
    std::vector<std::string> names;
    for (const NamedJob& job : kJobs)
        names.push_back(job.name);
    app.add_option("--only", options.only, "This job alone; may be repeated")
        ->check(CLI::IsMember(names));
    app.add_flag("--quick", options.quick, "Small sizes, within a minute");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return run(options);
}
