// Writes the archive of an export: its record, then digests and image in turn.
#pragma once

#include "core/copy/chunk_digest.h"
#include "core/copy/sector_map.h"
#include "core/tape/archive_writer.h"
#include "core/tape/zstd_frame.h"

#include <memory>
#include <span>
#include <string_view>

namespace cairn {

// For one thread at a time.
class TapeWriter {
public:
    // Writes the record, which describes an image of that size. The time is that of every entry.
    [[nodiscard]] static Result<std::unique_ptr<TapeWriter>>
    open(ByteSink sink, std::string_view record, std::uint64_t sizeBytes, std::int64_t timeMs);

    // What could not be read of the source, if anything, before all digests.
    [[nodiscard]] Result<void> addUnreadable(const SectorMap& unreadable);
    // The digests of the segment's chunks, before the first of them.
    [[nodiscard]] Result<void> addDigests(std::uint64_t segment, std::span<const Digest> digests);
    // The next chunk; whole pieces go out as they become complete.
    [[nodiscard]] Result<void> addChunk(std::span<const std::byte> bytes);
    // After the last chunk.
    [[nodiscard]] Result<void> finish() { return m_archive->finish(); }

    [[nodiscard]] std::uint64_t writtenBytes() const { return m_archive->writtenBytes(); }

private:
    TapeWriter(std::unique_ptr<ArchiveWriter> archive, std::uint64_t sizeBytes, std::int64_t timeMs)
        : m_archive(std::move(archive)), m_sizeBytes(sizeBytes), m_timeMs(timeMs)
    {}

    std::unique_ptr<ArchiveWriter> m_archive;
    FrameWriter m_frame;
    std::uint64_t m_sizeBytes;
    std::int64_t m_timeMs;
    std::uint64_t m_doneBytes = 0;
};

} // namespace cairn
