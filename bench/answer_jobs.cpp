// How soon Cairn answers: when a job is canceled, and when an array is attached.
#include "bench/jobs.h"

#include "bench/bench_array.h"
#include "core/array/simulated/simulation.h"
#include "core/backup/administer.h"
#include "core/backup/back_up.h"

#include <atomic>
#include <filesystem>
#include <fmt/format.h>
#include <thread>

namespace cairn::bench {
namespace {

namespace fs = std::filesystem;

// Lets a copy run until somebody stops it.
class Stoppable final : public CopyControl {
public:
    bool checkpoint(const CopyProgress& progress) override
    {
        if (progress.phase == CopyPhase::Copying && progress.doneBytes > 0) {
            m_copying = true;
            m_copying.notify_all();
        }
        return !m_stopped;
    }
    void waitUntilItCopies() const { m_copying.wait(false); }
    void stop() { m_stopped = true; }
    // Wakes the waiting also where the copy ended without copying.
    void ended()
    {
        m_copying = true;
        m_copying.notify_all();
    }

private:
    std::atomic<bool> m_copying{false};
    std::atomic<bool> m_stopped{false};
};

struct SlowPair {
    std::string uri;
    RegionId source;
    RegionId target;
};

// Five simulated members, the catalog on the first three, and the pair on the two others.
Result<SlowPair> makeSlowPair(const std::string& directory, std::uint64_t latencyUs)
{
    constexpr std::size_t kMembers = 5;
    constexpr std::uint64_t kRegionBytes = 128 * kMiB;
    std::error_code ignored;
    fs::remove_all(directory, ignored);
    fs::create_directories(directory, ignored);
    Simulation simulation;
    for (std::size_t number = 1; number <= kMembers; ++number)
        simulation.members.push_back({.file = fmt::format("disk-{}.img", number),
                                      .sizeBytes = kRegionBytes + 64 * kMiB,
                                      .faults = {}});
    CAIRN_TRY(writeSimulation(directory, simulation));
    SlowPair pair{.uri = "sim:" + directory, .source = {}, .target = {}};
    Attachment::Creation wanted;
    wanted.array.uris = {pair.uri};
    wanted.array.memberSizeBytes = kRegionBytes + 64 * kMiB;
    const auto attachment = CAIRN_TRY(Attachment::create(wanted, systemEnvironment()));
    const auto members = attachment->layout().members;
    const Region source = CAIRN_TRY(addRegion(
        *attachment,
        {.name = "source", .sizeBytes = kRegionBytes, .member = &members.at(kMembers - 2).id}));
    const Region target = CAIRN_TRY(addRegion(
        *attachment,
        {.name = "target", .sizeBytes = kRegionBytes, .member = &members.at(kMembers - 1).id}));
    pair.source = source.id;
    pair.target = target.id;
    CAIRN_TRY(fillRandom({members.at(kMembers - 2).location, source.extent}, 7));
    simulation = CAIRN_TRY(readSimulation(directory));
    for (const std::size_t slow : {kMembers - 2, kMembers - 1})
        simulation.members[slow].faults.latencyUs = latencyUs;
    CAIRN_TRY(writeSimulation(directory, simulation));
    return pair;
}

// From the wish to stop until the verb has returned: the target flushed, the job map and the
// record written.
Job cancelJob(const SlowPair& pair)
{
    return [pair](Stopwatch& watch) -> Result<void> {
        const auto attachment = CAIRN_TRY(Attachment::attach({pair.uri}, systemEnvironment()));
        BackupOptions options;
        options.verify = false;
        const auto plan = CAIRN_TRY(planBackup(*attachment, pair.source, pair.target, options));
        Stoppable control;
        Result<BackupOutcome> outcome = failure(ErrorCode::Canceled);
        {
            const std::jthread thread([&] {
                outcome = backUp(*attachment, plan, control);
                control.ended();
            });
            control.waitUntilItCopies();
            watch.start();
            control.stop();
        }
        watch.stop();
        if (outcome || outcome.error().code != ErrorCode::Canceled)
            return failure(ErrorCode::Unsupported, "cancel", "the backup was not canceled");
        return {};
    };
}

std::optional<double> milliseconds(const Standing* standing)
{
    return standing == nullptr ? std::nullopt : std::optional(standing->median.seconds * 1000);
}

struct WideArray {
    std::size_t members = 0;
    std::size_t regions = 0;
};

// Made in memory, where a thousand changes of tables take no time, and copied to the disk.
Result<std::vector<std::string>> makeWideArray(const Scale& scale, const WideArray& wanted)
{
    std::error_code ignored;
    const std::string directory = scale.directory + "/wide";
    fs::create_directories(scale.memory, ignored);
    Attachment::Creation creation;
    for (std::size_t number = 1; number <= wanted.members; ++number)
        creation.array.uris.push_back(fmt::format("{}/member-{}.img", scale.memory, number));
    creation.array.memberSizeBytes = kGiB;
    const auto attachment = CAIRN_TRY(Attachment::create(creation, systemEnvironment()));
    const auto writing = CAIRN_TRY(WriteAccess::take(*attachment));
    const auto known = attachment->layout().members;
    for (std::size_t number = 0; number < wanted.regions; ++number) {
        const Member& member = known.at(number % wanted.members);
        const std::string name = fmt::format("region-{}", number + 1);
        const Region region = CAIRN_TRY(attachment->array().addRegion(
            {.name = name, .sizeBytes = 4 * kMiB, .member = &member.id}));
        // Half of them hold something that no signature tells.
        if (number % 2 == 0)
            CAIRN_TRY(
                fillRandom({member.location, {region.extent.offsetBytes, 64 * kKiB}}, number));
    }
    fs::create_directories(directory, ignored);
    CAIRN_TRY(runCommand(fmt::format("cp --sparse=always {}/*.img {} && sync {}", scale.memory,
                                     directory, directory)));
    std::vector<std::string> uris;
    for (std::size_t number = 1; number <= wanted.members; ++number)
        uris.push_back(fmt::format("{}/member-{}.img", directory, number));
    return uris;
}

} // namespace

Result<void> measureCancel(const Scale& scale, Results& results)
{
    struct Case {
        std::string name;
        std::uint64_t latencyUs;
    };
    const Case cases[] = {{"1 ms an I/O", 1000}, {"50 ms an I/O", 50'000}};
    std::vector<Contestant> contestants;
    for (const Case& one : cases) {
        const std::string directory = fmt::format("{}/slow-{}", scale.memory, one.latencyUs);
        const SlowPair pair = CAIRN_TRY(makeSlowPair(directory, one.latencyUs));
        contestants.push_back({.name = one.name, .command = {}, .prepare = {}, .run = [pair] {
                                   return measure(cancelJob(pair));
                               }});
    }
    auto standings = hold("Cancel", contestants, scale.rounds);
    results.add({"cancel", "≤ 100 ms at 1 ms an I/O", Bound::AtMost, 100,
                 milliseconds(find(standings, "1 ms an I/O")), " ms"});
    results.add({"cancel", "within one I/O and a flush: ≤ 150 ms at 50 ms each", Bound::AtMost, 150,
                 milliseconds(find(standings, "50 ms an I/O")), " ms"});
    results.add("Cancel",
                "Simulated members. From the wish to stop until the verb has returned: the target "
                "is flushed (one more I/O), the job map and the record are written.",
                0, std::move(standings));
    return {};
}

Result<void> measureAttach(const Scale& scale, Results& results)
{
    constexpr std::size_t kMembers = 8;
    constexpr std::size_t kRegions = 1000;
    const auto uris = CAIRN_TRY(makeWideArray(scale, {.members = kMembers, .regions = kRegions}));
    const auto attach = [uris](Stopwatch& watch) -> Result<void> {
        watch.start();
        const auto attachment = CAIRN_TRY(Attachment::attach(uris, systemEnvironment()));
        const auto listed = attachment->layout().regions.size();
        watch.stop();
        if (listed < kRegions)
            return failure(ErrorCode::Unsupported, "attach", fmt::format("{} regions", listed));
        return {};
    };
    const Contestant own{
        .name = "Cairn", .command = {}, .prepare = {}, .run = [attach] { return measure(attach); }};
    auto standings = hold("Attach", {own}, scale.rounds);
    results.add({"attach, 8 members and 1,000 regions", "listed in ≤ 200 ms", Bound::AtMost, 200,
                 milliseconds(find(standings, "Cairn")), " ms"});
    results.add("Attach",
                "8 image files with 1,000 regions; half of them hold data without a signature, the "
                "others nothing.",
                0, std::move(standings));
    return {};
}

} // namespace cairn::bench
