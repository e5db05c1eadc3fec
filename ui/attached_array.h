// The array that the window shows: its newest snapshot, and the threads that read and change it.
#pragma once

#include "ui/array_snapshot.h"
#include "ui/jobs/background.h"
#include "ui/jobs/job_queue.h"
#include "ui/models/history.h"

#include <QFileSystemWatcher>
#include <QObject>
#include <QThreadPool>
#include <QTimer>
#include <functional>
#include <memory>
#include <vector>

namespace cairn {

// By their locations, empty for none.
struct MemberChange {
    std::string leaves;
    std::string joins;
};
// What the array is opened by after that; a simulated array as before.
[[nodiscard]] std::vector<std::string> urisAfter(std::vector<std::string> uris,
                                                 const MemberChange& change);

// Lives on the GUI thread; no call waits for a device. The destructor cancels jobs and waits.
class AttachedArray final : public QObject {
    Q_OBJECT

public:
    AttachedArray(std::shared_ptr<Attachment> attachment, ArraySnapshot first, QObject* parent);

    [[nodiscard]] const ArraySnapshot& snapshot() const { return m_snapshot; }
    // Follows the snapshot; read page by page after the opening.
    [[nodiscard]] History& history() { return m_history; }
    // Jobs that are not finished.
    [[nodiscard]] int runningJobs() const { return m_queue.unfinished(); }
    [[nodiscard]] const std::vector<std::unique_ptr<RunningJob>>& jobs() const
    {
        return m_queue.jobs();
    }

    // Those of them that the end of the program waits for.
    [[nodiscard]] int writingJobs() const { return m_queue.unfinishedWriters(); }

    // Whether what leaves something behind is under way, or something is being read.
    [[nodiscard]] bool writes() const
    {
        return writingJobs() > 0 || m_changers.activeThreadCount() > 0;
    }
    [[nodiscard]] bool reads() const
    {
        return runningJobs() > writingJobs() || m_readers.activeThreadCount() > 0;
    }

    // Reads tables, content and catalog again; calls while one is under way become one more.
    // While a job runs, what the catalog and the tables say is followed without being asked.
    void refresh();
    // Asks whether a member has gone or come back, and the catalog whether another process has
    // written, or ended; refreshes only then. Nothing while a job runs: that is followed. Writes
    // nothing.
    void lookForChanges();

    // The verb runs on the jobs' threads.
    using LongVerb = std::function<Result<JobOutcome>(Attachment&, CopyControl&)>;
    RunningJob* start(JobRequest request, LongVerb verb);
    // The same verb with the same plan, which is checked against the world again.
    RunningJob* repeat(const RunningJob& job) { return enqueue(job.request()); }
    void putForward(RunningJob* job) { m_queue.putForward(job); }
    void dismiss(RunningJob* job) { m_queue.dismiss(job); }
    void cancelAll() { m_queue.cancelAll(); }

    // A short verb that writes; one at a time.
    using ShortVerb = std::function<Result<void>(Attachment&)>;
    void change(Verb verb, const QString& doneText, ShortVerb body,
                const MemberChange& members = {});

    // `call` gets the attachment on a reading thread, `then` its value here.
    template<typename Call, typename Then>
    void read(QObject* receiver, Call call, Then then)
    {
        runInBackground(
            m_readers, receiver,
            [attachment = m_attachment, call = std::move(call)] { return call(*attachment); },
            std::move(then));
    }

Q_SIGNALS:
    void snapshotChanged();
    // Tables, content and catalog were read again, and nothing was wrong.
    void refreshed();
    // The answer to lookForChanges().
    void looked(bool changed);
    void jobStarted(cairn::RunningJob* job);
    void jobDone(cairn::RunningJob* job);
    void changeDone(cairn::Verb verb, const QString& text);
    void failed(cairn::Verb verb, const cairn::Error& error);
    // The snapshot's: a member came or went.
    void urisChanged(const std::vector<std::string>& before);

private:
    // How much of the array is read: its devices too, or only what has been recorded meanwhile.
    enum class Depth : std::uint8_t { Devices, Records };
    void readAt(Depth depth);
    RunningJob* enqueue(JobRequest request);
    void follow();
    // A simulated array is described by a file that others may edit.
    void watchSimulation();
    void readHistory();
    void readHistoryPage(std::uint64_t reading, GenerationNumber below);
    void takeHistory(std::optional<HistoryPage> changes);
    void takeLook(const Result<bool>& changed);

    std::shared_ptr<Attachment> m_attachment;
    ArraySnapshot m_snapshot;
    std::shared_ptr<std::vector<std::string>> m_uris; // Of the thread that changes.
    History m_history;
    std::uint64_t m_historyReading = 0;
    QTimer m_follower; // Runs while a job does.
    QFileSystemWatcher m_simulation;
    QTimer m_simulationChanged; // An editor writes more than once.
    QThreadPool m_readers;
    QThreadPool m_changers;
    JobQueue m_queue;
    bool m_reading = false;
    bool m_readAgain = false;
    bool m_looking = false;
    bool m_lookFailed = false; // What goes on to fail is told once.
};

} // namespace cairn
