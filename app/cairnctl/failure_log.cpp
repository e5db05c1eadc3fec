// Where the log of failures is, and what a line of it says.
#include "app/cairnctl/failure_log.h"

#include "app/cairnctl/time_text.h"
#include "core/base/byte_range.h"
#include "core/base/printable_text.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <system_error>

namespace cairn::ctl {
namespace {

constexpr std::uintmax_t kLargestBytes = 512 * kKiB;
constexpr std::size_t kLongestWord = 200;

// Empty where nothing is to be logged.
std::filesystem::path logPath()
{
    if (const char* path = std::getenv("CAIRN_LOG"); path != nullptr)
        return path;
    if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/')
        return std::filesystem::path(state) / "cairn" / "cairnctl.log";
    if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/')
        return std::filesystem::path(home) / ".local/state/cairn/cairnctl.log";
    return {};
}

std::string nowText()
{
    using namespace std::chrono;
    const auto now = system_clock::now().time_since_epoch();
    return isoTime(duration_cast<milliseconds>(now).count()).value_or("?");
}

} // namespace

void logFailure(int count, char** words, ExitCode code)
{
    const std::filesystem::path path = logPath();
    if (path.empty())
        return;
    std::error_code ignored;
    std::filesystem::create_directories(path.parent_path(), ignored);
    const std::uintmax_t sizeBytes = std::filesystem::file_size(path, ignored);
    if (!ignored && sizeBytes > kLargestBytes)
        std::filesystem::rename(path, path.string() + ".1", ignored);
    std::string text = fmt::format("{} exit {}", nowText(), static_cast<int>(code));
    for (int index = 1; index < count; ++index)
        text += " " + printableShort(words[index], kLongestWord);
    std::ofstream(path, std::ios::app) << text << '\n';
}

std::vector<std::string> recentFailures(std::size_t limit)
{
    std::vector<std::string> lines;
    std::ifstream file(logPath());
    for (std::string line; std::getline(file, line);)
        lines.push_back(printableShort(line, 2000));
    if (lines.size() > limit)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(limit));
    return lines;
}

} // namespace cairn::ctl
