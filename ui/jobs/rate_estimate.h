// How fast a copy is, and how long it will still take, from its recent progress.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>

namespace cairn {

// Not thread-safe. Times are milliseconds of any clock that never goes back.
class RateEstimate {
public:
    void add(std::int64_t nowMs, std::uint64_t doneBytes);
    // Forgets what came before a pause or the next phase.
    void reset();

    // Mean of the last ten seconds; nothing in the first second.
    [[nodiscard]] std::optional<double> bytesPerSecond() const;
    [[nodiscard]] std::optional<std::int64_t> secondsLeft(std::uint64_t totalBytes) const;
    // Whether nothing has moved for ten seconds.
    [[nodiscard]] bool stalled(std::int64_t nowMs) const;

private:
    struct Sample {
        std::int64_t timeMs = 0;
        std::uint64_t doneBytes = 0;
    };
    std::deque<Sample> m_samples;
    std::int64_t m_lastMoveMs = 0;
};

} // namespace cairn
