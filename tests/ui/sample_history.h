// Pages of a history made by hand, for tests of what is shown of it.
#pragma once

#include "tests/ui/sample_snapshot.h"
#include "ui/models/history.h"

#include <algorithm>

namespace cairn::test {

// Keys are made from the identities of the regions.
inline RegionKey keyOf(const RegionRef& region)
{
    return region.id.uuid.bytes[0];
}

inline GenerationBrief briefOf(const Generation& generation)
{
    std::optional<UndoBrief> undo;
    if (generation.undo)
        undo = UndoBrief{generation.undo->restored, generation.undo->undoneMs != 0};
    return {.number = generation.number,
            .source = keyOf(generation.source),
            .target = keyOf(generation.target),
            .sizeBytes = generation.sizeBytes,
            .startedMs = generation.startedMs,
            .state = generation.state,
            .held = generation.held,
            .recovered = generation.recovered,
            .label = generation.label,
            .note = generation.note,
            .undo = undo};
}

// As the catalog gives it: newest first.
inline HistoryPage pageOf(const std::vector<Generation>& generations)
{
    HistoryPage page;
    for (const Generation& generation : generations) {
        page.rows.push_back(briefOf(generation));
        page.regions[keyOf(generation.source)] = generation.source;
        page.regions[keyOf(generation.target)] = generation.target;
    }
    std::ranges::sort(page.rows, std::ranges::greater(), &GenerationBrief::number);
    page.mark.event = generations.size() + 1;
    return page;
}

// So many backups of `sources` sources, an hour apart each; every tenth failed, the newest of each
// source good, all others replaced. Source n is named "source-n".
// The page holds the places [first, end) of it, the newest being place 0.
inline HistoryPage longHistory(std::size_t count, std::size_t sources, std::size_t first,
                               std::size_t end)
{
    HistoryPage page;
    const auto region = [&](RegionKey key, const std::string& name) {
        RegionRef made;
        made.id.uuid = uuid(static_cast<std::uint8_t>(key));
        made.name = name;
        page.regions[key] = made;
    };
    for (std::size_t n = 0; n < sources; ++n) {
        region(n + 1, "source-" + std::to_string(n));
        region(n + 101, "target-" + std::to_string(n));
    }
    for (std::size_t place = first; place < std::min(end, count); ++place) {
        const std::size_t number = count - place;
        GenerationBrief brief;
        brief.number = number;
        brief.source = number % sources + 1;
        brief.target = number % sources + 101;
        brief.sizeBytes = (number % 7 + 1) * kGiB;
        brief.startedMs =
            1'700'000'000'000 + static_cast<std::int64_t>(number / sources) * 3'600'000;
        brief.state = place < sources    ? GenerationState::Good
                      : number % 10 == 0 ? GenerationState::Failed
                                         : GenerationState::Superseded;
        brief.label = number % 3 == 0 ? "Nightly" : "weekly";
        brief.note = "ticket-" + std::to_string(number);
        page.rows.push_back(brief);
    }
    page.mark.event = count + 1;
    return page;
}

inline HistoryPage longHistory(std::size_t count, std::size_t sources)
{
    return longHistory(count, sources, 0, count);
}

} // namespace cairn::test
