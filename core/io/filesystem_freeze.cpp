// The process that freezes a filesystem, and thaws it when it is told to, left alone or too late.
#include "core/io/filesystem_freeze.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <csignal>
#include <fcntl.h>
#include <linux/fs.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <tuple>
#include <unistd.h>

namespace cairn {
namespace {

// What the watcher says: first that the filesystem stands still, then how that ended.
enum class Word : std::uint8_t { NotReady, NotFrozen, Frozen, Thawed, TooLong, NotThawed };

struct Message {
    Word word = Word::NotReady;
    int osError = 0;
};

// --- in the child of a process that may have had many threads: nothing but system calls

void tell(int pipe, Word word, int osError = 0)
{
    const Message message{word, osError};
    std::ignore = ::write(pipe, &message, sizeof message); // Nobody left to tell is no reason.
}

std::int64_t nowMs()
{
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * std::int64_t{1000} + now.tv_nsec / 1'000'000;
}

// Whether the other end of the pipe was closed before that time: told to, or left alone.
bool isLetGoBefore(int pipe, std::int64_t endMs)
{
    for (;;) {
        const std::int64_t leftMs = std::clamp<std::int64_t>(endMs - nowMs(), 0, INT_MAX);
        pollfd waiting{pipe, POLLIN, 0};
        const int found = ::poll(&waiting, 1, static_cast<int>(leftMs));
        if (found > 0)
            return true;
        if (found == 0 && nowMs() >= endMs)
            return false;
    }
}

// The kernel ends others first where memory runs out.
void standLastInLine()
{
    const int file = ::open("/proc/self/oom_score_adj", O_WRONLY | O_CLOEXEC);
    if (file < 0)
        return;
    constexpr std::array kNever{'-', '1', '0', '0', '0'};
    std::ignore = ::write(file, kNever.data(), kNever.size());
    ::close(file);
}

constexpr int kDirectory = 0;
constexpr int kLife = 1;
constexpr int kWords = 2;

// Puts the three where they are expected, and closes all else: the terminal, pipes that others wait
// for the end of, and files of the filesystem itself.
bool keepOnly(int directory, int life, int words)
{
    std::array<int, 3> kept{directory, life, words};
    for (int& descriptor : kept) {
        descriptor = ::fcntl(descriptor, F_DUPFD, 3);
        if (descriptor < 0)
            return false;
    }
    for (int place = 0; place < 3; ++place) {
        if (::dup2(kept.at(static_cast<std::size_t>(place)), place) < 0)
            return false;
    }
    return ::close_range(3, ~0U, 0) == 0;
}

[[noreturn]] void watch(int directory, int life, int words, std::int64_t limitMs)
{
    sigset_t all;
    ::sigfillset(&all);
    ::sigprocmask(SIG_SETMASK, &all, nullptr); // A terminal or a service that ends is not its end.
    ::setsid();
    if (::chdir("/") != 0 || !keepOnly(directory, life, words))
        ::_exit(1);
    standLastInLine();
    // From the freeze on, a page that had to be read again might be one that is not to be had.
    if (::mlockall(MCL_CURRENT | MCL_FUTURE) != 0) {
        tell(kWords, Word::NotReady, errno);
        ::_exit(1);
    }
    const std::int64_t endMs = nowMs() + limitMs;
    if (::ioctl(kDirectory, FIFREEZE, 0) != 0) {
        tell(kWords, Word::NotFrozen, errno);
        ::_exit(1);
    }
    tell(kWords, Word::Frozen);
    const bool letGo = isLetGoBefore(kLife, endMs);
    if (::ioctl(kDirectory, FITHAW, 0) != 0)
        tell(kWords, Word::NotThawed, errno);
    else
        tell(kWords, letGo ? Word::Thawed : Word::TooLong);
    ::_exit(0);
}

// --- in the process that copies

bool read(int pipe, Message& message)
{
    for (;;) {
        const auto got = ::read(pipe, &message, sizeof message);
        if (got == sizeof message)
            return true;
        if (got >= 0 || errno != EINTR)
            return false;
    }
}

class WatchedFreeze final : public FilesystemFreeze {
public:
    WatchedFreeze(int directory, int life, int words, pid_t watcher)
        : m_directory(directory), m_life(life), m_words(words), m_watcher(watcher)
    {}
    ~WatchedFreeze() override
    {
        std::ignore = thaw();
        ::close(m_words);
        ::close(m_directory);
    }

    // That the filesystem stands still by now; the watcher is gone where not.
    Result<void> begin(const std::string& name)
    {
        Message message;
        const bool told = ::cairn::read(m_words, message);
        if (told && message.word == Word::Frozen)
            return {};
        end();
        m_end = FreezeEnd::Lost;
        const int error = told ? message.osError : ECHILD;
        return failure(ErrorCode::CannotFreeze, name, whyNot(told ? message.word : Word::NotReady),
                       0, error);
    }

    FreezeEnd thaw() override
    {
        if (m_life < 0)
            return m_end;
        ::close(m_life); // Which is what the watcher waits for.
        m_life = -1;
        Message message;
        const bool told = ::cairn::read(m_words, message);
        end();
        if (!told) // Somebody has ended it: then this process is the only one left to thaw.
            std::ignore = ::ioctl(m_directory, FITHAW, 0);
        if (told && message.word != Word::NotThawed)
            m_end = message.word == Word::TooLong ? FreezeEnd::TooLong : FreezeEnd::Held;
        return m_end;
    }

private:
    static std::string whyNot(Word word)
    {
        return word == Word::NotReady ? "the process that would thaw it cannot be started" : "";
    }

    void end()
    {
        if (m_life >= 0)
            ::close(m_life);
        m_life = -1;
        while (::waitpid(m_watcher, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    int m_directory;
    int m_life;
    int m_words;
    pid_t m_watcher;
    FreezeEnd m_end = FreezeEnd::Lost;
};

} // namespace

Result<std::unique_ptr<FilesystemFreeze>> freezeFilesystem(int directory, const std::string& name,
                                                           std::chrono::milliseconds limit)
{
    const int own = ::fcntl(directory, F_DUPFD_CLOEXEC, 3);
    std::array<int, 2> life{-1, -1};
    std::array<int, 2> words{-1, -1};
    const bool opened =
        own >= 0 && ::pipe2(life.data(), O_CLOEXEC) == 0 && ::pipe2(words.data(), O_CLOEXEC) == 0;
    int error = errno;
    const pid_t watcher = opened ? ::fork() : -1;
    if (watcher == 0)
        watch(own, life[0], words[1], limit.count());
    if (opened && watcher < 0)
        error = errno;
    for (const int descriptor : {life[0], words[1]})
        std::ignore = ::close(descriptor);
    if (watcher < 0) {
        for (const int descriptor : {own, life[1], words[0]})
            std::ignore = ::close(descriptor);
        return failure(ErrorCode::CannotFreeze, name,
                       "the process that would thaw it cannot be started", 0, error);
    }
    auto freeze = std::make_unique<WatchedFreeze>(own, life[1], words[0], watcher);
    CAIRN_TRY(freeze->begin(name));
    return freeze;
}

} // namespace cairn
