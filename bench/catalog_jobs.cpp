// A catalog of a million generations: opening, listing, filtering, and writing one more.
#include "bench/jobs.h"

#include "bench/history.h"
#include "core/catalog/catalog.h"

#include <filesystem>
#include <fmt/format.h>

namespace cairn::bench {
namespace {

namespace fs = std::filesystem;

std::optional<double> milliseconds(const Standing* standing, double count = 1)
{
    return standing == nullptr ? std::nullopt
                               : std::optional(standing->median.seconds * 1000 / count);
}

Contestant contestant(const std::string& name, const Job& job)
{
    return {.name = name, .command = {}, .prepare = {}, .run = [job] { return measure(job); }};
}

Job openAndPageJob(const History& history)
{
    return [history](Stopwatch& watch) -> Result<void> {
        GenerationFilter firstPage;
        firstPage.limit = 100;
        watch.start();
        auto copies = CAIRN_TRY(history.copies(Access::Read));
        const auto catalog =
            CAIRN_TRY(Catalog::openForReading(std::move(copies), systemEnvironment()));
        const auto page = CAIRN_TRY(catalog->generations(firstPage));
        watch.stop();
        if (page.size() != 100)
            return failure(ErrorCode::Unsupported, "page");
        return {};
    };
}

Job filterJob(const History& history)
{
    return [history](Stopwatch& watch) -> Result<void> {
        GenerationFilter filter;
        filter.source = history.oneSource();
        auto copies = CAIRN_TRY(history.copies(Access::Read));
        const auto catalog =
            CAIRN_TRY(Catalog::openForReading(std::move(copies), systemEnvironment()));
        watch.start();
        const auto hits = CAIRN_TRY(catalog->generations(filter));
        watch.stop();
        if (hits.size() != history.generationsOfOneSource())
            return failure(ErrorCode::Unsupported, "filter", std::to_string(hits.size()));
        return {};
    };
}

constexpr int kCommits = 50;

Job commitJob(const History& history)
{
    return [history](Stopwatch& watch) -> Result<void> {
        auto copies = CAIRN_TRY(history.copies(Access::Write));
        const auto catalog =
            CAIRN_TRY(Catalog::openForWriting(std::move(copies), systemEnvironment()));
        watch.start();
        for (int commit = 0; commit < kCommits; ++commit)
            CAIRN_TRY(catalog->append({EventKind::RegionExported, 0, "bench", {}}));
        watch.stop();
        return {};
    };
}

Job openForWritingJob(const History& history)
{
    return [history](Stopwatch& watch) -> Result<void> {
        watch.start();
        auto copies = CAIRN_TRY(history.copies(Access::Write));
        CAIRN_TRY(Catalog::openForWriting(std::move(copies), systemEnvironment()));
        watch.stop();
        return {};
    };
}

} // namespace

Result<void> measureCatalog(const Scale& scale, Results& results)
{
    const std::string directory = scale.directory + "/catalog";
    std::error_code ignored;
    fs::remove_all(directory, ignored);
    fs::create_directories(directory, ignored);
    const History history = CAIRN_TRY(History::create(directory, scale.generations));
    auto standings =
        hold(fmt::format("Catalog of {} generations", scale.generations),
             {contestant("open and first page", openAndPageJob(history)),
              contestant("filter by source", filterJob(history)),
              contestant("50 commits, one copy", commitJob(history)),
              contestant("50 commits, stock SQLite", history.stockCommitsJob(kCommits)),
              contestant("open for writing: all is checked", openForWritingJob(history))},
             scale.rounds);
    const std::string job = fmt::format("catalog of {} generations", scale.generations);
    const Standing* open = find(standings, "open and first page");
    results.add(
        {job, "open and first page ≤ 300 ms", Bound::AtMost, 300, milliseconds(open), " ms"});
    results.add({job, fmt::format("filter with {} hits ≤ 40 ms", history.generationsOfOneSource()),
                 Bound::AtMost, 40, milliseconds(find(standings, "filter by source")), " ms"});
    results.add({job, "a commit ≤ 3 times stock SQLite's", Bound::AtMost, 3,
                 speed(find(standings, "50 commits, stock SQLite"),
                       find(standings, "50 commits, one copy")),
                 ""});
    double peakMib = 0;
    for (const Standing& standing : standings)
        peakMib = std::max(peakMib, static_cast<double>(standing.median.peakBytes) /
                                        static_cast<double>(kMiB));
    results.add({job, "memory ≤ 64 MiB", Bound::AtMost, 64, peakMib, " MiB"});
    const double bytes = CAIRN_TRY(history.bytesPerGeneration());
    results.add({job, "≤ 400 bytes a generation", Bound::AtMost, 400, bytes, " bytes"});
    results.add(fmt::format("Catalog of {} generations", scale.generations),
                "Each generation has its four ledger entries: started, copied, verified, "
                "superseded; no chunk digests are counted. Both kinds of commits write one file.",
                0, std::move(standings));
    return {};
}

} // namespace cairn::bench
