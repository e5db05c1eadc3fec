// Schedules core's blocking calls on threads of their own.
#include "ui/attached_array.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr int kJobsAtOnce = 4;
// A job's record is durable a moment after it starts, and its states change seconds apart.
constexpr int kFollowMs = 500;

struct Reading {
    ArraySnapshot snapshot;
    Result<void> refreshed;
};

} // namespace

AttachedArray::AttachedArray(std::shared_ptr<Attachment> attachment, ArraySnapshot first,
                             QObject* parent)
    : QObject(parent), m_attachment(std::move(attachment)), m_snapshot(std::move(first))
{
    m_readers.setMaxThreadCount(2);
    m_changers.setMaxThreadCount(1);
    m_workers.setMaxThreadCount(kJobsAtOnce);
    m_follower.setInterval(kFollowMs);
    connect(&m_follower, &QTimer::timeout, this, &AttachedArray::follow);
}

AttachedArray::~AttachedArray()
{
    cancelAll();
    m_jobs.clear();
}

int AttachedArray::runningJobs() const
{
    return static_cast<int>(
        std::ranges::count_if(m_jobs, [](const auto& job) { return !job->finished(); }));
}

void AttachedArray::refresh()
{
    if (m_reading)
        m_readAgain = true;
    else
        readAt(Depth::Devices);
}

void AttachedArray::follow()
{
    if (runningJobs() == 0)
        m_follower.stop();
    else if (!m_reading)
        readAt(Depth::Records);
}

void AttachedArray::readAt(Depth depth)
{
    m_reading = true;
    read(
        this,
        [uris = m_snapshot.uris, depth](Attachment& attachment) {
            auto refreshed = depth == Depth::Devices ? attachment.refresh() : Result<void>();
            return Reading{readSnapshot(attachment, uris), std::move(refreshed)};
        },
        [this, depth](Reading reading) {
            m_reading = false;
            const bool changed = !reading.snapshot.showsSameAs(m_snapshot);
            m_snapshot = std::move(reading.snapshot);
            if (changed || depth == Depth::Devices)
                Q_EMIT snapshotChanged();
            if (!reading.refreshed)
                Q_EMIT failed(Verb::Refresh, reading.refreshed.error());
            if (std::exchange(m_readAgain, false))
                readAt(Depth::Devices);
        });
}

RunningJob* AttachedArray::start(JobRequest request, LongVerb verb)
{
    request.run = [attachment = m_attachment, verb = std::move(verb)](CopyControl& control) {
        return verb(*attachment, control);
    };
    m_jobs.push_back(std::make_unique<RunningJob>(std::move(request), m_workers, nullptr));
    RunningJob* job = m_jobs.back().get();
    connect(job, &RunningJob::done, this, [this, job] {
        Q_EMIT jobDone(job);
        // Its record first: looking at the devices again takes longer.
        if (!m_reading)
            readAt(Depth::Records);
        refresh();
    });
    m_follower.start();
    Q_EMIT jobStarted(job);
    return job;
}

void AttachedArray::dismiss(RunningJob* job)
{
    std::erase_if(m_jobs, [job](const auto& owned) { return owned.get() == job; });
}

void AttachedArray::cancelAll()
{
    for (const auto& job : m_jobs) {
        if (!job->finished())
            job->cancel();
    }
}

void AttachedArray::change(Verb verb, const QString& doneText, ShortVerb body)
{
    runInBackground(
        m_changers, this,
        [attachment = m_attachment, body = std::move(body)] { return body(*attachment); },
        [this, verb, doneText](const Result<void>& result) {
            if (result)
                Q_EMIT changeDone(doneText);
            else
                Q_EMIT failed(verb, result.error());
            refresh();
        });
}

} // namespace cairn
