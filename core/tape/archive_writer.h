// Writes a pax tar archive to a stream.
#pragma once

#include "core/base/error.h"
#include "core/io/byte_stream.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

struct archive;

namespace cairn {

// For one thread at a time. The sink gets records of 10 KiB, as a tape wants them.
class ArchiveWriter {
public:
    [[nodiscard]] static Result<std::unique_ptr<ArchiveWriter>> open(ByteSink sink);
    ~ArchiveWriter();
    ArchiveWriter(const ArchiveWriter&) = delete;
    ArchiveWriter& operator=(const ArchiveWriter&) = delete;

    // A plain file, whole. Errors are the sink's own, or WriteFailed.
    [[nodiscard]] Result<void> add(const std::string& name, std::span<const std::byte> bytes,
                                   std::int64_t timeMs);
    // The end of the archive; nothing can be added after it.
    [[nodiscard]] Result<void> finish();

    // Handed to the sink so far.
    [[nodiscard]] std::uint64_t writtenBytes() const { return m_writtenBytes; }

private:
    explicit ArchiveWriter(ByteSink sink) : m_sink(std::move(sink)) {}
    static ::ssize_t writeBytes(::archive* handle, void* writer, const void* bytes,
                                std::size_t sizeBytes);
    [[nodiscard]] Result<void> check(int archiveResult);

    ByteSink m_sink;
    ::archive* m_archive = nullptr;
    std::uint64_t m_writtenBytes = 0;
    Result<void> m_sinkResult;
};

} // namespace cairn
