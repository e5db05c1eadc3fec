// Whole copies: random data on disk and in memory, zeroes, holes, and copies that are verified.
#include "bench/jobs.h"

#include "bench/bench_array.h"
#include "bench/peers.h"

#include <filesystem>

namespace cairn::bench {
namespace {

const std::string kCairn = "Cairn";

struct Setup {
    BenchArray array;
    FilePair pair;
};

Result<Setup> setUp(const std::string& directory, std::uint64_t sizeBytes)
{
    std::error_code ignored;
    std::filesystem::create_directories(directory, ignored);
    Setup made;
    made.array = CAIRN_TRY(makeArray(directory, sizeBytes));
    made.pair = {directory + "/source.raw", directory + "/target.raw", sizeBytes, directory};
    CAIRN_TRY(makeFile(made.pair.source, sizeBytes));
    CAIRN_TRY(makeFile(made.pair.target, sizeBytes));
    return made;
}

Contestant cairn(const Job& job)
{
    return {.name = kCairn, .command = {}, .prepare = {}, .run = [job] { return measure(job); }};
}

void addCopyGoals(const std::vector<Standing>& standings, Results& results)
{
    const std::string job = "copy with digests, durable, random data, disk";
    const Standing* own = find(standings, kCairn);
    const Standing* limit = fastest(standings, {"fio, depth 8", "fio, depth 32"});
    const Standing* peer = fastest(standings, {"dd", "cp --sparse=always", "qemu-img convert",
                                               "ddrescue", "nbdcopy", "partclone.dd"});
    const Standing* plain = find(standings, "read and write, huge pages");
    results.add({job, "≥ 0.95 of fio's mixed limit", Bound::AtLeast, 0.95, speed(own, limit), ""});
    results.add({job, "≥ 1.0 of the best peer", Bound::AtLeast, 1, speed(own, peer), ""});
    results.add({job, "≥ 0.8 of reading and writing from huge pages", Bound::AtLeast, 0.8,
                 speed(own, plain), ""});
    std::optional<double> cpu;
    std::optional<double> peak;
    if (own != nullptr) {
        cpu = own->median.cpuSeconds;
        peak = static_cast<double>(own->median.peakBytes) / static_cast<double>(kMiB);
    }
    results.add({"memory", "≤ 64 MiB at most", Bound::AtMost, 64, peak, " MiB"});
    results.add({"CPU", "≤ 0.35 CPU-seconds a GiB", Bound::AtMost, 0.35, cpu, " s"});
}

// Peers get a target full of other data each time, as Cairn's region is.
std::function<Result<void>()> dirty(const FilePair& pair)
{
    return [pair]() -> Result<void> {
        const Place place = CAIRN_TRY(makeFile(pair.target, pair.sizeBytes));
        CAIRN_TRY(fillRandom(place, 3));
        dropCache(pair.source);
        return {};
    };
}

struct SparseGoals {
    std::string job;
    std::string text;
    double limit = 0;
};

Result<void> measureSparse(const Scale& scale, Results& results, Gaps gaps,
                           const SparseGoals& goals)
{
    const Setup setup = CAIRN_TRY(setUp(scale.directory, scale.copyBytes));
    const FilePair& pair = setup.pair;
    CAIRN_TRY(fillSparsely(setup.array.homePlace, gaps, 5));
    CAIRN_TRY(fillSparsely({pair.source, {0, pair.sizeBytes}}, gaps, 5));
    std::vector<Contestant> contestants = {cairn(backUpJob(setup.array, false)),
                                           dd(pair, Medium::Disk), cpSparse(pair),
                                           qemuConvert(pair)};
    for (std::size_t peer = 1; peer < contestants.size(); ++peer)
        contestants[peer].prepare = dirty(pair);
    contestants.front().prepare = [place = setup.array.sparePlace] { return fillRandom(place, 3); };
    auto standings = hold(goals.job, contestants, scale.rounds);
    const Standing* own = find(standings, kCairn);
    const auto ratio = speed(find(standings, "dd"), own);
    results.add({goals.job, goals.text, Bound::AtMost, goals.limit, ratio, ""});
    results.add({goals.job, "≥ 1.0 of the best sparse-aware peer", Bound::AtLeast, 1,
                 speed(own, fastest(standings, {"cp --sparse=always", "qemu-img convert"})), ""});
    results.add(goals.job, "Onto a target that is full of other data.", scale.copyBytes,
                std::move(standings));
    return {};
}

} // namespace

Result<void> measureDiskCopy(const Scale& scale, Results& results)
{
    const Setup setup = CAIRN_TRY(setUp(scale.directory, scale.copyBytes));
    const FilePair& pair = setup.pair;
    CAIRN_TRY(fillRandom({pair.source, {0, pair.sizeBytes}}, 1));
    // The target differs in every chunk, or a copy that compares would have nothing to write.
    Contestant own = cairn(backUpJob(setup.array, false));
    own.prepare = [place = setup.array.homePlace, seed = std::uint64_t{10}]() mutable {
        return fillRandom(place, ++seed);
    };
    auto standings =
        hold("Copy with digests, durable, random data, disk",
             {own, fioMixed(pair, 8), fioMixed(pair, 32), plainCopy(pair), dd(pair, Medium::Disk),
              cpSparse(pair), qemuConvert(pair), ddrescue(pair), nbdcopy(pair), partclone(pair)},
             scale.rounds);
    addCopyGoals(standings, results);
    results.add("Copy of random data, disk",
                "fio is the limit: it reads one file and writes another at once. Only Cairn "
                "computes digests and keeps a record.",
                scale.copyBytes, std::move(standings));
    return {};
}

Result<void> measureMemoryCopy(const Scale& scale, Results& results)
{
    const Setup setup = CAIRN_TRY(setUp(scale.memory, scale.copyBytes));
    const FilePair& pair = setup.pair;
    Contestant own = cairn(backUpJob(setup.array, false));
    own.prepare = [place = setup.array.homePlace, seed = std::uint64_t{10}]() mutable {
        return fillRandom(place, ++seed);
    };
    auto standings =
        hold("The same in memory",
             {own, copyFileRange(pair), plainCopy(pair), dd(pair, Medium::Memory), cpSparse(pair)},
             scale.rounds);
    results.add({"the same in memory (tmpfs)", "≥ 0.9 of copy_file_range", Bound::AtLeast, 0.9,
                 speed(find(standings, kCairn), find(standings, "copy_file_range")), ""});
    results.add("Copy of random data, tmpfs", "", scale.copyBytes, std::move(standings));
    std::error_code ignored;
    std::filesystem::remove_all(scale.memory, ignored);
    return {};
}

Result<void> measureZeroes(const Scale& scale, Results& results)
{
    return measureSparse(scale, results, Gaps::Zeroes,
                         {"70 % zeroes, stored", "≤ 0.85 of the time of dd", 0.85});
}

Result<void> measureHoles(const Scale& scale, Results& results)
{
    return measureSparse(scale, results, Gaps::Holes,
                         {"70 % holes", "≤ 0.65 of the time of dd", 0.65});
}

Result<void> measureVerified(const Scale& scale, Results& results)
{
    const Setup setup = CAIRN_TRY(setUp(scale.directory, scale.copyBytes));
    const FilePair& pair = setup.pair;
    Contestant own = cairn(backUpJob(setup.array, true));
    own.prepare = [place = setup.array.homePlace, seed = std::uint64_t{30}]() mutable {
        return fillRandom(place, ++seed);
    };
    auto standings = hold("Verified backup", {own, qemuConvertAndCompare(pair)}, scale.rounds);
    results.add({"verified backup", "≤ 0.75 of the time of qemu-img convert and compare",
                 Bound::AtMost, 0.75,
                 speed(find(standings, "qemu-img convert and compare"), find(standings, kCairn)),
                 ""});
    results.add("Verified backup",
                "Copied, read back past the cache, compared, and recorded as good.",
                scale.copyBytes, std::move(standings));
    return {};
}

} // namespace cairn::bench
