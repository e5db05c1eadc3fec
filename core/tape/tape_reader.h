// Reads the archive of an export again, and believes nothing of it.
#pragma once

#include "core/copy/sector_map.h"
#include "core/copy/stream_copy.h"
#include "core/tape/archive_reader.h"
#include "core/tape/zstd_frame.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn {

// Every chunk is compared with its digest before it is handed over. Errors: InvalidArchive (detail:
// entry and reason), or the input's own. Needs the same memory for an image of any size.
class TapeReader final : public ChunkStream {
public:
    // Reads the first entry.
    [[nodiscard]] static Result<std::unique_ptr<TapeReader>> open(ArchiveInput input);

    // The record as it stands there: untrusted text.
    [[nodiscard]] const std::string& record() const { return m_record; }

    // Before the first chunk: the size that the record tells.
    void setSize(std::uint64_t sizeBytes) { m_sizeBytes = sizeBytes; }

    // Where the record says that something is missing, before the first chunk: what. Never nothing,
    // and not more than a record can have.
    [[nodiscard]] Result<SectorMap> readUnreadable();

    Result<Digest> digest(std::uint64_t chunk) override;
    Result<void> read(std::span<std::byte> into) override;
    Result<void> finish() override;

private:
    explicit TapeReader(std::unique_ptr<ArchiveReader> archive) : m_archive(std::move(archive)) {}
    [[nodiscard]] Result<void> readRecord();
    [[nodiscard]] Result<void> readDigests(std::uint64_t segment);
    [[nodiscard]] Result<void> leavePiece();
    [[nodiscard]] Result<void> enterPiece(std::uint64_t piece);
    [[nodiscard]] Result<std::string> readText(const char* entry, std::uint64_t mostBytes);
    // Fills as much of the span as the entry has.
    [[nodiscard]] Result<std::size_t> readEntry(std::span<std::byte> into);
    [[nodiscard]] Result<void> takeChunk(std::span<std::byte> into);
    [[nodiscard]] Result<void> named(Result<void> frame) const;

    std::unique_ptr<ArchiveReader> m_archive;
    FrameReader m_frame;
    std::string m_record;
    std::uint64_t m_sizeBytes = 0;
    std::vector<Digest> m_digests;   // Of the current segment.
    std::vector<std::byte> m_passed; // For chunks that nobody asks for.
    std::uint64_t m_chunk = 0;       // The one that digest() was called for last.
    std::uint64_t m_nextInPiece = 0; // The chunk that the current frame gives next,
    bool m_inFrame = false;          // where one was begun.
};

} // namespace cairn
