// What becomes of each job that has not ended where its array is closed.
#pragma once

#include "ui/jobs/running_job.h"

#include <QString>
#include <memory>
#include <vector>

namespace cairn {

// Of one job that is canceled there, as half a sentence without its title. `begun`: it has not
// only waited so far.
[[nodiscard]] QString ifCanceledText(const JobRequest& request, const Standing& now, bool begun);

// What a job leaves that is canceled now, where that is a region between two contents; else empty.
[[nodiscard]] QString halfLeftText(const JobRequest& request, const Standing& now, bool begun);

// All of them by their titles, a line for each.
[[nodiscard]] QString closingText(const std::vector<std::unique_ptr<RunningJob>>& jobs);

// The members that jobs which have not ended read and write, by their names; empty for none.
[[nodiscard]] QString disksInUse(const std::vector<std::unique_ptr<RunningJob>>& jobs,
                                 const ArrayLayout& layout);

} // namespace cairn
