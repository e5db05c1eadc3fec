// Writes beside the name, and moves there.
#include "ui/jobs/saved_file.h"

#include "core/array/replaceable.h"

#include <QFile>
#include <cerrno>

namespace cairn {

SavedFile::SavedFile(const std::string& path)
    : m_path(path), m_file(std::make_unique<QSaveFile>(QFile::decodeName(path.c_str())))
{}

Result<SavedFile> SavedFile::open(const std::string& path)
{
    CAIRN_TRY(checkReplaceable(path));
    SavedFile file(path);
    errno = 0;
    if (!file.m_file->open(QIODevice::WriteOnly))
        return osFailure(ErrorCode::OpenFailed, path);
    return file;
}

Result<void> SavedFile::write(std::span<const std::byte> bytes)
{
    const auto size = static_cast<qint64>(bytes.size());
    errno = 0;
    if (m_file->write(reinterpret_cast<const char*>(bytes.data()), size) != size)
        return failed();
    m_writtenBytes += bytes.size();
    return {};
}

Result<void> SavedFile::commit()
{
    errno = 0;
    if (!m_file->commit())
        return failed();
    return {};
}

std::unexpected<Error> SavedFile::failed() const
{
    const bool full = m_file->error() == QFileDevice::ResourceError || errno == ENOSPC;
    return osFailure(full ? ErrorCode::NoSpace : ErrorCode::WriteFailed, m_path);
}

} // namespace cairn
