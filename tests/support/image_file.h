// Image files of a test; the caller's QTemporaryDir removes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace cairn::test {

// Abort the test program where the disk fails: no test can go on without its file.
void writeImage(const std::string& path, std::span<const std::byte> content);
void makeSparseImage(const std::string& path, std::uint64_t sizeBytes);
[[nodiscard]] std::vector<std::byte> readImage(const std::string& path);

} // namespace cairn::test
