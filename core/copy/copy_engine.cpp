// The order in which a copy erases, copies, flushes and records.
#include "core/copy/copy_engine.h"

#include "core/copy/copy_workers.h"
#include "core/copy/digest_table.h"
#include "core/copy/hole_finder.h"
#include "core/copy/segment_cache.h"
#include "core/io/aligned_buffer.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <mutex>
#include <optional>
#include <tuple>
#include <utility>

namespace cairn {
namespace {

// What one worker uses for itself.
struct CopyWorker {
    AlignedBuffer buffer; // A chunk of the source, then one of the target: one huge page.
    HoleFinder sourceHoles;
    HoleFinder targetHoles;
};

// What a worker has read of the source into its buffer.
struct ReadChunk {
    Digest digest;
    bool zero = false;
    bool whole = true; // Nothing of it was unreadable.
};

class CopyRun {
public:
    CopyRun(const CopyRequest& request, CopyJournal& journal, CopyControl& control,
            const Environment& environment)
        : m_request(request), m_journal(journal), m_environment(environment), m_progress(control),
          m_chunks(chunkCount(request.sizeBytes)),
          m_workerCount(static_cast<unsigned>(std::min<std::uint64_t>(
              request.tuning.workers, std::max<std::uint64_t>(m_chunks, 1)))),
          m_expected([&request](std::uint64_t index) { return request.expected->segment(index); }),
          m_believed([&request](std::uint64_t index) { return request.believed->segment(index); }),
          m_finished(request.done), m_done(request.done), m_digests(request.sizeBytes),
          m_lastRecord(environment.clock.monotonic())
    {}

    [[nodiscard]] Result<CopyOutcome> run();

private:
    [[nodiscard]] Result<void> createWorkers();
    [[nodiscard]] Result<bool> cloneAll();
    [[nodiscard]] Result<void> copyEdge(std::uint64_t edge);
    [[nodiscard]] Result<void> hashDoneChunksAgain();
    [[nodiscard]] Result<void> copyAll();
    [[nodiscard]] Result<void> copyEdges();
    [[nodiscard]] Result<void> copyChunk(CopyWorker& worker, std::uint64_t chunk);
    [[nodiscard]] Result<void> copySetAside();
    [[nodiscard]] Result<ReadChunk> readAroundSource(CopyWorker& worker, ByteRange range);
    [[nodiscard]] Result<void> writeChunk(CopyWorker& worker, std::uint64_t chunk,
                                          const ReadChunk& read);
    [[nodiscard]] Result<Digest> readSource(CopyWorker& worker, ByteRange range, bool& zero);
    [[nodiscard]] Result<void> checkExpected(std::uint64_t chunk, const Digest& digest);
    [[nodiscard]] Result<bool> targetHolds(CopyWorker& worker, ByteRange range, bool zero);
    [[nodiscard]] Result<bool> isBelieved(std::uint64_t chunk, const Digest& digest);
    [[nodiscard]] Result<bool> isUnchanged(CopyWorker& worker, std::uint64_t chunk,
                                           const Digest& digest, bool zero);
    [[nodiscard]] Result<void> eraseEdgesFor(std::uint64_t chunk);
    [[nodiscard]] Result<void> finish(std::uint64_t chunk, const Digest& digest, bool known);
    [[nodiscard]] Result<void> setDigest(std::uint64_t chunk, const Digest& digest);
    [[nodiscard]] Result<void> forget(const ChunkMap& chunks);
    [[nodiscard]] Result<void> record();
    [[nodiscard]] Result<void> flushTarget();
    [[nodiscard]] Result<Digest> contentDigest();

    [[nodiscard]] ByteRange rangeOf(std::uint64_t chunk) const
    {
        return chunkRange(chunk, m_request.sizeBytes);
    }
    [[nodiscard]] bool isEdge(std::uint64_t chunk) const
    {
        return chunk == 0 || chunk == m_chunks - 1;
    }
    [[nodiscard]] std::uint64_t bytesIn(const ChunkMap& chunks) const;
    [[nodiscard]] bool innerChunkIsMissing() const;
    [[nodiscard]] bool isSkipped(const Error& error) const
    {
        return m_request.onUnreadable == OnUnreadable::Skip && isUnreadable(error);
    }

