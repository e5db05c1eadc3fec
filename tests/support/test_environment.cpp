// Seeds, virtual time and workers in one thread.
#include "tests/support/test_environment.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace cairn::test {
namespace {

std::uint64_t readSeed()
{
    const char* given = std::getenv("CAIRN_SEED");
    std::random_device device;
    const std::uint64_t seed = given != nullptr
                                   ? std::strtoull(given, nullptr, 0)
                                   : (std::uint64_t{device()} << 32U) | std::uint64_t{device()};
    std::printf("CAIRN_SEED=%llu\n", static_cast<unsigned long long>(seed));
    std::fflush(stdout);
    return seed;
}

HostIdentity testHost(RandomSource& random)
{
    return {Uuid::random(random), Uuid::random(random), "test-host"};
}

} // namespace

std::uint64_t testSeed()
{
    static const std::uint64_t seed = readSeed();
    return seed;
}

void SeededRandom::fill(std::span<std::byte> into)
{
    const std::scoped_lock guard(m_mutex);
    while (!into.empty()) {
        const std::uint64_t value = m_engine();
        const std::size_t count = std::min(into.size(), sizeof(value));
        std::memcpy(into.data(), &value, count);
        into = into.subspan(count);
    }
}

std::uint64_t SeededRandom::below(std::uint64_t limit)
{
    const std::scoped_lock guard(m_mutex);
    return std::uniform_int_distribution<std::uint64_t>(0, limit - 1)(m_engine);
}

std::vector<std::byte> SeededRandom::bytes(std::uint64_t sizeBytes)
{
    std::vector<std::byte> result(static_cast<std::size_t>(sizeBytes));
    fill(result);
    return result;
}

std::int64_t VirtualClock::nowUnixMs()
{
    constexpr std::int64_t kStartMs = 1'700'000'000'000; // November 2023.
    return kStartMs + m_passedNs.load() / 1'000'000;
}

std::chrono::nanoseconds VirtualClock::monotonic()
{
    return std::chrono::nanoseconds(m_passedNs.load());
}

void VirtualClock::sleepFor(std::chrono::nanoseconds duration)
{
    m_passedNs += duration.count();
}

void InlineExecutor::runWorkers(unsigned workers, const std::function<void(unsigned)>& body)
{
    for (unsigned worker = 0; worker < workers; ++worker)
        body(worker);
}

Environment TestEnvironment::environment()
{
    return {clock, random, executor, testHost(random)};
}

Environment TestEnvironment::threadedEnvironment()
{
    return {clock, random, systemEnvironment().executor, testHost(random)};
}

} // namespace cairn::test
