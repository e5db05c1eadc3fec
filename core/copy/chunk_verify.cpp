// Reading an extent back and comparing it with its digests.
#include "core/copy/copy_engine.h"

#include "core/copy/copy_workers.h"
#include "core/copy/digest_table.h"
#include "core/copy/segment_cache.h"
#include "core/io/aligned_buffer.h"

#include <algorithm>
#include <fmt/format.h>
#include <map>
#include <mutex>
#include <optional>

namespace cairn {
namespace {

// Workers finish chunks in any order; they are shown in theirs.
class InOrder {
public:
    // Under the caller's mutex.
    [[nodiscard]] Result<void> add(std::uint64_t chunk, const Digest& digest,
                                   const ChunkVisitor& visit)
    {
        m_waiting.emplace(chunk, digest);
        while (!m_waiting.empty() && m_waiting.begin()->first == m_next) {
            CAIRN_TRY(visit(m_next, m_waiting.begin()->second));
            m_waiting.erase(m_waiting.begin());
            m_next += 1;
        }
        return {};
    }

private:
    std::map<std::uint64_t, Digest> m_waiting;
    std::uint64_t m_next = 0;
};

// A buffer for each worker, and never more workers than chunks.
Result<std::vector<AlignedBuffer>> createBuffers(std::uint64_t chunks, unsigned wanted)
{
    std::vector<AlignedBuffer> buffers;
    const auto workers = std::min<std::uint64_t>(wanted, chunks);
    for (std::uint64_t worker = 0; worker < workers; ++worker)
        buffers.push_back(CAIRN_TRY(AlignedBuffer::create(2 * kChunkBytes)));
    return buffers;
}

// The digests of chunks that had none, until their segment is whole.
class TakenDigests {
public:
    TakenDigests(std::uint64_t sizeBytes, CopyJournal& journal)
        : m_sizeBytes(sizeBytes), m_journal(journal)
    {}

    // Under the caller's mutex.
    [[nodiscard]] Result<void> add(std::uint64_t chunk, const Digest& digest, bool isNew)
    {
        const std::uint64_t index = chunk / kChunksPerSegment;
        Entry& entry = m_entries[index];
        entry.digests.resize(static_cast<std::size_t>(chunksInSegment(index, m_sizeBytes)));
        entry.digests[static_cast<std::size_t>(chunk % kChunksPerSegment)] = digest;
        entry.isNew = entry.isNew || isNew;
        if (++entry.seen < entry.digests.size())
            return {};
        const DigestSegment whole{index, std::move(entry.digests)};
        const bool record = entry.isNew;
        m_entries.erase(index);
        return record ? m_journal.record({}, std::span(&whole, 1)) : Result<void>();
    }

private:
    struct Entry {
        std::vector<Digest> digests;
        std::size_t seen = 0;
        bool isNew = false; // One of them, at least.
    };
    const std::uint64_t m_sizeBytes;
    CopyJournal& m_journal;
    std::map<std::uint64_t, Entry> m_entries;
};

class VerifyRun {
public:
    VerifyRun(RegionIo& region, std::uint64_t sizeBytes, DigestSource& expected,
              CopyControl& control, CopyJournal* taken = nullptr)
        : m_region(region), m_sizeBytes(sizeBytes), m_progress(control),
          m_expected([&expected](std::uint64_t index) { return expected.segment(index); })
    {
        if (taken != nullptr)
            m_taken.emplace(sizeBytes, *taken);
    }

