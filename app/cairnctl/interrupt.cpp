// The signal handlers: nothing here but what is safe in one.
#include "app/cairnctl/interrupt.h"

#include "app/cairnctl/exit_code.h"
#include "core/base/error.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <string_view>
#include <unistd.h>

namespace cairn::ctl {
namespace {

// Signal handlers can reach nothing but globals.
std::atomic<int> interruptibleVerbs{0};
std::atomic<bool> signalSeen{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

// Readable for ever once a signal was seen: a signal that comes just before poll(2) ends it too.
std::array<int, 2> wakePipe{-1, -1};

void say(std::string_view text)
{
    if (::write(STDERR_FILENO, text.data(), text.size()) < 0)
        return; // Nobody left to tell.
}

extern "C" void onSignal(int)
{
    const int savedError = errno;
    if (interruptibleVerbs.load() == 0 || signalSeen.exchange(true)) {
        if (::isatty(STDERR_FILENO) == 1)
            say("\ncairnctl: canceled.\n");
        ::_exit(static_cast<int>(ExitCode::Canceled));
    }
    if (::write(wakePipe[1], "", 1) < 0)
        ::_exit(static_cast<int>(ExitCode::Canceled));
    if (::isatty(STDERR_FILENO) == 1)
        say("\ncairnctl: stopping in good order; once more ends it at once.\n");
    errno = savedError;
}

// 1: ready; 0: interrupted; -1: the time is over.
int await(int descriptor, short events, int timeoutMs)
{
    CAIRN_ASSERT(interruptibleVerbs.load() > 0);
    std::array<pollfd, 2> waited{{{descriptor, events, 0}, {wakePipe[0], POLLIN, 0}}};
    while (!interrupted()) {
        const int found = ::poll(waited.data(), waited.size(), timeoutMs);
        if (found == 0)
            return -1;
        // What poll(2) cannot wait for is left to the read or write itself.
        if ((found < 0 && errno != EINTR) || waited[0].revents != 0)
            return interrupted() ? 0 : 1;
    }
    return 0;
}

} // namespace

void installInterruptHandlers()
{
    struct sigaction action = {};
    if (::pipe2(wakePipe.data(), O_CLOEXEC | O_NONBLOCK) != 0)
        return; // Without descriptors nothing can be begun that a signal had to stop.
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
    struct sigaction before = {};
    ::sigaction(SIGHUP, nullptr, &before);
    if (before.sa_handler != SIG_IGN)
        ::sigaction(SIGHUP, &action, nullptr);
    action.sa_handler = SIG_IGN;
    ::sigaction(SIGPIPE, &action, nullptr);
}

Interruptible::Interruptible()
{
    ++interruptibleVerbs;
}

Interruptible::~Interruptible()
{
    --interruptibleVerbs;
}

bool interrupted()
{
    return signalSeen.load();
}

bool waitUntilReady(int descriptor, short events)
{
    return await(descriptor, events, -1) != 0;
}

bool pauseFor(int timeoutMs)
{
    return await(-1, 0, timeoutMs) != 0;
}

} // namespace cairn::ctl
