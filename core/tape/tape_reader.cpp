// Takes the entries of an export in their one order.
#include "core/tape/tape_reader.h"

#include "core/copy/rescue_map.h"
#include "core/tape/tape_layout.h"

#include <algorithm>
#include <string_view>

namespace cairn {

Result<std::unique_ptr<TapeReader>> TapeReader::open(ArchiveInput input)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<TapeReader>> {
        auto archive = CAIRN_TRY(ArchiveReader::open(std::move(input)));
        std::unique_ptr<TapeReader> reader(new TapeReader(std::move(archive)));
        CAIRN_TRY(reader->readRecord());
        return reader;
    });
}

Result<std::size_t> TapeReader::readEntry(std::span<std::byte> into)
{
    std::size_t filled = 0;
    while (filled < into.size()) {
        const std::size_t got = CAIRN_TRY(m_archive->read(into.subspan(filled)));
        if (got == 0)
            break;
        filled += got;
    }
    return filled;
}

// What is wrong with a frame, with the entry that it is in.
Result<void> TapeReader::named(Result<void> frame) const
{
    if (!frame && frame.error().code == ErrorCode::InvalidArchive && frame.error().subject.empty())
        return m_archive->problem(frame.error().detail);
    return frame;
}

Result<std::string> TapeReader::readText(const char* entry, std::uint64_t mostBytes)
{
    std::string text(static_cast<std::size_t>(CAIRN_TRY(m_archive->enter(entry, mostBytes))), '\0');
    if (CAIRN_TRY(readEntry(std::as_writable_bytes(std::span(text)))) < text.size())
        return m_archive->problem("cut off");
    return text;
}

Result<void> TapeReader::readRecord()
{
    m_record = CAIRN_TRY(readText(kRecordEntry, kRecordLimitBytes));
    return {};
}

Result<SectorMap> TapeReader::readUnreadable()
{
    const std::string text = CAIRN_TRY(readText(kUnreadableEntry, kUnreadableLimitBytes));
    const auto map = parseRescueMap(text, kUnreadableEntry);
    if (!map)
        return m_archive->problem(map.error().detail);
    if (map->endBytes != m_sizeBytes)
        return m_archive->problem("not of the image's size");
    if (map->missing.empty() || map->missing.size() > SectorMap::kMostRanges)
        return m_archive->problem(map->missing.empty() ? "nothing is missing" : "too many ranges");
    SectorMap unreadable;
    for (const ByteRange& range : map->missing) {
        const std::uint64_t end = range.offsetBytes + range.lengthBytes;
        if (range.offsetBytes % SectorMap::kUnitBytes != 0 ||
            (end % SectorMap::kUnitBytes != 0 && end != m_sizeBytes))
            return m_archive->problem("a range that is not of whole sectors");
        unreadable.add(range);
    }
    return unreadable;
}

Result<void> TapeReader::readDigests(std::uint64_t segment)
{
    const std::uint64_t chunks =
        std::min(kChunksPerSegment, chunkCount(m_sizeBytes) - segment * kChunksPerSegment);
    std::string lines(static_cast<std::size_t>(chunks * kDigestLineBytes), '\0');
    const auto size = CAIRN_TRY(m_archive->enter(digestsEntry(segment), lines.size()));
    if (size != lines.size() ||
        CAIRN_TRY(readEntry(std::as_writable_bytes(std::span(lines)))) != lines.size())
        return m_archive->problem("not one digest for each chunk");
    m_digests.clear();
    for (std::string_view rest = lines; !rest.empty(); rest.remove_prefix(kDigestLineBytes)) {
        const auto digest = Digest::fromHex(rest.substr(0, kDigestLineBytes - 1));
        if (!digest || rest[kDigestLineBytes - 1] != '\n')
            return m_archive->problem("not a line of hexadecimal digits");
        m_digests.push_back(*digest);
    }
    return {};
}

// The rest of a piece that was read from must be sound to its end; one that was not read from at
// all is passed over.
Result<void> TapeReader::leavePiece()
{
    if (!m_inFrame)
        return {};
    const std::uint64_t end =
        std::min(roundUp(m_nextInPiece, kChunksPerPiece), chunkCount(m_sizeBytes));
    m_passed.resize(kChunkBytes);
    while (m_nextInPiece < end)
        CAIRN_TRY(takeChunk(m_passed));
    m_inFrame = false;
    return named(m_frame.finish());
}

Result<void> TapeReader::enterPiece(std::uint64_t piece)
{
    CAIRN_TRY(leavePiece());
    CAIRN_TRY(m_archive->enter(pieceEntry(piece), frameLimitBytes(kPieceBytes)));
    return {};
}

Result<Digest> TapeReader::digest(std::uint64_t chunk)
{
    m_chunk = chunk;
    if (chunk % kChunksPerSegment == 0) {
        CAIRN_TRY(leavePiece());
        CAIRN_TRY(readDigests(chunk / kChunksPerSegment));
    }
    if (chunk % kChunksPerPiece == 0)
        CAIRN_TRY(enterPiece(chunk / kChunksPerPiece));
    return m_digests.at(static_cast<std::size_t>(chunk % kChunksPerSegment));
}

Result<void> TapeReader::takeChunk(std::span<std::byte> into)
{
    const ByteRange range = chunkRange(m_nextInPiece, m_sizeBytes);
    CAIRN_TRY(named(m_frame.read(into.first(range.lengthBytes))));
    m_nextInPiece += 1;
    return {};
}

Result<void> TapeReader::read(std::span<std::byte> into)
{
    if (!m_inFrame) {
        m_frame.begin([this](std::span<std::byte> bytes) { return m_archive->read(bytes); });
        m_nextInPiece = roundDown(m_chunk, kChunksPerPiece);
        m_inFrame = true;
    }
    m_passed.resize(kChunkBytes);
    while (m_nextInPiece < m_chunk)
        CAIRN_TRY(takeChunk(m_passed));
    CAIRN_TRY(takeChunk(into));
    if (digestOf(into) != m_digests.at(static_cast<std::size_t>(m_chunk % kChunksPerSegment)))
        return m_archive->problem("chunk " + std::to_string(m_chunk) +
                                  " is not what its digest says");
    return {};
}

Result<void> TapeReader::finish()
{
    CAIRN_TRY(leavePiece());
    return m_archive->finish();
}

} // namespace cairn
