// The order in which a stream is checked, written, flushed and recorded.
#include "core/copy/stream_copy.h"

#include "core/copy/copy_workers.h"
#include "core/copy/digest_table.h"
#include "core/copy/segment_cache.h"
#include "core/io/aligned_buffer.h"

#include <fmt/format.h>
#include <tuple>

namespace cairn {
namespace {

Result<void> checkContent(const std::optional<Digest>& expected, const Digest& content,
                          const std::string& subject)
{
    if (expected && *expected != content)
        return failure(ErrorCode::DigestMismatch, subject, "whole image", 1);
    return {};
}

class StreamRun {
public:
    StreamRun(const StreamRequest& request, CopyJournal& journal, CopyControl& control,
              const Environment& environment)
        : m_request(request), m_journal(journal), m_clock(environment.clock), m_progress(control),
          m_chunks(chunkCount(request.sizeBytes)),
          m_kept([&journal](std::uint64_t index) { return journal.segment(index); }),
          m_finished(request.done), m_digests(request.sizeBytes), m_lastRecord(m_clock.monotonic())
    {}

    [[nodiscard]] Result<CopyOutcome> run()
    {
        const auto& runs = m_request.done.runs();
        if (!runs.empty() && runs.back().first + runs.back().count > m_chunks)
            return failure(ErrorCode::InvalidArgument, "chunk map", "beyond the copy's end");
        m_progress.begin(CopyPhase::Copying, 0, m_request.sizeBytes);
        if (auto copied = copyAll(); !copied) {
            // What was done so far is worth keeping, but the first error is the one to report.
            if (m_unrecorded && !m_recordFailed)
                std::ignore = record();
            return std::unexpected(std::move(copied).error());
        }
        return m_outcome;
    }

private:
    [[nodiscard]] Result<void> copyAll();
    [[nodiscard]] Result<void> copyChunk(std::uint64_t chunk, RunningDigest& content);
    [[nodiscard]] Result<void> checkKept(std::uint64_t chunk, const Digest& digest);
    [[nodiscard]] Result<void> eraseEdges();
    [[nodiscard]] Result<void> write(std::uint64_t chunk, std::span<const std::byte> bytes,
                                     const Digest& digest);
    [[nodiscard]] Result<void> record();

    [[nodiscard]] ByteRange rangeOf(std::uint64_t chunk) const
    {
        return chunkRange(chunk, m_request.sizeBytes);
    }

