// Looks at the header, and has QEMU translate the rest.
#include "core/io/qcow2_image.h"

#include "core/io/descriptor.h"
#include "core/io/nbd_io.h"

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <fcntl.h>
#include <fmt/format.h>
#include <spawn.h>
#include <string_view>
#include <sys/wait.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace cairn {
namespace {

// docs/interop/qcow2.txt of QEMU: all numbers are big-endian; the fields by their offset.
constexpr std::array kMagic{std::byte{0x51}, std::byte{0x46}, std::byte{0x49}, std::byte{0xfb}};
constexpr std::size_t kVersionAt = 4;
constexpr std::size_t kBackingFileAt = 8;
constexpr std::size_t kSizeAt = 24;
constexpr std::size_t kCryptMethodAt = 32;
constexpr std::size_t kIncompatibleAt = 72; // From version 3 on.
constexpr std::size_t kHeader2Bytes = 72;
constexpr std::size_t kHeader3Bytes = 104;
constexpr std::uint64_t kCorrupt = 1U << 1U;
constexpr std::uint64_t kExternalData = 1U << 2U;
// Dirty (its reference counts may lag), another compression, extended tables: QEMU reads them.
constexpr std::uint64_t kReadable = 1U << 0U | 1U << 3U | 1U << 4U;

constexpr int kFirstPassed = 10; // Above those that the server gets by a number.

using Header = std::array<std::byte, kHeader3Bytes>;

template<typename Number>
Number numberAt(const Header& header, std::size_t offset)
{
    Number number = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        number = static_cast<Number>(number << 8U | std::to_integer<Number>(header.at(offset + i)));
    return number;
}

// The size of the disk.
Result<std::uint64_t> checkHeader(int file, const std::string& path)
{
    const auto refused = [&](const char* why) {
        return failure(ErrorCode::Unsupported, path, why);
    };
    Header header{};
    const ssize_t got = ::pread(file, header.data(), header.size(), 0);
    if (got < 0)
        return osFailure(ErrorCode::ReadFailed, path);
    const auto bytes = static_cast<std::size_t>(got);
    const auto version = numberAt<std::uint32_t>(header, kVersionAt);
    if (bytes < kHeader2Bytes || (version >= 3 && bytes < kHeader3Bytes))
        return refused("its qcow2 header is cut off");
    if (version != 2 && version != 3)
        return refused("qcow2 of a version that is not known");
    if (numberAt<std::uint64_t>(header, kBackingFileAt) != 0)
        return refused("qcow2 that is based on another file: qemu-img convert makes a whole one");
    if (numberAt<std::uint32_t>(header, kCryptMethodAt) != 0)
        return refused("encrypted qcow2");
    const auto features = version == 2 ? 0 : numberAt<std::uint64_t>(header, kIncompatibleAt);
    if ((features & kExternalData) != 0)
        return refused("qcow2 whose bytes are in another file: qemu-img convert makes a whole one");
    if ((features & kCorrupt) != 0)
        return refused("qcow2 that QEMU has marked as corrupt: qemu-img check");
    if ((features & ~(kReadable | kExternalData | kCorrupt)) != 0)
        return refused("qcow2 with features that are not known");
    const auto size = numberAt<std::uint64_t>(header, kSizeAt);
    if (size == 0)
        return refused("the disk in it is empty");
    return size;
}

bool isInstalled(std::string_view program)
{
    const char* path = std::getenv("PATH");
    std::string_view folders = path != nullptr ? path : "/usr/bin:/bin";
    while (!folders.empty()) {
        const auto end = std::min(folders.find(':'), folders.size());
        const std::string file = fmt::format("{}/{}", folders.substr(0, end), program);
        if (::access(file.c_str(), X_OK) == 0)
            return true;
        folders.remove_prefix(std::min(end + 1, folders.size()));
    }
    return false;
}

// QEMU reads what lies behind the end of the file as zeroes: of one that was cut off, or whose
// tables are damaged, it would make an empty disk without a word.
Result<void> checkTables(const std::string& image, const std::string& path)
{
    std::vector<std::string> words{"qemu-img", "check", "--output=json", image};
    std::vector<char*> arguments;
    for (std::string& word : words)
        arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions{};
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    pid_t child = -1;
    const int failed =
        ::posix_spawnp(&child, words[0].c_str(), &actions, nullptr, arguments.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    if (failed != 0)
        return failure(ErrorCode::OpenFailed, path, "qemu-img cannot be started", 0, failed);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR)
            return osFailure(ErrorCode::OpenFailed, path);
    }
    // qemu-img(1): 2 corrupt; 3 leaked clusters, which cost room and no bytes.
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    if (code == 2)
        return failure(ErrorCode::Unsupported, path, "qcow2 that is damaged: qemu-img check");
    if (code != 0 && code != 3)
        return failure(ErrorCode::OpenFailed, path,
                       "QEMU cannot open it, or somebody writes to it");
    return {};
}

} // namespace

Result<bool> isQcow2(RegionIo& file)
{
    std::array<std::byte, kMagic.size()> magic{};
    if (file.sizeBytes() >= magic.size())
        CAIRN_TRY(file.read(0, magic));
    return magic == kMagic;
}

Result<std::unique_ptr<RegionIo>> openQcow2(const std::string& path)
{
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (file.get() < 0)
        return osFailure(ErrorCode::OpenFailed, path);
    const std::uint64_t size = CAIRN_TRY(checkHeader(file.get(), path));
    if (!isInstalled("qemu-nbd") || !isInstalled("qemu-img"))
        return failure(ErrorCode::Unsupported, path,
                       "qcow2 is read by qemu-nbd, which is not installed: Debian's qemu-utils");
    // The very file whose header was looked at, whatever its path leads to by then; and whatever
    // its header may say by then, no other one.
    const Descriptor passed(::fcntl(file.get(), F_DUPFD, kFirstPassed));
    if (passed.get() < 0)
        return osFailure(ErrorCode::OpenFailed, path);
    const std::string image =
        fmt::format(R"(json:{{"driver":"qcow2","backing":null,"file":{{"driver":"file",)"
                    R"("filename":"/proc/self/fd/{}"}}}})",
                    passed.get());
    CAIRN_TRY(checkTables(image, path));
    auto disk = CAIRN_TRY(NbdIo::start({"qemu-nbd", "--read-only", image}, path));
    if (disk->sizeBytes() != size)
        return failure(ErrorCode::OpenFailed, path, "QEMU sees another size than its header tells");
    return disk;
}

} // namespace cairn
