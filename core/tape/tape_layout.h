// The entries of an export and their order; docs/tape-format.md describes them.
#pragma once

#include "core/base/byte_range.h"
#include "core/copy/chunk_digest.h"

#include <cstdint>
#include <string>

namespace cairn {

// The image is cut into pieces, each compressed by itself: the size of an entry stands before its
// bytes, and a stream cannot be corrected afterwards, so a piece has to fit into memory.
inline constexpr std::uint64_t kPieceBytes = 32 * kMiB;
inline constexpr std::uint64_t kChunksPerPiece = kPieceBytes / kChunkBytes;
static_assert(kChunksPerSegment % kChunksPerPiece == 0);

// The first entry, which tells all about the others.
inline constexpr const char* kRecordEntry = "generation.json";
inline constexpr std::uint64_t kRecordLimitBytes = kMiB;

// The second, of a backup whose source could not be read whole: a mapfile of GNU ddrescue.
inline constexpr const char* kUnreadableEntry = "unreadable.map";
inline constexpr std::uint64_t kUnreadableLimitBytes = 2 * kMiB; // kMostRanges take less.

// One digest a line, in hexadecimal.
inline constexpr std::uint64_t kDigestLineBytes = 2 * sizeof(Digest) + 1;

// The digests of one GiB, which come before the pieces of that GiB.
[[nodiscard]] std::string digestsEntry(std::uint64_t segment);
[[nodiscard]] std::string pieceEntry(std::uint64_t piece);

} // namespace cairn
