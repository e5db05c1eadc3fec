// An image that ddrescue made, with zeroes for all that its mapfile does not call finished.
#pragma once

#include "core/copy/rescue_map.h"
#include "core/copy/sector_map.h"
#include "core/io/read_only_io.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn {

// Safe to call from any thread, as RegionIo is.
class RescuedImage final : public ReadOnlyIo {
public:
    // OpenFailed; InvalidDescription (subject: the mapfile, detail: the line and what is wrong with
    // it) for one that is no mapfile, or that calls finished what the image does not have.
    [[nodiscard]] static Result<std::unique_ptr<RescuedImage>> open(std::unique_ptr<RegionIo> image,
                                                                    const std::string& mapfile);

    // What is missing: never less, and to the sector where a record can have so many ranges.
    [[nodiscard]] SectorMap unreadable() const;

    // As the mapfile tells it: what was never read at its end, ddrescue does not write.
    [[nodiscard]] std::uint64_t sizeBytes() const override { return m_sizeBytes; }
    [[nodiscard]] std::string name() const override { return m_image->name(); }
    [[nodiscard]] Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override;

private:
    RescuedImage(std::unique_ptr<RegionIo> image, const RescueMap& map);

    std::unique_ptr<RegionIo> m_image;
    std::uint64_t m_sizeBytes = 0;
    std::vector<ByteRange> m_missing; // In order and apart.
};

} // namespace cairn
