// Asking a region for its holes.
#include "core/copy/hole_finder.h"

namespace cairn {

Result<bool> HoleFinder::isHole(ByteRange range)
{
    const std::uint64_t knownEnd = m_data.offsetBytes + m_data.lengthBytes;
    if (range.offsetBytes < m_askedBytes || range.offsetBytes >= knownEnd) {
        const auto data = CAIRN_TRY(m_region->nextData(range.offsetBytes));
        m_askedBytes = range.offsetBytes;
        // No more data: the hole is all the rest.
        m_data = data.empty() ? ByteRange{UINT64_MAX, 0} : data;
    }
    return range.offsetBytes + range.lengthBytes <= m_data.offsetBytes;
}

} // namespace cairn
