// One extent of a device as if it were all there is: nothing outside can be read or written.
#pragma once

#include "core/io/region_io.h"
#include "core/io/write_fence.h"

#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace cairn {

// Kept in release: every write goes through its bounds check (OutsideFence), and asks whether this
// host may still write (Fenced). Locks and holes are translated like data; a lock goes with the
// fence that took it. Fences over one device object are one owner to the kernel: their locks do not
// conflict with each other.
class FencedIo final : public RegionIo {
public:
    // The extent lies within the device; access Read refuses every write, zero and flush.
    [[nodiscard]] static Result<std::unique_ptr<FencedIo>> create(std::shared_ptr<RegionIo> device,
                                                                  ByteRange extent, Access access,
                                                                  std::string name,
                                                                  MemberFence fence = {});
    ~FencedIo() override;

    std::uint64_t sizeBytes() const override { return m_extent.lengthBytes; }
    IoTraits traits() const override;
    std::string name() const override { return m_name; }
    Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override;
    Result<void> write(std::uint64_t offsetBytes, std::span<const std::byte> from) override;
    Result<void> zero(ByteRange range) override;
    Result<void> flush() override;
    Result<ByteRange> nextData(std::uint64_t offsetBytes) override;
    Result<void> dropCache(ByteRange range) override;
    Result<void> checkNamed() override;
    Result<CloneSource> cloneSource(ByteRange range) override;
    bool mayClone(const CloneSource& from) override;
    Result<bool> clone(std::uint64_t offsetBytes, const CloneSource& from) override;
    Result<bool> tryLock(ByteRange range, LockMode mode) override;
    Result<void> readMedium(std::uint64_t offsetBytes, std::span<std::byte> into) override;
    Result<void> writeShared(std::uint64_t offsetBytes, std::span<const std::byte> from) override;

private:
    FencedIo(std::shared_ptr<RegionIo> device, ByteRange extent, Access access, std::string name,
             MemberFence fence);
    [[nodiscard]] Result<std::uint64_t> translate(ByteRange range, bool writing) const;

    std::shared_ptr<RegionIo> m_device;
    ByteRange m_extent;
    Access m_access;
    std::string m_name;
    MemberFence m_fence;
    std::mutex m_lockMutex;
    std::vector<ByteRange> m_locked; // On the device; what the destructor has to unlock.
};

} // namespace cairn
