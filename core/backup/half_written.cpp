// Joins what was begun and not ended with the jobs that can still end it.
#include "core/backup/half_written.h"

#include <algorithm>

namespace cairn {
namespace {

bool goesOnWith(const Job& job, const UnfinishedWrite& write)
{
    // What a restore keeps is written by the restore's own job.
    if (job.undo != 0 && job.undo == write.generation)
        return write.kind == WriteKind::Backup;
    return job.target.id == write.region.id && job.generation == write.generation &&
           static_cast<WriteKind>(job.kind) == write.kind;
}

// An import into a region has no job: it runs as long as whoever writes does.
bool isImporting(Attachment& attachment, Catalog& catalog, const RegionId& region)
{
    return catalog.writable() ? attachment.isBeingWritten(region) : catalog.status().writerAlive;
}

HalfWrittenState stateOf(Attachment& attachment, Catalog& catalog, const std::vector<Job>& jobs,
                         const UnfinishedWrite& write)
{
    if (write.acceptedMs != 0)
        return HalfWrittenState::Accepted;
    const auto job = std::ranges::find_if(
        jobs, [&](const Job& candidate) { return goesOnWith(candidate, write); });
    if (job != jobs.end())
        return attachment.isInterrupted(*job) ? HalfWrittenState::Interrupted
                                              : HalfWrittenState::Running;
    if (write.kind == WriteKind::RegionImport && isImporting(attachment, catalog, write.region.id))
        return HalfWrittenState::Running;
    return HalfWrittenState::GivenUp;
}

} // namespace

const char* halfWrittenStateName(HalfWrittenState state) noexcept
{
    switch (state) {
    case HalfWrittenState::Running:
        return "running";
    case HalfWrittenState::Interrupted:
        return "interrupted";
    case HalfWrittenState::GivenUp:
        return "given-up";
    case HalfWrittenState::Accepted:
        return "accepted";
    }
    return "unknown";
}

Result<std::vector<HalfWritten>> halfWrittenRegions(Attachment& attachment)
{
    return catchOutOfMemory([&]() -> Result<std::vector<HalfWritten>> {
        const auto catalog = CAIRN_TRY(attachment.catalog());
        // The jobs first: one that ends meanwhile has ended what it wrote as well.
        const auto jobs = CAIRN_TRY(catalog->jobs());
        std::vector<HalfWritten> found;
        for (const UnfinishedWrite& write : CAIRN_TRY(catalog->unfinished())) {
            if (write.keptBy != 0)
                continue;
            const auto known = std::ranges::find_if(found, [&](const HalfWritten& half) {
                return half.write.region.id == write.region.id;
            });
            if (known == found.end())
                found.push_back({.write = write});
            else if (write.acceptedMs == 0 || known->write.acceptedMs != 0)
                known->write = write;
        }
        for (HalfWritten& half : found)
            half.state = stateOf(attachment, *catalog, jobs, half.write);
        return found;
    });
}

const HalfWritten* findHalfWritten(const std::vector<HalfWritten>& all, const RegionId& region)
{
    const auto found = std::ranges::find_if(
        all, [&](const HalfWritten& half) { return half.write.region.id == region; });
    return found == all.end() ? nullptr : &*found;
}

} // namespace cairn
