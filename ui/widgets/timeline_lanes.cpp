// Sorts backups into lanes and crowds into marks.
#include "ui/widgets/timeline_lanes.h"

#include "ui/record_text.h"

#include <QDateTime>
#include <QLocale>
#include <algorithm>
#include <array>

namespace cairn {
namespace {

using Row = HistoryIndex::Row;

constexpr std::int64_t kMinuteMs = 60'000;
constexpr std::int64_t kHourMs = 60 * kMinuteMs;
constexpr std::int64_t kDayMs = 24 * kHourMs;

// The first row that is not later than `timeMs`.
auto firstNotAfter(const HistoryIndex& index, const TimelineLane& lane, std::int64_t timeMs)
{
    return std::ranges::lower_bound(lane.newestFirst, timeMs, std::ranges::greater(),
                                    [&](Row row) { return index.startedMs(row); });
}

} // namespace

int TimelineScale::xOf(std::int64_t timeMs) const
{
    const double share = static_cast<double>(timeMs - span.firstMs) /
                         static_cast<double>(std::max<std::int64_t>(1, span.lastMs - span.firstMs));
    return leftPx + static_cast<int>(std::clamp(share, -2.0, 3.0) * widthPx);
}

std::int64_t TimelineScale::timeAt(int x) const
{
    const double share = static_cast<double>(x - leftPx) / std::max(1, widthPx);
    return span.firstMs +
           static_cast<std::int64_t>(share * static_cast<double>(span.lastMs - span.firstMs));
}

MarkKind markKind(GenerationState state, bool isUndo, CopyPresence presence)
{
    const bool whole = state == GenerationState::Good || state == GenerationState::Copied;
    if (whole && presence != CopyPresence::Present)
        return MarkKind::Absent;
    switch (state) {
    case GenerationState::Good:
        return isUndo ? MarkKind::Undo : MarkKind::Verified;
    case GenerationState::Copied:
        return isUndo ? MarkKind::Undo : MarkKind::Held;
    case GenerationState::Copying:
    case GenerationState::Interrupted:
        return MarkKind::Waiting;
    case GenerationState::Failed:
    case GenerationState::Partial:
        return MarkKind::Failed;
    case GenerationState::Superseded:
        return MarkKind::Replaced;
    case GenerationState::Forgotten:
        break;
    }
    return MarkKind::Gone;
}

void TimelineLanes::put(const HistoryIndex& index, Row row)
{
    const std::size_t number = index.sourceNumber(row);
    while (m_lanes.size() <= number) {
        const RegionRef& source = index.sources()[m_lanes.size()];
        m_lanes.push_back({source.id, regionDisplay(source), {}, 0});
    }
    m_lanes[number].newestFirst.push_back(row);
    m_lanes[number].undoCopies += index.isUndo(row) ? std::size_t{1} : std::size_t{0};
}

void TimelineLanes::sortLanes(const HistoryIndex& index)
{
    const auto started = [&](Row row) { return index.startedMs(row); };
    for (TimelineLane& lane : m_lanes) {
        // Sorted already, unless a clock went wrong.
        if (!std::ranges::is_sorted(lane.newestFirst, std::ranges::greater(), started))
            std::ranges::stable_sort(lane.newestFirst, std::ranges::greater(), started);
    }
}

void TimelineLanes::fill(const HistoryIndex& index)
{
    m_lanes.clear();
    m_taken = 0;
    append(index);
}

void TimelineLanes::append(const HistoryIndex& index)
{
    const auto& all = index.newestFirst();
    for (; m_taken < all.size(); ++m_taken)
        put(index, all[m_taken]);
    sortLanes(index);
}

void TimelineLanes::add(const HistoryIndex& index, const std::vector<Row>& rows)
{
    for (const Row row : rows) {
        put(index, row);
        TimelineLane& lane = m_lanes[index.sourceNumber(row)];
        std::rotate(lane.newestFirst.begin(), lane.newestFirst.end() - 1, lane.newestFirst.end());
        lane.name = regionDisplay(index.sources()[index.sourceNumber(row)]);
    }
    m_taken += rows.size();
    sortLanes(index);
}

std::optional<TimeSpan> TimelineLanes::span(const HistoryIndex& index) const
{
    std::optional<TimeSpan> all;
    for (const TimelineLane& lane : m_lanes) {
        if (lane.newestFirst.empty())
            continue;
        const TimeSpan here{index.startedMs(lane.newestFirst.back()),
                            index.startedMs(lane.newestFirst.front())};
        all =
            all ? TimeSpan{std::min(all->firstMs, here.firstMs), std::max(all->lastMs, here.lastMs)}
                : here;
    }
    return all;
}

std::vector<TimelineMark> TimelineLanes::marks(const HistoryIndex& index, std::size_t laneNumber,
                                               const TimelineScale& scale, int gapPx,
                                               const AbsentCopies& absent) const
{
    const TimelineLane& lane = m_lanes.at(laneNumber);
    const std::int64_t first = scale.timeAt(scale.leftPx - gapPx);
    std::vector<TimelineMark> marks; // From right to left at first.
    for (auto at = firstNotAfter(index, lane, scale.timeAt(scale.leftPx + scale.widthPx + gapPx));
         at != lane.newestFirst.end() && index.startedMs(*at) >= first; ++at) {
        const int x = scale.xOf(index.startedMs(*at));
        const MarkKind kind =
            markKind(index.state(*at), index.isUndo(*at), presenceIn(absent, index.number(*at)));
        if (marks.empty() || marks.back().x - x >= gapPx) {
            marks.push_back({x, kind, *at, 1});
            continue;
        }
        TimelineMark& crowd = marks.back();
        ++crowd.count;
        if (kind > crowd.kind) {
            crowd.kind = kind;
            crowd.row = *at;
        }
    }
    std::ranges::reverse(marks);
    return marks;
}

Row TimelineLanes::neighbour(const HistoryIndex& index, Row row, int step) const
{
    const TimelineLane& lane = m_lanes.at(index.sourceNumber(row));
    const auto found = std::ranges::find(lane.newestFirst, row);
    const auto place = found - lane.newestFirst.begin() - step;
    if (found == lane.newestFirst.end() || place < 0 ||
        place >= static_cast<std::ptrdiff_t>(lane.newestFirst.size()))
        return row;
    return lane.newestFirst[static_cast<std::size_t>(place)];
}

std::optional<Row> TimelineLanes::nearest(const HistoryIndex& index, std::size_t laneNumber,
                                          std::int64_t timeMs) const
{
    const TimelineLane& lane = m_lanes.at(laneNumber);
    const auto older = firstNotAfter(index, lane, timeMs);
    if (older == lane.newestFirst.end())
        return lane.newestFirst.empty() ? std::nullopt : std::optional(lane.newestFirst.back());
    if (older == lane.newestFirst.begin())
        return *older;
    const Row newer = *(older - 1);
    return index.startedMs(newer) - timeMs < timeMs - index.startedMs(*older) ? newer : *older;
}

std::vector<TimelineTick> timelineTicks(const TimelineScale& scale, int gapPx)
{
    static constexpr std::array kSteps{kMinuteMs,   5 * kMinuteMs, 15 * kMinuteMs, kHourMs,
                                       3 * kHourMs, 6 * kHourMs,   12 * kHourMs,   kDayMs,
                                       2 * kDayMs,  7 * kDayMs,    14 * kDayMs,    30 * kDayMs,
                                       91 * kDayMs, 182 * kDayMs,  365 * kDayMs,   1826 * kDayMs};
    const std::int64_t wantedMs = scale.timeAt(scale.leftPx + gapPx) - scale.span.firstMs;
    const auto at = std::ranges::lower_bound(kSteps, wantedMs);
    const std::int64_t step = at == kSteps.end() ? kSteps.back() : *at;
    const bool times = step < kDayMs;
    std::vector<TimelineTick> ticks;
    QDateTime now = QDateTime::fromMSecsSinceEpoch(scale.span.firstMs);
    now =
        times ? now.addMSecs(-(now.time().msecsSinceStartOfDay() % step)) : now.date().startOfDay();
    const QString format = times                  ? QStringLiteral("HH:mm")
                           : step >= 182 * kDayMs ? QStringLiteral("MMM yyyy")
                                                  : QStringLiteral("d MMM");
    for (int guard = 0; guard < 1000 && now.toMSecsSinceEpoch() <= scale.span.lastMs; ++guard) {
        if (now.toMSecsSinceEpoch() >= scale.span.firstMs)
            ticks.push_back({now.toMSecsSinceEpoch(), QLocale().toString(now, format)});
        // Days are stepped by the calendar: not each has 24 hours.
        now = times ? now.addMSecs(step) : now.addDays(step / kDayMs);
    }
    return ticks;
}

} // namespace cairn
