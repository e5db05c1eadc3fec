// How much of a filesystem is used, where its superblock tells.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace cairn {

// `head` is the filesystem's beginning, at least 68 KiB or all of it; type as libblkid names it.
// Nothing where the format does not say, or says more than sizeBytes.
[[nodiscard]] std::optional<std::uint64_t>
usedBytesOf(const std::string& type, std::span<const std::byte> head, std::uint64_t sizeBytes);

} // namespace cairn
