// The chunks of a bare image file, to be imported.
#pragma once

#include "core/array/region.h"
#include "core/backup/import_generation.h"
#include "core/copy/stream_copy.h"
#include "core/io/region_io.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn {

class ImageChunks final : public ChunkStream {
public:
    // Regular files alone: a device is backed up as a member of an array. OpenFailed; RegionInUse
    // where it is mounted by way of a loop device; InvalidSize for an empty file; Unsupported for a
    // disk image of another format; InvalidDescription for the mapfile.
    [[nodiscard]] static Result<std::unique_ptr<ImageChunks>> open(const ImageFile& file);

    [[nodiscard]] std::uint64_t sizeBytes() const { return m_file->sizeBytes(); }
    [[nodiscard]] const Content& content() const { return m_content; }
    [[nodiscard]] const SectorMap& unreadable() const { return m_unreadable; }
    [[nodiscard]] std::string fileName() const; // Without its folder.

    Result<Digest> digest(std::uint64_t chunk) override;
    Result<void> read(std::span<std::byte> into) override;
    Result<void> finish() override { return {}; }

private:
    explicit ImageChunks(std::unique_ptr<RegionIo> file) : m_file(std::move(file)) {}

    std::unique_ptr<RegionIo> m_file;
    SectorMap m_unreadable;
    Content m_content;
    std::vector<std::byte> m_chunk; // The one that digest() was called for last.
};

} // namespace cairn
