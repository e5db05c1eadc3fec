// One line of a catalog export, as value and as JSON; docs/catalog-export.md describes them.
#pragma once

#include "core/base/error.h"
#include "core/catalog/catalog.h"
#include "core/copy/copy_engine.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace cairn {

inline constexpr std::uint64_t kCatalogFileVersion = 3;
// Longer than any line that is ever written, and short enough to be parsed in 256 MiB.
inline constexpr std::size_t kCatalogLineLimitBytes = 8 * kMiB;

struct FileHeader {
    Uuid arrayId;
    std::string label;
    // 2 where a line tells of something half-written, 3 where one tells of a sealed region: an
    // older program would not know that line.
    std::uint64_t version = 1;
};

struct FileDigests {
    GenerationNumber generation = 0;
    DigestSegment segment;
};

struct FileEnd {
    std::uint64_t lines = 0; // Before this one.
    Digest digest;           // XXH3-128 of all bytes before this line.
};

using FileLine = std::variant<FileHeader, KnownMember, UnfinishedWrite, RegionSeal, Generation,
                              FileDigests, Event, FileEnd>;

// Without the line feed; ASCII only, so that no text of a device reaches a terminal unescaped.
[[nodiscard]] std::string toLine(const FileLine& line);

// The text is untrusted. InvalidDescription (detail: the field) for anything that toLine() cannot
// have written; FormatNewer for a header of a later version.
[[nodiscard]] Result<FileLine> parseLine(std::string_view text);

} // namespace cairn
