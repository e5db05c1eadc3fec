// Where the log of failures is, how it is recognised, and what a line of it says.
#include "app/cairnctl/failure_log.h"

#include "app/cairnctl/time_text.h"
#include "core/base/byte_range.h"
#include "core/base/printable_text.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sstream>
#include <sys/stat.h>
#include <system_error>
#include <unistd.h>

namespace cairn::ctl {
namespace {

constexpr std::uint64_t kLargestBytes = 512 * kKiB;
constexpr std::size_t kLongestWord = 200;
// A command with many long words; what it takes to stay readable in a report as well.
constexpr std::size_t kLongestLine = 2000;

// Empty where nothing is to be logged. Directories are made below what exists, and never a home.
std::filesystem::path logPath()
{
    if (const char* path = std::getenv("CAIRN_LOG"); path != nullptr)
        return path;
    const std::filesystem::path file = "cairn/cairnctl.log";
    std::error_code error;
    std::filesystem::path base;
    std::filesystem::path state;
    if (const char* given = std::getenv("XDG_STATE_HOME"); given != nullptr && *given == '/') {
        state = given;
        base = state.parent_path();
    } else if (const char* home = std::getenv("HOME"); home != nullptr && *home == '/') {
        base = home;
        state = base / ".local/state";
    }
    if (base.empty() || !std::filesystem::is_directory(base, error))
        return {};
    return state / file;
}

class LogFile {
public:
    // Invalid unless it is a regular file, empty or begun by logFailure(). What else may stand
    // under that name (a member of an array, a pipe) is not touched.
    LogFile(const std::filesystem::path& path, int flags)
        : m_descriptor(
              ::open(path.c_str(), flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY, 0600))
    {
        if (m_descriptor >= 0 && !isLog()) {
            ::close(m_descriptor);
            m_descriptor = -1;
        }
    }
    LogFile(const LogFile&) = delete;
    LogFile& operator=(const LogFile&) = delete;
    ~LogFile()
    {
        if (m_descriptor >= 0)
            ::close(m_descriptor);
    }

    [[nodiscard]] bool valid() const { return m_descriptor >= 0; }
    [[nodiscard]] std::uint64_t sizeBytes() const { return m_sizeBytes; }

    void append(const std::string& line) const
    {
        if (::write(m_descriptor, line.data(), line.size()) < 0)
            return; // No reason to fail.
    }

    [[nodiscard]] std::string text() const
    {
        std::string all(static_cast<std::size_t>(std::min(m_sizeBytes, 2 * kLargestBytes)), '\0');
        const ssize_t got = ::pread(m_descriptor, all.data(), all.size(), 0);
        all.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
        return all;
    }

private:
    // "2026-11-26T06:21:18.123Z exit 3 …"
    [[nodiscard]] bool isLog()
    {
        struct stat status{};
        if (::fstat(m_descriptor, &status) != 0 || !S_ISREG(status.st_mode))
            return false;
        m_sizeBytes = static_cast<std::uint64_t>(status.st_size);
        if (m_sizeBytes == 0)
            return true;
        constexpr std::string_view kForm = "0000-00-00T00:00:00.000Z exit 0";
        std::array<char, kForm.size()> start{};
        if (::pread(m_descriptor, start.data(), start.size(), 0) !=
            static_cast<ssize_t>(start.size()))
            return false;
        return std::ranges::equal(start, kForm, [](char found, char form) {
            return form == '0' ? found >= '0' && found <= '9' : found == form;
        });
    }

    int m_descriptor;
    std::uint64_t m_sizeBytes = 0;
};

std::string nowText()
{
    using namespace std::chrono;
    const auto now = system_clock::now().time_since_epoch();
    return isoTime(duration_cast<milliseconds>(now).count()).value_or("?");
}

// Whether the old log may be kept under that name: nothing stands there, or an older log.
bool mayReplace(const std::filesystem::path& path)
{
    struct stat status{};
    if (::lstat(path.c_str(), &status) != 0)
        return errno == ENOENT;
    const LogFile older(path, O_RDONLY);
    return older.valid() && older.sizeBytes() > 0;
}

std::string lineOf(int count, char** words, ExitCode code)
{
    std::string text = fmt::format("{} exit {}", nowText(), static_cast<int>(code));
    for (int index = 1; index < count && text.size() < kLongestLine; ++index)
        text += " " + printableShort(words[index], kLongestWord);
    return text + '\n';
}

// What stands in the log was escaped already, and is so again only where somebody changed it.
std::string escapedOnce(const std::string& line)
{
    std::string text;
    std::size_t from = 0;
    for (;;) {
        const std::size_t slash = line.find('\\', from);
        text += printableShort(line.substr(from, slash - from), kLongestLine);
        if (slash == std::string::npos)
            return text;
        text += '\\';
        from = slash + 1;
    }
}

} // namespace

std::string failureLogPath()
{
    return logPath().string();
}

void logFailure(int count, char** words, ExitCode code)
{
    const std::filesystem::path path = logPath();
    if (path.empty())
        return;
    std::error_code ignored;
    if (std::getenv("CAIRN_LOG") == nullptr)
        std::filesystem::create_directories(path.parent_path(), ignored);
    constexpr int kFlags = O_RDWR | O_APPEND | O_CREAT;
    const LogFile log(path, kFlags);
    if (!log.valid())
        return;
    const std::string line = lineOf(count, words, code);
    if (log.sizeBytes() <= kLargestBytes)
        return log.append(line);
    const std::filesystem::path old = path.string() + ".1";
    if (!mayReplace(old))
        return;
    std::filesystem::rename(path, old, ignored);
    const LogFile fresh(path, kFlags);
    if (fresh.valid())
        fresh.append(line);
}

std::vector<std::string> recentFailures(std::size_t limit)
{
    std::vector<std::string> lines;
    const LogFile log(logPath(), O_RDONLY);
    if (!log.valid())
        return lines;
    std::istringstream text(log.text());
    for (std::string line; std::getline(text, line);)
        lines.push_back(escapedOnce(line));
    if (lines.size() > limit)
        lines.erase(lines.begin(), lines.end() - static_cast<std::ptrdiff_t>(limit));
    return lines;
}

} // namespace cairn::ctl
