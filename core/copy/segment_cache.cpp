// Loading and keeping of digest segments.
#include "core/copy/segment_cache.h"

#include <utility>

namespace cairn {

Result<std::optional<Digest>> SegmentCache::find(std::uint64_t chunk)
{
    const std::uint64_t index = chunk / kChunksPerSegment;
    const std::uint64_t position = chunk % kChunksPerSegment;
    const std::scoped_lock guard(m_mutex);
    if (m_entries[0].index != index)
        std::swap(m_entries[0], m_entries[1]);
    if (m_entries[0].index != index) {
        // The swap has put the one that was used last in second place: the older one goes.
        m_entries[0].index = UINT64_MAX;
        m_entries[0].digests = CAIRN_TRY(m_load(index));
        m_entries[0].index = index;
    }
    const auto& digests = m_entries[0].digests;
    if (position >= digests.size())
        return std::nullopt;
    return digests[position];
}

} // namespace cairn
