// Reads a tar archive from a stream, entry by expected entry.
#pragma once

#include "core/base/error.h"
#include "core/io/byte_stream.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

struct archive;

namespace cairn {

// Where an archive comes from.
struct ArchiveInput {
    ByteSource read;
    ByteSkip skip;    // Empty: the stream can only be read.
    std::string name; // For errors.
};

// The archive is untrusted: nothing of it ever becomes a path, and every entry must be the plain
// file that the caller expects next. For one thread at a time.
class ArchiveReader {
public:
    [[nodiscard]] static Result<std::unique_ptr<ArchiveReader>> open(ArchiveInput input);
    ~ArchiveReader();
    ArchiveReader(const ArchiveReader&) = delete;
    ArchiveReader& operator=(const ArchiveReader&) = delete;

    // Goes to the next entry and returns its size. InvalidArchive for one of another name, kind or
    // a larger size, and where there is none. What is left of the entry before is passed over.
    [[nodiscard]] Result<std::uint64_t> enter(const std::string& name, std::uint64_t mostBytes);

    // The entry's next bytes; 0 at its end. InvalidArchive, or the source's own error.
    [[nodiscard]] Result<std::size_t> read(std::span<std::byte> into);

    // InvalidArchive where anything but the archive's end follows. Takes what pads a tape's last
    // record, so that whoever writes into a pipe can end.
    [[nodiscard]] Result<void> finish();

    // InvalidArchive about the current entry.
    [[nodiscard]] std::unexpected<Error> problem(const std::string& what) const;

private:
    explicit ArchiveReader(ArchiveInput input);
    static ::ssize_t readBytes(::archive* handle, void* reader, const void** bytes);
    static std::int64_t skipBytes(::archive* handle, void* reader, std::int64_t sizeBytes);
    [[nodiscard]] std::unexpected<Error> archiveProblem(const char* otherwise) const;

    ArchiveInput m_input;
    ::archive* m_archive = nullptr;
    std::vector<std::byte> m_buffer;
    std::string m_entry;
    Result<void> m_sourceResult;
};

} // namespace cairn
