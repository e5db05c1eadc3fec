// Bridges a running copy and the window: progress out, pause and cancel in.
#pragma once

#include "ui/jobs/job_course.h"

#include <condition_variable>
#include <mutex>

namespace cairn {

// Safe to call from any thread. The window reads progress() as often as it repaints, however often
// the copy reports.
class JobControl final : public CopyControl {
public:
    explicit JobControl(std::vector<CourseStep> steps = {}) : m_course(std::move(steps)) {}

    // Blocks while paused; false once canceled, also out of a pause.
    [[nodiscard]] bool checkpoint(const CopyProgress& progress) override;

    void pause();
    void resume();
    void cancel();

    [[nodiscard]] bool paused() const;
    [[nodiscard]] bool canceled() const;
    [[nodiscard]] CopyProgress progress() const;
    [[nodiscard]] Standing standing() const;

private:
    mutable std::mutex m_mutex;
    std::condition_variable m_changed;
    JobCourse m_course;
    bool m_paused = false;
    bool m_canceled = false;
};

} // namespace cairn
