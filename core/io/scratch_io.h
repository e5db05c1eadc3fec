// A device in memory, for what shall be whole before any of it is written to a disk.
#pragma once

#include "core/io/region_io.h"

#include <map>
#include <mutex>
#include <vector>

namespace cairn {

// Zeroes at first; takes memory only where something else was written. Nobody else can open it, so
// that every lock is granted.
class ScratchIo final : public RegionIo {
public:
    explicit ScratchIo(std::uint64_t sizeBytes) : m_sizeBytes(sizeBytes) {}

    std::uint64_t sizeBytes() const override { return m_sizeBytes; }
    IoTraits traits() const override;
    std::string name() const override { return "memory"; }
    // OutsideFence, OutOfMemory.
    Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override;
    Result<void> write(std::uint64_t offsetBytes, std::span<const std::byte> from) override;
    Result<void> zero(ByteRange range) override;
    Result<void> flush() override { return {}; }
    Result<ByteRange> nextData(std::uint64_t offsetBytes) override;
    Result<void> dropCache(ByteRange) override { return {}; }
    Result<bool> tryLock(ByteRange, LockMode) override { return true; }

private:
    [[nodiscard]] Result<void> checkRange(ByteRange range) const;

    std::uint64_t m_sizeBytes;
    std::mutex m_mutex;                                       // Guards all below.
    std::map<std::uint64_t, std::vector<std::byte>> m_blocks; // By offset.
};

} // namespace cairn
