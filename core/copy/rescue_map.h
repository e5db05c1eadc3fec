// A mapfile of GNU ddrescue: which bytes of an image were rescued.
#pragma once

#include "core/base/byte_range.h"
#include "core/base/error.h"
#include "core/copy/chunk_map.h"
#include "core/copy/sector_map.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

// What is read at most of a file that claims to be one: ddrescue's own have a line for each block,
// and one with the command line that wrote it.
inline constexpr std::uint64_t kRescueMapLimitBytes = 64 * kMiB;
inline constexpr std::size_t kRescueMapMostLines = 1'000'000;
inline constexpr std::size_t kRescueMapLineBytes = 16 * kKiB;

struct RescueMap {
    std::uint64_t endBytes = 0;     // Of the last block.
    std::vector<ByteRange> missing; // Of what lies before it, in order and apart: not finished.
    std::uint64_t finishedEndBytes = 0;
    std::size_t finishedEndLine = 0; // Which one says so.
};

// The text is untrusted. Blocks as the GNU ddrescue manual ("Mapfile structure") describes them:
// in order, none of them empty, without a gap between two; what lies before the first is not
// finished. InvalidDescription (subject: `name`, detail: the line and what is wrong with it).
[[nodiscard]] Result<RescueMap> parseRescueMap(std::string_view text, const std::string& name);

// One that ddrescue reads: "-" for what could not be read, "?" for chunks that are damaged
// besides, "+" for all else. The title becomes a comment.
[[nodiscard]] std::string rescueMapText(const std::string& title, std::uint64_t sizeBytes,
                                        const SectorMap& unreadable, const ChunkMap& damaged = {});

} // namespace cairn
