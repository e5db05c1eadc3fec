// The jobs of an array: in which order they begin, and that no two write the same member at a time.
#pragma once

#include "ui/jobs/running_job.h"

#include <QObject>
#include <QThreadPool>
#include <memory>
#include <vector>

namespace cairn {

// Lives on the GUI thread. The destructor cancels all jobs and waits.
class JobQueue final : public QObject {
    Q_OBJECT

public:
    explicit JobQueue(QObject* parent = nullptr);
    ~JobQueue() override;

    // Begins as soon as nothing else writes its member, and a thread is free.
    RunningJob* add(JobRequest request);
    // Oldest first, but for those that were put forward.
    [[nodiscard]] const std::vector<std::unique_ptr<RunningJob>>& jobs() const { return m_jobs; }
    [[nodiscard]] int unfinished() const;
    // Without those that only read.
    [[nodiscard]] int unfinishedWriters() const;
    // Puts a waiting job before the waiting one that is next ahead of it.
    void putForward(RunningJob* job);
    // Of a finished job.
    void dismiss(RunningJob* job);
    void cancelAll();

Q_SIGNALS:
    void done(cairn::RunningJob* job);

private:
    void beginWhatCan();
    [[nodiscard]] bool canBegin(const RunningJob& job) const;

    QThreadPool m_workers;
    std::vector<std::unique_ptr<RunningJob>> m_jobs; // Gone before the pool is.
};

} // namespace cairn
