// Writes files so that nothing half-written ever carries the name that was asked for.
#include "app/cairnctl/output_file.h"

#include "app/cairnctl/interrupt.h"
#include "app/cairnctl/lookup.h"
#include "app/cairnctl/question.h"
#include "app/cairnctl/standard_error.h"
#include "core/array/replaceable.h"
#include "core/base/printable_text.h"
#include "core/copy/chunk_digest.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <poll.h>
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
        tell(fmt::format("cairnctl: warning: {} is readable by you alone.\n", printable(path)));
    return descriptor;
}

// By a name like /dev/stdout: a message of success must not be mixed into what is written there.
bool isStandardOutput(const std::string& path)
{
    struct stat named{};
    struct stat standard{};
    return path.starts_with("/dev/") || path.starts_with("/proc/")
               ? ::stat(path.c_str(), &named) == 0 && ::fstat(STDOUT_FILENO, &standard) == 0 &&
                     named.st_dev == standard.st_dev && named.st_ino == standard.st_ino
               : false;
}

// A pipe can be opened only once somebody reads from it.
Result<int> openStream(const std::string& path, bool isPipe)
{
    constexpr int kFlags = O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    constexpr int kRetryMs = 50;
    const Interruptible waiting;
    while (true) {
        const int descriptor = ::open(path.c_str(), kFlags);
        if (descriptor >= 0)
            return descriptor;
        // A socket or a device without a driver is ENXIO too, and stays so.
        if (errno != ENXIO || !isPipe)
            return osFailure(ErrorCode::OpenFailed, path);
        if (!pauseFor(kRetryMs))
            return failure(ErrorCode::Canceled, path);
    }
}

// --yes does not stand for it: no output is worth an array.
Result<void> checkNoArray(ErrorContext& context, Attachment* attachment, const std::string& path)
{
    const auto check = [&]() -> Result<void> {
        if (attachment != nullptr)
            CAIRN_TRY(checkNoMember(context, *attachment, path));
        return checkReplaceable(path);
    };
    auto checked = check();
    if (!checked && checked.error().code == ErrorCode::RegionInUse)
        context.advice = "Write to another file; --yes does not replace this one. If nothing needs "
                         "it any more, remove it yourself first.";
    return checked;
}

} // namespace

OutputFile::OutputFile(ErrorContext& context, std::string path)
    : m_context(&context), m_path(std::move(path))
{}

Result<OutputFile> OutputFile::open(Invocation& invocation, Attachment* attachment,
                                    const std::string& path)
{
    OutputFile file(invocation.failureContext(), path);
    if (path == "-" || isStandardOutput(path)) {
        file.m_path = "-";
        file.m_descriptor = STDOUT_FILENO;
        return file;
    }
    struct stat status{};
    const bool exists = ::stat(path.c_str(), &status) == 0;
    if (exists) {
        CAIRN_TRY(checkNoArray(invocation.failureContext(), attachment, path));
        if (S_ISBLK(status.st_mode) || S_ISDIR(status.st_mode))
            return failure(ErrorCode::InvalidArgument, path, "not a file to write to");
        if (!S_ISREG(status.st_mode)) {
            file.m_descriptor = CAIRN_TRY(openStream(path, S_ISFIFO(status.st_mode)));
            return file;
        }
        CAIRN_TRY(ask(invocation, fmt::format("Replace the existing file {}?", printable(path))));
        file.m_replace = true;
        // What a symbolic link leads to is replaced, not the link.
        std::error_code ignored;
        const auto real = std::filesystem::canonical(path, ignored);
        if (!ignored)
            file.m_path = real.string();
    } else if (::lstat(path.c_str(), &status) == 0 && S_ISLNK(status.st_mode)) {
        invocation.failureContext().advice = "Remove the link, or name the file itself.";
        return failure(ErrorCode::InvalidArgument, path, "a symbolic link that leads nowhere");
    }
    file.m_descriptor = CAIRN_TRY(createBeside(file.m_path, file.m_temporaryPath));
    return file;
}

OutputFile::OutputFile(OutputFile&& other) noexcept
    : m_context(other.m_context), m_path(std::move(other.m_path)),
      m_temporaryPath(std::exchange(other.m_temporaryPath, {})),
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
        return writeAll(bytes);
    if (::lseek(m_descriptor, static_cast<off_t>(bytes.size()), SEEK_CUR) < 0)
        return writeFailure();
    m_sizeBytes += bytes.size();
    return {};
}

Result<void> OutputFile::writeAll(std::span<const std::byte> bytes)
{
    const Interruptible waiting;
    // No more than a pipe that is ready takes without blocking.
    const std::size_t most = m_temporaryPath.empty() ? PIPE_BUF : bytes.size();
    while (!bytes.empty()) {
        if (!waitUntilReady(m_descriptor, POLLOUT)) {
            explainFailure({});
            return failure(ErrorCode::Canceled, m_path);
        }
        const auto next = bytes.first(std::min(most, bytes.size()));
        const ssize_t written = ::write(m_descriptor, next.data(), next.size());
        if (written < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (written < 0)
            return writeFailure();
        bytes = bytes.subspan(static_cast<std::size_t>(written));
        m_sizeBytes += static_cast<std::uint64_t>(written);
    }
    return {};
}

std::unexpected<Error> OutputFile::writeFailure()
{
    const bool full = errno == ENOSPC || errno == EDQUOT || errno == EFBIG;
    const bool closed = errno == EPIPE;
    auto error = osFailure(full ? ErrorCode::NoSpace : ErrorCode::WriteFailed,
                           isStandardStream() ? "the standard output" : m_path);
    explainFailure(full     ? "Make space there, or write to another place."
                   : closed ? "Whatever was to read it has ended."
                            : "Write to another place.");
    return error;
}

// The code's own words are about the array's devices.
void OutputFile::explainFailure(const std::string& advice)
{
    m_context->advice = advice;
    if (m_temporaryPath.empty() && m_sizeBytes > 0)
        m_context->state = "The array is unchanged, and what was written is not whole";
}

Result<void> OutputFile::finish()
{
    if (m_temporaryPath.empty())
        return {};
    if (::ftruncate(m_descriptor, static_cast<off_t>(m_sizeBytes)) != 0)
        return writeFailure();
    if (::fsync(m_descriptor) != 0)
        return osFailure(ErrorCode::FlushFailed, m_path);
    // Writing may have taken hours.
    if (m_replace)
        CAIRN_TRY(checkNoArray(*m_context, nullptr, m_path));
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
    return makeNameDurable();
}

// Whoever is told that the file is there may rely on it after a power cut, too.
Result<void> OutputFile::makeNameDurable() const
{
    const auto parent = std::filesystem::path(m_path).parent_path();
    const std::string folder = parent.empty() ? "." : parent.string();
    const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (opened < 0 && errno == EACCES)
        return {}; // One that may be written and not read: the file is there.
    if (opened < 0)
        return osFailure(ErrorCode::FlushFailed, folder);
    Result<void> synced;
    // Some filesystems, of network and FUSE, have no such thing.
    if (::fsync(opened) != 0 && errno != EINVAL)
        synced = osFailure(ErrorCode::FlushFailed, folder);
    ::close(opened);
    return synced;
}

} // namespace cairn::ctl
