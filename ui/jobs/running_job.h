// One long verb that runs: a backup, restore, verification, import or resumed job.
#pragma once

#include "core/backup/administer.h"
#include "core/backup/back_up.h"
#include "core/backup/export_generation.h"
#include "core/backup/reread.h"
#include "core/backup/restore.h"
#include "core/backup/swap_restore.h"
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
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <variant>

namespace cairn {

// A backup that was written into a file.
struct ArchivedBackup {
    ExportOutcome exported;
    std::optional<Error> unrecorded = {}; // Why the catalog does not tell of it.
};

// What each verb gives back; std::uint64_t: bytes imported.
using JobOutcome =
    std::variant<BackupOutcome, RestoreOutcome, SwapOutcome, CopyOutcome, Verification,
                 RereadOutcome, RegionExport, ArchivedBackup, std::uint64_t>;

struct JobRequest {
    Verb verb = Verb::BackUp;
    QString title;                  // Plain text, safe to show.
    std::optional<RegionId> target; // Whose bytes change, or are read where the verb only reads.
    // Whose medium is written: jobs of one member wait for each other. None: it only reads.
    std::optional<Uuid> member = std::nullopt;
    std::optional<RegionId> source = std::nullopt; // Of a backup.
    GenerationNumber generation = 0;
    GenerationNumber occupant = 0;             // Newest record of the target when it was asked for.
    std::optional<Job> resumes = std::nullopt; // The interrupted job with which it goes on.
    std::vector<CourseStep> steps = {};        // Without: what it reports is all that it does.
    std::vector<RegionId> areas = {};          // In one of them a restore keeps what it overwrites.
    // On the GUI thread, after that ConfirmationNeeded: asks for the name, then for the same again.
    std::function<void(const Error&)> askName = {};
    // The same: asks in the verb's dialog, as it was answered. A verb without one is repeated.
    std::function<void()> askAgain = {};
    // The same, after ReadFailed: does it again without what cannot be read.
    std::function<void()> skipUnreadable = {};
    // Runs on a thread of its own, and must keep alive by itself what it captures.
    std::function<Result<JobOutcome>(CopyControl&)> run;

    // Whether the end of the program may come at any time. An export has a file to take away.
    [[nodiscard]] bool onlyReads() const { return !member && verb == Verb::Verify; }
};

// How it ended, in words.
struct JobReport {
    // Unproved: done as it was asked for, but not read back, or in doubt as before.
    enum class Tone : std::uint8_t { Well, Unproved, Stopped, Bad };

    Tone tone = Tone::Well;
    QString text;                  // What state things are in, and what to do.
    QString again;                 // What trying again does; empty: there is nothing to try.
    std::optional<Job> left = {};  // What it began and can be resumed.
    GenerationNumber unproven = 0; // The backup that it copied, but did not read back.
    bool underWay = false;         // Another job does now what trying again would.
    bool shown = false;            // What it left was in a snapshot since: it can be seen to go.
    friend bool operator==(const JobReport&, const JobReport&) = default;
};

// Lives on the GUI thread. The destructor cancels and waits.
class RunningJob final : public QObject {
    Q_OBJECT

public:
    enum class State : std::uint8_t { Waiting, Running, Paused, Canceling, Finished };

    static constexpr int kMostRates = 60;

    // WhenTold waits for begin(). The pool must outlive the job.
    enum class Start : std::uint8_t { AtOnce, WhenTold };
    RunningJob(JobRequest request, QThreadPool& pool, QObject* parent, Start start = Start::AtOnce);
    ~RunningJob() override;

    [[nodiscard]] const JobRequest& request() const { return m_request; }
    [[nodiscard]] State state() const;
    [[nodiscard]] bool finished() const { return m_finished; }
    // Whether it has been given to the pool.
    [[nodiscard]] bool handedOver() const { return m_handedOver; }
    void begin();
    // How many jobs are to begin before this one, where it waits.
    void setWaitingAhead(int jobs);
    [[nodiscard]] int waitingAhead() const { return m_waitingAhead; }
    // Bytes per second of each half second, oldest first, without the time of pauses.
    [[nodiscard]] const std::deque<double>& rates() const { return m_rates; }
    // Canceled until it is finished.
    [[nodiscard]] const Result<JobOutcome>& outcome() const { return *m_outcome; }
    [[nodiscard]] CopyProgress progress() const { return m_control->progress(); }
    [[nodiscard]] Standing standing() const { return m_control->standing(); }
    // In [0, 1], over all steps of the job.
    [[nodiscard]] double fraction() const;
    // "61% · step 3 of 4: copying · 728 MiB of 1.2 GiB · 60 MiB/s · 24 min left": the bytes are
    // those of the step, the share and the time those of the job.
    [[nodiscard]] QString progressText() const;
    // Of a finished job; until it is set, no more is known than that it has ended.
    void setReport(JobReport report);
    [[nodiscard]] const JobReport& report() const { return m_report; }

public Q_SLOTS:
    void pause();
    void resume();
    void cancel();

Q_SIGNALS:
    void changed(); // Progress or state, at most ten times a second.
    void done();    // The function has returned; outcome() is final.
    void resumed();

private:
    void sample();
    void finish();
    void noteRate(const CopyProgress& progress);
    [[nodiscard]] QString rateText(const CopyProgress& progress) const;
    [[nodiscard]] QString stepText() const;

    JobRequest m_request;
    std::shared_ptr<JobControl> m_control;
    std::shared_ptr<Result<JobOutcome>> m_outcome;
    std::shared_ptr<std::atomic<bool>> m_begun;
    QThreadPool& m_pool;
    QFutureWatcher<void> m_watcher;
    QTimer m_timer;
    QElapsedTimer m_clock;
    RateEstimate m_rate;
    JobReport m_report;
    std::deque<double> m_rates;
    std::int64_t m_rateFromMs = 0; // Where the half second began that is measured.
    std::uint64_t m_rateFromBytes = 0;
    int m_waitingAhead = 0;
    bool m_handedOver = false;
    bool m_finished = false;
};

} // namespace cairn