    [[nodiscard]] Result<VerifyOutcome> run(const Environment& environment, unsigned wanted)
    {
        const std::uint64_t chunks = chunkCount(m_sizeBytes);
        m_buffers = CAIRN_TRY(createBuffers(chunks, wanted));
        m_progress.begin(CopyPhase::Verifying, 0, m_sizeBytes);
        CAIRN_TRY(m_region.dropCache({0, m_sizeBytes}));
        const ChunkMap none;
        const auto body = [this](unsigned worker, std::uint64_t chunk) {
            return verifyChunk(m_buffers[worker], chunk);
        };
        CAIRN_TRY(forEachChunk(environment.executor, static_cast<unsigned>(m_buffers.size()),
                               {0, chunks, none}, m_progress, body));
        m_outcome.readBack = m_region.traits().readBack;
        if (m_outcome.unreadable.empty())
            m_outcome.content = m_content.digest();
        return std::move(m_outcome);
    }

private:
    [[nodiscard]] Result<void> verifyChunk(const AlignedBuffer& buffer, std::uint64_t chunk)
    {
        const ByteRange range = chunkRange(chunk, m_sizeBytes);
        const auto bytes = buffer.bytes().first(range.lengthBytes);
        const auto expected = CAIRN_TRY(m_expected.find(chunk));
        const bool isNew = m_taken && expected.value_or(Digest{}) == Digest{};
        if (!expected && !isNew)
            return failure(ErrorCode::CatalogDamaged, m_region.name(),
                           fmt::format("no digest for chunk {}", chunk));
        auto got = m_region.read(range.offsetBytes, bytes);
        if (!got && got.error().code != ErrorCode::ReadFailed)
            return got;
        const Digest digest = got ? digestOf(bytes) : Digest{};
        m_progress.advance(range.lengthBytes);
        const std::scoped_lock guard(m_mutex);
        if (m_taken)
            CAIRN_TRY(m_taken->add(chunk, isNew ? digest : *expected, isNew));
        if (!got) {
            m_outcome.unreadable.add(chunk);
            return {};
        }
        // After an unreadable chunk there is no digest of the whole, and none must pile up.
        if (m_outcome.unreadable.empty()) {
            CAIRN_TRY(m_order.add(chunk, digest, [this](std::uint64_t, const Digest& next) {
                m_content.add(next);
                return Result<void>();
            }));
        }
        if (isNew || digest == *expected)
            m_outcome.verifiedBytes += range.lengthBytes;
        else
            m_outcome.different.add(chunk);
        return {};
    }

    RegionIo& m_region;
    const std::uint64_t m_sizeBytes;
    ProgressReport m_progress;
    SegmentCache m_expected;
    std::vector<AlignedBuffer> m_buffers;

    std::mutex m_mutex; // Guards all below.
    std::optional<TakenDigests> m_taken;
    InOrder m_order;
    RunningDigest m_content;
    VerifyOutcome m_outcome;
};

} // namespace

Result<VerifyOutcome> verifyChunks(RegionIo& region, std::uint64_t sizeBytes,
                                   DigestSource& expected, CopyControl& control,
                                   const Environment& environment, const CopyTuning& tuning)
{
    CAIRN_ASSERT(sizeBytes > 0 && region.sizeBytes() >= sizeBytes);
    CAIRN_ASSERT(tuning.workers > 0);
    return catchOutOfMemory([&] {
        return VerifyRun(region, sizeBytes, expected, control).run(environment, tuning.workers);
    });
}

Result<VerifyOutcome> takeDigests(RegionIo& region, std::uint64_t sizeBytes, DigestSource& expected,
                                  CopyJournal& taken, CopyControl& control,
                                  const Environment& environment, const CopyTuning& tuning)
{
    CAIRN_ASSERT(sizeBytes > 0 && region.sizeBytes() >= sizeBytes);
    CAIRN_ASSERT(tuning.workers > 0);
    return catchOutOfMemory([&] {
        return VerifyRun(region, sizeBytes, expected, control, &taken)
            .run(environment, tuning.workers);
    });
}

Result<void> readChunks(RegionIo& region, std::uint64_t sizeBytes, const ChunkVisitor& visit,
                        CopyControl& control, const Environment& environment,
                        const CopyTuning& tuning)
{
    CAIRN_ASSERT(sizeBytes > 0 && region.sizeBytes() >= sizeBytes);
    CAIRN_ASSERT(tuning.workers > 0);
    return catchOutOfMemory([&]() -> Result<void> {
        const std::uint64_t chunks = chunkCount(sizeBytes);
        const auto buffers = CAIRN_TRY(createBuffers(chunks, tuning.workers));
        ProgressReport progress(control);
        progress.begin(CopyPhase::Preparing, 0, sizeBytes);
        CAIRN_TRY(region.dropCache({0, sizeBytes}));
        std::mutex mutex; // Guards the order, and is held while a chunk is shown.
        InOrder order;
        const auto body = [&](unsigned worker, std::uint64_t chunk) -> Result<void> {
            const ByteRange range = chunkRange(chunk, sizeBytes);
            const auto bytes = buffers[worker].bytes().first(range.lengthBytes);
            CAIRN_TRY(region.read(range.offsetBytes, bytes));
            const Digest digest = digestOf(bytes);
            progress.advance(range.lengthBytes);
            const std::scoped_lock guard(mutex);
            return order.add(chunk, digest, visit);
        };
        const ChunkMap none;
        return forEachChunk(environment.executor, static_cast<unsigned>(buffers.size()),
                            {0, chunks, none}, progress, body);
    });
}

} // namespace cairn
