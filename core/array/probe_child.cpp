// libblkid in a child process: its answer is untrusted, its death is an answer too.
#include "core/array/probe_child.h"

#include "core/base/byte_range.h"

#include <algorithm>
#include <array>
#include <blkid/blkid.h>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <span>
#include <sys/resource.h>
#include <sys/wait.h>
#include <tuple>
#include <unistd.h>

namespace cairn {
namespace {

constexpr std::chrono::milliseconds kDeadline{2000};
constexpr std::uint64_t kMemoryBytes = 256 * kMiB;

// What goes through the pipe: of fixed size, every text ended by a zero.
struct Message {
    std::uint32_t magic = 0;
    std::uint32_t answer = 0;
    std::array<char, 64> type{};
    std::array<char, 300> label{};
    std::array<char, 64> uuid{};
};
constexpr std::uint32_t kMagic = 0x43414952;
static_assert(sizeof(Message) <= 4096, "one write to a pipe stays whole");

template<std::size_t Size>
void take(blkid_probe probe, const char* tag, std::array<char, Size>& into)
{
    const char* value = nullptr;
    std::size_t length = 0;
    if (blkid_probe_lookup_value(probe, tag, &value, &length) != 0 || value == nullptr)
        return;
    std::strncpy(into.data(), value, Size - 1);
}

void limitChild(rlim_t memoryBytes)
{
    const auto limit = [](__rlimit_resource resource, rlim_t value) {
        const rlimit both{value, value};
        std::ignore = ::setrlimit(resource, &both);
    };
    limit(RLIMIT_CPU, 2);
    limit(RLIMIT_CORE, 0);
    limit(RLIMIT_FSIZE, 0);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    limit(RLIMIT_AS, memoryBytes); // Sanitizers reserve terabytes of addresses.
#else
    std::ignore = memoryBytes;
#endif
}

Message findSignature(int file)
{
    Message message;
    message.magic = kMagic;
    blkid_probe probe = blkid_new_probe();
    if (probe == nullptr || blkid_probe_set_device(probe, file, 0, 0) != 0)
        std::abort();
    blkid_probe_enable_superblocks(probe, 1);
    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID |
                                                 BLKID_SUBLKS_TYPE | BLKID_SUBLKS_MAGIC);
    blkid_probe_enable_partitions(probe, 1);
    const int result = blkid_do_safeprobe(probe);
    if (result < -2 || result == -1)
        std::abort();
    message.answer = static_cast<std::uint32_t>(result == -2  ? BlkidAnswer::Ambiguous
                                                : result == 0 ? BlkidAnswer::Found
                                                              : BlkidAnswer::Nothing);
    take(probe, "TYPE", message.type);
    if (message.type[0] == '\0')
        take(probe, "PTTYPE", message.type);
    take(probe, "LABEL", message.label);
    take(probe, "UUID", message.uuid);
    return message;
}

[[noreturn]] void runChild(int file, int pipeEnd, rlim_t memoryBytes)
{
    // Whatever else this process has open is none of the child's business.
    constexpr int kFile = 3;
    constexpr int kPipe = 4;
    const int safeFile = ::fcntl(file, F_DUPFD, 10);
    const int safePipe = ::fcntl(pipeEnd, F_DUPFD, 10);
    if (safeFile < 0 || safePipe < 0 || ::dup2(safeFile, kFile) < 0 ||
        ::dup2(safePipe, kPipe) < 0 || ::close_range(5, ~0U, 0) != 0)
        ::_exit(1);
    ::unsetenv("LIBBLKID_DEBUG");
    std::ignore = ::signal(SIGABRT, SIG_DFL);
    limitChild(memoryBytes);
    const Message message = findSignature(kFile);
    ::_exit(::write(kPipe, &message, sizeof message) == sizeof message ? 0 : 1);
}

rlim_t memoryLimit()
{
    std::ifstream file("/proc/self/statm");
    std::uint64_t pages = 0;
    file >> pages;
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + kMemoryBytes;
}

// Whether the whole message came in time.
bool readMessage(int pipeEnd, Message& message)
{
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    auto rest = std::as_writable_bytes(std::span(&message, 1));
    while (!rest.empty()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            return false;
        pollfd waiting{pipeEnd, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready <= 0)
            continue;
        const auto got = ::read(pipeEnd, rest.data(), rest.size());
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return false;
        rest = rest.subspan(static_cast<std::size_t>(got));
    }
    return true;
}

template<std::size_t Size>
std::string textOf(const std::array<char, Size>& field)
{
    return {field.begin(), std::find(field.begin(), field.end(), '\0')};
}

} // namespace

BlkidFinding askBlkid(int memoryFile)
{
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0)
        return {};
    const rlim_t memoryBytes = memoryLimit();
    const pid_t child = ::fork();
    if (child == 0)
        runChild(memoryFile, ends[1], memoryBytes);
    ::close(ends[1]);
    Message message;
    const bool complete = child > 0 && readMessage(ends[0], message);
    ::close(ends[0]);
    if (child > 0) {
        if (!complete)
            ::kill(child, SIGKILL);
        while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    if (!complete || message.magic != kMagic ||
        message.answer > static_cast<std::uint32_t>(BlkidAnswer::Ambiguous))
        return {};
    return {static_cast<BlkidAnswer>(message.answer), textOf(message.type), textOf(message.label),
            textOf(message.uuid)};
}

} // namespace cairn
