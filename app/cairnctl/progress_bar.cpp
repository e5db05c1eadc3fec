// The progress line: what it says, and when it is drawn.
#include "app/cairnctl/progress_bar.h"

#include "app/cairnctl/standard_error.h"
#include "core/base/size_text.h"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>
#include <sys/ioctl.h>
#include <unistd.h>

namespace cairn::ctl {
namespace {

using namespace std::chrono_literals;

constexpr auto kDrawingInterval = 100ms;
constexpr auto kSampleInterval = 250ms;
constexpr auto kSampleWindow = 10s;
constexpr auto kShortestEstimate = 1500ms;
constexpr std::size_t kMostBarCells = 24;
constexpr std::size_t kFewestBarCells = 8;

const char* phaseText(CopyPhase phase)
{
    switch (phase) {
    case CopyPhase::Preparing:
        return "preparing";
    case CopyPhase::Copying:
        return "copying";
    case CopyPhase::Flushing:
        return "flushing";
    case CopyPhase::Verifying:
        return "verifying";
    }
    return "working";
}

std::string timeLeftText(std::uint64_t seconds)
{
    if (seconds >= 3600)
        return fmt::format("{} h {:02} min left", seconds / 3600, seconds / 60 % 60);
    return fmt::format("{}:{:02} left", seconds / 60, seconds % 60);
}

std::string barText(double fraction, std::size_t cells)
{
    const auto filled = static_cast<std::size_t>(fraction * static_cast<double>(cells));
    return fmt::format("[{}{}]", std::string(filled, '='), std::string(cells - filled, '-'));
}

std::size_t terminalColumns()
{
    winsize size{};
    if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

} // namespace

void RateEstimate::add(std::chrono::nanoseconds when, std::uint64_t doneBytes)
{
    if (!m_samples.empty() && when - m_samples.back().when < kSampleInterval)
        return;
    m_samples.push_back({when, doneBytes});
    while (m_samples.size() > 2 && when - m_samples.front().when > kSampleWindow)
        m_samples.pop_front();
}

std::uint64_t RateEstimate::bytesPerSecond() const
{
    if (m_samples.size() < 2)
        return 0;
    const auto elapsed = m_samples.back().when - m_samples.front().when;
    if (elapsed < kShortestEstimate || m_samples.back().doneBytes < m_samples.front().doneBytes)
        return 0;
    const auto bytes =
        static_cast<double>(m_samples.back().doneBytes - m_samples.front().doneBytes);
    const auto seconds = std::chrono::duration<double>(elapsed).count();
    return static_cast<std::uint64_t>(bytes / seconds);
}

std::string progressLine(const CopyProgress& progress, std::uint64_t bytesPerSecond,
                         std::size_t columns)
{
    const std::uint64_t done = std::min(progress.doneBytes, progress.totalBytes);
    const double fraction = progress.totalBytes == 0 ? 0.0
                                                     : static_cast<double>(done) /
                                                           static_cast<double>(progress.totalBytes);
    std::string speed = "estimating";
    if (bytesPerSecond > 0) {
        speed = fmt::format("{:>8}/s  {}", sizeText(bytesPerSecond),
                            timeLeftText((progress.totalBytes - done) / bytesPerSecond));
    }
    const std::string start =
        fmt::format("{:<9} {:3}%", phaseText(progress.phase), static_cast<int>(fraction * 100.0));
    // Of one width while the numbers grow, so that the bar does not move.
    const std::string bytes =
        fmt::format("{:>8} of {}", sizeText(done), sizeText(progress.totalBytes));
    // What matters least goes first where the terminal is narrow.
    for (const std::string& tail :
         {fmt::format("  {}  {}", bytes, speed), fmt::format("  {}", speed)}) {
        const std::size_t textColumns = start.size() + std::string_view(" []").size() + tail.size();
        if (textColumns + kFewestBarCells < columns)
            return start + ' ' +
                   barText(fraction, std::min(kMostBarCells, columns - 1 - textColumns)) + tail;
    }
    const std::string line = fmt::format("{}  {}", start, speed);
    return line.size() < columns ? line : start.substr(0, columns);
}

ProgressBar::ProgressBar(Clock& clock, Options options)
    : m_clock(clock), m_options(std::move(options))
{}

ProgressBar::~ProgressBar()
{
    clear();
}

bool ProgressBar::checkpoint(const CopyProgress& progress)
{
    if (m_options.draw) {
        // A worker that finds another one drawing has better things to do than to wait for it.
        const std::unique_lock lock(m_mutex, std::try_to_lock);
        if (lock.owns_lock())
            draw(progress);
    }
    return !interrupted();
}

void ProgressBar::draw(const CopyProgress& progress)
{
    const auto now = m_clock.monotonic();
    if (progress.phase != m_phase || progress.doneBytes < m_doneBytes) {
        m_phase = progress.phase;
        m_rate.restart();
        m_nextDrawing = {};
    }
    m_doneBytes = progress.doneBytes;
    m_rate.add(now, progress.doneBytes);
    if (now < m_nextDrawing)
        return;
    m_nextDrawing = now + kDrawingInterval;
    const std::size_t columns = terminalColumns();
    // Titles are short, `#12`; a terminal that is not much wider does without.
    const std::string title = m_options.title.empty() || m_options.title.size() > columns / 4
                                  ? ""
                                  : m_options.title + ' ';
    tell(fmt::format("\r\x1b[K{}{}", title,
                     progressLine(progress, m_rate.bytesPerSecond(), columns - title.size())));
    m_drawn = true;
}

void ProgressBar::clear()
{
    const std::scoped_lock lock(m_mutex);
    if (!m_drawn)
        return;
    tell("\r\x1b[K");
    m_drawn = false;
}

} // namespace cairn::ctl
