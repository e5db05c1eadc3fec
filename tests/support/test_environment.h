// An Environment that replays: seeded randomness, virtual time, one thread.
#pragma once

#include "core/base/environment.h"

#include <atomic>
#include <memory>
#include <mutex>
#include <random>
#include <string>
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

// Time passes only where somebody sleeps, and then at once: whoever sleeps calls what is repeated
// meanwhile, in the order in which it is due.
class VirtualClock final : public Clock {
public:
    std::int64_t nowUnixMs() override;
    std::chrono::nanoseconds monotonic() override;
    std::chrono::nanoseconds sinceBoot() override { return monotonic(); }
    void sleepFor(std::chrono::nanoseconds duration) override;
    Result<std::unique_ptr<Repetition>> every(std::chrono::nanoseconds interval,
                                              std::function<void()> body) override;

    // Passes the time as for a process that is stopped, or suspended: nothing is called.
    void jump(std::chrono::nanoseconds duration);

private:
    struct Repeated {
        std::mutex running; // Held while the body runs.
        std::int64_t intervalNs = 0;
        std::int64_t dueNs = 0;
        std::function<void()> body;
    };
    class Handle;
    [[nodiscard]] std::shared_ptr<Repeated> nextUntil(std::int64_t endNs);

    std::atomic<std::int64_t> m_passedNs{0};
    std::mutex m_mutex; // Guards the list, and when each is due.
    std::vector<std::shared_ptr<Repeated>> m_repeated;
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
    HostIdentity host = sameHost();

    // The same one for all that a test program does, in one boot of it.
    [[nodiscard]] static HostIdentity sameHost();
    // Another one of that name.
    [[nodiscard]] HostIdentity otherHost(const std::string& name);

    [[nodiscard]] Environment environment();
    // The same with real threads.
    [[nodiscard]] Environment threadedEnvironment();
};

} // namespace cairn::test