    const StreamRequest& m_request;
    CopyJournal& m_journal;
    Clock& m_clock;
    ProgressReport m_progress;
    const std::uint64_t m_chunks;
    SegmentCache m_kept;
    ChunkMap m_finished;
    DigestTable m_digests;
    std::optional<AlignedBuffer> m_buffer; // The first chunk, which is written last; then another.
    Digest m_firstDigest;
    bool m_recordFailed = false; // A failed flush or record is final.
    bool m_unrecorded = false;
    std::uint64_t m_unrecordedBytes = 0;
    std::chrono::nanoseconds m_lastRecord;
    CopyOutcome m_outcome;
};

Result<void> StreamRun::copyAll()
{
    m_buffer = CAIRN_TRY(AlignedBuffer::create(2 * kChunkBytes));
    CAIRN_TRY(m_progress.checkpoint());
    CAIRN_TRY(eraseEdges());
    RunningDigest content;
    for (std::uint64_t chunk = 0; chunk < m_chunks; ++chunk) {
        CAIRN_TRY(m_progress.checkpoint());
        CAIRN_TRY(copyChunk(chunk, content));
    }
    CAIRN_TRY(m_request.source.finish());
    m_outcome.content = content.digest();
    CAIRN_TRY(checkContent(m_request.content, m_outcome.content, m_request.target.name()));
    m_progress.begin(CopyPhase::Flushing, m_request.sizeBytes, m_request.sizeBytes);
    CAIRN_TRY(m_progress.checkpoint());
    if (m_unrecorded)
        CAIRN_TRY(record());
    if (!m_finished.contains(0)) {
        const ByteRange first = rangeOf(0);
        CAIRN_TRY(write(0, m_buffer->bytes().first(first.lengthBytes), m_firstDigest));
        CAIRN_TRY(record());
    }
    return {};
}

Result<void> StreamRun::copyChunk(std::uint64_t chunk, RunningDigest& content)
{
    const ByteRange range = rangeOf(chunk);
    const Digest digest = CAIRN_TRY(m_request.source.digest(chunk));
    content.add(digest);
    m_progress.advance(range.lengthBytes);
    if (m_request.done.contains(chunk))
        return checkKept(chunk, digest);
    if (chunk == 0) {
        m_firstDigest = digest;
        return m_request.source.read(m_buffer->bytes().first(range.lengthBytes));
    }
    const auto bytes = m_buffer->bytes().subspan(kChunkBytes, range.lengthBytes);
    CAIRN_TRY(m_request.source.read(bytes));
    if (chunk == m_chunks - 1 && m_unrecorded)
        CAIRN_TRY(record());
    CAIRN_TRY(write(chunk, bytes, digest));
    const auto interval = std::chrono::milliseconds(m_request.tuning.journalIntervalMs);
    if (m_unrecordedBytes >= m_request.tuning.journalIntervalBytes ||
        m_clock.monotonic() - m_lastRecord >= interval)
        return record();
    return {};
}

Result<void> StreamRun::checkKept(std::uint64_t chunk, const Digest& digest)
{
    const auto kept = CAIRN_TRY(m_kept.find(chunk));
    if (kept != digest)
        return failure(ErrorCode::PlanChanged, m_request.target.name(),
                       fmt::format("{} (chunk {} differs)", kOtherStream, chunk));
    return {};
}

Result<void> StreamRun::eraseEdges()
{
    for (const std::uint64_t edge : {std::uint64_t{0}, m_chunks - 1}) {
        if (!m_finished.contains(edge))
            CAIRN_TRY(m_request.target.zero(rangeOf(edge)));
    }
    return m_request.target.flush();
}

Result<void> StreamRun::write(std::uint64_t chunk, std::span<const std::byte> bytes,
                              const Digest& digest)
{
    const ByteRange range = rangeOf(chunk);
    if (isZero(bytes)) {
        CAIRN_TRY(m_request.target.zero(range));
        m_outcome.zeroBytes += range.lengthBytes;
    } else {
        CAIRN_TRY(m_request.target.write(range.offsetBytes, bytes));
        m_outcome.writtenBytes += range.lengthBytes;
        m_progress.wrote(range.lengthBytes);
    }
    m_outcome.copiedBytes += range.lengthBytes;
    if (!m_digests.holds(chunk)) {
        auto kept = CAIRN_TRY(m_journal.segment(chunk / kChunksPerSegment));
        m_digests.load(chunk, std::move(kept), m_finished);
    }
    m_digests.set(chunk, digest);
    m_finished.add(chunk);
    m_unrecorded = true;
    m_unrecordedBytes += range.lengthBytes;
    return {};
}

Result<void> StreamRun::record()
{
    m_recordFailed = true;
    CAIRN_TRY(m_request.target.flush());
    const DigestTable::Changes changes = m_digests.changes();
    CAIRN_TRY(m_journal.record(m_finished, changes.segments));
    m_digests.recorded(changes, m_finished);
    m_recordFailed = false;
    m_unrecorded = false;
    m_unrecordedBytes = 0;
    m_lastRecord = m_clock.monotonic();
    return {};
}

} // namespace

Result<void> checkStream(ChunkStream& source, std::uint64_t sizeBytes,
                         const std::optional<Digest>& content, CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const AlignedBuffer buffer = CAIRN_TRY(AlignedBuffer::create(kChunkBytes));
        ProgressReport progress(control);
        progress.begin(CopyPhase::Preparing, 0, sizeBytes);
        RunningDigest running;
        for (std::uint64_t chunk = 0; chunk < chunkCount(sizeBytes); ++chunk) {
            CAIRN_TRY(progress.checkpoint());
            const std::uint64_t length = chunkRange(chunk, sizeBytes).lengthBytes;
            running.add(CAIRN_TRY(source.digest(chunk)));
            CAIRN_TRY(source.read(buffer.bytes().first(length)));
            progress.advance(length);
        }
        CAIRN_TRY(source.finish());
        return checkContent(content, running.digest(), "the stream");
    });
}

Result<CopyOutcome> copyStream(const StreamRequest& request, CopyJournal& journal,
                               CopyControl& control, const Environment& environment)
{
    CAIRN_ASSERT(request.sizeBytes > 0 && request.target.sizeBytes() >= request.sizeBytes);
    return catchOutOfMemory(
        [&] { return StreamRun(request, journal, control, environment).run(); });
}

} // namespace cairn
