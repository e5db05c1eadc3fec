// Opening and reading without ever blocking where a signal could not reach.
#include "app/cairnctl/input_file.h"

#include "app/cairnctl/interrupt.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace cairn::ctl {

Result<InputFile> InputFile::open(const std::string& path)
{
    InputFile file;
    file.m_path = path == "-" ? "the standard input" : path;
    // Without O_NONBLOCK a pipe that nobody writes to yet could not even be opened.
    constexpr int kFlags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    file.m_descriptor = path == "-" ? STDIN_FILENO : ::open(path.c_str(), kFlags);
    struct stat status{};
    if (file.m_descriptor < 0 || ::fstat(file.m_descriptor, &status) != 0)
        return osFailure(ErrorCode::OpenFailed, file.m_path);
    // Closed, that is: its placeholder cannot be read (core/io/standard_descriptors.h).
    const int access = path == "-" ? ::fcntl(file.m_descriptor, F_GETFL) : O_RDONLY;
    if ((access & O_PATH) != 0 || (access & O_ACCMODE) == O_WRONLY)
        return failure(ErrorCode::InvalidArgument, file.m_path, "it is closed");
    if (S_ISDIR(status.st_mode))
        return failure(ErrorCode::InvalidArgument, file.m_path, "a directory");
    file.m_regular = S_ISREG(status.st_mode);
    if (file.m_regular)
        file.m_sizeBytes = static_cast<std::uint64_t>(status.st_size);
    if (S_ISBLK(status.st_mode)) {
        const off_t end = ::lseek(file.m_descriptor, 0, SEEK_END);
        if (end < 0 || ::lseek(file.m_descriptor, 0, SEEK_SET) != 0)
            return osFailure(ErrorCode::ReadFailed, file.m_path);
        file.m_sizeBytes = static_cast<std::uint64_t>(end);
    }
    file.m_beginBytes = std::max<off_t>(::lseek(file.m_descriptor, 0, SEEK_CUR), 0);
    if (file.m_regular && file.m_sizeBytes == 0)
        return failure(ErrorCode::InvalidArgument, file.m_path, "the file is empty");
    return file;
}

InputFile::InputFile(InputFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_descriptor(std::exchange(other.m_descriptor, -1)),
      m_regular(other.m_regular), m_sizeBytes(other.m_sizeBytes), m_beginBytes(other.m_beginBytes)
{}

InputFile::~InputFile()
{
    if (m_descriptor > STDIN_FILENO)
        ::close(m_descriptor);
}

bool InputFile::isSeekable() const
{
    return ::lseek(m_descriptor, 0, SEEK_CUR) >= 0;
}

Result<void> InputFile::rewind() const
{
    if (::lseek(m_descriptor, m_beginBytes, SEEK_SET) != m_beginBytes)
        return osFailure(ErrorCode::ReadFailed, m_path);
    return {};
}

Result<std::size_t> InputFile::read(std::span<std::byte> into) const
{
    const Interruptible waiting;
    while (true) {
        if (!waitUntilReady(m_descriptor, POLLIN))
            return failure(ErrorCode::Canceled, m_path);
        const ssize_t got = ::read(m_descriptor, into.data(), into.size());
        if (got >= 0)
            return static_cast<std::size_t>(got);
        if (errno != EINTR && errno != EAGAIN)
            return osFailure(ErrorCode::ReadFailed, m_path);
    }
}

Result<std::uint64_t> InputFile::skip(std::uint64_t lengthBytes) const
{
    if (!m_regular)
        return std::uint64_t{0};
    // Never beyond the end: a file that was cut off there must not look whole.
    const off_t at = ::lseek(m_descriptor, 0, SEEK_CUR);
    if (at < 0)
        return osFailure(ErrorCode::ReadFailed, m_path);
    const auto position = static_cast<std::uint64_t>(at);
    const std::uint64_t rest = m_sizeBytes > position ? m_sizeBytes - position : 0;
    const std::uint64_t passed = std::min(lengthBytes, rest);
    if (::lseek(m_descriptor, static_cast<off_t>(passed), SEEK_CUR) < 0)
        return osFailure(ErrorCode::ReadFailed, m_path);
    return passed;
}

} // namespace cairn::ctl
