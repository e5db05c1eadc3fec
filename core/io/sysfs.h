// Single attributes of block devices, as the kernel shows them below /sys.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace cairn {

inline constexpr std::uint64_t kSysfsSectorBytes = 512; // Whatever the device's own sector is.

// device: the number of a block device, as st_rdev. The path is a link.
[[nodiscard]] std::filesystem::path sysfsPath(std::uint64_t device);

// Nothing where there is no such attribute, or no number in it.
[[nodiscard]] std::optional<std::uint64_t> sysfsNumber(const std::filesystem::path& attribute);
// The number of the block device that it names as "8:3", as st_rdev.
[[nodiscard]] std::optional<std::uint64_t> sysfsDevice(const std::filesystem::path& attribute);
// Its first line, or "".
[[nodiscard]] std::string sysfsLine(const std::filesystem::path& attribute);

} // namespace cairn
