// Printing, reading and making UUIDs.
#include "core/base/uuid.h"

#include "core/base/environment.h"

#include <algorithm>

namespace cairn {
namespace {

std::optional<std::uint8_t> hexDigit(char c)
{
    if (c >= '0' && c <= '9')
        return static_cast<std::uint8_t>(c - '0');
    if (c >= 'a' && c <= 'f')
        return static_cast<std::uint8_t>(c - 'a' + 10);
    if (c >= 'A' && c <= 'F')
        return static_cast<std::uint8_t>(c - 'A' + 10);
    return std::nullopt;
}

constexpr bool isDashPosition(std::size_t position)
{
    return position == 8 || position == 13 || position == 18 || position == 23;
}

} // namespace

Uuid Uuid::random(RandomSource& random)
{
    Uuid uuid;
    random.fill(std::as_writable_bytes(std::span(uuid.bytes)));
    uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0fU) | 0x40U);
    uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3fU) | 0x80U);
    return uuid;
}

std::optional<Uuid> Uuid::parse(std::string_view text)
{
    if (text.size() != 36)
        return std::nullopt;
    Uuid uuid;
    std::size_t nibble = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (isDashPosition(i)) {
            if (text[i] != '-')
                return std::nullopt;
            continue;
        }
        const auto digit = hexDigit(text[i]);
        if (!digit)
            return std::nullopt;
        auto& byte = uuid.bytes[nibble / 2];
        byte = static_cast<std::uint8_t>((byte << 4U) | *digit);
        ++nibble;
    }
    return uuid;
}

Uuid Uuid::fromGptBytes(const std::array<std::uint8_t, 16>& stored)
{
    Uuid uuid{stored};
    std::reverse(uuid.bytes.begin(), uuid.bytes.begin() + 4);
    std::reverse(uuid.bytes.begin() + 4, uuid.bytes.begin() + 6);
    std::reverse(uuid.bytes.begin() + 6, uuid.bytes.begin() + 8);
    return uuid;
}

std::array<std::uint8_t, 16> Uuid::gptBytes() const
{
    return fromGptBytes(bytes).bytes; // The swap is its own inverse.
}

bool Uuid::isNull() const
{
    return std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t byte) { return byte == 0; });
}

std::string Uuid::toString() const
{
    static constexpr std::string_view kDigits = "0123456789abcdef";
    std::string text;
    text.reserve(36);
    for (const std::uint8_t byte : bytes) {
        if (isDashPosition(text.size()))
            text.push_back('-');
        text.push_back(kDigits[byte >> 4U]);
        text.push_back(kDigits[byte & 0x0fU]);
    }
    return text;
}

} // namespace cairn
