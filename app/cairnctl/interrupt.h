// Turns SIGINT, SIGTERM and SIGHUP into a question that a running verb asks.
#pragma once

namespace cairn::ctl {

// Installs the handlers, and ignores SIGPIPE: a closed pipe is an error of a write like any other.
// A SIGHUP that was ignored (nohup) stays so.
void installInterruptHandlers();

// While one lives, the first signal only sets interrupted(), so that the verb can leave
// everything in order; the second ends the program at once. While none lives, the first does.
class Interruptible {
public:
    Interruptible();
    ~Interruptible();
    Interruptible(const Interruptible&) = delete;
    Interruptible& operator=(const Interruptible&) = delete;
};

[[nodiscard]] bool interrupted();

// Waits for poll(2)'s events on a descriptor, or for its other end to be closed. False: a signal
// came first. A regular file is always ready. The caller is Interruptible.
[[nodiscard]] bool waitUntilReady(int descriptor, short events);

// Waits for a while; false as above.
[[nodiscard]] bool pauseFor(int timeoutMs);

} // namespace cairn::ctl
