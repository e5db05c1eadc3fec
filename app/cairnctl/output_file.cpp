// Writes files so that nothing half-written ever carries the name that was asked for.
#include "app/cairnctl/output_file.h"

#include "app/cairnctl/lookup.h"
#include "app/cairnctl/question.h"
#include "core/base/printable_text.h"
#include "core/copy/chunk_digest.h"

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace cairn::ctl {
namespace {

// A new file beside the path, with the permissions that open(2) would have given.
Result<int> createBeside(const std::string& path, std::string& temporaryPath)
{
    temporaryPath = path + ".cairn-XXXXXX";
    const int descriptor = ::mkostemp(temporaryPath.data(), O_CLOEXEC);
    if (descriptor < 0) {
        temporaryPath.clear();
        return osFailure(errno == ENOSPC ? ErrorCode::NoSpace : ErrorCode::OpenFailed, path);
    }
    const mode_t mask = ::umask(0);
    ::umask(mask);
    if (::fchmod(descriptor, 0666 & ~mask) != 0)
        fmt::print(stderr, "cairnctl: warning: {} is readable by you alone.\n", printable(path));
    return descriptor;
}

} // namespace

Result<OutputFile> OutputFile::open(Invocation& invocation, Attachment* attachment,
                                    const std::string& path)
{
    OutputFile file;
    file.m_path = path;
    if (path == "-") {
        file.m_descriptor = STDOUT_FILENO;
        return file;
    }
    struct stat status{};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    if (exists) {
        if (attachment != nullptr)
            CAIRN_TRY(checkNoMember(*attachment, path));
        if (S_ISBLK(status.st_mode) || S_ISDIR(status.st_mode))
            return failure(ErrorCode::InvalidArgument, path, "not a file to write to");
        if (!S_ISREG(status.st_mode)) {
            file.m_descriptor = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | O_NOCTTY);
            if (file.m_descriptor < 0)
                return osFailure(ErrorCode::OpenFailed, path);
            return file;
        }
        CAIRN_TRY(ask(invocation, fmt::format("Replace the existing file {}?", printable(path))));
        file.m_replace = true;
        // What a symbolic link leads to is replaced, not the link.
        std::error_code ignored;
        const auto real = std::filesystem::canonical(path, ignored);
        if (!ignored)
            file.m_path = real.string();
    }
    file.m_descriptor = CAIRN_TRY(createBeside(file.m_path, file.m_temporaryPath));
    return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : m_path(std::move(other.m_path)), m_temporaryPath(std::exchange(other.m_temporaryPath, {})),
      m_descriptor(std::exchange(other.m_descriptor, -1)), m_replace(other.m_replace),
      m_sizeBytes(other.m_sizeBytes)
{}

OutputFile::~OutputFile()
{
    if (m_descriptor >= 0 && m_descriptor != STDOUT_FILENO)
        ::close(m_descriptor);
    if (!m_temporaryPath.empty())
        ::unlink(m_temporaryPath.c_str());
}

Result<void> OutputFile::write(std::span<const std::byte> bytes)
{
    if (m_temporaryPath.empty() || !isZero(bytes))
        CAIRN_TRY(writeAll(bytes));
    else if (::lseek(m_descriptor, static_cast<off_t>(bytes.size()), SEEK_CUR) < 0)
        return osFailure(ErrorCode::WriteFailed, m_path);
    m_sizeBytes += bytes.size();
    return {};
}

Result<void> OutputFile::writeAll(std::span<const std::byte> bytes)
{
    while (!bytes.empty()) {
        const ssize_t written = ::write(m_descriptor, bytes.data(), bytes.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return osFailure(errno == ENOSPC ? ErrorCode::NoSpace : ErrorCode::WriteFailed,
                             m_path == "-" ? "standard output" : m_path);
        bytes = bytes.subspan(static_cast<std::size_t>(written));
    }
    return {};
}

Result<void> OutputFile::finish()
{
    if (m_temporaryPath.empty())
        return {};
    if (::ftruncate(m_descriptor, static_cast<off_t>(m_sizeBytes)) != 0)
        return osFailure(errno == ENOSPC ? ErrorCode::NoSpace : ErrorCode::WriteFailed, m_path);
    if (::fsync(m_descriptor) != 0)
        return osFailure(ErrorCode::FlushFailed, m_path);
    const unsigned flags = m_replace ? 0 : RENAME_NOREPLACE;
    int moved = ::renameat2(AT_FDCWD, m_temporaryPath.c_str(), AT_FDCWD, m_path.c_str(), flags);
    if (moved != 0 && errno == EINVAL && !m_replace) {
        // A file system without RENAME_NOREPLACE: link() refuses an existing name just as well.
        moved = ::link(m_temporaryPath.c_str(), m_path.c_str());
        if (moved == 0)
            ::unlink(m_temporaryPath.c_str());
    }
    if (moved != 0)
        return osFailure(ErrorCode::OpenFailed, m_path);
    m_temporaryPath.clear();
    return {};
}

} // namespace cairn::ctl
