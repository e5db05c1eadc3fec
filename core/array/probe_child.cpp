// libblkid in a child process: its answers are untrusted, its death is an answer too.
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
#include <sys/socket.h>
#include <sys/wait.h>
#include <tuple>
#include <unistd.h>

namespace cairn {
namespace {

constexpr std::chrono::milliseconds kDeadline{2000};
constexpr std::uint64_t kMemoryBytes = 256 * kMiB;
// Of one child: far from its limit on processor time, and from any leak that matters.
constexpr unsigned kMostQuestions = 200;

// What comes through the socket: of fixed size, every text ended by a zero.
struct Message {
    std::uint32_t magic = 0;
    std::uint32_t answer = 0;
    std::array<char, 64> type{};
    std::array<char, 300> label{};
    std::array<char, 64> uuid{};
    std::array<ByteRange, 16> magics{}; // Empty ones behind the last.
};
constexpr std::uint32_t kMagic = 0x43414952;

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

// Of superblocks and partition tables; what is told of either is the caller's to choose.
blkid_probe newProbe(int file)
{
    blkid_probe probe = blkid_new_probe();
    if (probe == nullptr || blkid_probe_set_device(probe, file, 0, 0) != 0)
        std::abort();
    blkid_probe_enable_superblocks(probe, 1);
    blkid_probe_enable_partitions(probe, 1);
    return probe;
}

Message findSignature(int file)
{
    Message message;
    message.magic = kMagic;
    blkid_probe probe = newProbe(file);
    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_LABEL | BLKID_SUBLKS_UUID |
                                                 BLKID_SUBLKS_TYPE | BLKID_SUBLKS_MAGIC);
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
    blkid_free_probe(probe);
    return message;
}

// Of one superblock or partition table after the other; each only where it is known by a magic
// number.
Message findMagics(int file)
{
    Message message;
    message.magic = kMagic;
    blkid_probe probe = newProbe(file);
    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_MAGIC | BLKID_SUBLKS_TYPE |
                                                 BLKID_SUBLKS_BADCSUM);
    blkid_probe_set_partitions_flags(probe, BLKID_PARTS_MAGIC | BLKID_PARTS_FORCE_GPT);
    message.answer = static_cast<std::uint32_t>(BlkidAnswer::Nothing);
    std::size_t count = 0;
    while (count < message.magics.size() && blkid_do_probe(probe) == 0) {
        message.answer = static_cast<std::uint32_t>(BlkidAnswer::Found);
        const bool table = blkid_probe_has_value(probe, "SBMAGIC") == 0;
        const char* magic = nullptr;
        const char* offset = nullptr;
        std::size_t length = 0;
        if (blkid_probe_lookup_value(probe, table ? "PTMAGIC" : "SBMAGIC", &magic, &length) != 0 ||
            blkid_probe_lookup_value(probe, table ? "PTMAGIC_OFFSET" : "SBMAGIC_OFFSET", &offset,
                                     nullptr) != 0 ||
            offset == nullptr)
            continue;
        message.magics[count++] = {std::strtoull(offset, nullptr, 10), length};
    }
    blkid_free_probe(probe);
    return message;
}

// A descriptor in a message of one byte (unix(7)).
struct DescriptorMessage {
    char byte = 0;
    iovec part{&byte, 1};
    alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(int))> control{};
    msghdr header{};

    DescriptorMessage()
    {
        header.msg_iov = &part;
        header.msg_iovlen = 1;
        header.msg_control = control.data();
        header.msg_controllen = control.size();
    }
    DescriptorMessage(const DescriptorMessage&) = delete;
    DescriptorMessage& operator=(const DescriptorMessage&) = delete;
};

bool sendDescriptor(int socket, int descriptor, char question)
{
    DescriptorMessage message;
    message.byte = question;
    cmsghdr* const first = CMSG_FIRSTHDR(&message.header);
    first->cmsg_level = SOL_SOCKET;
    first->cmsg_type = SCM_RIGHTS;
    first->cmsg_len = CMSG_LEN(sizeof descriptor);
    std::memcpy(CMSG_DATA(first), &descriptor, sizeof descriptor);
    return ::sendmsg(socket, &message.header, MSG_NOSIGNAL) == 1;
}

