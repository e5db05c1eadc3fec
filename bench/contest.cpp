// Rounds, medians and drop-outs.
#include "bench/contest.h"

#include <algorithm>
#include <cstdio>
#include <fmt/format.h>

namespace cairn::bench {
namespace {

double median(std::vector<double> values)
{
    std::ranges::sort(values);
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

Result<Measurement> runOnce(const Contestant& contestant)
{
    if (contestant.prepare)
        CAIRN_TRY(contestant.prepare());
    return contestant.run();
}

Standing standingOf(const Contestant& contestant, const std::vector<Measurement>& runs,
                    const std::string& problem)
{
    Standing standing{
        .name = contestant.name, .command = contestant.command, .median = {}, .problem = problem};
    if (!problem.empty())
        return standing;
    std::vector<double> seconds;
    std::vector<double> cpuSeconds;
    for (const Measurement& one : runs) {
        seconds.push_back(one.seconds);
        cpuSeconds.push_back(one.cpuSeconds);
        standing.median.peakBytes = std::max(standing.median.peakBytes, one.peakBytes);
    }
    standing.median.seconds = median(seconds);
    standing.median.cpuSeconds = median(cpuSeconds);
    standing.fastestSeconds = std::ranges::min(seconds);
    standing.slowestSeconds = std::ranges::max(seconds);
    return standing;
}

} // namespace

std::vector<Standing> hold(const std::string& title, const std::vector<Contestant>& contestants,
                           unsigned rounds)
{
    fmt::print(stderr, "\n{}\n", title);
    std::vector<std::vector<Measurement>> runs(contestants.size());
    std::vector<std::string> problems(contestants.size());
    for (unsigned round = 0; round < rounds; ++round) {
        for (std::size_t turn = 0; turn < contestants.size(); ++turn) {
            const std::size_t which = (turn + round) % contestants.size();
            if (!problems[which].empty())
                continue;
            const auto measured = runOnce(contestants[which]);
            if (measured)
                runs[which].push_back(*measured);
            else
                problems[which] = measured.error().subject + " " + measured.error().detail;
            fmt::print(stderr, "  {}/{} {}: {}\n", round + 1, rounds, contestants[which].name,
                       measured ? fmt::format("{:.3f} s", measured->seconds) : problems[which]);
        }
    }
    std::vector<Standing> standings;
    for (std::size_t which = 0; which < contestants.size(); ++which)
        standings.push_back(standingOf(contestants[which], runs[which], problems[which]));
    return standings;
}

const Standing* find(const std::vector<Standing>& standings, const std::string& name)
{
    const auto found = std::ranges::find(standings, name, &Standing::name);
    return found == standings.end() || !found->measured() ? nullptr : &*found;
}

} // namespace cairn::bench
