// An extent in bytes, with arithmetic that cannot wrap.
#pragma once

#include <cstdint>
#include <optional>

namespace cairn {

inline constexpr std::uint64_t kKiB = 1024;
inline constexpr std::uint64_t kMiB = 1024 * kKiB;
inline constexpr std::uint64_t kGiB = 1024 * kMiB;

// a + b, or nothing where that would wrap.
[[nodiscard]] constexpr std::optional<std::uint64_t> checkedAdd(std::uint64_t a, std::uint64_t b)
{
    std::uint64_t sum = 0;
    return __builtin_add_overflow(a, b, &sum) ? std::nullopt : std::optional(sum);
}

// a * b, or nothing where that would wrap.
[[nodiscard]] constexpr std::optional<std::uint64_t> checkedMultiply(std::uint64_t a,
                                                                     std::uint64_t b)
{
    std::uint64_t product = 0;
    return __builtin_mul_overflow(a, b, &product) ? std::nullopt : std::optional(product);
}

[[nodiscard]] constexpr std::uint64_t roundDown(std::uint64_t value, std::uint64_t step)
{
    return value - value % step;
}

// The next multiple of step; the caller knows that it fits.
[[nodiscard]] constexpr std::uint64_t roundUp(std::uint64_t value, std::uint64_t step)
{
    return value % step == 0 ? value : value + (step - value % step);
}

[[nodiscard]] constexpr std::uint64_t divideUp(std::uint64_t value, std::uint64_t by)
{
    return value / by + (value % by == 0 ? 0 : 1);
}

struct ByteRange {
    std::uint64_t offsetBytes = 0;
    std::uint64_t lengthBytes = 0;

    // One past the last byte, or nothing where that would wrap.
    [[nodiscard]] constexpr std::optional<std::uint64_t> end() const
    {
        return checkedAdd(offsetBytes, lengthBytes);
    }

    [[nodiscard]] constexpr bool empty() const { return lengthBytes == 0; }

    // Whether every byte of inner lies in this range; false for ranges that wrap.
    [[nodiscard]] constexpr bool contains(const ByteRange& inner) const
    {
        const auto outerEnd = end();
        const auto innerEnd = inner.end();
        return outerEnd && innerEnd && inner.offsetBytes >= offsetBytes && *innerEnd <= *outerEnd;
    }

    // Whether at least one byte lies in both; a range that wraps overlaps everything after it.
    [[nodiscard]] constexpr bool overlaps(const ByteRange& other) const
    {
        const std::uint64_t thisEnd = end().value_or(UINT64_MAX);
        const std::uint64_t otherEnd = other.end().value_or(UINT64_MAX);
        return !empty() && !other.empty() && offsetBytes < otherEnd && other.offsetBytes < thisEnd;
    }

    friend constexpr bool operator==(const ByteRange&, const ByteRange&) = default;
};

} // namespace cairn
