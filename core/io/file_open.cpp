// Opening and creating of files and block devices, and finding out what they can do.
#include "core/io/file_io.h"

#include "core/io/descriptor.h"
#include "core/io/loop_backing.h"

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <limits>
#include <linux/fs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <tuple>
#include <unistd.h>

namespace cairn {
namespace {

constexpr std::uint32_t kPageBytes = 4096;

// What somebody else has opened, or this process by itself.
class OpenedNode {
public:
    OpenedNode(int descriptor, DeviceOpener* givenBy, const DeviceRequest& request)
        : m_descriptor(descriptor), m_givenBy(givenBy), m_request(request)
    {}
    ~OpenedNode()
    {
        if (m_descriptor >= 0 && m_givenBy != nullptr)
            m_givenBy->close(m_descriptor, m_request);
        else if (m_descriptor >= 0)
            std::ignore = ::close(m_descriptor);
    }
    OpenedNode(OpenedNode&& other) noexcept
        : m_descriptor(other.release()), m_givenBy(other.m_givenBy), m_request(other.m_request)
    {}
    OpenedNode& operator=(OpenedNode&&) = delete;

    [[nodiscard]] int get() const { return m_descriptor; }
    [[nodiscard]] DeviceOpener* givenBy() const { return m_givenBy; }
    int release() { return std::exchange(m_descriptor, -1); }

private:
    int m_descriptor;
    DeviceOpener* m_givenBy;
    const DeviceRequest& m_request;
};

// That it is what was asked for, and opened as it was asked for; O_EXCL alone leaves no trace.
Result<void> checkGiven(const OpenedNode& node, const DeviceRequest& request,
                        const DeviceIdentity& wanted)
{
    const int flags = ::fcntl(node.get(), F_GETFL);
    const int access = request.access == Access::Write ? O_RDWR : O_RDONLY;
    if (flags < 0 || (flags & O_ACCMODE) != access || (flags & (O_PATH | O_APPEND)) != 0)
        return failure(ErrorCode::IdentityChanged, request.path, "opened otherwise than asked for");
    if (CAIRN_TRY(identify(node.get(), request.path)) != wanted)
        return failure(ErrorCode::IdentityChanged, request.path, "another device was opened");
    return {};
}

Result<OpenedNode> openNode(const DeviceRequest& request, DeviceOpener* devices)
{
    if (devices == nullptr) {
        OpenedNode node(::open(request.path.c_str(), openFlags(request)), nullptr, request);
        if (node.get() < 0)
            return std::unexpected(openError(request, errno));
        return node;
    }
    // Whoever is asked may take minutes, and another disk may have come meanwhile.
    const DeviceIdentity wanted = CAIRN_TRY(identifyNode(request.path));
    OpenedNode node(CAIRN_TRY(devices->open(request)), devices, request);
    CAIRN_TRY(checkGiven(node, request, wanted));
    return node;
}

std::uint32_t sectorBytesOf(int descriptor, const DeviceIdentity& identity)
{
    int bytes = 0;
    if (identity.blockDevice && ::ioctl(descriptor, BLKSSZGET, &bytes) == 0 && bytes >= 512)
        return static_cast<std::uint32_t>(bytes);
    return 512;
}

// What O_DIRECT needs of offsets, lengths and addresses; 0: there is no O_DIRECT here.
std::uint32_t directAlignment(int descriptor, bool blockDevice, std::uint32_t sectorBytes)
{
    struct statx status{};
    const int result =
        ::statx(descriptor, "", AT_EMPTY_PATH, STATX_DIOALIGN | STATX_BASIC_STATS, &status);
    if (result == 0 && (status.stx_mask & STATX_DIOALIGN) != 0) {
        const auto alignment = std::max(status.stx_dio_mem_align, status.stx_dio_offset_align);
        if (status.stx_dio_offset_align == 0 || !std::has_single_bit(alignment))
            return 0;
        return std::max(alignment, sectorBytes);
    }
    return blockDevice ? sectorBytes : kPageBytes; // A kernel before 6.1.
}

bool isMemoryBacked(int descriptor)
{
    struct statfs status{};
    return ::fstatfs(descriptor, &status) == 0 &&
           (status.f_type == TMPFS_MAGIC || status.f_type == RAMFS_MAGIC);
}

bool setStatusFlag(int descriptor, int flag, bool on)
{
    const int flags = ::fcntl(descriptor, F_GETFL);
    return flags >= 0 && ::fcntl(descriptor, F_SETFL, on ? flags | flag : flags & ~flag) == 0;
}

// Leaves O_DIRECT on where it works for the whole of the file, and tells what the file can do.
std::pair<IoTraits, bool> settle(int descriptor, const DeviceIdentity& identity, bool wantDirect)
{
    IoTraits traits;
    traits.sectorBytes = sectorBytesOf(descriptor, identity);
    traits.sparse = !identity.blockDevice;
    const auto alignment = directAlignment(descriptor, identity.blockDevice, traits.sectorBytes);
    // A file's last block can be written past the cache only if it is whole.
    const bool fits = alignment != 0 && identity.sizeBytes % alignment == 0;
    const bool direct = wantDirect && fits && setStatusFlag(descriptor, O_DIRECT, true);
    if (!direct)
        std::ignore = setStatusFlag(descriptor, O_DIRECT, false);
    traits.alignmentBytes = direct ? alignment : kPageBytes;
    if (!identity.blockDevice && isMemoryBacked(descriptor))
        traits.readBack = ReadBack::Cached;
    else
        traits.readBack = direct ? ReadBack::Direct : ReadBack::Dropped;
    return {traits, direct};
}

// The name of a new file is durable only once its directory is.
int syncParentDirectory(const std::string& path)
{
    const auto slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "."
                                  : slash == 0               ? "/"
                                                             : path.substr(0, slash);
    const Descriptor opened(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!opened.valid() || ::fsync(opened.get()) != 0)
        return errno;
    return 0;
}

} // namespace

Result<std::unique_ptr<FileIo>> FileIo::open(const std::string& path, const Options& options)
{
    struct stat status{};
    // Before open(2): a FIFO or tape drive must not even be touched.
    if (::stat(path.c_str(), &status) != 0)
        return osFailure(ErrorCode::OpenFailed, path);
    if (!S_ISBLK(status.st_mode) && !S_ISREG(status.st_mode))
        return failure(ErrorCode::OpenFailed, path, "not a block device or regular file");
    const bool isDevice = S_ISBLK(status.st_mode);
    const DeviceRequest request{.path = path,
                                .access = options.access,
                                .exclusive = options.exclusive && isDevice,
                                .direct = options.direct};
    auto node = CAIRN_TRY(openNode(request, isDevice ? options.devices : nullptr));
    auto identity = CAIRN_TRY(identify(node.get(), path));
    std::ignore = setStatusFlag(node.get(), O_NONBLOCK, false);
    auto [traits, direct] = settle(node.get(), identity, options.direct);
    traits.writable = options.access == Access::Write;
    DeviceOpener* const givenBy = node.givenBy();
    std::unique_ptr<FileIo> opened(
        new FileIo({node.release(), givenBy, request}, std::move(identity), traits, direct));
    opened->openBacking();
    return opened;
}

// A file that cannot be opened any more (removed, or of another mount namespace) is one that nobody
// else can open by its name.
void FileIo::openBacking()
{
    if (!m_identity.blockDevice)
        return;
    const auto backing = loopBackingOf(m_identity.device);
    if (!backing)
        return;
    const Access access = m_traits.writable ? Access::Write : Access::Read;
    if (auto file = open(backing->path, {.access = access, .direct = false})) {
        m_backing = *std::move(file);
        m_backingOffset = backing->offsetBytes;
    }
}

Result<void> FileIo::rename(const std::string& from, const std::string& to)
{
    int done = ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE);
    if (done != 0 && (errno == EINVAL || errno == ENOSYS)) {
        // A filesystem that cannot do both at once.
        struct stat status{};
        if (::lstat(to.c_str(), &status) == 0)
            errno = EEXIST;
        else if (errno == ENOENT)
            done = ::rename(from.c_str(), to.c_str());
    }
    if (done != 0)
        return osFailure(ErrorCode::OpenFailed, to);
    if (const int error = syncParentDirectory(to); error != 0)
        return failure(ErrorCode::OpenFailed, to, {}, 0, error);
    return {};
}

