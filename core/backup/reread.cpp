// Fills the gaps of a backup, chunk by chunk, so that its digests hold at every moment but one.
#include "core/backup/reread.h"

#include "core/backup/back_up.h"
#include "core/backup/copy_job.h"
#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "core/copy/segment_cache.h"
#include "core/io/aligned_buffer.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>
#include <tuple>

namespace cairn {
namespace {

// So many chunks are written before a flush and a commit.
constexpr std::size_t kChunksPerCommit = 64;

struct Checked {
    Generation generation;
    JobRegions regions;
};

Result<Checked> check(Attachment& attachment, GenerationNumber number)
{
    const Records records = CAIRN_TRY(readRecords(attachment));
    const auto catalog = CAIRN_TRY(attachment.catalog());
    Checked checked;
    checked.generation = CAIRN_TRY(catalog->generation(number));
    const Generation& generation = checked.generation;
    if (!lacksSource(generation))
        return failure(ErrorCode::BackupNotUsable, generation.source.name,
                       stateName(generation.state), number);
    const Region source = CAIRN_TRY(requireRegion(records.layout, generation.source));
    const Region target = CAIRN_TRY(requireCopyRegion(records.layout, generation));
    checked.regions = {.source = source, .target = target};
    CAIRN_TRY(requireNoSwapOf(records, source));
    CAIRN_TRY(requireNoSwapOf(records, target));
    CAIRN_TRY(checkBackupSource(attachment, source));
    if (source.extent.lengthBytes < generation.sizeBytes)
        return failure(ErrorCode::PlanChanged, source.name, "extent");
    if (target.role != RegionRole::Backup)
        return failure(ErrorCode::PlanChanged, target.name, "not marked as a backup any more");
    if (target.use.inUse)
        return failure(ErrorCode::RegionInUse, target.name, target.use.by);
    for (const Job& job : records.jobs) {
        if (job.source.id == target.id || job.target.id == target.id)
            return failure(ErrorCode::RegionBusy, target.name, {}, job.generation);
    }
    return checked;
}

class Reread {
public:
    struct Parts {
        Catalog& catalog;
        const Generation& generation;
        RegionIo& source;
        RegionIo& target;
        DigestSource& digests;
        CopyControl& control;
    };
    explicit Reread(const Parts& parts)
        : m_parts(parts),
          m_digests([&parts](std::uint64_t index) { return parts.digests.segment(index); }),
          m_left(parts.generation.unreadable),
          m_progress{.phase = CopyPhase::Copying,
                     .totalBytes = parts.generation.sizeBytes + m_left.bytes()}
    {}

    [[nodiscard]] Result<RereadOutcome> run()
    {
        m_kept = CAIRN_TRY(AlignedBuffer::create(kChunkBytes));
        m_fresh = CAIRN_TRY(AlignedBuffer::create(kChunkBytes));
        CAIRN_TRY(checkSource());
        auto ended = fillAll();
        // What was read is worth keeping, but the first error is the one to report.
        auto committed = commit();
        CAIRN_TRY(std::move(ended));
        CAIRN_TRY(std::move(committed));
        return RereadOutcome{.readBytes = m_readBytes, .left = m_left};
    }

private:
    [[nodiscard]] Result<void> checkpoint()
    {
        if (!m_parts.control.checkpoint(m_progress))
            return failure(ErrorCode::Canceled, m_parts.source.name());
        return {};
    }
    [[nodiscard]] ByteRange rangeOf(std::uint64_t chunk) const
    {
        return chunkRange(chunk, m_parts.generation.sizeBytes);
    }
    [[nodiscard]] Result<Digest> digestOfChunk(std::uint64_t chunk)
    {
        const auto digest = CAIRN_TRY(m_digests.find(chunk));
        if (!digest)
            return failure(ErrorCode::CatalogDamaged, m_parts.target.name(),
                           fmt::format("no digest for chunk {}", chunk));
        return *digest;
    }
    void blank(std::span<std::byte> bytes, ByteRange range) const
    {
        for (const ByteRange& gap : m_left.within(range)) {
            const auto at = static_cast<std::size_t>(gap.offsetBytes - range.offsetBytes);
            std::ranges::fill(bytes.subspan(at, static_cast<std::size_t>(gap.lengthBytes)),
                              std::byte{0});
        }
    }

    [[nodiscard]] Result<void> checkSource();
    [[nodiscard]] Result<bool> checkChunk(std::uint64_t chunk);
    [[nodiscard]] Result<void> fillAll();
    [[nodiscard]] Result<void> fill(std::uint64_t chunk);
    [[nodiscard]] Result<void> readKept(std::uint64_t chunk, bool wholeIsMissing);
    [[nodiscard]] Result<void> put(ByteRange gap, ByteRange range,
                                   const std::vector<ByteRange>& unreadable);
    [[nodiscard]] Result<void> commit();

