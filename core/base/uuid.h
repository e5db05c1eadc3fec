// A 128-bit identity as it is printed: array, member, region.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cairn {

class RandomSource;

// Bytes stand in the order of the printed form (RFC 9562, section 4); GPT stores the first
// three fields little-endian, which gptBytes() and fromGptBytes() take care of.
struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    // A version 4 UUID.
    [[nodiscard]] static Uuid random(RandomSource& random);
    // Reads "8-4-4-4-12" hexadecimal digits of either case.
    [[nodiscard]] static std::optional<Uuid> parse(std::string_view text);
    [[nodiscard]] static Uuid fromGptBytes(const std::array<std::uint8_t, 16>& stored);

    [[nodiscard]] std::array<std::uint8_t, 16> gptBytes() const;
    [[nodiscard]] bool isNull() const;
    // Lower case, as lsblk prints a PARTUUID.
    [[nodiscard]] std::string toString() const;

    friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

} // namespace cairn