Result<std::unique_ptr<FileIo>> FileIo::create(const std::string& path, std::uint64_t sizeBytes)
{
    if (sizeBytes == 0 || sizeBytes > std::uint64_t{std::numeric_limits<off_t>::max()})
        return failure(ErrorCode::InvalidSize, path);
    constexpr int kFlags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;
    Descriptor descriptor(::open(path.c_str(), kFlags, 0600));
    if (!descriptor.valid())
        return osFailure(ErrorCode::OpenFailed, path);
    int error = 0;
    if (::ftruncate(descriptor.get(), static_cast<off_t>(sizeBytes)) != 0)
        error = errno;
    if (error == 0)
        error = syncParentDirectory(path);
    if (error != 0) {
        std::ignore = ::unlink(path.c_str());
        const bool tooLarge = error == ENOSPC || error == EDQUOT || error == EFBIG;
        return failure(tooLarge ? ErrorCode::NoSpace : ErrorCode::OpenFailed, path, {},
                       tooLarge ? sizeBytes : 0, error);
    }
    auto identity = CAIRN_TRY(identify(descriptor.get(), path));
    auto [traits, direct] = settle(descriptor.get(), identity, true);
    traits.writable = true;
    return std::unique_ptr<FileIo>(
        new FileIo({descriptor.release(), nullptr, {.path = path, .access = Access::Write}},
                   std::move(identity), traits, direct));
}

} // namespace cairn
