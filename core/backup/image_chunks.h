// The chunks of a bare image file, to be imported.
#pragma once

#include "core/array/region.h"
#include "core/copy/stream_copy.h"
#include "core/io/file_io.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn {

class ImageChunks final : public ChunkStream {
public:
    // Regular files alone: a device is backed up as a member of an array. OpenFailed; RegionInUse
    // where it is mounted by way of a loop device; InvalidSize for an empty file; Unsupported for a
    // disk image of another format.
    [[nodiscard]] static Result<std::unique_ptr<ImageChunks>> open(const std::string& path);

    [[nodiscard]] std::uint64_t sizeBytes() const { return m_file->sizeBytes(); }
    [[nodiscard]] const Content& content() const { return m_content; }
    [[nodiscard]] std::string fileName() const; // Without its folder.

    Result<Digest> digest(std::uint64_t chunk) override;
    Result<void> read(std::span<std::byte> into) override;
    Result<void> finish() override { return {}; }

private:
    explicit ImageChunks(std::unique_ptr<FileIo> file) : m_file(std::move(file)) {}

    std::unique_ptr<FileIo> m_file;
    Content m_content;
    std::vector<std::byte> m_chunk; // The one that digest() was called for last.
};

} // namespace cairn