    const Parts& m_parts;
    SegmentCache m_digests;
    SectorMap m_left;
    CopyProgress m_progress;
    std::optional<AlignedBuffer> m_kept;       // A chunk of the target,
    std::optional<AlignedBuffer> m_fresh;      // and what the source gives of it.
    std::map<std::uint64_t, Digest> m_changed; // Written, not recorded yet.
    std::uint64_t m_readBytes = 0;
};

// Half of one moment and half of another is nothing to call a good backup, and the source that was
// named for an image may be another disk altogether: all that is known of it is compared before
// anything is taken from it. Where more cannot be read now than then, nothing is left to compare.
Result<void> Reread::checkSource()
{
    const std::uint64_t chunks = chunkCount(m_parts.generation.sizeBytes);
    bool compared = false;
    for (std::uint64_t chunk = 0; chunk < chunks; ++chunk) {
        compared = CAIRN_TRY(checkChunk(chunk)) || compared;
        m_progress.doneBytes += rangeOf(chunk).lengthBytes;
    }
    if (compared)
        return {};
    return failure(ErrorCode::PlanChanged, m_parts.source.name(),
                   "nothing that was backed up can be compared with it");
}

// Whether what is known of it could be compared.
Result<bool> Reread::checkChunk(std::uint64_t chunk)
{
    CAIRN_TRY(checkpoint());
    const ByteRange range = rangeOf(chunk);
    const auto bytes = m_fresh->bytes().first(static_cast<std::size_t>(range.lengthBytes));
    const auto gaps = m_left.within(range);
    if (gaps == std::vector{range})
        return false; // Nothing of it is known.
    std::ranges::fill(bytes, std::byte{0});
    SectorMap known;
    known.add(range);
    for (const ByteRange& gap : gaps)
        known.remove(gap);
    for (const ByteRange& piece : known.within(range)) {
        const auto at = static_cast<std::size_t>(piece.offsetBytes - range.offsetBytes);
        auto got = m_parts.source.read(
            piece.offsetBytes, bytes.subspan(at, static_cast<std::size_t>(piece.lengthBytes)));
        if (!got && isUnreadable(got.error()))
            return false;
        CAIRN_TRY(std::move(got));
    }
    if (digestOf(bytes) != CAIRN_TRY(digestOfChunk(chunk)))
        return failure(ErrorCode::PlanChanged, m_parts.source.name(),
                       "its content is not what was backed up");
    return true;
}

Result<void> Reread::fillAll()
{
    const ChunkMap chunks = m_left.chunks();
    for (const ChunkMap::Run& run : chunks.runs()) {
        for (std::uint64_t chunk = run.first; chunk < run.first + run.count; ++chunk) {
            CAIRN_TRY(fill(chunk));
            if (m_changed.size() >= kChunksPerCommit)
                CAIRN_TRY(commit());
        }
    }
    return {};
}

Result<void> Reread::fill(std::uint64_t chunk)
{
    const ByteRange range = rangeOf(chunk);
    const auto gaps = m_left.within(range);
    const auto fresh = m_fresh->bytes().first(static_cast<std::size_t>(range.lengthBytes));
    std::vector<ByteRange> unreadable;
    std::uint64_t gapBytes = 0;
    for (const ByteRange& gap : gaps) {
        const auto at = static_cast<std::size_t>(gap.offsetBytes - range.offsetBytes);
        CAIRN_TRY(readAround(m_parts.source, gap.offsetBytes,
                             fresh.subspan(at, static_cast<std::size_t>(gap.lengthBytes)),
                             unreadable, [this] { return checkpoint(); }));
        gapBytes += gap.lengthBytes;
    }
    m_progress.doneBytes += gapBytes;
    if (!unreadable.empty() && !m_parts.source.checkNamed())
        return failure(ErrorCode::MemberFailed, m_parts.source.name(), "it is not there any more");
    if (unreadable == gaps)
        return {};
    // Of a chunk of which the record is not exact, more is in the target than it says.
    const bool wholeIsMissing = gaps == std::vector{range};
    const Digest before = CAIRN_TRY(digestOfChunk(chunk));
    const bool exact = !wholeIsMissing || before == digestOfZeroes(range.lengthBytes);
    CAIRN_TRY(readKept(chunk, wholeIsMissing));
    for (const ByteRange& gap : gaps)
        CAIRN_TRY(put(gap, range, unreadable));
    const auto kept = m_kept->bytes().first(static_cast<std::size_t>(range.lengthBytes));
    m_changed[chunk] = digestOf(kept);
    if (!exact && !unreadable.empty())
        return {};
    const std::uint64_t missingBefore = m_left.bytes();
    m_left.remove(range);
    for (const ByteRange& one : unreadable)
        m_left.add(one);
    m_readBytes += missingBefore - std::min(missingBefore, m_left.bytes());
    return {};
}

// The chunk as the target holds it: with zeroes for what is missing, or with what an earlier run
// wrote there and did not come to record. All else must be what was backed up.
Result<void> Reread::readKept(std::uint64_t chunk, bool wholeIsMissing)
{
    const ByteRange range = rangeOf(chunk);
    const auto kept = m_kept->bytes().first(static_cast<std::size_t>(range.lengthBytes));
    if (auto got = m_parts.target.read(range.offsetBytes, kept); !got) {
        if (isUnreadable(got.error()))
            return failure(ErrorCode::Unreadable, m_parts.target.name(),
                           fmt::format("chunk {}", chunk), 1);
        return got;
    }
    const Digest expected = CAIRN_TRY(digestOfChunk(chunk));
    if (wholeIsMissing || digestOf(kept) == expected)
        return {};
    blank(kept, range);
    if (digestOf(kept) == expected)
        return {};
    return failure(ErrorCode::DigestMismatch, m_parts.target.name(), fmt::format("chunk {}", chunk),
                   1);
}

// Writes what was read of the gap, and no other byte.
Result<void> Reread::put(ByteRange gap, ByteRange range, const std::vector<ByteRange>& unreadable)
{
    SectorMap read;
    read.add(gap);
    for (const ByteRange& one : unreadable) {
        if (one.overlaps(gap))
            read.remove(one);
    }
    for (const ByteRange& piece : read.within(gap)) {
        const auto at = static_cast<std::size_t>(piece.offsetBytes - range.offsetBytes);
        const auto length = static_cast<std::size_t>(piece.lengthBytes);
        const auto fresh = m_fresh->bytes().subspan(at, length);
        std::memcpy(m_kept->bytes().data() + at, fresh.data(), length);
        CAIRN_TRY(m_parts.target.write(piece.offsetBytes, fresh));
        m_progress.writtenBytes += piece.lengthBytes;
    }
    return {};
}

Result<void> Reread::commit()
{
    if (m_changed.empty())
        return {};
    CAIRN_TRY(m_parts.target.flush());
    CAIRN_TRY(m_parts.catalog.recordReread(m_parts.generation.number,
                                           {.digests = m_changed, .left = m_left}));
    m_changed.clear();
    return {};
}

Result<RereadOutcome> fillGaps(Attachment& attachment, const Checked& checked, CopyControl& control)
{
    const Generation& generation = checked.generation;
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment, {checked.regions.target.id}));
    Catalog& catalog = writing.catalog();
    // Now that no other process can write: whoever came first has won.
    if (CAIRN_TRY(catalog.generation(generation.number)) != generation)
        return failure(ErrorCode::PlanChanged, generation.source.name, "generation");
    RereadOutcome outcome;
    {
        const auto source = CAIRN_TRY(attachment.array().claimSource(checked.regions.source.id));
        const auto target =
            CAIRN_TRY(attachment.array().openRegion(checked.regions.target.id, Access::Write));
        const auto digests = CAIRN_TRY(catalog.digests(generation.number));
        const Reread::Parts parts{.catalog = catalog,
                                  .generation = generation,
                                  .source = *source,
                                  .target = *target,
                                  .digests = *digests,
                                  .control = control};
        outcome = CAIRN_TRY(Reread(parts).run());
        CAIRN_TRY(target->checkNamed());
    }
    if (outcome.left.empty()) {
        const auto digests = CAIRN_TRY(catalog.digests(generation.number));
        const auto proof = CAIRN_TRY(
            readBack(attachment, checked.regions.target, generation.sizeBytes, *digests, control));
        CAIRN_TRY(catalog.recordOwnProof(generation.number, proof));
        CAIRN_TRY(requireGood(proof, checked.regions.target.name));
    }
    outcome.state = CAIRN_TRY(catalog.generation(generation.number)).state;
    return outcome;
}

} // namespace

bool lacksSource(const Generation& generation)
{
    return generation.state == GenerationState::Partial && !generation.unreadable.empty();
}

Result<RereadOutcome> rereadSource(Attachment& attachment, GenerationNumber number,
                                   CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<RereadOutcome> {
        CAIRN_TRY(attachment.refresh());
        const Checked checked = CAIRN_TRY(check(attachment, number));
        const Generation& generation = checked.generation;
        const std::uint64_t bytes = generation.sizeBytes + generation.unreadable.bytes();
        if (!control.checkpoint({.phase = CopyPhase::Preparing, .totalBytes = bytes}))
            return failure(ErrorCode::Canceled, checked.regions.source.name);
        const auto claim = CAIRN_TRY(
            RegionClaim::take(attachment, checked.regions.source.id, checked.regions.target));
        auto outcome = fillGaps(attachment, checked, control);
        // What the target shows of itself may be another now.
        std::ignore = attachment.array().refresh();
        return outcome;
    });
}

} // namespace cairn
