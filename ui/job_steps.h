// The steps that each long verb takes, for its progress and for what the map shows meanwhile.
#pragma once

#include "core/backup/back_up.h"
#include "core/backup/guards.h"
#include "core/backup/restore.h"
#include "core/backup/undo.h"
#include "ui/array_snapshot.h"
#include "ui/jobs/running_job.h"

#include <map>
#include <vector>

namespace cairn {

[[nodiscard]] std::vector<CourseStep> stepsOf(const BackupPlan& plan);
[[nodiscard]] std::vector<CourseStep> stepsOf(const RestorePlan& plan);
[[nodiscard]] std::vector<CourseStep> stepsOf(const UndoPlan& plan);
// Of the job's going on.
[[nodiscard]] std::vector<CourseStep> stepsOf(const Job& job, const ArraySnapshot& snapshot);
[[nodiscard]] std::vector<CourseStep> stepsOfVerify(const Generation& generation);
[[nodiscard]] std::vector<CourseStep> stepsOfExport(const Region& region);
// Out of the array: each chunk is proved as it is read.
[[nodiscard]] std::vector<CourseStep> stepsOfExport(const Generation& generation);

// What a running job does to a region now.
struct RegionActivity {
    bool writes = false;   // Otherwise it reads.
    double share = 0;      // Of the whole job, in [0, 1].
    bool unproved = false; // The job has begun to write it, and has not ended.
    friend bool operator==(const RegionActivity&, const RegionActivity&) = default;
};

// Of all jobs that run; what several do to one region counts as the writing.
[[nodiscard]] std::map<RegionId, RegionActivity>
activityOf(const std::vector<std::unique_ptr<RunningJob>>& jobs, const ArraySnapshot& snapshot);

// What the jobs that have not ended write and read, in whichever step: so that no other job is
// asked for that would meet them.
[[nodiscard]] std::vector<PlannedUse>
plannedUses(const std::vector<std::unique_ptr<RunningJob>>& jobs);

} // namespace cairn
