// Devices in memory that remember every write, so that a test can return to any cut of power.
#pragma once

#include "core/io/region_io.h"
#include "tests/support/memory_io.h"
#include "tests/support/test_environment.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace cairn::test {

// What happened to several devices, in one order.
struct WriteLog {
    struct Entry {
        std::size_t device = 0;
        bool flush = false;
        std::uint64_t offsetBytes = 0;
        std::vector<std::byte> bytes;
    };
    std::vector<Entry> entries;
    std::uint64_t reads = 0; // Of all devices.
    // What they say of sharing blocks with each other; a clone is taken down as a write.
    bool mayClone = false;
    bool canClone = true;
};

// For one thread. Locks are those of the medium below.
class RecordingIo final : public RegionIo {
public:
    RecordingIo(std::shared_ptr<MemoryMedium> medium, std::size_t device,
                std::shared_ptr<WriteLog> log)
        : m_below(std::move(medium)), m_device(device), m_log(std::move(log))
    {}

    std::uint64_t sizeBytes() const override { return m_below.sizeBytes(); }
    IoTraits traits() const override { return m_below.traits(); }
    std::string name() const override { return "recorded"; }
    Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override
    {
        ++m_log->reads;
        return m_below.read(offsetBytes, into);
    }
    Result<void> write(std::uint64_t offsetBytes, std::span<const std::byte> from) override
    {
        m_log->entries.push_back({m_device, false, offsetBytes, {from.begin(), from.end()}});
        return m_below.write(offsetBytes, from);
    }
    Result<void> zero(ByteRange range) override
    {
        const std::vector<std::byte> zeroes(static_cast<std::size_t>(range.lengthBytes));
        return write(range.offsetBytes, zeroes);
    }
    Result<void> flush() override
    {
        m_log->entries.push_back({m_device, true, 0, {}});
        return {};
    }
    Result<ByteRange> nextData(std::uint64_t offsetBytes) override
    {
        return m_below.nextData(offsetBytes);
    }
    Result<void> dropCache(ByteRange range) override { return m_below.dropCache(range); }
    bool mayClone(const CloneSource& from) override
    {
        return m_log->mayClone && dynamic_cast<const RecordingIo*>(&from.io) != nullptr;
    }
    Result<bool> clone(std::uint64_t offsetBytes, const CloneSource& from) override
    {
        if (!m_log->canClone)
            return false;
        std::vector<std::byte> bytes(static_cast<std::size_t>(from.range.lengthBytes));
        CAIRN_TRY(dynamic_cast<RecordingIo&>(from.io).m_below.read(from.range.offsetBytes, bytes));
        CAIRN_TRY(write(offsetBytes, bytes));
        return true;
    }
    Result<bool> tryLock(ByteRange range, LockMode mode) override
    {
        return m_below.tryLock(range, mode);
    }

private:
    MemoryIo m_below;
    std::size_t m_device;
    std::shared_ptr<WriteLog> m_log;
};

// What of the writes that were not flushed yet is on the medium after the cut.
enum class Unflushed : std::uint8_t { Lost, Kept, BySector };

// Steps through a log of devices that all began as `before`, and tells what each would hold if
// power were cut after so many entries.
class CrashStates {
public:
    CrashStates(const WriteLog& log, std::vector<std::vector<std::byte>> before)
        : m_log(log), m_flushed(std::move(before)), m_pending(m_flushed.size())
    {
        for (const auto& bytes : m_flushed)
            m_media.push_back(std::make_shared<MemoryMedium>(bytes.size()));
    }

    // Entries that lie behind; the next is applied by advance().
    [[nodiscard]] std::size_t position() const { return m_position; }
    [[nodiscard]] bool atEnd() const { return m_position == m_log.entries.size(); }
    void advance();
    // The same medium every time, filled anew; nobody else may still use it.
    [[nodiscard]] std::shared_ptr<MemoryMedium> medium(std::size_t device, Unflushed unflushed,
                                                       SeededRandom& random) const;

private:
    const WriteLog& m_log;
    std::vector<std::vector<std::byte>> m_flushed;
    std::vector<std::vector<std::size_t>> m_pending; // Entries not flushed, of each device.
    std::vector<std::shared_ptr<MemoryMedium>> m_media;
    std::size_t m_position = 0;
};

} // namespace cairn::test
