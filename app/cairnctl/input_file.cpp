// Reads files, devices and the standard input alike.
#include "app/cairnctl/input_file.h"

#include <algorithm>
#include <cerrno>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace cairn::ctl {

Result<InputFile> InputFile::open(const std::string& path)
{
    InputFile file;
    file.m_path = path;
    file.m_descriptor =
        path == "-" ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct stat status{};
    if (file.m_descriptor < 0 || ::fstat(file.m_descriptor, &status) != 0)
        return osFailure(ErrorCode::OpenFailed, path);
    if (S_ISDIR(status.st_mode))
        return failure(ErrorCode::InvalidArgument, path, "a directory");
    if (S_ISREG(status.st_mode))
        file.m_sizeBytes = static_cast<std::uint64_t>(status.st_size);
    if (S_ISBLK(status.st_mode)) {
        const off_t end = ::lseek(file.m_descriptor, 0, SEEK_END);
        if (end < 0 || ::lseek(file.m_descriptor, 0, SEEK_SET) != 0)
            return osFailure(ErrorCode::ReadFailed, path);
        file.m_sizeBytes = static_cast<std::uint64_t>(end);
    }
    if (S_ISREG(status.st_mode) && file.m_sizeBytes == 0)
        return failure(ErrorCode::InvalidArgument, path, "the file is empty");
    file.m_seekable = S_ISREG(status.st_mode);
    return file;
}

InputFile::InputFile(InputFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_descriptor(std::exchange(other.m_descriptor, -1)),
      m_seekable(other.m_seekable), m_sizeBytes(other.m_sizeBytes)
{}

InputFile::~InputFile()
{
    if (m_descriptor > STDIN_FILENO)
        ::close(m_descriptor);
}

Result<std::size_t> InputFile::read(std::span<std::byte> into) const
{
    while (true) {
        const ssize_t got = ::read(m_descriptor, into.data(), into.size());
        if (got >= 0)
            return static_cast<std::size_t>(got);
        if (errno != EINTR)
            return osFailure(ErrorCode::ReadFailed, m_path);
    }
}

Result<std::uint64_t> InputFile::skip(std::uint64_t lengthBytes) const
{
    if (!m_seekable)
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
