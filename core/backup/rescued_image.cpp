// Puts zeroes where nothing was rescued, whatever the image file holds there.
#include "core/backup/rescued_image.h"

#include "core/io/file_io.h"

#include <algorithm>
#include <fmt/format.h>

namespace cairn {
namespace {

std::uint64_t endOf(ByteRange range)
{
    return range.offsetBytes + range.lengthBytes;
}

Result<RescueMap> readMap(const std::string& path)
{
    const auto file = CAIRN_TRY(FileIo::open(path, {.access = Access::Read}));
    if (file->isBlockDevice())
        return failure(ErrorCode::OpenFailed, path, "not a regular file");
    if (file->sizeBytes() > kRescueMapLimitBytes)
        return failure(ErrorCode::InvalidDescription, path, "larger than 64 MiB");
    std::string text(static_cast<std::size_t>(file->sizeBytes()), '\0');
    if (!text.empty())
        CAIRN_TRY(file->read(0, std::as_writable_bytes(std::span(text))));
    return parseRescueMap(text, path);
}

} // namespace

Result<std::unique_ptr<RescuedImage>> RescuedImage::open(std::unique_ptr<RegionIo> image,
                                                         const std::string& mapfile)
{
    const RescueMap map = CAIRN_TRY(readMap(mapfile));
    if (map.finishedEndBytes > image->sizeBytes())
        return failure(ErrorCode::InvalidDescription, mapfile,
                       fmt::format("line {}: finished beyond the end of {}, which has {} bytes",
                                   map.finishedEndLine, image->name(), image->sizeBytes()));
    return std::unique_ptr<RescuedImage>(new RescuedImage(std::move(image), map));
}

RescuedImage::RescuedImage(std::unique_ptr<RegionIo> image, const RescueMap& map)
    : m_image(std::move(image)), m_sizeBytes(std::max(m_image->sizeBytes(), map.endBytes)),
      m_missing(map.missing)
{
    // Of what lies behind the last block the map says nothing.
    if (map.endBytes < m_sizeBytes)
        m_missing.push_back({map.endBytes, m_sizeBytes - map.endBytes});
}

SectorMap RescuedImage::unreadable() const
{
    SectorMap all;
    for (const ByteRange& range : m_missing)
        all.add(range);
    return all;
}

Result<void> RescuedImage::read(std::uint64_t offsetBytes, std::span<std::byte> into)
{
    const std::uint64_t end = offsetBytes + into.size();
    CAIRN_ASSERT(end <= m_sizeBytes);
    const auto at = [&](std::uint64_t beginBytes, std::uint64_t endBytes) {
        return into.subspan(static_cast<std::size_t>(beginBytes - offsetBytes),
                            static_cast<std::size_t>(endBytes - beginBytes));
    };
    // What is missing is not even read: it may lie behind the end of the file.
    std::uint64_t done = offsetBytes;
    auto gap = std::ranges::partition_point(
        m_missing, [&](const ByteRange& range) { return endOf(range) <= offsetBytes; });
    for (; gap != m_missing.end() && gap->offsetBytes < end; ++gap) {
        const std::uint64_t from = std::max(gap->offsetBytes, offsetBytes);
        const std::uint64_t to = std::min(endOf(*gap), end);
        if (done < from)
            CAIRN_TRY(m_image->read(done, at(done, from)));
        std::ranges::fill(at(from, to), std::byte{0});
        done = to;
    }
    if (done < end)
        CAIRN_TRY(m_image->read(done, at(done, end)));
    return {};
}

} // namespace cairn
