// The signal handlers: nothing here but what is safe in one.
#include "app/cairnctl/interrupt.h"

#include "app/cairnctl/exit_code.h"

#include <atomic>
#include <csignal>
#include <string_view>
#include <unistd.h>

namespace cairn::ctl {
namespace {

// Signal handlers can reach nothing but globals.
std::atomic<int> interruptibleVerbs{0};
std::atomic<bool> signalSeen{false};
static_assert(std::atomic<int>::is_always_lock_free && std::atomic<bool>::is_always_lock_free);

extern "C" void onSignal(int)
{
    if (interruptibleVerbs.load() == 0 || signalSeen.exchange(true))
        ::_exit(static_cast<int>(ExitCode::Canceled));
    if (::isatty(STDERR_FILENO) == 1) {
        static constexpr std::string_view kText =
            "\ncairnctl: stopping in good order; once more ends it at once.\n";
        if (::write(STDERR_FILENO, kText.data(), kText.size()) < 0)
            return; // Nobody left to tell.
    }
}

} // namespace

void installInterruptHandlers()
{
    struct sigaction action = {};
    action.sa_handler = onSignal;
    action.sa_flags = SA_RESTART;
    ::sigemptyset(&action.sa_mask);
    ::sigaction(SIGINT, &action, nullptr);
    ::sigaction(SIGTERM, &action, nullptr);
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

} // namespace cairn::ctl