// -1 once the other end is closed.
int receiveDescriptor(int socket, char& question)
{
    DescriptorMessage message;
    if (::recvmsg(socket, &message.header, 0) != 1)
        return -1;
    question = message.byte;
    const cmsghdr* const first = CMSG_FIRSTHDR(&message.header);
    int descriptor = -1;
    if (first != nullptr && first->cmsg_type == SCM_RIGHTS)
        std::memcpy(&descriptor, CMSG_DATA(first), sizeof descriptor);
    return descriptor;
}

[[noreturn]] void runChild(int socketEnd, rlim_t memoryBytes)
{
    // Whatever else this process has open is none of the child's business.
    constexpr int kSocket = 3;
    const int safeSocket = ::fcntl(socketEnd, F_DUPFD, 10);
    if (safeSocket < 0 || ::dup2(safeSocket, kSocket) < 0 || ::close_range(4, ~0U, 0) != 0)
        ::_exit(1);
    ::unsetenv("LIBBLKID_DEBUG");
    std::ignore = ::signal(SIGABRT, SIG_DFL);
    limitChild(memoryBytes);
    for (;;) {
        char question = 0;
        const int file = receiveDescriptor(kSocket, question);
        if (file < 0)
            ::_exit(0);
        const Message message = question == 0 ? findSignature(file) : findMagics(file);
        ::close(file);
        if (::send(kSocket, &message, sizeof message, MSG_NOSIGNAL) != sizeof message)
            ::_exit(1);
    }
}

rlim_t memoryLimit()
{
    std::ifstream file("/proc/self/statm");
    std::uint64_t pages = 0;
    file >> pages;
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE)) + kMemoryBytes;
}

// Whether the whole message came in time.
bool readMessage(int socket, Message& message)
{
    const auto end = std::chrono::steady_clock::now() + kDeadline;
    auto rest = std::as_writable_bytes(std::span(&message, 1));
    while (!rest.empty()) {
        const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
            end - std::chrono::steady_clock::now());
        if (left.count() <= 0)
            return false;
        pollfd waiting{socket, POLLIN, 0};
        const int ready = ::poll(&waiting, 1, static_cast<int>(left.count()));
        if (ready < 0 && errno != EINTR)
            return false;
        if (ready <= 0)
            continue;
        const auto got = ::read(socket, rest.data(), rest.size());
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

bool ProbeChild::start()
{
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        return false;
    const rlim_t memoryBytes = memoryLimit();
    const pid_t child = ::fork();
    if (child == 0)
        runChild(ends[1], memoryBytes);
    ::close(ends[1]);
    if (child < 0) {
        ::close(ends[0]);
        return false;
    }
    m_child = child;
    m_socket = ends[0];
    m_asked = 0;
    return true;
}

void ProbeChild::end()
{
    if (m_child < 0)
        return;
    ::close(m_socket);
    ::kill(m_child, SIGKILL); // It may be in a file that holds it for ever.
    while (::waitpid(m_child, nullptr, 0) < 0 && errno == EINTR) {
    }
    m_child = -1;
    m_socket = -1;
}

BlkidFinding ProbeChild::ask(int memoryFile, Question question)
{
    if (m_asked == kMostQuestions)
        end();
    if (m_child < 0 && !start())
        return {};
    m_asked += 1;
    Message message;
    const bool complete = sendDescriptor(m_socket, memoryFile, static_cast<char>(question)) &&
                          readMessage(m_socket, message);
    if (!complete || message.magic != kMagic ||
        message.answer > static_cast<std::uint32_t>(BlkidAnswer::Ambiguous)) {
        end();
        return {};
    }
    BlkidFinding finding{static_cast<BlkidAnswer>(message.answer),
                         textOf(message.type),
                         textOf(message.label),
                         textOf(message.uuid),
                         {}};
    for (const ByteRange& magic : message.magics) {
        if (!magic.empty())
            finding.magics.push_back(magic);
    }
    return finding;
}

} // namespace cairn
