// Finds every signature by which a program would know what a region holds.
#pragma once

#include "core/array/probe_child.h"
#include "core/base/byte_range.h"
#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cairn {

// Where in a region of that size libblkid 2.38 looks for magic numbers: the head; VMFS at 1 and 2
// MiB; the second header of LUKS2 at up to 4 MiB; btrfs' second superblock; and RAID metadata, ZFS
// labels and a GPT's backup at the end (Promise: 3087 sectors before it). Some may be cut short by
// the region's end.
[[nodiscard]] std::vector<ByteRange> signatureRanges(std::uint64_t sizeBytes);
// The same, and where btrfs keeps its third superblock. Each lies within the size.
[[nodiscard]] std::vector<ByteRange> sealableRanges(std::uint64_t sizeBytes);

// For one thread at a time.
class SignatureFinder {
public:
    struct Bytes {
        std::string name;
        std::uint64_t sizeBytes = 0;
        std::function<Result<void>(std::uint64_t offsetBytes, std::span<std::byte> into)> read;
    };
    // The magic numbers of all that libblkid recognises there, also of what it recognises only
    // once the first are gone, or whose checksum is wrong, and those of all of btrfs' superblocks;
    // in order, none touching another. Unsupported: libblkid was ended by its limits.
    [[nodiscard]] Result<std::vector<ByteRange>> find(const Bytes& region);

private:
    ProbeChild m_child;
};

// In order, and what touches is one.
[[nodiscard]] std::vector<ByteRange> joined(std::vector<ByteRange> ranges);

} // namespace cairn
