// Reading and printing of sizes in IEC units.
#include "core/base/size_text.h"

#include "core/base/byte_range.h"

#include <array>
#include <expected>
#include <fmt/format.h>
#include <optional>

namespace cairn {
namespace {

__extension__ using Wide = unsigned __int128; // Ten times any size fits.

constexpr std::string_view kUnits = "kmgtpe";

constexpr bool isDigit(char c)
{
    return c >= '0' && c <= '9';
}

constexpr char lower(char c)
{
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string_view takeDigits(std::string_view& text)
{
    std::size_t count = 0;
    while (count < text.size() && isDigit(text[count]))
        ++count;
    const auto digits = text.substr(0, count);
    text.remove_prefix(count);
    return digits;
}

// "", "B", "K", "KB", "KiB" …
std::optional<std::uint64_t> unitBytes(std::string_view text)
{
    if (text.empty() || (text.size() == 1 && lower(text[0]) == 'b'))
        return 1;
    const std::size_t power = kUnits.find(lower(text[0]));
    if (power == std::string_view::npos)
        return std::nullopt;
    text.remove_prefix(1);
    const bool spelled = text.empty() || (text.size() == 1 && lower(text[0]) == 'b') ||
                         (text.size() == 2 && lower(text[0]) == 'i' && lower(text[1]) == 'b');
    if (!spelled)
        return std::nullopt;
    return std::uint64_t{1} << (10 * (power + 1));
}

// Or what is wrong with the text; nothing where it is no size at all.
std::expected<std::uint64_t, const char*> sizeOf(std::string_view text)
{
    constexpr Wide kLimit = INT64_MAX;
    constexpr const char* kTooLarge = "larger than 8 EiB";
    constexpr std::size_t kMaxFractionDigits = 18;
    const auto whole = takeDigits(text);
    std::string_view fraction;
    if (!text.empty() && text.front() == '.') {
        text.remove_prefix(1);
        fraction = takeDigits(text);
        if (fraction.empty())
            return std::unexpected("");
    }
    while (!fraction.empty() && fraction.back() == '0')
        fraction.remove_suffix(1);
    const bool spaced = !text.empty() && text.front() == ' ';
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    if (spaced && text.empty())
        return std::unexpected("");
    const auto unit = unitBytes(text);
    if (whole.empty() || !unit)
        return std::unexpected("");
    if (fraction.size() > kMaxFractionDigits)
        return std::unexpected("not a whole number of bytes");

    Wide bytes = 0;
    for (const char digit : whole) {
        bytes = bytes * 10 + static_cast<Wide>(digit - '0');
        if (bytes > kLimit)
            return std::unexpected(kTooLarge);
    }
    bytes *= *unit;
    Wide part = 0;
    Wide scale = 1;
    for (const char digit : fraction) {
        part = part * 10 + static_cast<Wide>(digit - '0');
        scale *= 10;
    }
    if (part * *unit % scale != 0)
        return std::unexpected("not a whole number of bytes");
    bytes += part * *unit / scale;
    if (bytes > kLimit)
        return std::unexpected(kTooLarge);
    return static_cast<std::uint64_t>(bytes);
}

} // namespace

Result<std::uint64_t> parseSize(std::string_view text)
{
    const auto bytes = sizeOf(text);
    if (bytes)
        return *bytes;
    return failure(ErrorCode::InvalidSize, std::string(text), bytes.error());
}

std::string sizeText(std::uint64_t bytes)
{
    static constexpr std::array kNames{"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    std::size_t power = 0;
    while (power + 1 < kNames.size() && (bytes >> (10 * (power + 1))) != 0)
        ++power;
    if (power == 0)
        return fmt::format("{} B", bytes);
    Wide unit = Wide{1} << (10 * power);
    const Wide wide = bytes;
    if (wide >= 100 * unit) {
        Wide whole = (wide + unit / 2) / unit;
        if (whole == 1024 && power + 1 < kNames.size()) { // 1023.5 MiB is written 1 GiB.
            whole = 1;
            ++power;
        }
        return fmt::format("{} {}", static_cast<std::uint64_t>(whole), kNames[power]);
    }
    const auto tenths = static_cast<std::uint64_t>((wide * 10 + unit / 2) / unit);
    if (tenths % 10 == 0)
        return fmt::format("{} {}", tenths / 10, kNames[power]);
    return fmt::format("{}.{} {}", tenths / 10, tenths % 10, kNames[power]);
}

} // namespace cairn
