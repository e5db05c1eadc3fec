// A device in memory that can lose power.
#pragma once

#include "core/base/environment.h"
#include "core/io/region_io.h"
#include "tests/support/io_observer.h"

#include <memory>
#include <vector>

namespace cairn::test {

// What several MemoryIo share, as several descriptors share a file.
struct MemoryMedium {
    explicit MemoryMedium(std::uint64_t sizeBytes)
        : bytes(static_cast<std::size_t>(sizeBytes)), durable(bytes)
    {}
    struct Lock {
        const void* owner = nullptr;
        int host = 0;
        ByteRange range;
        LockMode mode = LockMode::Unlocked;
    };
    std::mutex mutex; // Guards all below.
    std::vector<std::byte> bytes;
    std::vector<std::byte> durable; // As of the last flush.
    std::vector<Lock> locks;
    std::vector<ByteRange> unreadable = {}; // Reads that touch one fail with EIO.
    bool named = true;                      // What its name leads to.
};

class MemoryIo final : public RegionIo {
public:
    explicit MemoryIo(std::uint64_t sizeBytes, IoTraits traits = defaultTraits());
    // Locks of one host keep nobody out on another.
    explicit MemoryIo(std::shared_ptr<MemoryMedium> medium, IoTraits traits = defaultTraits(),
                      int host = 0);
    ~MemoryIo() override;

    [[nodiscard]] static IoTraits defaultTraits();

    IoObserver observer;

    [[nodiscard]] const std::shared_ptr<MemoryMedium>& medium() const { return m_medium; }
    [[nodiscard]] std::vector<std::byte> content() const;
    [[nodiscard]] std::vector<std::byte> durableContent() const;
    // Content and durable content, without counting.
    void fill(std::uint64_t offsetBytes, std::span<const std::byte> from);
    // Every 512-byte sector written since the last flush is kept or lost, as the numbers fall.
    void losePower(RandomSource& random);

    std::uint64_t sizeBytes() const override;
    IoTraits traits() const override { return m_traits; }
    std::string name() const override { return "memory"; }
    Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override;
    Result<void> write(std::uint64_t offsetBytes, std::span<const std::byte> from) override;
    Result<void> zero(ByteRange range) override;
    Result<void> flush() override;
    // By blocks of 4 KiB where traits().sparse.
    Result<ByteRange> nextData(std::uint64_t offsetBytes) override;
    Result<void> dropCache(ByteRange range) override;
    Result<void> checkNamed() override;
    Result<bool> tryLock(ByteRange range, LockMode mode) override;

private:
    [[nodiscard]] Result<void> check(IoCall call, ByteRange range);

    std::shared_ptr<MemoryMedium> m_medium;
    IoTraits m_traits;
    int m_host;
};

} // namespace cairn::test
