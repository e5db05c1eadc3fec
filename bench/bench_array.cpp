// Making the array, and running its verbs.
#include "bench/bench_array.h"

#include "core/backup/administer.h"
#include "core/backup/back_up.h"
#include "core/backup/restore.h"
#include "core/backup/verify.h"
#include "core/base/environment.h"

#include <filesystem>
#include <fmt/format.h>

namespace cairn::bench {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kManagementBytes = 16 * kMiB;
constexpr const char* kHome = "home";
constexpr const char* kSpare = "spare";

Result<Place> addPlace(Attachment& attachment, const Member& member, const std::string& name,
                       std::uint64_t sizeBytes, RegionId& id)
{
    const Region region = CAIRN_TRY(
        addRegion(attachment, {.name = name, .sizeBytes = sizeBytes, .member = &member.id}));
    id = region.id;
    return Place{member.location, region.extent};
}

Result<GenerationNumber> newestOf(Attachment& attachment)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    GenerationFilter filter;
    filter.limit = 1;
    const auto newest = CAIRN_TRY(catalog->generations(filter));
    if (newest.empty())
        return failure(ErrorCode::UnknownGeneration);
    return newest.front().number;
}

} // namespace

Result<BenchArray> makeArray(const std::string& directory, std::uint64_t regionBytes)
{
    BenchArray made;
    Attachment::Creation wanted;
    for (const char* name : {"a.img", "b.img"}) {
        const std::string path = fmt::format("{}/{}", directory, name);
        std::error_code ignored;
        fs::remove(path, ignored);
        made.uris.push_back(path);
    }
    wanted.array.uris = made.uris;
    wanted.array.memberSizeBytes = regionBytes + 2 * kManagementBytes;
    wanted.array.managementBytes = kManagementBytes;
    wanted.label = "bench";
    const auto attachment = CAIRN_TRY(Attachment::create(wanted, systemEnvironment()));
    const auto members = attachment->layout().members;
    made.homePlace = CAIRN_TRY(addPlace(*attachment, members.at(0), kHome, regionBytes, made.home));
    made.sparePlace =
        CAIRN_TRY(addPlace(*attachment, members.at(1), kSpare, regionBytes, made.spare));
    CAIRN_TRY(fillRandom(made.homePlace, 1));
    CAIRN_TRY(fillRandom(made.sparePlace, 2));
    return made;
}

Job backUpJob(const BenchArray& array, bool verify)
{
    return [array, verify](Stopwatch& watch) -> Result<void> {
        const auto attachment = CAIRN_TRY(Attachment::attach(array.uris, systemEnvironment()));
        UncontrolledCopy control;
        BackupOptions options;
        options.verify = verify;
        options.confirmedName = kSpare;
        watch.start();
        const auto plan = CAIRN_TRY(planBackup(*attachment, array.home, array.spare, options));
        CAIRN_TRY(backUp(*attachment, plan, control));
        watch.stop();
        return {};
    };
}

Job verifyJob(const BenchArray& array)
{
    return [array](Stopwatch& watch) -> Result<void> {
        const auto attachment = CAIRN_TRY(Attachment::attach(array.uris, systemEnvironment()));
        UncontrolledCopy control;
        const auto number = CAIRN_TRY(newestOf(*attachment));
        watch.start();
        CAIRN_TRY(verify(*attachment, number, control));
        watch.stop();
        return {};
    };
}

Job restoreJob(const BenchArray& array)
{
    return [array](Stopwatch& watch) -> Result<void> {
        const auto attachment = CAIRN_TRY(Attachment::attach(array.uris, systemEnvironment()));
        UncontrolledCopy control;
        const auto number = CAIRN_TRY(newestOf(*attachment));
        watch.start();
        // No other program keeps what it overwrites.
        const RestoreOptions options{.confirmedName = kHome, .undo = false};
        const auto plan = CAIRN_TRY(planRestore(*attachment, number, options));
        CAIRN_TRY(restore(*attachment, plan, control));
        watch.stop();
        return {};
    };
}

Result<void> runNow(const Job& job)
{
    CAIRN_TRY(measure(job));
    return {};
}

} // namespace cairn::bench
