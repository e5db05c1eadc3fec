// How many of the states that a test goes through are left out in a build with a sanitizer.
#pragma once

#include <cstdint>

namespace cairn::test {

// 1: every state is tried, which is what the tests promise. A sanitizer makes each many times
// slower, and looks for another kind of bug: one that every few states show.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::uint64_t kStateStride = 7;
#else
inline constexpr std::uint64_t kStateStride = 1;
#endif

} // namespace cairn::test
