// Which step follows which.
#include "ui/job_steps.h"

#include <algorithm>

namespace cairn {
namespace {

CourseStep checked(StepWork work, std::uint64_t bytes, const RegionId& region)
{
    return {.work = work, .phase = CopyPhase::Verifying, .bytes = bytes, .reads = region};
}

// What a restore writes, and the regions between which it copies.
struct Restoring {
    RegionId backup;
    RegionId target;
    std::uint64_t sizeBytes = 0;
    bool keeps = false;
};

std::vector<CourseStep> restoreSteps(const Restoring& restore)
{
    const std::uint64_t bytes = restore.sizeBytes;
    std::vector<CourseStep> steps{checked(StepWork::CheckBackup, bytes, restore.backup)};
    steps.push_back({.work = StepWork::ReadTarget,
                     .phase = restore.keeps ? CopyPhase::Preparing : CopyPhase::Verifying,
                     .bytes = bytes,
                     .reads = restore.target});
    if (restore.keeps) {
        steps.push_back({.work = StepWork::KeepOld,
                         .bytes = bytes,
                         .sized = false,
                         .reads = restore.target,
                         .writesArea = true});
        steps.push_back({.work = StepWork::ProveKept,
                         .phase = CopyPhase::Verifying,
                         .bytes = bytes,
                         .sized = false,
                         .readsArea = true});
    }
    steps.push_back({.work = StepWork::Copy,
                     .bytes = bytes,
                     .sized = false,
                     .reads = restore.backup,
                     .writes = restore.target});
    steps.push_back(checked(StepWork::ReadBack, bytes, restore.target));
    return steps;
}

std::vector<CourseStep> undoSteps(const Generation& kept)
{
    const RegionId area = kept.target.id;
    const RegionId target = kept.source.id;
    if (kept.undo->swapped)
        return {checked(StepWork::ReadTarget, kept.sizeBytes, target)};
    return {checked(StepWork::CheckKept, kept.sizeBytes, area),
            {.work = StepWork::ReadTarget,
             .phase = CopyPhase::Preparing,
             .bytes = kept.undo->sizeBytes,
             .reads = target},
            {.work = StepWork::Copy, .bytes = kept.sizeBytes, .reads = area, .writes = target},
            checked(StepWork::ReadBack, kept.sizeBytes, target)};
}

// Where a running restore keeps what it is about to overwrite.
std::optional<RegionId> areaOf(const JobRequest& request, const ArraySnapshot& snapshot)
{
    const auto keeps = std::ranges::find_if(snapshot.generations, [&](const Generation& kept) {
        return kept.undo && kept.undo->keptMs == 0 && kept.source.id == request.target &&
               kept.undo->restored == request.generation;
    });
    return keeps == snapshot.generations.end() ? std::nullopt : std::optional(keeps->target.id);
}

// Each region once for its writing, and once for its reading by a job that does not write it.
void addUses(std::vector<PlannedUse>& uses, const JobRequest& request)
{
    const std::size_t first = uses.size();
    const auto add = [&](const std::optional<RegionId>& region, bool writes) {
        const bool known =
            region && std::any_of(uses.begin() + static_cast<std::ptrdiff_t>(first), uses.end(),
                                  [&](const PlannedUse& use) { return use.region == *region; });
        if (region && !known)
            uses.push_back({*region, writes, request.title.toStdString()});
    };
    if (request.member)
        add(request.target, true);
    for (const RegionId& area : request.areas)
        add(area, true);
    for (const CourseStep& step : request.steps)
        add(step.writes, true);
    for (const CourseStep& step : request.steps)
        add(step.reads, false);
}

} // namespace

std::vector<CourseStep> stepsOf(const BackupPlan& plan)
{
    const std::uint64_t bytes = plan.source.extent.lengthBytes;
    std::vector<CourseStep> steps{
        {.bytes = bytes, .reads = plan.source.id, .writes = plan.target.id}};
    if (plan.verify)
        steps.push_back(checked(StepWork::ReadBack, bytes, plan.target.id));
    return steps;
}

std::vector<CourseStep> stepsOf(const RestorePlan& plan)
{
    return restoreSteps({.backup = plan.backup.id,
                         .target = plan.target.id,
                         .sizeBytes = plan.generation.sizeBytes,
                         .keeps = plan.undo});
}

std::vector<CourseStep> stepsOf(const UndoPlan& plan)
{
    return plan.nothingOverwritten ? std::vector<CourseStep>() : undoSteps(plan.kept);
}

std::vector<CourseStep> stepsOf(const Job& job, const ArraySnapshot& snapshot)
{
    if (job.kind == JobKind::Undo) {
        const Generation* kept = snapshot.find(job.generation);
        return kept != nullptr && kept->undo ? undoSteps(*kept) : std::vector<CourseStep>();
    }
    if (job.kind == JobKind::Restore)
        return restoreSteps({.backup = job.source.id,
                             .target = job.target.id,
                             .sizeBytes = job.sizeBytes,
                             .keeps = job.undo != 0 && snapshot.overwroteNothing(job)});
    return {{.bytes = job.sizeBytes, .reads = job.source.id, .writes = job.target.id},
            checked(StepWork::ReadBack, job.sizeBytes, job.target.id)};
}

std::vector<CourseStep> stepsOfVerify(const Generation& generation)
{
    return {checked(StepWork::CheckBackup, generation.sizeBytes, generation.target.id)};
}

std::vector<CourseStep> stepsOfExport(const Region& region)
{
    return {{.bytes = region.extent.lengthBytes, .reads = region.id}};
}

std::vector<CourseStep> stepsOfExport(const Generation& generation)
{
    return {{.work = StepWork::Copy,
             .phase = CopyPhase::Copying,
             .bytes = generation.sizeBytes,
             .reads = generation.target.id}};
}

std::vector<PlannedUse> plannedUses(const std::vector<std::unique_ptr<RunningJob>>& jobs)
{
    std::vector<PlannedUse> uses;
    for (const auto& job : jobs) {
        if (!job->finished())
            addUses(uses, job->request());
    }
    return uses;
}

std::map<RegionId, RegionActivity> activityOf(const std::vector<std::unique_ptr<RunningJob>>& jobs,
                                              const ArraySnapshot& snapshot)
{
    std::map<RegionId, RegionActivity> found;
    const auto note = [&](const std::optional<RegionId>& region, bool writes, double share) {
        if (!region)
            return;
        RegionActivity& activity = found[*region];
        if (!activity.writes)
            activity = {.writes = writes, .share = share, .unproved = activity.unproved || writes};
    };
    const auto noteWritten = [&](const JobRequest& request, std::size_t steps) {
        for (std::size_t step = 0; step < std::min(steps, request.steps.size()); ++step) {
            const auto written = request.steps[step].writes;
            if (const auto at = written ? found.find(*written) : found.end(); at != found.end())
                at->second.unproved = true;
        }
    };
    for (const auto& job : jobs) {
        if (job->finished() || job->state() == RunningJob::State::Waiting)
            continue;
        const JobRequest& request = job->request();
        const Standing now = job->standing();
        const double share = job->fraction();
        if (now.steps == 0)
            note(request.target, true, share);
        if (now.step == 0)
            continue;
        note(now.current.reads, false, share);
        note(now.current.writes, true, share);
        if (now.current.readsArea || now.current.writesArea)
            note(areaOf(request, snapshot), now.current.writesArea, share);
        noteWritten(request, now.step);
    }
    return found;
}

} // namespace cairn
