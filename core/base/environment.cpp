// The system's own clocks, randomness, threads and identity.
#include "core/base/environment.h"

#include "core/base/error.h"

#include <array>
#include <cerrno>
#include <condition_variable>
#include <fstream>
#include <mutex>
#include <sys/random.h>
#include <system_error>
#include <thread>
#include <time.h>
#include <unistd.h>
#include <vector>

namespace cairn {
namespace {

class ThreadRepetition final : public Repetition {
public:
    ThreadRepetition(std::chrono::nanoseconds interval, std::function<void()> body)
        : m_thread([this, interval, call = std::move(body)](const std::stop_token& stop) {
              std::unique_lock lock(m_mutex);
              for (;;) {
                  m_wake.wait_for(lock, stop, interval, [] { return false; });
                  if (stop.stop_requested())
                      return;
                  // Whoever waits for what did not come about finds that out by itself.
                  try {
                      call();
                  } catch (const std::bad_alloc&) {
                      continue;
                  }
              }
          })
    {}

private:
    std::mutex m_mutex;
    std::condition_variable_any m_wake;
    std::jthread m_thread; // Ends first.
};

class SystemClock final : public Clock {
public:
    std::int64_t nowUnixMs() override
    {
        using namespace std::chrono;
        return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
    }
    std::chrono::nanoseconds monotonic() override
    {
        return std::chrono::steady_clock::now().time_since_epoch();
    }
    std::chrono::nanoseconds sinceBoot() override
    {
        struct timespec now{};
        CAIRN_ASSERT(::clock_gettime(CLOCK_BOOTTIME, &now) == 0);
        return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
    }
    void sleepFor(std::chrono::nanoseconds duration) override
    {
        std::this_thread::sleep_for(duration);
    }
    Result<std::unique_ptr<Repetition>> every(std::chrono::nanoseconds interval,
                                              std::function<void()> body) override
    {
        try {
            return std::make_unique<ThreadRepetition>(interval, std::move(body));
        } catch (const std::system_error&) {
            return failure(ErrorCode::OutOfMemory, {}, "thread");
        }
    }
};

class SystemRandom final : public RandomSource {
public:
    void fill(std::span<std::byte> into) override
    {
        while (!into.empty()) {
            const auto got = ::getrandom(into.data(), into.size(), 0);
            // getrandom() without flags fails only for EINTR and for a bad pointer.
            CAIRN_ASSERT(got > 0 || errno == EINTR);
            if (got > 0)
                into = into.subspan(static_cast<std::size_t>(got));
        }
    }
};

class ThreadExecutor final : public Executor {
public:
    void runWorkers(unsigned workers, const std::function<void(unsigned)>& body) override
    {
        std::vector<std::jthread> threads;
        for (unsigned worker = 1; worker < workers; ++worker) {
            try {
                threads.emplace_back([&body, worker] { body(worker); });
            } catch (const std::exception&) {
                // No more threads or memory: the ones that run share all the work.
                break;
            }
        }
        const auto started = static_cast<unsigned>(threads.size()) + 1;
        body(0);
        for (unsigned worker = started; worker < workers; ++worker)
            body(worker);
    }
};

std::string firstLine(const char* path)
{
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

HostIdentity thisHost(RandomSource& random)
{
    HostIdentity host;
    std::string machine = firstLine("/etc/machine-id");
    if (machine.size() == 32) {
        for (const std::size_t dash : {8U, 13U, 18U, 23U})
            machine.insert(dash, "-");
    }
    host.id = Uuid::parse(machine).value_or(Uuid::random(random));
    host.bootId =
        Uuid::parse(firstLine("/proc/sys/kernel/random/boot_id")).value_or(Uuid::random(random));
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) == 0)
        host.name = name.data();
    return host;
}

} // namespace

Environment systemEnvironment()
{
    static SystemClock clock;
    static SystemRandom random;
    static ThreadExecutor executor;
    static const HostIdentity host = thisHost(random);
    return Environment{clock, random, executor, host};
}

} // namespace cairn
