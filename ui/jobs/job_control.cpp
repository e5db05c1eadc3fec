// The meeting point of a copy's threads and the window's.
#include "ui/jobs/job_control.h"

namespace cairn {

bool JobControl::checkpoint(const CopyProgress& progress)
{
    std::unique_lock lock(m_mutex);
    m_course.take(progress);
    m_changed.wait(lock, [this] { return !m_paused || m_canceled; });
    return !m_canceled;
}

void JobControl::pause()
{
    const std::lock_guard lock(m_mutex);
    m_paused = true;
}

void JobControl::resume()
{
    {
        const std::lock_guard lock(m_mutex);
        m_paused = false;
    }
    m_changed.notify_all();
}

void JobControl::cancel()
{
    {
        const std::lock_guard lock(m_mutex);
        m_canceled = true;
    }
    m_changed.notify_all();
}

bool JobControl::paused() const
{
    const std::lock_guard lock(m_mutex);
    return m_paused;
}

bool JobControl::canceled() const
{
    const std::lock_guard lock(m_mutex);
    return m_canceled;
}

CopyProgress JobControl::progress() const
{
    const std::lock_guard lock(m_mutex);
    return m_course.progress();
}

Standing JobControl::standing() const
{
    const std::lock_guard lock(m_mutex);
    return m_course.standing();
}

} // namespace cairn
