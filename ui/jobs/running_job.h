// One long verb that runs: a backup, restore, verification, import or resumed job.
#pragma once

#include "core/backup/back_up.h"
#include "core/backup/verify.h"
#include "ui/error_text.h"
#include "ui/jobs/job_control.h"
#include "ui/jobs/rate_estimate.h"

#include <QElapsedTimer>
#include <QFutureWatcher>
#include <QObject>
#include <QThreadPool>
#include <QTimer>
#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <variant>

namespace cairn {

// What each verb gives back; std::uint64_t: bytes imported or exported.
using JobOutcome = std::variant<BackupOutcome, CopyOutcome, Verification, std::uint64_t>;

struct JobRequest {
    Verb verb = Verb::BackUp;
    QString title;                  // Plain text, safe to show.
    std::optional<RegionId> target; // Whose bytes change; the map shows progress there.
    GenerationNumber generation = 0;
    // Runs on a thread of its own, and must keep alive by itself what it captures.
    std::function<Result<JobOutcome>(CopyControl&)> run;
};

// Lives on the GUI thread. The destructor cancels and waits.
class RunningJob final : public QObject {
    Q_OBJECT

public:
    enum class State : std::uint8_t { Waiting, Running, Paused, Canceling, Finished };

    // Is queued on the pool at once; the pool must outlive the job.
    RunningJob(JobRequest request, QThreadPool& pool, QObject* parent);
    ~RunningJob() override;

    [[nodiscard]] const JobRequest& request() const { return m_request; }
    [[nodiscard]] State state() const;
    [[nodiscard]] bool finished() const { return m_finished; }
    // Canceled until it is finished.
    [[nodiscard]] const Result<JobOutcome>& outcome() const { return *m_outcome; }
    [[nodiscard]] CopyProgress progress() const { return m_control->progress(); }
    // In [0, 1], over the phase that runs now.
    [[nodiscard]] double fraction() const;
    // "61% · 728 MiB of 1.2 GiB · 60 MiB/s · 24 min left"
    [[nodiscard]] QString progressText() const;

public Q_SLOTS:
    void pause();
    void resume();
    void cancel();

Q_SIGNALS:
    void changed(); // Progress or state, at most ten times a second.
    void done();    // The function has returned; outcome() is final.

private:
    void sample();
    void finish();
    [[nodiscard]] QString rateText(const CopyProgress& progress) const;

    JobRequest m_request;
    std::shared_ptr<JobControl> m_control;
    std::shared_ptr<Result<JobOutcome>> m_outcome;
    std::shared_ptr<std::atomic<bool>> m_begun;
    QFutureWatcher<void> m_watcher;
    QTimer m_timer;
    QElapsedTimer m_clock;
    RateEstimate m_rate;
    CopyPhase m_phase = CopyPhase::Preparing;
    bool m_finished = false;
};

} // namespace cairn
