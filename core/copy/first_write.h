// A region's bytes that tell of the first change before it is made.
#pragma once

#include "core/io/region_io.h"

#include <functional>
#include <mutex>
#include <optional>

namespace cairn {

// Called once, by whichever thread comes first, before anything is changed; the others wait for it.
// Its error is that of the change, and of every later one: then nothing was changed.
using BeforeFirstWrite = std::function<Result<void>()>;

// Borrows the region. All that changes nothing goes through as it is.
class FirstWriteIo final : public RegionIo {
public:
    FirstWriteIo(RegionIo& region, BeforeFirstWrite before);

    std::uint64_t sizeBytes() const override { return m_region.sizeBytes(); }
    IoTraits traits() const override { return m_region.traits(); }
    std::string name() const override { return m_region.name(); }
    Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override;
    Result<void> write(std::uint64_t offsetBytes, std::span<const std::byte> from) override;
    Result<void> zero(ByteRange range) override;
    Result<void> flush() override { return m_region.flush(); }
    Result<ByteRange> nextData(std::uint64_t offsetBytes) override;
    Result<void> dropCache(ByteRange range) override { return m_region.dropCache(range); }
    Result<void> checkNamed() override { return m_region.checkNamed(); }
    Result<CloneSource> cloneSource(ByteRange range) override
    {
        return m_region.cloneSource(range);
    }
    bool mayClone(const CloneSource& from) override { return m_region.mayClone(from); }
    Result<bool> clone(std::uint64_t offsetBytes, const CloneSource& from) override;
    Result<bool> tryLock(ByteRange range, LockMode mode) override;

private:
    [[nodiscard]] Result<void> tell();

    RegionIo& m_region;
    std::mutex m_mutex;        // Guards both below, and is held while `before` runs.
    BeforeFirstWrite m_before; // Empty: nobody asked, or it was called.
    std::optional<Error> m_refused;
};

} // namespace cairn
