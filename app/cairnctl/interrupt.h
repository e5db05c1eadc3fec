// Turns SIGINT and SIGTERM into a question that a running verb asks.
#pragma once

namespace cairn::ctl {

// Installs the handlers, and ignores SIGPIPE: a closed pipe is an error of a write like any other.
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

} // namespace cairn::ctl
