// What a superblock tells: how much of the filesystem is used, how far it reaches.
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

// How far the ext2/3/4, XFS or btrfs reaches whose head that is; nothing where it is none of them.
// Only a hint, as above.
[[nodiscard]] std::optional<std::uint64_t> filesystemBytesAt(std::span<const std::byte> head);

} // namespace cairn
