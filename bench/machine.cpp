// Asking /proc about the machine.
#include "bench/machine.h"

#include <array>
#include <cstdio>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <sstream>
#include <sys/statfs.h>
#include <sys/utsname.h>
#include <thread>
#include <unistd.h>

namespace cairn::bench {
namespace {

std::string fieldOf(const char* path, const std::string& key)
{
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        if (!line.starts_with(key))
            continue;
        const auto start = line.find_first_not_of(" \t", line.find(':') + 1);
        return start == std::string::npos ? std::string() : line.substr(start);
    }
    return {};
}

// The mount with the longest path that leads to the directory.
std::string fileSystemOf(const std::string& directory)
{
    std::ifstream file("/proc/mounts");
    std::string best;
    std::string type;
    for (std::string line; std::getline(file, line);) {
        std::istringstream fields(line);
        std::string device;
        std::string point;
        std::string kind;
        fields >> device >> point >> kind;
        const bool leads = point == "/" || directory == point || directory.starts_with(point + "/");
        if (leads && point.size() >= best.size()) {
            best = point;
            type = kind + " on " + device.substr(device.rfind('/') + 1);
        }
    }
    return type;
}

std::string firstLineOf(const char* command)
{
    struct Close {
        void operator()(std::FILE* file) const noexcept { ::pclose(file); }
    };
    const std::unique_ptr<std::FILE, Close> pipe(::popen(command, "r"));
    std::array<char, 200> line{};
    if (!pipe || std::fgets(line.data(), line.size(), pipe.get()) == nullptr)
        return {};
    std::string text(line.data());
    while (!text.empty() && text.back() == '\n')
        text.pop_back();
    return text;
}

} // namespace

std::string describeMachine(const std::string& directory)
{
    utsname name{};
    ::uname(&name);
    const long pages = ::sysconf(_SC_PHYS_PAGES);
    const long pageBytes = ::sysconf(_SC_PAGESIZE);
    const double gib = static_cast<double>(pages) * static_cast<double>(pageBytes) / (1 << 30);
    return fmt::format("{} cores ({}), {:.0f} GiB of memory, {}, Linux {}",
                       std::thread::hardware_concurrency(), fieldOf("/proc/cpuinfo", "model name"),
                       gib, fileSystemOf(directory), name.release);
}

std::string loadAverages()
{
    std::ifstream file("/proc/loadavg");
    std::string one;
    std::string five;
    std::string fifteen;
    file >> one >> five >> fifteen;
    return one + ", " + five + ", " + fifteen;
}

std::string peerVersions()
{
    std::string versions;
    for (const char* command :
         {"fio --version", "qemu-img --version", "ddrescue --version", "nbdcopy --version",
          "partclone.dd --version 2>&1", "rsync --version", "dd --version"}) {
        const std::string line = firstLineOf(fmt::format("{} 2>/dev/null", command).c_str());
        if (!line.empty())
            versions += (versions.empty() ? "" : "; ") + line;
    }
    return versions;
}

} // namespace cairn::bench
