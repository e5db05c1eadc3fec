// Opening an image file or block device as a member.
#include "core/array/path_member.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fmt/format.h>
#include <fstream>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <system_error>
#include <unistd.h>

namespace cairn {
namespace {

std::string blockDeviceModel(const DeviceIdentity& identity)
{
    const auto device = static_cast<dev_t>(identity.device);
    std::ifstream file(
        fmt::format("/sys/dev/block/{}:{}/device/model", ::major(device), ::minor(device)));
    std::string model;
    std::getline(file, model);
    const auto last = model.find_last_not_of(" \t\n");
    model.resize(last == std::string::npos ? 0 : last + 1);
    return model.empty() ? "block device" : model;
}

// A write-protected device can be opened for writing all the same; only the writes fail.
bool isWriteProtected(const FileIo& file)
{
    int readOnly = 0;
    return file.isBlockDevice() && ::ioctl(file.descriptor(), BLKROGET, &readOnly) == 0 &&
           readOnly != 0;
}

// The mode of a node says nothing where whoever opens it is asked.
std::string readOnlyReason(const FileIo& file, bool givenOnRequest)
{
    if (isWriteProtected(file))
        return ::strerrordesc_np(EROFS);
    if (!givenOnRequest && ::faccessat(AT_FDCWD, file.name().c_str(), W_OK, AT_EACCESS) != 0)
        return ::strerrordesc_np(errno);
    return {};
}

} // namespace

OpenedMember describeOpened(std::shared_ptr<FileIo> file, bool givenOnRequest)
{
    OpenedMember opened;
    opened.identity = file->identity();
    opened.model = file->isBlockDevice() ? blockDeviceModel(file->identity()) : "image file";
    if (!file->traits().writable)
        opened.readOnlyReason = readOnlyReason(*file, givenOnRequest);
    opened.descriptor = file->descriptor();
    opened.io = std::move(file);
    return opened;
}

bool isSamePlace(const std::string& one, const std::string& other)
{
    if (one == other)
        return true;
    struct stat first{};
    struct stat second{};
    if (::stat(one.c_str(), &first) == 0 && ::stat(other.c_str(), &second) == 0)
        return first.st_dev == second.st_dev && first.st_ino == second.st_ino;
    std::error_code error;
    const auto place = [&error](const std::string& path) {
        return std::filesystem::absolute(path, error).lexically_normal();
    };
    const auto firstPlace = place(one);
    return !error && firstPlace == place(other) && !error;
}

Result<OpenedMember> PathMember::open(Access access, bool exclusive)
{
    auto file = CAIRN_TRY(
        FileIo::open(m_path, {.access = access, .exclusive = exclusive, .devices = m_devices}));
    if (access == Access::Write && isWriteProtected(*file)) {
        errno = EROFS;
        return osFailure(ErrorCode::ReadOnlyArray, m_path);
    }
    const bool givenOnRequest =
        file->isBlockDevice() && m_devices != nullptr && m_devices->asks(m_path);
    OpenedMember opened = describeOpened(std::move(file), givenOnRequest);
    return opened;
}

} // namespace cairn
