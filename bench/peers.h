// What Cairn is measured against: other programs, and what the machine can do at most.
#pragma once

#include "bench/content.h"
#include "bench/contest.h"

#include <string>

namespace cairn::bench {

// Two files of one size; what peers copy from and to.
struct FilePair {
    std::string source;
    std::string target;
    std::uint64_t sizeBytes = 0;
    std::string directory; // For what a peer writes beside them.
};

// The file system decides what a peer can do: past the page cache, or not.
enum class Medium : std::uint8_t { Disk, Memory };

[[nodiscard]] Contestant dd(const FilePair& pair, Medium medium);
[[nodiscard]] Contestant cpSparse(const FilePair& pair);
[[nodiscard]] Contestant qemuConvert(const FilePair& pair);
[[nodiscard]] Contestant qemuConvertAndCompare(const FilePair& pair);
[[nodiscard]] Contestant qemuCompare(const FilePair& pair);
[[nodiscard]] Contestant ddrescue(const FilePair& pair);
[[nodiscard]] Contestant nbdcopy(const FilePair& pair);
[[nodiscard]] Contestant partclone(const FilePair& pair);
[[nodiscard]] Contestant rsyncInPlace(const FilePair& pair);
// Reading the source and writing the target at once, a sequential job each.
[[nodiscard]] Contestant fioMixed(const FilePair& pair, unsigned depth);
[[nodiscard]] Contestant fioRead(const FilePair& pair, unsigned depth);

// pread() and pwrite() of 1 MiB by four threads from buffers on huge pages, without digests,
// records or order: what Cairn's way of copying costs at least.
[[nodiscard]] Contestant plainCopy(const FilePair& pair);
[[nodiscard]] Contestant plainRead(const FilePair& pair);
[[nodiscard]] Contestant copyFileRange(const FilePair& pair);

} // namespace cairn::bench