    const CopyRequest& m_request;
    CopyJournal& m_journal;
    const Environment& m_environment;
    ProgressReport m_progress;
    const std::uint64_t m_chunks;
    const unsigned m_workerCount;
    std::vector<CopyWorker> m_workers;
    SegmentCache m_expected;
    SegmentCache m_believed;

    std::mutex m_eraseMutex; // Held while the edges are erased: nobody writes before.
    bool m_edgesErased = false;

    // Held from the look at what is done until the journal has it: an older state must not be
    // recorded after a newer one. Taken before the two mutexes below.
    std::mutex m_recordMutex;
    std::optional<Error> m_recordFailure; // A failed flush or record is final.

    std::mutex m_mutex;  // Guards all below.
    ChunkMap m_finished; // Nothing is left to do, though perhaps not flushed.
    ChunkMap m_done;     // The same, without those that the target is only believed to hold.
    ChunkMap m_setAside; // Could not be read as a whole.
    DigestTable m_digests;
    bool m_recording = false;
    bool m_unrecorded = false; // There is something to record.
    std::uint64_t m_unrecordedBytes = 0;
    std::chrono::nanoseconds m_lastRecord;
    CopyOutcome m_outcome;

    // Held over every call to the journal. Taken inside m_mutex or alone.
    std::mutex m_journalMutex;
};

std::uint64_t CopyRun::bytesIn(const ChunkMap& chunks) const
{
    std::uint64_t bytes = chunks.count() * kChunkBytes;
    if (chunks.contains(m_chunks - 1)) // The last chunk may be shorter.
        bytes -= kChunkBytes - rangeOf(m_chunks - 1).lengthBytes;
    return bytes;
}

bool CopyRun::innerChunkIsMissing() const
{
    std::uint64_t inner = m_finished.count();
    if (m_finished.contains(0))
        inner -= 1;
    if (m_chunks > 1 && m_finished.contains(m_chunks - 1))
        inner -= 1;
    return m_chunks > 2 && inner < m_chunks - 2;
}

Result<CopyOutcome> CopyRun::run()
{
    const auto& runs = m_request.done.runs();
    if (!runs.empty() && runs.back().first + runs.back().count > m_chunks)
        return failure(ErrorCode::InvalidArgument, "chunk map", "beyond the copy's end");
    CAIRN_TRY(createWorkers());
    if (CAIRN_TRY(cloneAll()))
        return m_outcome;
    CAIRN_TRY(hashDoneChunksAgain());
    if (auto copied = copyAll(); !copied) {
        // What was done so far is worth keeping, but the copy's own error is the one to report.
        if (m_unrecorded)
            std::ignore = record();
        return std::unexpected(std::move(copied).error());
    }
    m_outcome.content = CAIRN_TRY(contentDigest());
    return m_outcome;
}

Result<void> CopyRun::createWorkers()
{
    m_workers.reserve(m_workerCount);
    for (unsigned worker = 0; worker < m_workerCount; ++worker) {
        m_workers.push_back({CAIRN_TRY(AlignedBuffer::create(2 * kChunkBytes)),
                             HoleFinder(m_request.source), HoleFinder(m_request.target)});
    }
    return {};
}

// false: it has to be copied. The edges may have been erased by then, of which nothing else is
// said.
Result<bool> CopyRun::cloneAll()
{
    if (!m_request.clone || m_chunks <= 2)
        return false;
    const std::uint64_t first = rangeOf(1).offsetBytes;
    const ByteRange inner{first, rangeOf(m_chunks - 1).offsetBytes - first};
    const auto from = CAIRN_TRY(m_request.source.cloneSource(inner));
    if (!m_request.target.mayClone(from))
        return false;
    m_progress.begin(CopyPhase::Copying, 0, m_request.sizeBytes);
    CAIRN_TRY(m_progress.checkpoint());
    CAIRN_TRY(eraseEdgesFor(1));
    if (!CAIRN_TRY(m_request.target.clone(inner.offsetBytes, from)))
        return false;
    CAIRN_TRY(m_request.target.flush());
    for (const std::uint64_t edge : {std::uint64_t{0}, m_chunks - 1})
        CAIRN_TRY(copyEdge(edge));
    m_progress.begin(CopyPhase::Flushing, m_request.sizeBytes, m_request.sizeBytes);
    CAIRN_TRY(m_request.target.flush());
    m_outcome.clonedBytes = inner.lengthBytes;
    m_outcome.copiedBytes = m_request.sizeBytes;
    return true;
}

// What was erased reads as zeroes already.
Result<void> CopyRun::copyEdge(std::uint64_t edge)
{
    const ByteRange range = rangeOf(edge);
    CopyWorker& worker = m_workers.front();
    bool zero = false;
    CAIRN_TRY(readSource(worker, range, zero));
    if (!zero) {
        const auto bytes = worker.buffer.bytes().first(range.lengthBytes);
        CAIRN_TRY(m_request.target.write(range.offsetBytes, bytes));
        m_progress.wrote(range.lengthBytes);
    }
    (zero ? m_outcome.zeroBytes : m_outcome.writtenBytes) += range.lengthBytes;
    return {};
}

Result<void> CopyRun::hashDoneChunksAgain()
{
    // Where it is known what the source must hold, a change of it cannot go unseen.
    const bool needed = m_request.expected == nullptr && !m_request.done.empty();
    m_progress.begin(CopyPhase::Preparing, 0, needed ? bytesIn(m_request.done) : 0);
    if (!needed)
        return m_progress.checkpoint();
    SegmentCache kept([this](std::uint64_t index) {
        const std::scoped_lock guard(m_journalMutex);
        return m_journal.segment(index);
    });
    ChunkMap changed;
    ChunkMap unread;
    const auto compare = [&](unsigned worker, std::uint64_t chunk) -> Result<void> {
        if (!m_request.done.contains(chunk))
            return {};
        bool zero = false;
        const auto digest = readSource(m_workers[worker], rangeOf(chunk), zero);
        if (!digest && !isSkipped(digest.error()))
            return std::unexpected(digest.error());
        const auto before = CAIRN_TRY(kept.find(chunk));
        const std::scoped_lock guard(m_mutex);
        if (!digest || before != *digest)
            (digest ? changed : unread).add(chunk);
        m_progress.advance(rangeOf(chunk).lengthBytes);
        return {};
    };
    const ChunkMap none;
    for (const auto& run : m_request.done.runs()) {
        CAIRN_TRY(forEachChunk(m_environment.executor, m_workerCount,
                               {run.first, run.first + run.count, none}, m_progress, compare));
    }
    // Of a source that has changed, what cannot be read would be of an older moment than the rest.
    if (!changed.empty())
        std::ranges::for_each(unread.runs(), [&](const auto& run) { changed.add(run); });
    return forget(changed);
}

// Before anything of them is overwritten: a run that ends in between must not find them done.
Result<void> CopyRun::forget(const ChunkMap& chunks)
{
    if (chunks.empty())
        return {};
    {
        const std::scoped_lock guard(m_mutex);
        for (const auto& run : chunks.runs()) {
            for (std::uint64_t chunk = run.first; chunk < run.first + run.count; ++chunk) {
                CAIRN_TRY(setDigest(chunk, Digest{}));
                m_finished.remove(chunk);
                m_done.remove(chunk);
            }
        }
    }
    return record();
}

Result<void> CopyRun::copyAll()
{
    m_progress.begin(CopyPhase::Copying, bytesIn(m_finished), m_request.sizeBytes);
    // Where all may be equal already, the edges are erased before the first chunk that is not.
    const bool mayBeEqual = m_request.expected != nullptr || m_request.believed != nullptr;
    if (!mayBeEqual && m_finished.count() < m_chunks)
        CAIRN_TRY(eraseEdgesFor(innerChunkIsMissing() ? 1 : 0));
    if (innerChunkIsMissing()) {
        const ChunkMap before = m_finished;
        const auto copy = [this](unsigned worker, std::uint64_t chunk) {
            return copyChunk(m_workers[worker], chunk);
        };
        CAIRN_TRY(forEachChunk(m_environment.executor, m_workerCount, {1, m_chunks - 1, before},
                               m_progress, copy));
        CAIRN_TRY(copySetAside());
    }
    if (m_unrecorded) {
        // What the journal tells may be older; a record costs more than the little that it saves.
        const std::scoped_lock recordGuard(m_recordMutex);
        CAIRN_TRY(flushTarget());
    }
    CAIRN_TRY(copyEdges());
    m_progress.begin(CopyPhase::Flushing, m_request.sizeBytes, m_request.sizeBytes);
    CAIRN_TRY(m_progress.checkpoint());
    if (m_unrecorded)
        CAIRN_TRY(record());
    return {};
}

Result<void> CopyRun::copyEdges()
{
    for (const std::uint64_t chunk : {std::uint64_t{0}, m_chunks - 1}) {
        if (m_finished.contains(chunk))
            continue;
        CAIRN_TRY(m_progress.checkpoint());
        CAIRN_TRY(copyChunk(m_workers.front(), chunk));
        CAIRN_TRY(copySetAside());
    }
    return m_progress.checkpoint();
}

// One after the other: several readers would only make the heads of a dying disk jump.
Result<void> CopyRun::copySetAside()
{
    const ChunkMap chunks = std::exchange(m_setAside, {});
    for (const auto& run : chunks.runs()) {
        for (std::uint64_t chunk = run.first; chunk < run.first + run.count; ++chunk) {
            CopyWorker& worker = m_workers.front();
            const auto read = CAIRN_TRY(readAroundSource(worker, rangeOf(chunk)));
            CAIRN_TRY(writeChunk(worker, chunk, read));
        }
    }
    return {};
}

Result<Digest> CopyRun::readSource(CopyWorker& worker, ByteRange range, bool& zero)
{
    zero = CAIRN_TRY(worker.sourceHoles.isHole(range));
    if (!zero) {
        const auto bytes = worker.buffer.bytes().first(range.lengthBytes);
        CAIRN_TRY(m_request.source.read(range.offsetBytes, bytes));
        zero = isZero(bytes);
        if (!zero)
            return digestOf(bytes);
    }
    return digestOfZeroes(range.lengthBytes);
}

Result<ReadChunk> CopyRun::readAroundSource(CopyWorker& worker, ByteRange range)
{
    const auto bytes = worker.buffer.bytes().first(range.lengthBytes);
    std::vector<ByteRange> unreadable;
    CAIRN_TRY(readAround(m_request.source, range.offsetBytes, bytes, unreadable,
                         [this] { return m_progress.checkpoint(); }));
    // A disk that was pulled may fail like one that wears out: all the rest of it is not
    // unreadable.
    if (!unreadable.empty() && !m_request.source.checkNamed())
        return failure(ErrorCode::MemberFailed, m_request.source.name(),
                       "it is not there any more");
    const bool zero = isZero(bytes);
    for (const ByteRange& one : unreadable)
        m_outcome.unreadable.add(one);
    return ReadChunk{.digest = zero ? digestOfZeroes(range.lengthBytes) : digestOf(bytes),
                     .zero = zero,
                     .whole = unreadable.empty()};
}

Result<void> CopyRun::checkExpected(std::uint64_t chunk, const Digest& digest)
{
    const auto expected = CAIRN_TRY(m_expected.find(chunk));
    if (!expected)
        return failure(ErrorCode::CatalogDamaged, m_request.source.name(),
                       fmt::format("no digest for chunk {}", chunk));
    if (*expected != digest)
        return failure(ErrorCode::DigestMismatch, m_request.source.name(),
                       fmt::format("chunk {}", chunk), 1);
    return {};
}

// Whether the target holds already what the worker has read from the source.
Result<bool> CopyRun::targetHolds(CopyWorker& worker, ByteRange range, bool zero)
{
    const bool hole = CAIRN_TRY(worker.targetHoles.isHole(range));
    if (hole)
        return zero;
    const auto source = worker.buffer.bytes();
    const auto target = worker.buffer.bytes().subspan(kChunkBytes, range.lengthBytes);
    auto got = m_request.target.read(range.offsetBytes, target);
    if (!got && got.error().code != ErrorCode::ReadFailed)
        return std::unexpected(std::move(got).error());
    if (!got) // Writing an unreadable sector is what makes a disk replace it.
        return false;
    return zero ? isZero(target) : std::memcmp(source.data(), target.data(), target.size()) == 0;
}

// Whether the target is believed to hold the chunk. What this run has erased it does not.
Result<bool> CopyRun::isBelieved(std::uint64_t chunk, const Digest& digest)
{
    if (isEdge(chunk)) {
        const std::scoped_lock guard(m_eraseMutex);
        if (m_edgesErased)
            return false;
    }
    const auto believed = CAIRN_TRY(m_believed.find(chunk));
    return believed == digest && digest != Digest{};
}

Result<bool> CopyRun::isUnchanged(CopyWorker& worker, std::uint64_t chunk, const Digest& digest,
                                  bool zero)
{
    if (m_request.believed != nullptr)
        return isBelieved(chunk, digest);
    if (m_request.expected == nullptr)
        return false;
    CAIRN_TRY(checkExpected(chunk, digest));
    const bool unchanged = CAIRN_TRY(targetHolds(worker, rangeOf(chunk), zero));
    if (!unchanged && m_request.changing != nullptr && !m_request.changing->contains(chunk))
        return failure(ErrorCode::PlanChanged, m_request.target.name(),
                       fmt::format("chunk {} has changed meanwhile", chunk));
    return unchanged;
}

Result<void> CopyRun::copyChunk(CopyWorker& worker, std::uint64_t chunk)
{
    bool zero = false;
    const auto digest = readSource(worker, rangeOf(chunk), zero);
    if (!digest && !isSkipped(digest.error()))
        return std::unexpected(digest.error());
    if (digest)
        return writeChunk(worker, chunk, {.digest = *digest, .zero = zero});
    const std::scoped_lock guard(m_mutex);
    m_setAside.add(chunk);
    return {};
}

Result<void> CopyRun::writeChunk(CopyWorker& worker, std::uint64_t chunk, const ReadChunk& read)
{
    const ByteRange range = rangeOf(chunk);
    const auto& [digest, zero, whole] = read;
    CAIRN_TRY(m_progress.checkpoint()); // A slow member must not make a cancel wait for the write.
    std::uint64_t CopyOutcome::* counter = &CopyOutcome::unchangedBytes;
    const bool unchanged = CAIRN_TRY(isUnchanged(worker, chunk, digest, zero));
    if (!unchanged)
        CAIRN_TRY(eraseEdgesFor(chunk));
    if (!unchanged && zero) {
        const bool hole = CAIRN_TRY(worker.targetHoles.isHole(range));
        if (!hole)
            CAIRN_TRY(m_request.target.zero(range));
        counter = &CopyOutcome::zeroBytes;
    } else if (!unchanged) {
        const auto bytes = worker.buffer.bytes().first(range.lengthBytes);
        CAIRN_TRY(m_request.target.write(range.offsetBytes, bytes));
        m_progress.wrote(range.lengthBytes);
        counter = &CopyOutcome::writtenBytes;
    }
    {
        const std::scoped_lock guard(m_mutex);
        m_outcome.*counter += range.lengthBytes;
        m_outcome.copiedBytes += range.lengthBytes;
    }
    m_progress.advance(range.lengthBytes);
    const bool believed = unchanged && m_request.believed != nullptr;
    return finish(chunk, digest, whole && !believed);
}

// Called before the chunk is written. Of the edges, those that are not done are erased; for a chunk
// between them, both.
Result<void> CopyRun::eraseEdgesFor(std::uint64_t chunk)
{
    const std::scoped_lock eraseGuard(m_eraseMutex);
    if (m_edgesErased)
        return {};
    ChunkMap edges;
    ChunkMap doneEdges;
    {
        const std::scoped_lock guard(m_mutex);
        for (const std::uint64_t edge : {std::uint64_t{0}, m_chunks - 1}) {
            const bool done = m_finished.contains(edge);
            if (!done || !isEdge(chunk))
                edges.add(edge);
            if (done && !isEdge(chunk))
                doneEdges.add(edge);
        }
    }
    CAIRN_TRY(forget(doneEdges));
    for (const auto& run : edges.runs()) {
        for (std::uint64_t edge = run.first; edge < run.first + run.count; ++edge)
            CAIRN_TRY(m_request.target.zero(rangeOf(edge)));
    }
    const std::scoped_lock recordGuard(m_recordMutex);
    CAIRN_TRY(flushTarget());
    m_edgesErased = true;
    return {};
}

Result<void> CopyRun::finish(std::uint64_t chunk, const Digest& digest, bool known)
{
    const std::chrono::nanoseconds now = m_environment.clock.monotonic();
    {
        const std::scoped_lock guard(m_mutex);
        CAIRN_TRY(setDigest(chunk, digest));
        m_finished.add(chunk);
        if (known)
            m_done.add(chunk);
        m_unrecorded = true;
        m_unrecordedBytes += rangeOf(chunk).lengthBytes;
        const auto interval = std::chrono::milliseconds(m_request.tuning.journalIntervalMs);
        const bool due = m_unrecordedBytes >= m_request.tuning.journalIntervalBytes ||
                         now - m_lastRecord >= interval;
        if (m_recording || !due)
            return {};
        m_recording = true;
    }
    return record();
}

// Under m_mutex.
Result<void> CopyRun::setDigest(std::uint64_t chunk, const Digest& digest)
{
    if (!m_digests.holds(chunk)) {
        std::vector<Digest> kept;
        if (!m_request.done.empty()) {
            const std::scoped_lock guard(m_journalMutex);
            kept = CAIRN_TRY(m_journal.segment(chunk / kChunksPerSegment));
        }
        m_digests.load(chunk, std::move(kept), m_finished);
    }
    m_digests.set(chunk, digest);
    return {};
}

// Only what was finished before the flush is recorded; the other workers go on meanwhile.
Result<void> CopyRun::record()
{
    const std::scoped_lock recordGuard(m_recordMutex);
    ChunkMap done;
    ChunkMap finished;
    DigestTable::Changes changes;
    {
        const std::scoped_lock guard(m_mutex);
        done = m_done;
        finished = m_finished;
        changes = m_digests.changes();
        m_recording = true;
        m_unrecorded = false;
        m_unrecordedBytes = 0;
    }
    CAIRN_TRY(flushTarget());
    {
        const std::scoped_lock guard(m_journalMutex);
        if (auto recorded = m_journal.record(done, changes.segments); !recorded) {
            m_recordFailure = recorded.error();
            return recorded;
        }
    }
    const std::scoped_lock guard(m_mutex);
    m_digests.recorded(changes, finished);
    m_recording = false;
    m_lastRecord = m_environment.clock.monotonic();
    return {};
}

// Under m_recordMutex.
Result<void> CopyRun::flushTarget()
{
    if (m_recordFailure)
        return std::unexpected(*m_recordFailure);
    auto flushed = m_request.target.flush();
    if (!flushed)
        m_recordFailure = flushed.error();
    return flushed;
}

Result<Digest> CopyRun::contentDigest()
{
    RunningDigest running;
    const std::uint64_t segments = countSegments(m_request.sizeBytes);
    for (std::uint64_t segment = 0; segment < segments; ++segment) {
        std::vector<Digest> kept;
        const auto* digests = m_digests.find(segment);
        if (digests == nullptr) {
            kept = CAIRN_TRY(m_journal.segment(segment));
            digests = &kept;
        }
        if (digests->size() != chunksInSegment(segment, m_request.sizeBytes))
            return failure(ErrorCode::CatalogDamaged, m_request.target.name(),
                           fmt::format("digests of segment {}", segment));
        for (const Digest& digest : *digests)
            running.add(digest);
    }
    return running.digest();
}

} // namespace

Result<CopyOutcome> copyChunks(const CopyRequest& request, CopyJournal& journal,
                               CopyControl& control, const Environment& environment)
{
    CAIRN_ASSERT(request.sizeBytes > 0);
    CAIRN_ASSERT(request.source.sizeBytes() >= request.sizeBytes);
    CAIRN_ASSERT(request.target.sizeBytes() >= request.sizeBytes);
    CAIRN_ASSERT(request.tuning.workers > 0);
    CAIRN_ASSERT(request.believed == nullptr ||
                 (request.expected == nullptr && request.done.empty()));
    CAIRN_ASSERT(request.expected == nullptr || request.onUnreadable == OnUnreadable::Fail);
    CAIRN_ASSERT(!request.clone || (request.expected == nullptr && request.done.empty() &&
                                    request.onUnreadable == OnUnreadable::Fail));
    return catchOutOfMemory([&] { return CopyRun(request, journal, control, environment).run(); });
}

} // namespace cairn
