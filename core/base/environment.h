// What a verb needs from the computer it runs on: time, randomness, a name, threads, and devices.
//
// All of it is passed in, so that a simulation with one worker and a virtual clock replays a run
// exactly from its seed.
#pragma once

#include "core/base/error.h"
#include "core/base/uuid.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

namespace cairn {

class DeviceOpener; // core/io/device_opener.h

// As long as it lives, something is called again and again. Its end waits for a call that runs, so
// that it must not come from there.
class Repetition {
public:
    virtual ~Repetition() = default;
    Repetition() = default;
    Repetition(const Repetition&) = delete;
    Repetition& operator=(const Repetition&) = delete;
};

// Safe to call from any thread.
class Clock {
public:
    virtual ~Clock() = default;
    // Milliseconds since 1970-01-01 UTC. May jump; never used to order records.
    [[nodiscard]] virtual std::int64_t nowUnixMs() = 0;
    // Never goes back.
    [[nodiscard]] virtual std::chrono::nanoseconds monotonic() = 0;
    // Never goes back, and goes on while the computer is suspended (CLOCK_BOOTTIME).
    [[nodiscard]] virtual std::chrono::nanoseconds sinceBoot() = 0;
    // Returns once that much of monotonic() has passed.
    virtual void sleepFor(std::chrono::nanoseconds duration) = 0;
    // Calls the body each time that so much of monotonic() has passed since its last call ended,
    // from a thread that waits for nothing else. It throws nothing. OutOfMemory: no thread.
    [[nodiscard]] virtual Result<std::unique_ptr<Repetition>>
    every(std::chrono::nanoseconds interval, std::function<void()> body) = 0;
};

// Safe to call from any thread.
class RandomSource {
public:
    virtual ~RandomSource() = default;
    virtual void fill(std::span<std::byte> into) = 0;
};

// Runs the workers of one copy. Safe to call from any thread.
class Executor {
public:
    virtual ~Executor() = default;
    // Calls body(0) … body(workers - 1), possibly at the same time, and returns when all have
    // returned. Fewer threads than workers is allowed; body must not wait for another worker.
    virtual void runWorkers(unsigned workers, const std::function<void(unsigned)>& body) = 0;
};

// Who wrote a record.
struct HostIdentity {
    Uuid id;          // /etc/machine-id, or random where there is none.
    Uuid bootId;      // /proc/sys/kernel/random/boot_id.
    std::string name; // Host name, as the kernel gives it.
};

// The referenced objects outlive every verb that was given this value.
struct Environment {
    Clock& clock;
    RandomSource& random;
    Executor& executor;
    HostIdentity host;
    DeviceOpener* devices = nullptr; // Opens block devices; null: open(2) does.
};

// The real ones: system clocks, getrandom(2), one std::thread a worker, this host.
[[nodiscard]] Environment systemEnvironment();

} // namespace cairn
