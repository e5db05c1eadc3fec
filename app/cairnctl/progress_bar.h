// Draws how far a copy is on a terminal, and stops it when the operator asks.
#pragma once

#include "app/cairnctl/interrupt.h"
#include "core/base/environment.h"
#include "core/copy/copy_control.h"

#include <chrono>
#include <deque>
#include <mutex>
#include <string>

namespace cairn::ctl {

// Rate and time left from the samples of the last seconds, so that a change shows soon.
class RateEstimate {
public:
    void add(std::chrono::nanoseconds when, std::uint64_t doneBytes);
    void restart() { m_samples.clear(); }
    // Bytes a second; 0 while too little has been seen to tell.
    [[nodiscard]] std::uint64_t bytesPerSecond() const;

private:
    struct Sample {
        std::chrono::nanoseconds when{};
        std::uint64_t doneBytes = 0;
    };
    std::deque<Sample> m_samples;
};

// One line of at most `columns` characters: phase, percent, bar, bytes, rate, time left.
[[nodiscard]] std::string progressLine(const CopyProgress& progress, std::uint64_t bytesPerSecond,
                                       std::size_t columns);

// The control of one copy. Draws at most ten times a second, and only where told to.
class ProgressBar final : public CopyControl {
public:
    struct Options {
        bool draw = false;
        std::string title; // Printable; stands before the phase.
    };
    ProgressBar(Clock& clock, Options options);
    ~ProgressBar() override;

    bool checkpoint(const CopyProgress& progress) override;

    // Clears the line, so that something else can be printed.
    void clear();

private:
    void draw(const CopyProgress& progress);

    Interruptible m_interruptible;
    Clock& m_clock;
    Options m_options;
    std::mutex m_mutex; // Guards all below.
    RateEstimate m_rate;
    CopyPhase m_phase = CopyPhase::Preparing;
    std::chrono::nanoseconds m_nextDrawing{};
    std::uint64_t m_doneBytes = 0;
    bool m_drawn = false;
};

} // namespace cairn::ctl
