// Reading past, and writing through, this host's cache of a file or device.
#include "core/io/file_io.h"

#include <cerrno>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

namespace cairn {

Result<void> FileIo::readMedium(std::uint64_t offsetBytes, std::span<std::byte> into)
{
    // O_DIRECT asks the device; of a cache, the clean pages are dropped first.
    if (!m_direct)
        std::ignore = ::posix_fadvise(m_descriptor, static_cast<off_t>(offsetBytes),
                                      static_cast<off_t>(into.size()), POSIX_FADV_DONTNEED);
    return read(offsetBytes, into);
}

// Opened once more, as the kernel reports the failure of a write-back once to each open file: to
// find it here would hide it from the flush() whose failure has to be final.
int FileIo::sharedDescriptor()
{
    const std::scoped_lock guard(m_sharedMutex);
    if (m_sharedDescriptor >= 0)
        return m_sharedDescriptor;
    const std::string again = fmt::format("/proc/self/fd/{}", m_descriptor);
    m_sharedDescriptor = ::open(again.c_str(), O_RDWR | O_CLOEXEC | O_DSYNC);
    struct stat status{};
    if (m_sharedDescriptor >= 0 &&
        (::fstat(m_sharedDescriptor, &status) != 0 || status.st_dev != m_identity.device ||
         status.st_ino != m_identity.inode)) {
        std::ignore = ::close(m_sharedDescriptor);
        m_sharedDescriptor = -1;
    }
    return m_sharedDescriptor;
}

Result<void> FileIo::writeShared(std::uint64_t offsetBytes, std::span<const std::byte> from)
{
    // What goes past the cache is on the device when it is done.
    if (m_direct)
        return write(offsetBytes, from);
    if (!m_traits.writable || !ByteRange{0, sizeBytes()}.contains({offsetBytes, from.size()}))
        return write(offsetBytes, from); // It says what is wrong.
    const int descriptor = m_identity.blockDevice ? -1 : sharedDescriptor();
    if (descriptor < 0) {
        CAIRN_TRY(write(offsetBytes, from));
        return flush();
    }
    while (!from.empty()) {
        const auto put =
            ::pwrite(descriptor, from.data(), from.size(), static_cast<off_t>(offsetBytes));
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return std::unexpected(ioError(ErrorCode::WriteFailed, put < 0 ? errno : EIO));
        from = from.subspan(static_cast<std::size_t>(put));
        offsetBytes += static_cast<std::uint64_t>(put);
    }
    return {};
}

} // namespace cairn
