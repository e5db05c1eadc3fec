// Passes on to the catalog what a copy has done.
#include "core/catalog/job_journal.h"

#include "core/catalog/stored_catalog.h"

namespace cairn {

Result<void> JobJournal::record(const ChunkMap& done, std::span<const DigestSegment> segments)
{
    return (m_catalog.*m_recorder)(m_jobId, done, segments);
}

Result<std::vector<Digest>> JobJournal::segment(std::uint64_t index)
{
    return m_catalog.digestSegment(m_number, index);
}

std::unexpected<Error> noSuchJob(const char* what, std::uint64_t jobId)
{
    return failure(ErrorCode::InvalidArgument, std::to_string(jobId), what);
}

Result<void> checkSegments(std::uint64_t jobId, std::uint64_t sizeBytes,
                           std::span<const DigestSegment> segments)
{
    for (const DigestSegment& segment : segments) {
        if (segment.digests.empty() ||
            segment.digests.size() != segmentChunks(sizeBytes, segment.index))
            return noSuchJob("digests of a segment", jobId);
    }
    return {};
}

} // namespace cairn
