// Tar entries in, by libarchive, which is told to understand nothing else.
#include "core/tape/archive_reader.h"

#include "core/base/byte_range.h"
#include "core/base/printable_text.h"

#include <archive.h>
#include <archive_entry.h>
#include <cerrno>
#include <string_view>
#include <sys/types.h>
#include <tuple>

namespace cairn {
namespace {

constexpr std::size_t kBufferBytes = kMiB; // No tape's record is longer.
constexpr std::size_t kShownNameBytes = 60;

// Why the entry is not the plain file that is expected; nullptr where it is.
const char* unexpectedKind(archive_entry* entry)
{
    if (archive_entry_hardlink(entry) != nullptr)
        return "a hard link";
    if (archive_entry_filetype(entry) == AE_IFLNK)
        return "a symbolic link";
    if (archive_entry_filetype(entry) == AE_IFDIR)
        return "a directory";
    if (archive_entry_filetype(entry) != AE_IFREG)
        return "no plain file";
    if (archive_entry_sparse_count(entry) > 0)
        return "a sparse file";
    return archive_entry_size_is_set(entry) == 0 ? "of unknown size" : nullptr;
}

} // namespace

ArchiveReader::ArchiveReader(ArchiveInput input) : m_input(std::move(input)), m_buffer(kBufferBytes)
{}

Result<std::unique_ptr<ArchiveReader>> ArchiveReader::open(ArchiveInput input)
{
    std::unique_ptr<ArchiveReader> reader(new ArchiveReader(std::move(input)));
    reader->m_archive = archive_read_new();
    archive* handle = reader->m_archive;
    if (handle == nullptr)
        return failure(ErrorCode::OutOfMemory);
    if (archive_read_support_filter_none(handle) != ARCHIVE_OK ||
        archive_read_support_format_tar(handle) != ARCHIVE_OK ||
        archive_read_open2(handle, reader.get(), nullptr, &ArchiveReader::readBytes,
                           reader->m_input.skip ? &ArchiveReader::skipBytes : nullptr,
                           nullptr) != ARCHIVE_OK)
        return reader->archiveProblem("not a tar archive");
    return reader;
}

ArchiveReader::~ArchiveReader()
{
    if (m_archive != nullptr)
        std::ignore = archive_read_free(m_archive);
}

::ssize_t ArchiveReader::readBytes(::archive* handle, void* reader, const void** bytes)
{
    auto& self = *static_cast<ArchiveReader*>(reader);
    const auto got = catchOutOfMemory([&] { return self.m_input.read(self.m_buffer); });
    if (!got) {
        self.m_sourceResult = std::unexpected(got.error());
        archive_set_error(handle, EIO, "the source failed");
        return -1;
    }
    *bytes = self.m_buffer.data();
    return static_cast<::ssize_t>(*got);
}

std::int64_t ArchiveReader::skipBytes(::archive* handle, void* reader, std::int64_t sizeBytes)
{
    auto& self = *static_cast<ArchiveReader*>(reader);
    const auto passed =
        catchOutOfMemory([&] { return self.m_input.skip(static_cast<std::uint64_t>(sizeBytes)); });
    if (!passed) {
        self.m_sourceResult = std::unexpected(passed.error());
        archive_set_error(handle, EIO, "the source failed");
        return -1;
    }
    return static_cast<std::int64_t>(*passed);
}

std::unexpected<Error> ArchiveReader::problem(const std::string& what) const
{
    return failure(ErrorCode::InvalidArchive, m_input.name,
                   m_entry.empty() ? what : m_entry + ": " + what);
}

std::unexpected<Error> ArchiveReader::archiveProblem(const char* otherwise) const
{
    if (!m_sourceResult)
        return std::unexpected(m_sourceResult.error());
    const char* text = archive_error_string(m_archive);
    return problem(text == nullptr ? otherwise : text);
}

Result<std::uint64_t> ArchiveReader::enter(const std::string& name, std::uint64_t mostBytes)
{
    m_entry = name;
    archive_entry* entry = nullptr;
    const int got = archive_read_next_header(m_archive, &entry);
    if (got == ARCHIVE_EOF)
        return problem("the archive ends before it");
    if (got != ARCHIVE_OK)
        return archiveProblem("cannot be read");
    const char* path = archive_entry_pathname(entry);
    if (path == nullptr || std::string_view(path) != name)
        return problem("another entry is in its place: " +
                       printableShort(path == nullptr ? "" : path, kShownNameBytes));
    if (const char* kind = unexpectedKind(entry))
        return problem(kind);
    const std::int64_t size = archive_entry_size(entry);
    if (size < 0 || static_cast<std::uint64_t>(size) > mostBytes)
        return problem("larger than it may be");
    return static_cast<std::uint64_t>(size);
}

Result<std::size_t> ArchiveReader::read(std::span<std::byte> into)
{
    const la_ssize_t got = archive_read_data(m_archive, into.data(), into.size());
    if (got < 0)
        return archiveProblem("cannot be read");
    return static_cast<std::size_t>(got);
}

Result<void> ArchiveReader::finish()
{
    m_entry.clear();
    archive_entry* entry = nullptr;
    const int got = archive_read_next_header(m_archive, &entry);
    if (got == ARCHIVE_OK || got == ARCHIVE_WARN)
        return problem("more follows after its last entry");
    if (got != ARCHIVE_EOF)
        return archiveProblem("cannot be read");
    for (std::size_t padding = 0; padding < kBufferBytes;) {
        const std::size_t taken = CAIRN_TRY(m_input.read(m_buffer));
        if (taken == 0)
            break;
        padding += taken;
    }
    return {};
}

} // namespace cairn
