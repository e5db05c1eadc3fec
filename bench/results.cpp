// Tables of results, in Markdown.
#include "bench/results.h"

#include "core/base/byte_range.h"

#include <algorithm>
#include <fmt/format.h>

namespace cairn::bench {
namespace {

std::string goalRow(const Goal& goal)
{
    if (!goal.value)
        return fmt::format("| {} | {} | not measured | |\n", goal.job, goal.text);
    const bool met =
        goal.bound == Bound::AtLeast ? *goal.value >= goal.limit : *goal.value <= goal.limit;
    return fmt::format("| {} | {} | {:.3g}{} | {} |\n", goal.job, goal.text, *goal.value, goal.unit,
                       met ? "met" : "**missed**");
}

std::string standingRow(const Standing& standing, std::uint64_t bytes)
{
    if (!standing.measured())
        return fmt::format("| {} | not run: {} | | | | |\n", standing.name, standing.problem);
    const double gib = static_cast<double>(bytes) / static_cast<double>(kGiB);
    const double mib = static_cast<double>(bytes) / static_cast<double>(kMiB);
    const Measurement& median = standing.median;
    const std::string rate = bytes == 0 ? "" : fmt::format("{:.0f}", mib / median.seconds);
    const std::string cpu = bytes == 0 ? "" : fmt::format("{:.2f}", median.cpuSeconds / gib);
    const std::string peak = median.peakBytes == 0
                                 ? ""
                                 : fmt::format("{:.0f}", static_cast<double>(median.peakBytes) /
                                                             static_cast<double>(kMiB));
    return fmt::format("| {} | {:.3f} | {:.3f}–{:.3f} | {} | {} | {} |\n", standing.name,
                       median.seconds, standing.fastestSeconds, standing.slowestSeconds, rate, cpu,
                       peak);
}

} // namespace

void Results::add(const std::string& title, const std::string& note, std::uint64_t bytes,
                  std::vector<Standing> standings)
{
    m_tables.push_back({title, note, bytes, std::move(standings)});
}

std::string Results::markdown(const Setting& setting) const
{
    std::string text = "# Results of bench/run\n\n"
                       "Written by the program from one run. Contestants of a table ran in turn, "
                       "in an order that\nchanged from round to round; times are medians, with the "
                       "fastest and the slowest beside them.\n\n";
    text += "| | |\n| --- | --- |\n";
    text += fmt::format("| command | `{}` |\n| machine | {} |\n| load | {} |\n\n", setting.command,
                        setting.machine, setting.load);
    text += "## Goals\n\n| job | goal | measured | |\n| --- | --- | --- | --- |\n";
    for (const Goal& goal : m_goals)
        text += goalRow(goal);
    for (const Table& table : m_tables) {
        text += fmt::format("\n## {}\n\n", table.title);
        if (!table.note.empty())
            text += table.note + "\n\n";
        text += "| contestant | median s | range s | MiB/s | CPU s/GiB | peak MiB |\n"
                "| --- | --- | --- | --- | --- | --- |\n";
        for (const Standing& standing : table.standings)
            text += standingRow(standing, table.bytes);
        const bool commands = std::ranges::any_of(
            table.standings, [](const Standing& one) { return !one.command.empty(); });
        if (!commands)
            continue;
        text += "\n```\n";
        for (const Standing& standing : table.standings) {
            if (!standing.command.empty())
                text += standing.command + "\n";
        }
        text += "```\n";
    }
    return text;
}

std::optional<double> speed(const Standing* one, const Standing* other)
{
    if (one == nullptr || other == nullptr || one->median.seconds <= 0)
        return std::nullopt;
    return other->median.seconds / one->median.seconds;
}

const Standing* fastest(const std::vector<Standing>& standings,
                        const std::vector<std::string>& names)
{
    const Standing* best = nullptr;
    for (const std::string& name : names) {
        const Standing* one = find(standings, name);
        if (one != nullptr && (best == nullptr || one->median.seconds < best->median.seconds))
            best = one;
    }
    return best;
}

} // namespace cairn::bench
