// The names of an export's entries.
#include "core/tape/tape_layout.h"

#include <fmt/format.h>

namespace cairn {

// Wide enough for a petabyte to stay in order where names are sorted.
std::string digestsEntry(std::uint64_t segment)
{
    return fmt::format("digests/{:07}", segment);
}

std::string pieceEntry(std::uint64_t piece)
{
    return fmt::format("image/{:08}.zst", piece);
}

} // namespace cairn
