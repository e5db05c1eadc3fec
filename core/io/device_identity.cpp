// Reads what tells one device or file from another off an open descriptor.
#include "core/io/device_identity.h"

#include "core/io/sysfs.h"

#include <array>
#include <cerrno>
#include <fmt/format.h>
#include <fstream>
#include <initializer_list>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

namespace cairn {
namespace {

std::string trimmed(std::string text)
{
    const auto isBlank = [](char c) { return c == ' ' || c == '\n' || c == '\t' || c == '\0'; };
    while (!text.empty() && isBlank(text.back()))
        text.pop_back();
    std::size_t leading = 0;
    while (leading < text.size() && isBlank(text[leading]))
        ++leading;
    return text.substr(leading);
}

std::string firstLine(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::string line;
    std::getline(file, line);
    return trimmed(line);
}

// Of a SCSI disk: vital product data page 80h, "unit serial number" (SPC-4, 7.8.15).
std::string scsiSerial(const std::string& path)
{
    std::ifstream file(path, std::ios::binary);
    std::array<char, 4> header{};
    if (!file.read(header.data(), header.size()))
        return {};
    const auto length = static_cast<std::size_t>(static_cast<unsigned char>(header[3]));
    std::string serial(length, '\0');
    file.read(serial.data(), static_cast<std::streamsize>(length));
    serial.resize(static_cast<std::size_t>(file.gcount()));
    return trimmed(serial);
}

std::string firstFound(const std::string& directory, std::initializer_list<const char*> files)
{
    for (const char* file : files) {
        if (auto line = firstLine(directory + file); !line.empty())
            return line;
    }
    return {};
}

// The directory of the whole disk: only it leads to the hardware.
std::string sysfsDirectory(dev_t device)
{
    auto directory = fmt::format("/sys/dev/block/{}:{}/", ::major(device), ::minor(device));
    if (::access((directory + "partition").c_str(), F_OK) == 0)
        directory += "../";
    return directory;
}

void addHardware(DeviceIdentity& identity, const std::string& directory)
{
    identity.serial = firstFound(directory, {"serial", "device/serial"});
    if (identity.serial.empty())
        identity.serial = scsiSerial(directory + "device/vpd_pg80");
    identity.wwn = firstFound(directory, {"wwid", "device/wwid"});
}

Result<DeviceIdentity> identifyBlockDevice(int descriptor, const std::string& name, dev_t device)
{
    DeviceIdentity identity;
    identity.blockDevice = true;
    identity.device = device;
    std::uint64_t value = 0;
    if (::ioctl(descriptor, BLKGETSIZE64, &value) != 0)
        return osFailure(ErrorCode::OpenFailed, name);
    identity.sizeBytes = value;
    if (::ioctl(descriptor, BLKGETDISKSEQ, &value) == 0) // Linux 5.15; 0 stays where it is older.
        identity.diskSequence = value;
    addHardware(identity, sysfsDirectory(device));
    return identity;
}

} // namespace

Result<DeviceIdentity> identifyNode(const std::string& path)
{
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0)
        return osFailure(ErrorCode::OpenFailed, path);
    if (!S_ISBLK(status.st_mode))
        return failure(ErrorCode::OpenFailed, path, "not a block device");
    const std::string directory = sysfsDirectory(status.st_rdev);
    const auto sectors = sysfsNumber(sysfsPath(status.st_rdev) / "size");
    if (!sectors)
        return failure(ErrorCode::OpenFailed, path, {}, 0, ENXIO);
    DeviceIdentity identity;
    identity.blockDevice = true;
    identity.device = status.st_rdev;
    identity.sizeBytes = *sectors * kSysfsSectorBytes;
    identity.diskSequence = sysfsNumber(directory + "diskseq").value_or(0);
    addHardware(identity, directory);
    return identity;
}

Result<DeviceIdentity> identify(int descriptor, const std::string& name)
{
    struct stat status{};
    if (::fstat(descriptor, &status) != 0)
        return osFailure(ErrorCode::OpenFailed, name);
    if (S_ISBLK(status.st_mode))
        return identifyBlockDevice(descriptor, name, status.st_rdev);
    if (!S_ISREG(status.st_mode))
        return failure(ErrorCode::OpenFailed, name, "not a block device or regular file");
    DeviceIdentity identity;
    identity.device = status.st_dev;
    identity.inode = status.st_ino;
    identity.sizeBytes = static_cast<std::uint64_t>(status.st_size);
    return identity;
}

} // namespace cairn
