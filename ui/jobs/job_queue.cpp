// Begins jobs in their order.
#include "ui/jobs/job_queue.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr int kJobsAtOnce = 4;

bool isWaiting(const RunningJob& job)
{
    return !job.finished() && !job.handedOver();
}

} // namespace

JobQueue::JobQueue(QObject* parent) : QObject(parent)
{
    m_workers.setMaxThreadCount(kJobsAtOnce);
}

JobQueue::~JobQueue()
{
    cancelAll();
    m_jobs.clear();
}

RunningJob* JobQueue::add(JobRequest request)
{
    m_jobs.push_back(std::make_unique<RunningJob>(std::move(request), m_workers, nullptr,
                                                  RunningJob::Start::WhenTold));
    RunningJob* job = m_jobs.back().get();
    connect(job, &RunningJob::done, this, [this, job] {
        beginWhatCan();
        Q_EMIT done(job);
    });
    connect(job, &RunningJob::resumed, this, &JobQueue::beginWhatCan);
    beginWhatCan();
    return job;
}

int JobQueue::unfinished() const
{
    return static_cast<int>(
        std::ranges::count_if(m_jobs, [](const auto& job) { return !job->finished(); }));
}

int JobQueue::unfinishedWriters() const
{
    return static_cast<int>(std::ranges::count_if(
        m_jobs, [](const auto& job) { return !job->finished() && !job->request().onlyReads(); }));
}

bool JobQueue::canBegin(const RunningJob& job) const
{
    if (!isWaiting(job) || job.state() == RunningJob::State::Paused ||
        job.state() == RunningJob::State::Canceling)
        return false;
    int running = 0;
    for (const auto& other : m_jobs) {
        if (other->finished() || !other->handedOver())
            continue;
        ++running;
        if (job.request().member && other->request().member == job.request().member)
            return false;
    }
    return running < kJobsAtOnce;
}

void JobQueue::beginWhatCan()
{
    int ahead = 0;
    for (const auto& job : m_jobs) {
        if (canBegin(*job))
            job->begin();
        if (isWaiting(*job))
            job->setWaitingAhead(ahead++);
    }
}

void JobQueue::putForward(RunningJob* job)
{
    const auto at = std::ranges::find(m_jobs, job, [](const auto& owned) { return owned.get(); });
    if (at == m_jobs.end() || !isWaiting(*job))
        return;
    for (auto other = at; other != m_jobs.begin();) {
        --other;
        if (!isWaiting(**other))
            continue;
        std::rotate(other, at, at + 1);
        break;
    }
    beginWhatCan();
}

void JobQueue::dismiss(RunningJob* job)
{
    if (job->finished())
        std::erase_if(m_jobs, [job](const auto& owned) { return owned.get() == job; });
}

void JobQueue::cancelAll()
{
    for (const auto& job : m_jobs) {
        if (!job->finished())
            job->cancel();
    }
}

} // namespace cairn
