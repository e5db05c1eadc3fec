// Formats times that may come from a stranger's array, so none is trusted to be sensible.
#include "app/cairnctl/time_text.h"

#include <array>
#include <ctime>
#include <fmt/format.h>

namespace cairn::ctl {
namespace {

constexpr std::int64_t kLastMs = 253402300799999; // The end of the year 9999.

bool inCalendar(std::int64_t unixMs)
{
    return unixMs > 0 && unixMs <= kLastMs;
}

std::string formatted(const std::tm& time, const char* format)
{
    std::array<char, 128> text{};
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    const std::size_t length = std::strftime(text.data(), text.size(), format, &time);
#pragma GCC diagnostic pop
    return {text.data(), length};
}

} // namespace

std::string localTimeText(std::int64_t unixMs)
{
    if (unixMs == 0)
        return "-";
    const std::time_t seconds = unixMs / 1000;
    std::tm time{};
    if (!inCalendar(unixMs) || ::localtime_r(&seconds, &time) == nullptr)
        return "?";
    return formatted(time, "%Y-%m-%d %H:%M:%S %Z");
}

std::optional<std::string> isoTime(std::int64_t unixMs)
{
    const std::time_t seconds = unixMs / 1000;
    std::tm time{};
    if (!inCalendar(unixMs) || ::gmtime_r(&seconds, &time) == nullptr)
        return std::nullopt;
    return fmt::format("{}.{:03}Z", formatted(time, "%Y-%m-%dT%H:%M:%S"), unixMs % 1000);
}

std::string durationText(std::chrono::nanoseconds duration)
{
    using namespace std::chrono;
    const auto tenths = duration_cast<milliseconds>(duration).count() / 100;
    const auto seconds = tenths / 10;
    if (tenths == 0)
        return "less than 0.1 s";
    if (seconds < 10)
        return fmt::format("{}.{} s", seconds, tenths % 10);
    if (seconds < 60)
        return fmt::format("{} s", seconds);
    if (seconds < 3600)
        return fmt::format("{} min {:02} s", seconds / 60, seconds % 60);
    return fmt::format("{} h {:02} min", seconds / 3600, seconds / 60 % 60);
}

} // namespace cairn::ctl
