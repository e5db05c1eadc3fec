// A sliding window over a copy's progress.
#include "ui/jobs/rate_estimate.h"

#include <cmath>

namespace cairn {
namespace {

constexpr std::int64_t kWindowMs = 10'000;
constexpr std::int64_t kStalledMs = 10'000;
constexpr std::int64_t kFirstEstimateMs = 1'000;

} // namespace

void RateEstimate::add(std::int64_t nowMs, std::uint64_t doneBytes)
{
    if (!m_samples.empty() && doneBytes < m_samples.back().doneBytes)
        reset();
    if (m_samples.empty() || doneBytes > m_samples.back().doneBytes)
        m_lastMoveMs = nowMs;
    m_samples.push_back({nowMs, doneBytes});
    while (m_samples.size() > 2 && m_samples.front().timeMs < nowMs - kWindowMs)
        m_samples.pop_front();
}

void RateEstimate::reset()
{
    m_samples.clear();
}

std::optional<double> RateEstimate::bytesPerSecond() const
{
    if (m_samples.size() < 2)
        return std::nullopt;
    const Sample& first = m_samples.front();
    const Sample& last = m_samples.back();
    const std::int64_t spanMs = last.timeMs - first.timeMs;
    if (spanMs < kFirstEstimateMs)
        return std::nullopt;
    return static_cast<double>(last.doneBytes - first.doneBytes) * 1000.0 /
           static_cast<double>(spanMs);
}

std::optional<std::int64_t> RateEstimate::secondsLeft(std::uint64_t totalBytes) const
{
    const auto rate = bytesPerSecond();
    if (!rate || *rate <= 0.0 || totalBytes < m_samples.back().doneBytes)
        return std::nullopt;
    const double left = static_cast<double>(totalBytes - m_samples.back().doneBytes) / *rate;
    if (left > 1e9)
        return std::nullopt;
    return std::llround(left);
}

bool RateEstimate::stalled(std::int64_t nowMs) const
{
    return !m_samples.empty() && nowMs - m_lastMoveMs >= kStalledMs;
}

} // namespace cairn
