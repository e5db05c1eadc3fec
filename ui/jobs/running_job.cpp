// Runs a verb on a pool and samples its progress for the window.
#include "ui/jobs/running_job.h"

#include "ui/record_text.h"

#include <QLocale>
#include <QtConcurrentRun>
#include <algorithm>

namespace cairn {
namespace {

constexpr int kSampleMs = 100;
constexpr std::int64_t kRateMs = 500;

QString phaseText(CopyPhase phase)
{
    switch (phase) {
    case CopyPhase::Preparing:
        return RunningJob::tr("preparing");
    case CopyPhase::Copying:
        return {};
    case CopyPhase::Flushing:
        return RunningJob::tr("flushing");
    case CopyPhase::Verifying:
        return RunningJob::tr("verifying");
    }
    return {};
}

QString workText(StepWork work)
{
    switch (work) {
    case StepWork::CheckBackup:
        return RunningJob::tr("checking the backup");
    case StepWork::CheckKept:
        return RunningJob::tr("checking what is kept");
    case StepWork::ReadTarget:
        return RunningJob::tr("reading what is there");
    case StepWork::KeepOld:
        return RunningJob::tr("keeping what will be overwritten");
    case StepWork::ProveKept:
        return RunningJob::tr("reading back what is kept");
    case StepWork::Copy:
        return RunningJob::tr("copying");
    case StepWork::ReadBack:
        return RunningJob::tr("reading back");
    }
    return {};
}

} // namespace

RunningJob::RunningJob(JobRequest request, QThreadPool& pool, QObject* parent, Start start)
    : QObject(parent), m_request(std::move(request)),
      m_control(std::make_shared<JobControl>(m_request.steps)),
      // A canceled future drops its result: the slot says Canceled until the verb says otherwise.
      m_outcome(std::make_shared<Result<JobOutcome>>(failure(ErrorCode::Canceled))),
      m_begun(std::make_shared<std::atomic<bool>>(false)), m_pool(pool)
{
    m_clock.start();
    connect(&m_timer, &QTimer::timeout, this, &RunningJob::sample);
    connect(&m_watcher, &QFutureWatcherBase::finished, this, &RunningJob::finish);
    m_timer.start(kSampleMs);
    if (start == Start::AtOnce)
        begin();
}

void RunningJob::begin()
{
    CAIRN_ASSERT(!m_handedOver && !m_finished);
    m_handedOver = true;
    m_watcher.setFuture(QtConcurrent::run(
        &m_pool, [run = m_request.run, control = m_control, outcome = m_outcome, begun = m_begun] {
            *begun = true;
            if (!control->canceled())
                *outcome = run(*control);
        }));
}

RunningJob::~RunningJob()
{
    m_control->cancel();
    m_watcher.disconnect(this);
    if (m_handedOver)
        m_watcher.waitForFinished();
}

RunningJob::State RunningJob::state() const
{
    if (m_finished)
        return State::Finished;
    if (m_control->canceled())
        return State::Canceling;
    if (m_control->paused())
        return State::Paused;
    return *m_begun ? State::Running : State::Waiting;
}

double RunningJob::fraction() const
{
    if (m_finished && m_outcome->has_value())
        return 1.0;
    const Standing now = standing();
    if (now.totalBytes == 0)
        return 0.0;
    return std::min(1.0, static_cast<double>(now.doneBytes) / static_cast<double>(now.totalBytes));
}

QString RunningJob::stepText() const
{
    const Standing now = standing();
    if (now.steps < 2 || now.step == 0)
        return {};
    const QLocale locale;
    return tr("step %1 of %2: %3")
        .arg(locale.toString(qulonglong{now.step}), locale.toString(qulonglong{now.steps}),
             workText(now.current.work));
}

void RunningJob::setReport(JobReport report)
{
    m_report = std::move(report);
    Q_EMIT changed();
}

QString RunningJob::progressText() const
{
    if (m_finished && !m_report.text.isEmpty())
        return m_report.text;
    const CopyProgress now = progress();
    QStringList parts;
    if (now.totalBytes == 0 && now.doneBytes > 0 && !m_finished)
        parts.append(tr("%1 so far").arg(sizeDisplay(now.doneBytes))); // Of nobody knows how much.
    else
        parts.append(QLocale().toString(static_cast<int>(fraction() * 100.0)) +
                     QLocale().percent());
    if (const QString step = stepText(); !step.isEmpty())
        parts.append(step);
    if (now.totalBytes > 0)
        parts.append(tr("%1 of %2").arg(sizeDisplay(now.doneBytes), sizeDisplay(now.totalBytes)));
    switch (state()) {
    case State::Waiting:
        return m_waitingAhead == 0
                   ? tr("waiting: another job writes the same member")
                   : tr("waiting; jobs before it: %1").arg(QLocale().toString(m_waitingAhead));
    case State::Paused:
        parts.append(tr("paused"));
        break;
    case State::Canceling:
        parts.append(tr("canceling …"));
        break;
    case State::Finished:
        parts.append(m_outcome->has_value() ? tr("done") : causeText(m_outcome->error()));
        break;
    case State::Running:
        parts.append(rateText(now));
        break;
    }
    return parts.join(QStringLiteral(" · "));
}

QString RunningJob::rateText(const CopyProgress& progress) const
{
    QStringList parts;
    const Standing whole = standing();
    const QString phase = phaseText(progress.phase);
    const bool said = whole.within && whole.steps > 1;
    if (!phase.isEmpty() && !said)
        parts.append(phase);
    // A phase that is all done may be followed by work that reports no bytes.
    if (whole.within && m_rate.stalled(m_clock.elapsed()) &&
        progress.doneBytes < progress.totalBytes) {
        parts.append(tr("stalled: the device does not answer"));
        return parts.join(QStringLiteral(" · "));
    }
    const auto rate = m_rate.bytesPerSecond();
    if (!rate) {
        parts.append(tr("estimating"));
        return parts.join(QStringLiteral(" · "));
    }
    parts.append(tr("%1/s").arg(sizeDisplay(static_cast<std::uint64_t>(*rate))));
    if (const auto left = m_rate.secondsLeft(whole.totalBytes))
        parts.append(
            (whole.exact ? tr("%1 left") : tr("at most %1 left")).arg(durationDisplay(*left)));
    return parts.join(QStringLiteral(" · "));
}

void RunningJob::pause()
{
    m_control->pause();
    m_rate.reset();
    Q_EMIT changed();
}

void RunningJob::resume()
{
    m_control->resume();
    m_rate.reset();
    m_rateFromMs = 0;
    Q_EMIT changed();
    Q_EMIT resumed();
}

void RunningJob::cancel()
{
    m_control->cancel();
    Q_EMIT changed();
    // Nobody runs it: it ends here, but not within the call that canceled it.
    if (!m_handedOver && !m_finished)
        QMetaObject::invokeMethod(this, &RunningJob::finish, Qt::QueuedConnection);
}

void RunningJob::setWaitingAhead(int jobs)
{
    if (jobs == m_waitingAhead)
        return;
    m_waitingAhead = jobs;
    Q_EMIT changed();
}

void RunningJob::noteRate(const CopyProgress& progress)
{
    const std::int64_t nowMs = m_clock.elapsed();
    if (m_rateFromMs == 0 || progress.doneBytes < m_rateFromBytes) {
        m_rateFromMs = nowMs;
        m_rateFromBytes = progress.doneBytes;
        return;
    }
    const std::int64_t spanMs = nowMs - m_rateFromMs;
    if (spanMs < kRateMs)
        return;
    m_rates.push_back(static_cast<double>(progress.doneBytes - m_rateFromBytes) * 1000.0 /
                      static_cast<double>(spanMs));
    if (m_rates.size() > kMostRates)
        m_rates.pop_front();
    m_rateFromMs = nowMs;
    m_rateFromBytes = progress.doneBytes;
}

void RunningJob::sample()
{
    if (m_control->paused())
        return;
    const CopyProgress now = progress();
    if (*m_begun) {
        m_rate.add(m_clock.elapsed(), standing().doneBytes);
        noteRate(now);
    }
    Q_EMIT changed();
}

void RunningJob::finish()
{
    if (m_finished)
        return;
    m_timer.stop();
    m_finished = true;
    Q_EMIT changed();
    Q_EMIT done();
}

} // namespace cairn
