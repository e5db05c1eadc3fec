// An Environment that replays: seeded randomness, virtual time, one thread.
#pragma once

#include "core/base/environment.h"

#include <atomic>
#include <mutex>
#include <random>
#include <vector>

namespace cairn::test {

// The number in CAIRN_SEED, or a new one; printed once, so that a failure can be repeated.
[[nodiscard]] std::uint64_t testSeed();

class SeededRandom final : public RandomSource {
public:
    explicit SeededRandom(std::uint64_t seed) : m_engine(seed) {}
    void fill(std::span<std::byte> into) override;

    // Uniform in [0, limit); limit > 0.
    [[nodiscard]] std::uint64_t below(std::uint64_t limit);
    [[nodiscard]] std::vector<std::byte> bytes(std::uint64_t sizeBytes);

private:
    std::mutex m_mutex;
    std::mt19937_64 m_engine;
};

// Time passes only where somebody sleeps, and then at once.
class VirtualClock final : public Clock {
public:
    std::int64_t nowUnixMs() override;
    std::chrono::nanoseconds monotonic() override;
    void sleepFor(std::chrono::nanoseconds duration) override;

private:
    std::atomic<std::int64_t> m_passedNs{0};
};

// All workers one after the other in the thread that calls.
class InlineExecutor final : public Executor {
public:
    void runWorkers(unsigned workers, const std::function<void(unsigned)>& body) override;
};

// Outlives whatever was given environment().
class TestEnvironment {
public:
    explicit TestEnvironment(std::uint64_t seed) : random(seed) {}

    SeededRandom random;
    VirtualClock clock;
    InlineExecutor executor;

    [[nodiscard]] Environment environment();
    // The same with real threads.
    [[nodiscard]] Environment threadedEnvironment();
};

} // namespace cairn::test
