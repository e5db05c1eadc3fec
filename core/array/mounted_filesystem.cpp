// Looks through /proc/self for what lies on a filesystem.
#include "core/array/mounted_filesystem.h"

#include <charconv>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <set>
#include <system_error>
#include <unistd.h>

namespace cairn {
namespace {

namespace fs = std::filesystem;

// The files that are mapped into this process: itself, libraries, and whatever it reads so.
std::set<std::string> mappedFiles()
{
    std::set<std::string> files;
    std::ifstream maps("/proc/self/maps");
    for (std::string line; std::getline(maps, line);) {
        const auto path = line.find('/');
        if (path != std::string::npos)
            files.insert(line.substr(path));
    }
    return files;
}

bool isForWriting(int descriptor)
{
    const int flags = ::fcntl(descriptor, F_GETFL);
    return flags >= 0 && (flags & O_ACCMODE) != O_RDONLY;
}

std::optional<int> numberIn(const std::string& text)
{
    int number = -1;
    const auto end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, number);
    return parsed.ec == std::errc{} && parsed.ptr == end ? std::optional(number) : std::nullopt;
}

} // namespace

Result<std::unique_ptr<MountedFilesystem>> MountedFilesystem::open(std::uint64_t filesystem)
{
    auto mounts = CAIRN_TRY(MountTable::read());
    const int descriptor = CAIRN_TRY(mounts.open(filesystem));
    return std::unique_ptr<MountedFilesystem>(
        new MountedFilesystem(std::move(mounts), filesystem, descriptor));
}

MountedFilesystem::~MountedFilesystem()
{
    ::close(m_descriptor);
}

bool MountedFilesystem::carries(const std::string& path) const
{
    return m_mounts.restsOn(path, m_filesystem);
}

std::optional<std::string> MountedFilesystem::carriesOfThisProcess() const
{
    std::error_code error;
    for (const char* path : {"/", "/proc/self/exe"}) {
        if (!carries(path))
            continue;
        const fs::path target = fs::read_symlink(path, error);
        return target.empty() ? path : target.string();
    }
    for (const std::string& file : mappedFiles()) {
        if (carries(file))
            return file;
    }
    for (const auto& entry : fs::directory_iterator("/proc/self/fd", error)) {
        const auto number = numberIn(entry.path().filename().string());
        // Reading goes on while a filesystem stands still.
        if (number && isForWriting(*number) && m_mounts.descriptorRestsOn(*number, m_filesystem))
            return fs::read_symlink(entry.path(), error).string();
    }
    return std::nullopt;
}

Result<void> MountedFilesystem::flushDevices() const
{
    for (const std::string& device : m_mounts.devicesOf(m_filesystem)) {
        const int opened = ::open(device.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
        const bool flushed = opened >= 0 && ::fsync(opened) == 0;
        auto failed = osFailure(ErrorCode::FlushFailed, device);
        if (opened >= 0)
            ::close(opened);
        if (!flushed)
            return failed;
    }
    return {};
}

} // namespace cairn
