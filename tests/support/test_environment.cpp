// Seeds, virtual time and workers in one thread.
#include "tests/support/test_environment.h"

#include <algorithm>
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

// The first that is due by then and does not run just now; when it is due is put forward.
std::shared_ptr<VirtualClock::Repeated> VirtualClock::nextUntil(std::int64_t endNs)
{
    const std::scoped_lock guard(m_mutex);
    std::shared_ptr<Repeated> next;
    for (const auto& one : m_repeated) {
        if (one->dueNs <= endNs && (!next || one->dueNs < next->dueNs))
            next = one;
    }
    if (!next)
        return next;
    if (next->dueNs > m_passedNs)
        m_passedNs = next->dueNs;
    next->dueNs = std::max(next->dueNs, m_passedNs.load()) + next->intervalNs;
    return next;
}

void VirtualClock::sleepFor(std::chrono::nanoseconds duration)
{
    const std::int64_t endNs = m_passedNs + duration.count();
    while (const auto next = nextUntil(endNs)) {
        // One that sleeps itself is not called again by that.
        const std::unique_lock running(next->running, std::try_to_lock);
        if (running.owns_lock() && next->body)
            next->body();
    }
    if (m_passedNs < endNs)
        m_passedNs = endNs;
}

void VirtualClock::jump(std::chrono::nanoseconds duration)
{
    const std::scoped_lock guard(m_mutex);
    m_passedNs += duration.count();
    for (const auto& one : m_repeated)
        one->dueNs += duration.count();
}

class VirtualClock::Handle final : public Repetition {
public:
    Handle(VirtualClock& clock, std::shared_ptr<Repeated> repeated)
        : m_clock(clock), m_repeated(std::move(repeated))
    {}
    ~Handle() override
    {
        {
            const std::scoped_lock guard(m_clock.m_mutex);
            std::erase(m_clock.m_repeated, m_repeated);
        }
        const std::scoped_lock running(m_repeated->running);
        m_repeated->body = nullptr;
    }

private:
    VirtualClock& m_clock;
    std::shared_ptr<Repeated> m_repeated;
};

Result<std::unique_ptr<Repetition>> VirtualClock::every(std::chrono::nanoseconds interval,
                                                        std::function<void()> body)
{
    const auto repeated = std::make_shared<Repeated>();
    repeated->intervalNs = interval.count();
    repeated->body = std::move(body);
    const std::scoped_lock guard(m_mutex);
    repeated->dueNs = m_passedNs + interval.count();
    m_repeated.push_back(repeated);
    return std::make_unique<Handle>(*this, repeated);
}

void InlineExecutor::runWorkers(unsigned workers, const std::function<void(unsigned)>& body)
{
    for (unsigned worker = 0; worker < workers; ++worker)
        body(worker);
}

HostIdentity TestEnvironment::sameHost()
{
    return {*Uuid::parse("6f5d1c3a-51a4-4f0e-9f3b-0c8f0f6f7a10"),
            *Uuid::parse("0b8a3f5e-7c55-4a39-8a53-2f4dbe0d1c77"), "test-host"};
}

HostIdentity TestEnvironment::otherHost(const std::string& name)
{
    return {Uuid::random(random), Uuid::random(random), name};
}

Environment TestEnvironment::environment()
{
    return {clock, random, executor, host};
}

Environment TestEnvironment::threadedEnvironment()
{
    return {clock, random, systemEnvironment().executor, host};
}

} // namespace cairn::test
