// The jobs that are measured, each with its goals.
#pragma once

#include "bench/results.h"

#include <string>
#include <vector>

namespace cairn::bench {

struct Scale {
    std::string directory; // On the disk that is measured.
    std::string memory;    // On a tmpfs.
    std::uint64_t copyBytes = 0;
    unsigned rounds = 0;
    std::uint64_t generations = 0;
};

struct NamedJob {
    const char* name; // As --only takes it.
    Result<void> (*run)(const Scale& scale, Results& results);
};

[[nodiscard]] Result<void> measureDiskCopy(const Scale& scale, Results& results);
[[nodiscard]] Result<void> measureMemoryCopy(const Scale& scale, Results& results);
[[nodiscard]] Result<void> measureZeroes(const Scale& scale, Results& results);
[[nodiscard]] Result<void> measureHoles(const Scale& scale, Results& results);
[[nodiscard]] Result<void> measureVerified(const Scale& scale, Results& results);
[[nodiscard]] Result<void> measureSecondBackup(const Scale& scale, Results& results);
[[nodiscard]] Result<void> measureRestore(const Scale& scale, Results& results);
[[nodiscard]] Result<void> measureCancel(const Scale& scale, Results& results);
[[nodiscard]] Result<void> measureAttach(const Scale& scale, Results& results);
[[nodiscard]] Result<void> measureCatalog(const Scale& scale, Results& results);

} // namespace cairn::bench
