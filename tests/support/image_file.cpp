// Writing and reading of whole image files.
#include "tests/support/image_file.h"

#include "core/base/error.h"

#include <filesystem>
#include <fstream>

namespace cairn::test {

void writeImage(const std::string& path, std::span<const std::byte> content)
{
    std::ofstream file(path, std::ios::binary | std::ios::trunc);
    const std::vector<char> copy(reinterpret_cast<const char*>(content.data()),
                                 reinterpret_cast<const char*>(content.data()) + content.size());
    file.write(copy.data(), static_cast<std::streamsize>(copy.size()));
    file.close();
    CAIRN_ASSERT(file.good());
}

void makeSparseImage(const std::string& path, std::uint64_t sizeBytes)
{
    writeImage(path, {});
    std::error_code error;
    std::filesystem::resize_file(path, sizeBytes, error);
    CAIRN_ASSERT(!error);
}

std::vector<std::byte> readImage(const std::string& path)
{
    std::error_code error;
    const auto size = std::filesystem::file_size(path, error);
    CAIRN_ASSERT(!error);
    std::vector<std::byte> content(static_cast<std::size_t>(size));
    std::ifstream file(path, std::ios::binary);
    file.read(reinterpret_cast<char*>(content.data()), static_cast<std::streamsize>(size));
    CAIRN_ASSERT(file.good());
    return content;
}

} // namespace cairn::test
