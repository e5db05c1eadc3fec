// A device that is slow and fails on purpose: simulated arrays and tests put it over another.
#pragma once

#include "core/base/environment.h"
#include "core/io/region_io.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace cairn {

// All off by default; the same seed and calls give the same faults.
struct Faults {
    std::uint64_t latencyUs = 0;               // Of every read, write, zero and flush.
    std::uint64_t bandwidthBytesPerSecond = 0; // 0: as fast as what is below.
    double readErrorRate = 0;                  // Probability in [0, 1] for each call.
    double writeErrorRate = 0;
    std::vector<ByteRange> unreadable = {}; // Reads that touch one fail with EIO.
    std::vector<ByteRange> unwritable = {};
    // From the nth write or zero on everything fails with ENODEV; 0: never.
    std::uint64_t cutPowerAtWrite = 0;
    bool tornWrite = false; // Of the write at which power is cut, the first sectors arrive.
    bool pulled = false;    // Everything fails with ENODEV.
    bool full = false;      // Writes fail with ENOSPC.
    std::uint64_t seed = 1;
};

class FaultyIo final : public RegionIo {
public:
    FaultyIo(std::shared_ptr<RegionIo> below, Faults faults, Clock& clock);
    ~FaultyIo() override;

    // Takes effect on calls that begin afterwards, running copies included. Calls are counted from
    // the start again, and a power cut is over.
    void setFaults(Faults faults);
    [[nodiscard]] Faults faults() const;

    std::uint64_t sizeBytes() const override;
    IoTraits traits() const override;
    std::string name() const override;
    Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override;
    Result<void> write(std::uint64_t offsetBytes, std::span<const std::byte> from) override;
    Result<void> zero(ByteRange range) override;
    Result<void> flush() override;
    Result<ByteRange> nextData(std::uint64_t offsetBytes) override;
    Result<void> dropCache(ByteRange range) override;
    Result<void> checkNamed() override { return m_below->checkNamed(); }
    Result<bool> tryLock(ByteRange range, LockMode mode) override;

private:
    struct State;
    std::shared_ptr<RegionIo> m_below;
    std::unique_ptr<State> m_state;
};

} // namespace cairn
