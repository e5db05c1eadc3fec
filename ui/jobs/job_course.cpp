// Finds the step of each report.
#include "ui/jobs/job_course.h"

#include <algorithm>

namespace cairn {
namespace {

// Of a phase that comes twice the second begins at nothing again.
bool isAnother(const CopyProgress& before, const CopyProgress& now)
{
    return now.phase != before.phase || now.totalBytes != before.totalBytes ||
           (now.doneBytes == 0 && before.doneBytes > 0);
}

} // namespace

void JobCourse::take(const CopyProgress& progress)
{
    const bool another = isAnother(m_progress, progress);
    if (!another && progress.doneBytes < m_progress.doneBytes)
        return; // Of a worker that was slow to get here.
    if (another || m_begun == 0)
        begin(progress);
    m_progress = progress;
}

void JobCourse::begin(const CopyProgress& progress)
{
    // Flushing ends the copying; where there is nothing to do, the step before has ended.
    if (progress.phase == CopyPhase::Flushing || progress.totalBytes == 0) {
        m_inStep = false;
        return;
    }
    // How much it is may be told more exactly before anything is done.
    if (m_inStep && m_steps[m_begun - 1].phase == progress.phase &&
        m_progress.doneBytes == m_firstBytes && m_progress.totalBytes != progress.totalBytes) {
        beginStep(m_begun - 1, progress);
        return;
    }
    const auto from = m_steps.begin() + static_cast<std::ptrdiff_t>(m_begun);
    const auto next = std::ranges::find(from, m_steps.end(), progress.phase, &CourseStep::phase);
    if (next == m_steps.end()) {
        m_inStep = false;
        return;
    }
    if (m_begun > 0)
        m_finishedBytes += m_steps[m_begun - 1].bytes;
    for (auto skipped = from; skipped != next; ++skipped)
        skipped->bytes = 0;
    beginStep(static_cast<std::size_t>(next - m_steps.begin()), progress);
}

void JobCourse::beginStep(std::size_t index, const CopyProgress& progress)
{
    CourseStep& step = m_steps[index];
    const std::uint64_t bytes =
        progress.totalBytes - std::min(progress.doneBytes, progress.totalBytes);
    if (!step.sized && !m_sized) {
        m_sized = true;
        for (CourseStep& other : m_steps) {
            if (!other.sized)
                other.bytes = std::min(other.bytes, bytes);
        }
    }
    step.bytes = bytes;
    m_firstBytes = progress.doneBytes;
    m_begun = index + 1;
    m_inStep = true;
}

Standing JobCourse::standing() const
{
    Standing now;
    if (m_steps.empty()) {
        now.doneBytes = std::min(m_progress.doneBytes, m_progress.totalBytes);
        now.totalBytes = m_progress.totalBytes;
        now.exact = true;
        now.within = true;
        return now;
    }
    now.steps = m_steps.size();
    now.step = m_begun;
    now.totalBytes = m_finishedBytes;
    now.doneBytes = m_finishedBytes;
    now.exact = m_sized || std::ranges::all_of(m_steps, &CourseStep::sized);
    if (m_begun > 0) {
        now.current = m_steps[m_begun - 1];
        const std::uint64_t beyond =
            m_progress.doneBytes - std::min(m_firstBytes, m_progress.doneBytes);
        // What belongs to no step comes after the step before it.
        now.within = m_inStep;
        now.doneBytes += m_inStep ? std::min(beyond, now.current.bytes) : now.current.bytes;
    }
    for (std::size_t step = m_begun == 0 ? 0 : m_begun - 1; step < m_steps.size(); ++step)
        now.totalBytes += m_steps[step].bytes;
    return now;
}

} // namespace cairn
