// What everything that can only be read answers to the calls that write.
#pragma once

#include "core/io/region_io.h"

namespace cairn {

// Whoever derives from it gives the size, a name and bytes.
class ReadOnlyIo : public RegionIo {
public:
    [[nodiscard]] IoTraits traits() const override { return {}; }
    [[nodiscard]] Result<void> write(std::uint64_t, std::span<const std::byte>) override
    {
        return failure(ErrorCode::WriteFailed, name(), "it can only be read");
    }
    [[nodiscard]] Result<void> zero(ByteRange) override
    {
        return failure(ErrorCode::WriteFailed, name(), "it can only be read");
    }
    [[nodiscard]] Result<void> flush() override { return {}; }
    [[nodiscard]] Result<ByteRange> nextData(std::uint64_t offsetBytes) override
    {
        return ByteRange{offsetBytes, sizeBytes() - offsetBytes};
    }
    [[nodiscard]] Result<void> dropCache(ByteRange) override { return {}; }
    [[nodiscard]] Result<bool> tryLock(ByteRange, LockMode) override { return true; }
};

} // namespace cairn
