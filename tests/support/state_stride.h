// How many of the states that a test goes through are left out where time is short.
#pragma once

#include <cstdint>

namespace cairn::test {

// 1: every state is tried, which is what the tests promise, and what `./check --ci` runs. A plain
// `./check` sets CAIRN_STATE_STRIDE to a larger number, and a sanitizer makes each state many times
// slower and looks for another kind of bug: one that every few states show.
[[nodiscard]] std::uint64_t stateStride();

} // namespace cairn::test
