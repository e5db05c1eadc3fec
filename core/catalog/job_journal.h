// What a running copy reports to the catalog about its job, and the checks of that.
#pragma once

#include "core/catalog/records.h"
#include "core/copy/copy_engine.h"

namespace cairn {

class StoredCatalog;

class JobJournal final : public CopyJournal {
public:
    using Recorder = Result<void> (StoredCatalog::*)(std::uint64_t jobId, const ChunkMap& done,
                                                     std::span<const DigestSegment> segments);

    // The digests are those of the generation. The catalog outlives it.
    JobJournal(StoredCatalog& catalog, Recorder recorder, std::uint64_t jobId,
               GenerationNumber number)
        : m_catalog(catalog), m_recorder(recorder), m_jobId(jobId), m_number(number)
    {}
    Result<void> record(const ChunkMap& done, std::span<const DigestSegment> segments) override;
    Result<std::vector<Digest>> segment(std::uint64_t index) override;

private:
    StoredCatalog& m_catalog;
    Recorder m_recorder;
    std::uint64_t m_jobId;
    GenerationNumber m_number;
};

// The catalog has no job of that id that could do what was asked.
[[nodiscard]] std::unexpected<Error> noSuchJob(const char* what, std::uint64_t jobId);

// That they are the digests of whole segments of so many bytes; InvalidArgument.
[[nodiscard]] Result<void> checkSegments(std::uint64_t jobId, std::uint64_t sizeBytes,
                                         std::span<const DigestSegment> segments);

} // namespace cairn
