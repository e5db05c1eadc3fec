// Reading and writing one file or block device by pread(2) and pwrite(2).
#include "core/io/file_io.h"

#include "core/io/aligned_buffer.h"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <tuple>
#include <unistd.h>

namespace cairn {
namespace {

// The kernel moves at most 2 GiB - 4 KiB a call; whole MiB keep every piece aligned.
constexpr std::size_t kMaxCallBytes = kGiB;
// The size of a bounce buffer: large enough to be worth the call, small enough for the heap.
constexpr std::uint64_t kBounceBytes = kMiB;
constexpr std::uint64_t kPageBytes = 4096;

// nextData() looks for the next hole in steps of this.
constexpr std::uint64_t kDataStepBytes = kMiB;

// Repeats a system call that a signal interrupted.
template<typename Call>
auto uninterrupted(Call&& call)
{
    auto result = call();
    while (result < 0 && errno == EINTR)
        result = call();
    return result;
}

// 0, an errno, or kEndOfFile.
constexpr int kEndOfFile = -1;

int readAll(int descriptor, std::uint64_t offset, std::span<std::byte> into)
{
    while (!into.empty()) {
        const auto got = uninterrupted([&] {
            return ::pread(descriptor, into.data(), std::min(into.size(), kMaxCallBytes),
                           static_cast<off_t>(offset));
        });
        if (got < 0)
            return errno;
        if (got == 0)
            return kEndOfFile;
        into = into.subspan(static_cast<std::size_t>(got));
        offset += static_cast<std::uint64_t>(got);
    }
    return 0;
}

int writeAll(int descriptor, std::uint64_t offset, std::span<const std::byte> from)
{
    while (!from.empty()) {
        const auto put = uninterrupted([&] {
            return ::pwrite(descriptor, from.data(), std::min(from.size(), kMaxCallBytes),
                            static_cast<off_t>(offset));
        });
        if (put < 0)
            return errno;
        if (put == 0) // Never for a regular file or block device, and it must not loop for ever.
            return EIO;
        from = from.subspan(static_cast<std::size_t>(put));
        offset += static_cast<std::uint64_t>(put);
    }
    return 0;
}

} // namespace

FileIo::FileIo(Opened opened, DeviceIdentity identity, IoTraits traits, bool direct)
    : m_path(opened.request.path), m_descriptor(opened.descriptor), m_givenBy(opened.givenBy),
      m_request(std::move(opened.request)), m_identity(std::move(identity)), m_traits(traits),
      m_direct(direct)
{}

FileIo::~FileIo()
{
    // What must be durable was flushed, and its failure reported, before.
    if (m_sharedDescriptor >= 0)
        std::ignore = ::close(m_sharedDescriptor);
    if (m_givenBy != nullptr)
        m_givenBy->close(m_descriptor, m_request);
    else
        std::ignore = ::close(m_descriptor);
}

Error FileIo::ioError(ErrorCode otherwise, int osError) const
{
    Error error{otherwise, osError, m_path, {}, 0};
    switch (osError) {
    case kEndOfFile:
        error.osError = 0;
        error.detail = "unexpected end of file";
        break;
    case ENOSPC:
    case EDQUOT:
        error.code = ErrorCode::NoSpace;
        break;
    case ENODEV:
    case ENXIO:
        error.code = ErrorCode::MemberFailed;
        break;
    default:
        break;
    }
    return error;
}

bool FileIo::isAligned(std::uint64_t offsetBytes, const void* buffer, std::size_t sizeBytes) const
{
    const std::uint64_t mask = m_traits.alignmentBytes - 1;
    return !m_direct ||
           ((offsetBytes | sizeBytes | reinterpret_cast<std::uintptr_t>(buffer)) & mask) == 0;
}

Result<void> FileIo::read(std::uint64_t offsetBytes, std::span<std::byte> into)
{
    if (!ByteRange{0, sizeBytes()}.contains({offsetBytes, into.size()}))
        return failure(ErrorCode::OutsideFence, m_path);
    if (!isAligned(offsetBytes, into.data(), into.size()))
        return readThroughBuffer(offsetBytes, into);
    if (const int error = readAll(m_descriptor, offsetBytes, into); error != 0)
        return std::unexpected(ioError(ErrorCode::ReadFailed, error));
    return {};
}

Result<void> FileIo::readThroughBuffer(std::uint64_t offsetBytes, std::span<std::byte> into)
{
    const std::uint64_t alignment = m_traits.alignmentBytes;
    const std::uint64_t spanned =
        roundUp(offsetBytes + into.size(), alignment) - roundDown(offsetBytes, alignment);
    const auto buffer = CAIRN_TRY(AlignedBuffer::create(std::min(spanned, kBounceBytes)));
    while (!into.empty()) {
        const std::uint64_t start = roundDown(offsetBytes, alignment);
        const std::uint64_t skip = offsetBytes - start;
        const auto count =
            static_cast<std::size_t>(std::min(into.size(), buffer.bytes().size() - skip));
        const auto piece = buffer.bytes().first(roundUp(skip + count, alignment));
        if (const int error = readAll(m_descriptor, start, piece); error != 0)
            return std::unexpected(ioError(ErrorCode::ReadFailed, error));
        std::memcpy(into.data(), piece.data() + skip, count);
        into = into.subspan(count);
        offsetBytes += count;
    }
    return {};
}

Result<void> FileIo::write(std::uint64_t offsetBytes, std::span<const std::byte> from)
{
    if (!m_traits.writable)
        return failure(ErrorCode::ReadOnlyArray, m_path, "opened for reading");
    if (!ByteRange{0, sizeBytes()}.contains({offsetBytes, from.size()}))
        return failure(ErrorCode::OutsideFence, m_path);
    if (!isAligned(offsetBytes, from.data(), from.size()))
        return writeThroughBuffer(offsetBytes, from);
    if (const int error = writeAll(m_descriptor, offsetBytes, from); error != 0)
        return std::unexpected(ioError(ErrorCode::WriteFailed, error));
    return {};
}

Result<void> FileIo::writeThroughBuffer(std::uint64_t offsetBytes, std::span<const std::byte> from)
{
    const std::uint64_t alignment = m_traits.alignmentBytes;
    const std::uint64_t spanned =
        roundUp(offsetBytes + from.size(), alignment) - roundDown(offsetBytes, alignment);
    const auto buffer = CAIRN_TRY(AlignedBuffer::create(std::min(spanned, kBounceBytes)));
    const std::scoped_lock guard(m_edgeMutex);
    while (!from.empty()) {
        const std::uint64_t start = roundDown(offsetBytes, alignment);
        const std::uint64_t skip = offsetBytes - start;
        const auto count =
            static_cast<std::size_t>(std::min(from.size(), buffer.bytes().size() - skip));
        const auto piece = buffer.bytes().first(roundUp(skip + count, alignment));
        int error = 0;
        if (skip != 0)
            error = readAll(m_descriptor, start, piece.first(alignment));
        const bool lastIsRead = skip != 0 && piece.size() == alignment;
        if (error == 0 && skip + count != piece.size() && !lastIsRead) {
            error = readAll(m_descriptor, start + piece.size() - alignment, piece.last(alignment));
        }
        if (error != 0)
            return std::unexpected(ioError(ErrorCode::ReadFailed, error));
        std::memcpy(piece.data() + skip, from.data(), count);
        if (error = writeAll(m_descriptor, start, piece); error != 0)
            return std::unexpected(ioError(ErrorCode::WriteFailed, error));
        from = from.subspan(count);
        offsetBytes += count;
    }
    return {};
}

// True: done. False: this device or file system cannot, and the zeroes have to be written.
Result<bool> FileIo::deallocate(ByteRange range)
{
    // On a block device PUNCH_HOLE is given only where it is sure to read as zeroes afterwards,
    // and ZERO_RANGE writes them in the kernel where the device cannot (block/fops.c).
    for (const int mode : {FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, FALLOC_FL_ZERO_RANGE}) {
        const int result = uninterrupted([&] {
            return ::fallocate(m_descriptor, mode, static_cast<off_t>(range.offsetBytes),
                               static_cast<off_t>(range.lengthBytes));
        });
        if (result == 0)
            return true;
        if (errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL && errno != ENOTTY)
            return std::unexpected(ioError(ErrorCode::WriteFailed, errno));
    }
    return false;
}

Result<void> FileIo::writeZeroes(ByteRange range)
{
    if (range.empty())
        return {};
    const auto buffer =
        CAIRN_TRY(AlignedBuffer::create(std::min(range.lengthBytes, 2 * kBounceBytes)));
    std::memset(buffer.bytes().data(), 0, buffer.bytes().size());
    while (!range.empty()) {
        const auto count = std::min(range.lengthBytes, std::uint64_t{buffer.bytes().size()});
        CAIRN_TRY(write(range.offsetBytes, buffer.bytes().first(count)));
        range = {range.offsetBytes + count, range.lengthBytes - count};
    }
    return {};
}

Result<void> FileIo::zero(ByteRange range)
{
    if (!m_traits.writable)
        return failure(ErrorCode::ReadOnlyArray, m_path, "opened for reading");
    if (!ByteRange{0, sizeBytes()}.contains(range))
        return failure(ErrorCode::OutsideFence, m_path);
    // Whole blocks are freed, what sticks out at the ends is written.
    const std::uint64_t block = std::max(m_traits.alignmentBytes, m_traits.sectorBytes);
    const std::uint64_t end = range.offsetBytes + range.lengthBytes;
    const std::uint64_t first = std::min(roundUp(range.offsetBytes, block), end);
    const std::uint64_t last = std::max(roundDown(end, block), first);
    CAIRN_TRY(writeZeroes({range.offsetBytes, first - range.offsetBytes}));
    if (last > first) {
        const bool freed = CAIRN_TRY(deallocate({first, last - first}));
        if (!freed)
            CAIRN_TRY(writeZeroes({first, last - first}));
    }
    return writeZeroes({last, end - last});
}

Result<void> FileIo::flush()
{
    const std::scoped_lock guard(m_flushMutex);
    // After a failed fsync() the kernel may mark the lost pages clean: the next call would succeed
    // without having written them.
    if (m_flushFailure)
        return std::unexpected(*m_flushFailure);
    int result = uninterrupted([this] { return ::fdatasync(m_descriptor); });
    if (result != 0 && (errno == EINVAL || errno == ENOSYS))
        result = uninterrupted([this] { return ::fsync(m_descriptor); });
    if (result != 0)
        m_flushFailure = ioError(ErrorCode::FlushFailed, errno);
    else if (auto named = checkNamed(); !named)
        m_flushFailure = std::move(named).error();
    if (m_flushFailure)
        return std::unexpected(*m_flushFailure);
    return {};
}

Result<void> FileIo::checkNamed()
{
    if (m_identity.blockDevice) // Its node may go away before it does; requests tell.
        return {};
    struct stat status{};
    if (::stat(m_path.c_str(), &status) == 0 && status.st_dev == m_identity.device &&
        status.st_ino == m_identity.inode)
        return {};
    return failure(ErrorCode::FlushFailed, m_path,
                   "the file was deleted, moved or replaced meanwhile");
}

Result<ByteRange> FileIo::nextData(std::uint64_t offsetBytes)
{
    const std::uint64_t size = sizeBytes();
    if (offsetBytes >= size)
        return ByteRange{size, 0};
    if (!m_traits.sparse)
        return ByteRange{offsetBytes, size - offsetBytes};
    const off_t data = ::lseek(m_descriptor, static_cast<off_t>(offsetBytes), SEEK_DATA);
    if (data < 0 && errno == ENXIO) {
        // Nothing but a hole up to the end, or the file was cut: reading will tell.
        const off_t end = ::lseek(m_descriptor, 0, SEEK_END);
        if (end >= 0 && static_cast<std::uint64_t>(end) >= size)
            return ByteRange{size, 0};
        return ByteRange{offsetBytes, size - offsetBytes};
    }
    if (data < 0) // Holes are only a hint: without it everything is data.
        return ByteRange{offsetBytes, size - offsetBytes};
    const auto start = static_cast<std::uint64_t>(data);
    if (start >= size) // The file has grown since it was opened.
        return ByteRange{size, 0};
    // Where the data ends is not asked: on tmpfs SEEK_HOLE looks at every page up to there, which
    // takes as long as copying some of them.
    return ByteRange{start, std::min(roundUp(start + 1, kDataStepBytes), size) - start};
}

Result<void> FileIo::dropCache(ByteRange range)
{
    if (m_direct || range.empty())
        return {};
    // Only clean pages can be dropped.
    if (m_traits.writable)
        CAIRN_TRY(flush());
    const int error = ::posix_fadvise(m_descriptor, static_cast<off_t>(range.offsetBytes),
                                      static_cast<off_t>(range.lengthBytes), POSIX_FADV_DONTNEED);
    if (error != 0)
        return std::unexpected(ioError(ErrorCode::ReadFailed, error));
    return {};
}

bool FileIo::mayClone(const CloneSource& from)
{
    const auto* file = dynamic_cast<const FileIo*>(&from.io);
    if (file == nullptr || m_identity.blockDevice || file->m_identity.blockDevice ||
        !m_traits.writable || file->m_identity.device != m_identity.device)
        return false;
    struct statvfs filesystem{};
    if (::fstatvfs(m_descriptor, &filesystem) != 0 ||
        filesystem.f_bavail < divideUp(from.range.lengthBytes, filesystem.f_frsize))
        return false;
    // A block onto itself: EINVAL where blocks can be shared, since the two overlap, and EOPNOTSUPP
    // where they cannot be (ioctl_ficlonerange(2)).
    struct file_clone_range itself{m_descriptor, 0, kPageBytes, 0};
    return ::ioctl(m_descriptor, FICLONERANGE, &itself) != 0 && errno == EINVAL;
}

Result<bool> FileIo::clone(std::uint64_t offsetBytes, const CloneSource& from)
{
    const ByteRange range = from.range;
    if (!m_traits.writable)
        return failure(ErrorCode::ReadOnlyArray, m_path, "opened for reading");
    if (!ByteRange{0, sizeBytes()}.contains({offsetBytes, range.lengthBytes}))
        return failure(ErrorCode::OutsideFence, m_path);
    const auto* file = dynamic_cast<const FileIo*>(&from.io);
    if (file == nullptr || !ByteRange{0, file->sizeBytes()}.contains(range))
        return false;
    CAIRN_ASSERT(range.lengthBytes > 0); // To the kernel, 0 is all up to the end of the file.
    // From where, how much, and to where.
    struct file_clone_range request{file->m_descriptor, range.offsetBytes, range.lengthBytes,
                                    offsetBytes};
    const int result = uninterrupted([&] { return ::ioctl(m_descriptor, FICLONERANGE, &request); });
    if (result == 0)
        return true;
    // Other filesystems, blocks that are not aligned, files that are kept from sharing any; EINVAL
    // also where only some were shared, for want of space or because this process is to end.
    for (const int cannot : {EOPNOTSUPP, ENOTTY, ENOSYS, EXDEV, EINVAL, EBADF, EPERM, ETXTBSY}) {
        if (errno == cannot)
            return false;
    }
    return std::unexpected(ioError(ErrorCode::WriteFailed, errno));
}

Result<bool> FileIo::tryLock(ByteRange range, LockMode mode)
{
    if (!m_backing)
        return tryLockHere(range, mode);
    const ByteRange behind{range.offsetBytes + m_backingOffset, range.lengthBytes};
    if (!CAIRN_TRY(m_backing->tryLock(behind, mode)))
        return false;
    auto taken = tryLockHere(range, mode);
    if (!taken || !*taken)
        std::ignore = m_backing->tryLock(behind, LockMode::Unlocked);
    return taken;
}

Result<bool> FileIo::tryLockHere(ByteRange range, LockMode mode)
{
    // fcntl(2) takes a length of 0 for "to the end of the file", which nobody means here.
    CAIRN_ASSERT(!range.empty() && range.end().value_or(UINT64_MAX) <= INT64_MAX);
    struct flock lock{};
    lock.l_type = static_cast<short>(mode == LockMode::Shared      ? F_RDLCK
                                     : mode == LockMode::Exclusive ? F_WRLCK
                                                                   : F_UNLCK);
    lock.l_whence = SEEK_SET;
    lock.l_start = static_cast<off_t>(range.offsetBytes);
    lock.l_len = static_cast<off_t>(range.lengthBytes);
    const int result = uninterrupted([&] { return ::fcntl(m_descriptor, F_OFD_SETLK, &lock); });
    if (result == 0)
        return true;
    if (errno == EAGAIN || errno == EACCES)
        return false;
    if (errno == EBADF) // An exclusive lock needs a descriptor that can write.
        return osFailure(ErrorCode::ReadOnlyArray, m_path, "opened for reading");
    return std::unexpected(ioError(ErrorCode::Unsupported, errno));
}

} // namespace cairn
