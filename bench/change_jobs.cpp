// Copies where nearly everything is equal already: a second backup, and a restore.
#include "bench/jobs.h"

#include "bench/bench_array.h"
#include "bench/peers.h"

#include <filesystem>

namespace cairn::bench {
namespace {

const std::string kCairn = "Cairn";
const std::string kFloor = "read alone, huge pages";

struct Setup {
    BenchArray array;
    FilePair pair;
};

// The array's backup and the peers' target are equal to their sources.
Result<Setup> setUpEqual(const Scale& scale)
{
    std::error_code ignored;
    std::filesystem::create_directories(scale.directory, ignored);
    Setup made;
    made.array = CAIRN_TRY(makeArray(scale.directory, scale.copyBytes));
    made.pair = {scale.directory + "/source.raw", scale.directory + "/target.raw", scale.copyBytes,
                 scale.directory};
    for (const std::string& path : {made.pair.source, made.pair.target}) {
        const Place place = CAIRN_TRY(makeFile(path, scale.copyBytes));
        CAIRN_TRY(fillRandom(place, 1));
    }
    CAIRN_TRY(runNow(backUpJob(made.array, true)));
    return made;
}

// Changes 1 % before each run: each leaves the two sides equal again.
class OnePercent {
public:
    OnePercent(Place place, std::uint64_t blockBytes) : m_place(std::move(place))
    {
        m_change = {.blockBytes = blockBytes,
                    .count = m_place.extent.lengthBytes / blockBytes / 100,
                    .seed = 100};
    }
    Result<void> operator()()
    {
        m_change.seed += 1;
        return change(m_place, m_change);
    }

private:
    Place m_place;
    Change m_change;
};

Contestant cairn(const std::string& name, const Job& job, const OnePercent& changes)
{
    return {.name = name, .command = {}, .prepare = changes, .run = [job] { return measure(job); }};
}

// What is not measured comes first: only what was verified is believed.
Contestant afterVerifying(const std::string& name, const BenchArray& array, OnePercent changes)
{
    Contestant contestant = cairn(name, backUpJob(array, false), changes);
    contestant.prepare = [array, changes]() mutable -> Result<void> {
        CAIRN_TRY(runNow(verifyJob(array)));
        return changes();
    };
    return contestant;
}

Contestant rsync(const FilePair& pair)
{
    Contestant contestant = rsyncInPlace(pair);
    contestant.prepare = [changes = OnePercent({pair.source, {0, pair.sizeBytes}}, kMiB),
                          cold = contestant.prepare]() mutable -> Result<void> {
        CAIRN_TRY(changes());
        return cold();
    };
    return contestant;
}

// Compares two equal files: it ends at the first difference.
Contestant compare(const FilePair& pair)
{
    return qemuCompare({pair.source, pair.source, pair.sizeBytes, pair.directory});
}

void addGoals(const std::string& job, const std::vector<Standing>& standings, Results& results)
{
    const Standing* own = find(standings, kCairn);
    results.add({job, "≤ 1.15 of the time of reading the source alone", Bound::AtMost, 1.15,
                 speed(find(standings, kFloor), own), ""});
    results.add({job, "≥ 2 times as fast as qemu-img compare", Bound::AtLeast, 2,
                 speed(own, find(standings, "qemu-img compare")), ""});
    results.add({job, "≥ 4 times as fast as rsync --inplace", Bound::AtLeast, 4,
                 speed(own, find(standings, "rsync --inplace")), ""});
}

} // namespace

Result<void> measureSecondBackup(const Scale& scale, Results& results)
{
    const Setup setup = CAIRN_TRY(setUpEqual(scale));
    const Place& home = setup.array.homePlace;
    auto standings = hold(
        "Second backup to the same target after 1 % changed",
        {afterVerifying(kCairn, setup.array, OnePercent(home, kMiB)),
         afterVerifying("Cairn, in blocks of 64 KiB", setup.array, OnePercent(home, 64 * kKiB)),
         plainRead(setup.pair), fioRead(setup.pair, 8), compare(setup.pair), rsync(setup.pair)},
        scale.rounds);
    addGoals("second backup, 1 % changed", standings, results);
    results.add("Second backup to the same target after 1 % changed",
                "No change tracking. 1 % of the chunks of 1 MiB is new each time; in the second "
                "row 1 % of the blocks of 64 KiB, scattered. It ends copied, not verified; the one "
                "before it was verified.",
                scale.copyBytes, std::move(standings));
    return {};
}

Result<void> measureRestore(const Scale& scale, Results& results)
{
    const Setup setup = CAIRN_TRY(setUpEqual(scale));
    auto standings =
        hold("Restore when 1 % differs",
             {cairn(kCairn, restoreJob(setup.array), OnePercent(setup.array.homePlace, kMiB)),
              plainRead(setup.pair), compare(setup.pair), rsync(setup.pair)},
             scale.rounds);
    addGoals("restore, 1 % differs", standings, results);
    results.add("Restore when 1 % differs",
                "Cairn reads the whole backup and proves it before the first write, compares it "
                "with what is there, and proves the result.",
                scale.copyBytes, std::move(standings));
    return {};
}

} // namespace cairn::bench
