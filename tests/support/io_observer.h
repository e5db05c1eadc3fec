// Counts the calls of a RegionIo in a test, and makes the ones fail that the test chooses.
#pragma once

#include "core/io/region_io.h"

#include <array>
#include <functional>
#include <mutex>
#include <optional>

namespace cairn::test {

enum class IoCall : std::uint8_t { Read, Write, Zero, Flush, NextData, DropCache, Lock };

struct IoCount {
    std::uint64_t calls = 0;
    std::uint64_t bytes = 0;
};

// Safe from any thread; the hook is called by one thread at a time.
class IoObserver {
public:
    // An error returned here is the call's result, and nothing below is asked. `index` counts the
    // calls of all kinds from 0.
    using Hook =
        std::function<std::optional<Error>(IoCall call, ByteRange range, std::uint64_t index)>;

    void setHook(Hook hook);
    // The nth call from now on, and it alone, fails with EIO; counted from 1.
    void failAt(std::uint64_t nth);
    // Calls are counted from 0 again.
    void reset();
    [[nodiscard]] IoCount count(IoCall call) const;
    [[nodiscard]] std::uint64_t totalCalls() const;

    [[nodiscard]] Result<void> begin(IoCall call, ByteRange range);

private:
    mutable std::mutex m_mutex;
    std::array<IoCount, 7> m_counts{};
    std::uint64_t m_index = 0;
    Hook m_hook;
};

} // namespace cairn::test
