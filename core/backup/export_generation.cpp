// Reads a backup, proves it on the way, and hands it to the archive.
#include "core/backup/export_generation.h"

#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "core/backup/seal.h"
#include "core/backup/tape_record.h"
#include "core/backup/verify.h"
#include "core/io/aligned_buffer.h"
#include "core/tape/tape_writer.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>
#include <tuple>

namespace cairn {
namespace {

struct Exported {
    Generation generation;
    std::string record; // generation.json
    std::unique_ptr<DigestSource> digests;
    std::unique_ptr<RegionIo> io;
    std::optional<RegionClaim> claim;
};

Result<Exported> openBackup(Attachment& attachment, Catalog& catalog, GenerationNumber number)
{
    Exported exported;
    exported.generation = CAIRN_TRY(catalog.generation(number));
    if (!isExportable(exported.generation)) // The reason, in the words of who restores one.
        exported.generation = CAIRN_TRY(requireRestorable(catalog, number));
    const Generation& generation = exported.generation;
    const Region region = CAIRN_TRY(requireCopyRegion(attachment.layout(), generation));
    CAIRN_TRY(requireNoSwapOf(catalog, region));
    CAIRN_TRY(requireSignatures(catalog, region, number));
    exported.claim.emplace(CAIRN_TRY(RegionClaim::takeToRead(attachment, region)));
    const CatalogStatus status = catalog.status();
    exported.record = toJsonText({.arrayId = status.arrayId,
                                  .arrayLabel = status.arrayLabel,
                                  .generation = generation,
                                  .exportedMs = attachment.environment().clock.nowUnixMs()});
    exported.digests = CAIRN_TRY(catalog.digests(number));
    exported.io = CAIRN_TRY(attachment.array().openRegion(region.id, Access::Read));
    return exported;
}

class ExportRun {
public:
    ExportRun(Exported& exported, TapeWriter& writer, CopyControl& control)
        : m_exported(exported), m_writer(writer), m_control(control),
          m_progress{.phase = CopyPhase::Copying, .totalBytes = exported.generation.sizeBytes}
    {}

    [[nodiscard]] Result<ExportOutcome> run()
    {
        const SectorMap& unreadable = m_exported.generation.unreadable;
        m_buffer = CAIRN_TRY(AlignedBuffer::create(kChunkBytes));
        if (!unreadable.empty())
            CAIRN_TRY(m_writer.addUnreadable(unreadable));
        for (std::uint64_t chunk = 0; chunk < chunkCount(m_progress.totalBytes); ++chunk) {
            if (!m_control.checkpoint(m_progress))
                return failure(ErrorCode::Canceled, m_exported.io->name());
            CAIRN_TRY(exportChunk(chunk));
        }
        CAIRN_TRY(m_writer.finish());
        std::ignore = m_control.checkpoint(m_progress);
        return ExportOutcome{.imageBytes = m_progress.doneBytes,
                             .archiveBytes = m_writer.writtenBytes(),
                             .unreadable = unreadable};
    }

private:
    [[nodiscard]] Result<void> exportChunk(std::uint64_t chunk)
    {
        const std::uint64_t at = chunk % kChunksPerSegment;
        if (at == 0)
            CAIRN_TRY(beginSegment(chunk / kChunksPerSegment));
        const ByteRange range = chunkRange(chunk, m_progress.totalBytes);
        const auto bytes = m_buffer->bytes().first(static_cast<std::size_t>(range.lengthBytes));
        auto got = m_exported.io->read(range.offsetBytes, bytes);
        if (!got && got.error().code == ErrorCode::ReadFailed)
            return failure(ErrorCode::Unreadable, m_exported.io->name(),
                           fmt::format("chunk {}", chunk), 1);
        CAIRN_TRY(std::move(got));
        if (digestOf(bytes) != m_digests[static_cast<std::size_t>(at)])
            return failure(ErrorCode::DigestMismatch, m_exported.io->name(),
                           fmt::format("chunk {}", chunk), 1);
        CAIRN_TRY(m_writer.addChunk(bytes));
        m_progress.doneBytes += range.lengthBytes;
        m_progress.writtenBytes = m_writer.writtenBytes();
        return {};
    }

    [[nodiscard]] Result<void> beginSegment(std::uint64_t segment)
    {
        m_digests = CAIRN_TRY(m_exported.digests->segment(segment));
        const std::uint64_t chunks =
            chunkCount(m_progress.totalBytes) - segment * kChunksPerSegment;
        if (m_digests.size() != std::min(kChunksPerSegment, chunks))
            return failure(ErrorCode::CatalogDamaged, m_exported.io->name(),
                           fmt::format("no digests for segment {}", segment));
        return m_writer.addDigests(segment, m_digests);
    }

    Exported& m_exported;
    TapeWriter& m_writer;
    CopyControl& m_control;
    std::optional<AlignedBuffer> m_buffer;
    std::vector<Digest> m_digests;
    CopyProgress m_progress;
};

} // namespace

Result<ExportOutcome> exportGeneration(Attachment& attachment, GenerationNumber number,
                                       const ByteSink& sink, CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<ExportOutcome> {
        CAIRN_TRY(attachment.refresh());
        CAIRN_TRY(requireDigests(attachment, number, control));
        const auto catalog = CAIRN_TRY(attachment.catalog());
        Exported exported = CAIRN_TRY(openBackup(attachment, *catalog, number));
        const std::uint64_t sizeBytes = exported.generation.sizeBytes;
        if (!control.checkpoint({.phase = CopyPhase::Copying, .totalBytes = sizeBytes}))
            return failure(ErrorCode::Canceled, exported.io->name());
        const auto writer = CAIRN_TRY(
            TapeWriter::open(sink, exported.record, sizeBytes, exported.generation.startedMs));
        return ExportRun(exported, *writer, control).run();
    });
}

Result<void> recordExport(Attachment& attachment, GenerationNumber number,
                          const std::string& location)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
        return writing.catalog().recordExport(number, location);
    });
}

} // namespace cairn
