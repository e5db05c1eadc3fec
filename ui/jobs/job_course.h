// The steps of a whole job: which one runs, what it reads and writes, and how much is left of all.
#pragma once

#include "core/array/region.h"
#include "core/copy/copy_control.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace cairn {

enum class StepWork : std::uint8_t {
    CheckBackup, // It is verified before anything is written.
    CheckKept,   // The same of what an undo brings back.
    ReadTarget,  // To see what differs.
    KeepOld,     // What will be overwritten is copied into the undo area,
    ProveKept,   // and read back there.
    Copy,
    ReadBack,
};

struct CourseStep {
    StepWork work = StepWork::Copy;
    CopyPhase phase = CopyPhase::Copying; // As the copy reports it.
    std::uint64_t bytes = 0;              // That it will take, at most where it is not sized.
    // The bytes are known before the step begins. Those of all steps that are not are about the
    // chunks that differ: known as soon as the first of them begins.
    bool sized = true;
    std::optional<RegionId> reads = std::nullopt;
    std::optional<RegionId> writes = std::nullopt;
    bool readsArea = false; // The undo area, which the array chooses while the job runs.
    bool writesArea = false;
};

// How far a job is as a whole.
struct Standing {
    std::size_t step = 0; // From 1; 0: none has begun, or the job has no steps that are known.
    std::size_t steps = 0;
    CourseStep current;
    std::uint64_t doneBytes = 0; // Never goes back.
    std::uint64_t totalBytes = 0;
    bool exact = false;  // Otherwise it is at most totalBytes.
    bool within = false; // Otherwise what is done now belongs to no step.
};

// Follows what a copy reports along the steps that its verb is known to take. Not thread-safe.
class JobCourse {
public:
    // Without steps: what is reported is all that is known.
    explicit JobCourse(std::vector<CourseStep> steps = {}) : m_steps(std::move(steps)) {}

    void take(const CopyProgress& progress);
    [[nodiscard]] const CopyProgress& progress() const { return m_progress; }
    [[nodiscard]] Standing standing() const;

private:
    void begin(const CopyProgress& progress);
    void beginStep(std::size_t index, const CopyProgress& progress);

    std::vector<CourseStep> m_steps;
    std::size_t m_begun = 0; // Steps that have; the last of them runs.
    std::uint64_t m_finishedBytes = 0;
    std::uint64_t m_firstBytes = 0; // Of the running step: what was done when it began.
    CopyProgress m_progress;
    bool m_inStep = false; // Otherwise something is done that belongs to no step.
    bool m_sized = false;
};

} // namespace cairn
