// Reads an image file in order, a chunk at a time.
#include "core/backup/image_chunks.h"

#include "core/array/in_use.h"
#include "core/array/probe.h"
#include "core/backup/rescued_image.h"
#include "core/io/file_io.h"
#include "core/io/qcow2_image.h"

#include <algorithm>
#include <array>
#include <filesystem>

namespace cairn {
namespace {

Result<std::unique_ptr<RegionIo>> openFile(const std::string& path)
{
    auto file = CAIRN_TRY(FileIo::open(path, {.access = Access::Read}));
    if (file->isBlockDevice())
        return failure(ErrorCode::OpenFailed, path, "not a regular file");
    const RegionUse use = findUse(file->identity(), {0, file->sizeBytes()});
    if (use.inUse)
        return failure(ErrorCode::RegionInUse, path, use.by);
    if (file->sizeBytes() == 0)
        return failure(ErrorCode::InvalidSize, path, "the file is empty");
    return file;
}

} // namespace

Result<std::unique_ptr<ImageChunks>> ImageChunks::open(const ImageFile& file)
{
    auto image = CAIRN_TRY(openFile(file.path));
    const bool qcow2 = CAIRN_TRY(isQcow2(*image));
    if (qcow2 && file.format == ImageFormat::Unnamed)
        return failure(ErrorCode::Unsupported, file.path, kFormatUnnamed);
    if (!qcow2 && file.format == ImageFormat::Qcow2)
        return failure(ErrorCode::Unsupported, file.path, "it is no qcow2");
    if (file.format == ImageFormat::Qcow2)
        image = CAIRN_TRY(openQcow2(file.path));
    SectorMap unreadable;
    if (!file.mapfile.empty()) {
        auto rescued = CAIRN_TRY(RescuedImage::open(std::move(image), file.mapfile));
        unreadable = rescued->unreadable();
        image = std::move(rescued);
    }
    std::unique_ptr<ImageChunks> chunks(new ImageChunks(std::move(image)));
    chunks->m_unreadable = std::move(unreadable);
    chunks->m_content = probeContent(*chunks->m_file);
    chunks->m_chunk.resize(static_cast<std::size_t>(kChunkBytes));
    return chunks;
}

std::string ImageChunks::fileName() const
{
    return std::filesystem::path(m_file->name()).filename().string();
}

Result<Digest> ImageChunks::digest(std::uint64_t chunk)
{
    const ByteRange range = chunkRange(chunk, m_file->sizeBytes());
    m_chunk.resize(static_cast<std::size_t>(range.lengthBytes));
    CAIRN_TRY(m_file->read(range.offsetBytes, m_chunk));
    return digestOf(m_chunk);
}

Result<void> ImageChunks::read(std::span<std::byte> into)
{
    CAIRN_ASSERT(into.size() == m_chunk.size());
    std::ranges::copy(m_chunk, into.begin());
    return {};
}

} // namespace cairn
