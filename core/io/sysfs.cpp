// Opens attributes as the small text files that they are.
#include "core/io/sysfs.h"

#include <fmt/format.h>
#include <fstream>
#include <sys/sysmacros.h>

namespace cairn {

std::filesystem::path sysfsPath(std::uint64_t device)
{
    const auto number = static_cast<dev_t>(device);
    return fmt::format("/sys/dev/block/{}:{}", ::major(number), ::minor(number));
}

std::optional<std::uint64_t> sysfsNumber(const std::filesystem::path& attribute)
{
    std::ifstream file(attribute);
    std::uint64_t number = 0;
    return file >> number ? std::optional(number) : std::nullopt;
}

std::optional<std::uint64_t> sysfsDevice(const std::filesystem::path& attribute)
{
    std::ifstream file(attribute);
    unsigned majorNumber = 0;
    unsigned minorNumber = 0;
    char colon = 0;
    if (!(file >> majorNumber >> colon >> minorNumber) || colon != ':')
        return std::nullopt;
    return ::makedev(majorNumber, minorNumber);
}

std::string sysfsLine(const std::filesystem::path& attribute)
{
    std::ifstream file(attribute);
    std::string line;
    std::getline(file, line);
    return line;
}

} // namespace cairn
