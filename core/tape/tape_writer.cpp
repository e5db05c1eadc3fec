// Cuts an image into pieces and adds them to an archive.
#include "core/tape/tape_writer.h"

#include "core/copy/rescue_map.h"
#include "core/tape/tape_layout.h"

namespace cairn {

Result<std::unique_ptr<TapeWriter>> TapeWriter::open(ByteSink sink, std::string_view record,
                                                     std::uint64_t sizeBytes, std::int64_t timeMs)
{
    auto archive = CAIRN_TRY(ArchiveWriter::open(std::move(sink)));
    CAIRN_TRY(archive->add(kRecordEntry, std::as_bytes(std::span(record)), timeMs));
    return std::unique_ptr<TapeWriter>(new TapeWriter(std::move(archive), sizeBytes, timeMs));
}

Result<void> TapeWriter::addUnreadable(const SectorMap& unreadable)
{
    CAIRN_ASSERT(m_doneBytes == 0);
    const std::string map =
        rescueMapText("What could not be read of the source", m_sizeBytes, unreadable);
    return m_archive->add(kUnreadableEntry, std::as_bytes(std::span(map)), m_timeMs);
}

Result<void> TapeWriter::addDigests(std::uint64_t segment, std::span<const Digest> digests)
{
    CAIRN_ASSERT(m_doneBytes == segment * kChunksPerSegment * kChunkBytes);
    std::string lines;
    lines.reserve(digests.size() * kDigestLineBytes);
    for (const Digest& digest : digests)
        lines += digest.toHex() + '\n';
    return m_archive->add(digestsEntry(segment), std::as_bytes(std::span(lines)), m_timeMs);
}

Result<void> TapeWriter::addChunk(std::span<const std::byte> bytes)
{
    if (m_doneBytes % kPieceBytes == 0)
        m_frame.begin();
    CAIRN_TRY(m_frame.add(bytes));
    m_doneBytes += bytes.size();
    if (m_doneBytes % kPieceBytes != 0 && m_doneBytes != m_sizeBytes)
        return {};
    const std::uint64_t piece = (m_doneBytes - 1) / kPieceBytes;
    return m_archive->add(pieceEntry(piece), CAIRN_TRY(m_frame.finish()), m_timeMs);
}

} // namespace cairn
