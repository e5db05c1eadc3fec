// Fields at fixed places of ext2/3/4, XFS and btrfs superblocks.
#include "core/array/superblock_use.h"

#include "core/base/byte_range.h"

#include <bit>
#include <cstring>
#include <string_view>

namespace cairn {
namespace {

template<typename Number>
std::optional<Number> littleAt(std::span<const std::byte> bytes, std::size_t offset)
{
    static_assert(std::endian::native == std::endian::little);
    if (offset + sizeof(Number) > bytes.size())
        return std::nullopt;
    Number number{};
    std::memcpy(&number, bytes.data() + offset, sizeof number);
    return number;
}

std::optional<std::uint64_t> bigAt(std::span<const std::byte> bytes, std::size_t offset,
                                   std::size_t size)
{
    if (offset + size > bytes.size())
        return std::nullopt;
    std::uint64_t number = 0;
    for (std::size_t i = 0; i < size; ++i)
        number = number << 8U | std::to_integer<std::uint64_t>(bytes[offset + i]);
    return number;
}

// What a superblock says of its filesystem, in blocks.
struct Blocks {
    std::uint64_t total = 0;
    std::uint64_t free = 0;
    std::uint64_t sizeBytes = 0; // Of one.
};

std::optional<std::uint64_t> usedBytes(const std::optional<Blocks>& blocks)
{
    if (!blocks || blocks->free > blocks->total)
        return std::nullopt;
    return checkedMultiply(blocks->total - blocks->free, blocks->sizeBytes);
}

std::optional<std::uint64_t> allBytes(const std::optional<Blocks>& blocks)
{
    return blocks ? checkedMultiply(blocks->total, blocks->sizeBytes) : std::nullopt;
}

bool hasText(std::span<const std::byte> bytes, std::size_t offset, std::string_view text)
{
    return offset + text.size() <= bytes.size() &&
           std::memcmp(bytes.data() + offset, text.data(), text.size()) == 0;
}

// Documentation/filesystems/ext4/super.rst: blocks count 0x4 and 0x150, free 0xc and 0x158, block
// size 0x18, incompatible features 0x60 (0x80: 64 bits).
std::optional<Blocks> extBlocks(std::span<const std::byte> head)
{
    constexpr std::size_t kSuper = 1024;
    const auto total = littleAt<std::uint32_t>(head, kSuper + 0x4);
    const auto free = littleAt<std::uint32_t>(head, kSuper + 0xc);
    const auto logBlock = littleAt<std::uint32_t>(head, kSuper + 0x18);
    const auto features = littleAt<std::uint32_t>(head, kSuper + 0x60);
    const auto totalHigh = littleAt<std::uint32_t>(head, kSuper + 0x150);
    const auto freeHigh = littleAt<std::uint32_t>(head, kSuper + 0x158);
    if (!total || !free || !logBlock || !features || !totalHigh || !freeHigh || *logBlock > 6)
        return std::nullopt;
    const bool wide = (*features & 0x80U) != 0;
    const std::uint64_t high = wide ? *totalHigh : 0;
    const std::uint64_t highFree = wide ? *freeHigh : 0;
    return Blocks{high << 32U | *total, highFree << 32U | *free, kKiB << *logBlock};
}

// xfs_dsb in fs/xfs/libxfs/xfs_format.h: block size at 4, blocks at 8, free blocks at 144.
std::optional<Blocks> xfsBlocks(std::span<const std::byte> head)
{
    const auto blockBytes = bigAt(head, 4, 4);
    const auto total = bigAt(head, 8, 8);
    const auto free = bigAt(head, 144, 8);
    if (!blockBytes || !total || !free || *blockBytes > 64 * kKiB)
        return std::nullopt;
    return Blocks{*total, *free, *blockBytes};
}

// struct btrfs_super_block at 64 KiB: magic at 0x40, total_bytes at 0x70, bytes_used at 0x78.
std::optional<std::uint64_t> btrfsUse(std::span<const std::byte> head)
{
    return littleAt<std::uint64_t>(head, 64 * kKiB + 0x78);
}

} // namespace

std::optional<std::uint64_t> usedBytesOf(const std::string& type, std::span<const std::byte> head,
                                         std::uint64_t sizeBytes)
{
    std::optional<std::uint64_t> used;
    if (type == "ext2" || type == "ext3" || type == "ext4")
        used = usedBytes(extBlocks(head));
    else if (type == "xfs")
        used = usedBytes(xfsBlocks(head));
    else if (type == "btrfs")
        used = btrfsUse(head);
    return used && *used <= sizeBytes ? used : std::nullopt;
}

std::optional<std::uint64_t> filesystemBytesAt(std::span<const std::byte> head)
{
    constexpr std::uint16_t kExtMagic = 0xef53;
    constexpr std::size_t kBtrfsSuper = 64 * kKiB;
    if (littleAt<std::uint16_t>(head, 1024 + 0x38) == kExtMagic)
        return allBytes(extBlocks(head));
    if (hasText(head, 0, "XFSB"))
        return allBytes(xfsBlocks(head));
    if (hasText(head, kBtrfsSuper + 0x40, "_BHRfS_M"))
        return littleAt<std::uint64_t>(head, kBtrfsSuper + 0x70);
    return std::nullopt;
}

} // namespace cairn
