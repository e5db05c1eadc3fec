// Reads the stride from the environment, once.
#include "tests/support/state_stride.h"

#include <algorithm>
#include <cstdlib>

namespace cairn::test {

namespace {

std::uint64_t readStride()
{
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    constexpr std::uint64_t fallback = 7;
#else
    constexpr std::uint64_t fallback = 1;
#endif
    const char* given = std::getenv("CAIRN_STATE_STRIDE");
    const std::uint64_t wanted = given != nullptr ? std::strtoull(given, nullptr, 10) : 0;
    return std::max(wanted, fallback);
}

} // namespace

std::uint64_t stateStride()
{
    static const std::uint64_t stride = readStride();
    return stride;
}

} // namespace cairn::test
