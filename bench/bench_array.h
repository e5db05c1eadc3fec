// An array of two image files with a region to copy and one to copy it into, and Cairn's own jobs
// on them.
#pragma once

#include "bench/content.h"
#include "bench/measure.h"
#include "core/backup/attachment.h"

#include <string>
#include <vector>

namespace cairn::bench {

struct BenchArray {
    std::vector<std::string> uris;
    RegionId home;
    RegionId spare;
    Place homePlace; // Where the regions lie in their files.
    Place sparePlace;
};

// On members of their own, written full of random data. The directory exists; what an earlier run
// left in it is removed.
[[nodiscard]] Result<BenchArray> makeArray(const std::string& directory, std::uint64_t regionBytes);

// The verbs as cairnctl runs them, from the plan on; attaching is measured apart.
[[nodiscard]] Job backUpJob(const BenchArray& array, bool verify);
[[nodiscard]] Job verifyJob(const BenchArray& array);
[[nodiscard]] Job restoreJob(const BenchArray& array);

// Runs a job that is not measured.
[[nodiscard]] Result<void> runNow(const Job& job);

} // namespace cairn::bench
