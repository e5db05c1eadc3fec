// Tar entries out, by libarchive.
#include "core/tape/archive_writer.h"

#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <sys/types.h>
#include <tuple>

namespace cairn {
namespace {

struct FreeEntry {
    void operator()(archive_entry* entry) const noexcept { archive_entry_free(entry); }
};

constexpr mode_t kPermissions = 0644;

} // namespace

Result<std::unique_ptr<ArchiveWriter>> ArchiveWriter::open(ByteSink sink)
{
    std::unique_ptr<ArchiveWriter> writer(new ArchiveWriter(std::move(sink)));
    writer->m_archive = archive_write_new();
    if (writer->m_archive == nullptr)
        return failure(ErrorCode::OutOfMemory);
    // ustar, with pax headers for what does not fit into it.
    CAIRN_TRY(writer->check(archive_write_set_format_pax_restricted(writer->m_archive)));
    CAIRN_TRY(writer->check(archive_write_open2(writer->m_archive, writer.get(), nullptr,
                                                &ArchiveWriter::writeBytes, nullptr, nullptr)));
    return writer;
}

ArchiveWriter::~ArchiveWriter()
{
    if (m_archive == nullptr)
        return;
    // Closing writes the archive's end: what was not finished must not look whole. It is closed all
    // the same, because libarchive 3.6 loses its buffer when a failed archive is only freed.
    if (m_sinkResult)
        m_sinkResult = failure(ErrorCode::Canceled);
    std::ignore = archive_write_close(m_archive);
    std::ignore = archive_write_free(m_archive);
}

::ssize_t ArchiveWriter::writeBytes(::archive* handle, void* writer, const void* bytes,
                                    std::size_t sizeBytes)
{
    auto& self = *static_cast<ArchiveWriter*>(writer);
    if (!self.m_sinkResult)
        return -1;
    self.m_sinkResult = catchOutOfMemory(
        [&] { return self.m_sink(std::span(static_cast<const std::byte*>(bytes), sizeBytes)); });
    if (!self.m_sinkResult) {
        archive_set_error(handle, EIO, "the sink failed");
        return -1;
    }
    self.m_writtenBytes += sizeBytes;
    return static_cast<::ssize_t>(sizeBytes);
}

Result<void> ArchiveWriter::check(int archiveResult)
{
    if (!m_sinkResult)
        return m_sinkResult;
    if (archiveResult == ARCHIVE_OK)
        return {};
    const char* text = archive_error_string(m_archive);
    return failure(ErrorCode::WriteFailed, "archive", text == nullptr ? "" : text);
}

Result<void> ArchiveWriter::add(const std::string& name, std::span<const std::byte> bytes,
                                std::int64_t timeMs)
{
    const std::unique_ptr<archive_entry, FreeEntry> entry(archive_entry_new());
    if (!entry)
        return failure(ErrorCode::OutOfMemory);
    archive_entry_set_pathname(entry.get(), name.c_str());
    archive_entry_set_filetype(entry.get(), AE_IFREG);
    archive_entry_set_perm(entry.get(), kPermissions);
    archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_mtime(entry.get(), static_cast<time_t>(timeMs / 1000), 0);
    CAIRN_TRY(check(archive_write_header(m_archive, entry.get())));
    while (!bytes.empty()) {
        const la_ssize_t taken = archive_write_data(m_archive, bytes.data(), bytes.size());
        if (taken <= 0)
            return check(taken == 0 ? ARCHIVE_FATAL : static_cast<int>(taken));
        bytes = bytes.subspan(static_cast<std::size_t>(taken));
    }
    return check(archive_write_finish_entry(m_archive));
}

Result<void> ArchiveWriter::finish()
{
    return check(archive_write_close(m_archive));
}

} // namespace cairn
