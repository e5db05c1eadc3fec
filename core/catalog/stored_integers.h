// Integers as they are stored: ours little-endian, SQLite's big-endian.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

namespace cairn {

// The bytes at the offset lie within the span.
template<std::unsigned_integral T>
[[nodiscard]] T loadLittle(std::span<const std::byte> from, std::size_t offset)
{
    const auto bytes = from.subspan(offset, sizeof(T));
    T value = 0;
    for (std::size_t i = sizeof(T); i-- > 0;)
        value = static_cast<T>((static_cast<std::uint64_t>(value) << 8U) |
                               std::to_integer<std::uint64_t>(bytes[i]));
    return value;
}

template<std::unsigned_integral T>
void storeLittle(std::span<std::byte> into, std::size_t offset, T value)
{
    const auto bytes = into.subspan(offset, sizeof(T));
    for (std::size_t i = 0; i < sizeof(T); ++i)
        bytes[i] = static_cast<std::byte>(static_cast<std::uint64_t>(value) >> (8 * i));
}

[[nodiscard]] inline std::uint32_t loadBig32(std::span<const std::byte> from, std::size_t offset)
{
    const auto bytes = from.subspan(offset, 4);
    std::uint32_t value = 0;
    for (const std::byte byte : bytes)
        value = (value << 8U) | std::to_integer<std::uint32_t>(byte);
    return value;
}

inline void storeBig32(std::span<std::byte> into, std::size_t offset, std::uint32_t value)
{
    const auto bytes = into.subspan(offset, 4);
    for (std::size_t i = 0; i < 4; ++i)
        bytes[i] = static_cast<std::byte>(value >> (24 - 8 * i));
}

} // namespace cairn
