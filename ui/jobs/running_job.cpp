// Runs a verb on a pool and samples its progress for the window.
#include "ui/jobs/running_job.h"

#include "ui/record_text.h"

#include <QLocale>
#include <QtConcurrentRun>
#include <algorithm>

namespace cairn {
namespace {

constexpr int kSampleMs = 100;

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

} // namespace

RunningJob::RunningJob(JobRequest request, QThreadPool& pool, QObject* parent)
    : QObject(parent), m_request(std::move(request)), m_control(std::make_shared<JobControl>()),
      // A canceled future drops its result: the slot says Canceled until the verb says otherwise.
      m_outcome(std::make_shared<Result<JobOutcome>>(failure(ErrorCode::Canceled))),
      m_begun(std::make_shared<std::atomic<bool>>(false))
{
    m_clock.start();
    connect(&m_timer, &QTimer::timeout, this, &RunningJob::sample);
    connect(&m_watcher, &QFutureWatcherBase::finished, this, &RunningJob::finish);
    m_timer.start(kSampleMs);
    m_watcher.setFuture(QtConcurrent::run(
        &pool, [run = m_request.run, control = m_control, outcome = m_outcome, begun = m_begun] {
            *begun = true;
            if (!control->canceled())
                *outcome = run(*control);
        }));
}

RunningJob::~RunningJob()
{
    m_control->cancel();
    m_watcher.disconnect(this);
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
    const CopyProgress now = progress();
    if (m_finished && m_outcome->has_value())
        return 1.0;
    if (now.totalBytes == 0)
        return 0.0;
    return std::min(1.0, static_cast<double>(now.doneBytes) / static_cast<double>(now.totalBytes));
}

QString RunningJob::progressText() const
{
    const CopyProgress now = progress();
    QStringList parts{QLocale().toString(static_cast<int>(fraction() * 100.0)) +
                      QLocale().percent()};
    if (now.totalBytes > 0)
        parts.append(tr("%1 of %2").arg(sizeDisplay(now.doneBytes), sizeDisplay(now.totalBytes)));
    switch (state()) {
    case State::Waiting:
        return tr("waiting for other jobs");
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
    const QString phase = phaseText(progress.phase);
    if (!phase.isEmpty())
        parts.append(phase);
    if (m_rate.stalled(m_clock.elapsed())) {
        parts.append(tr("stalled: the device does not answer"));
        return parts.join(QStringLiteral(" · "));
    }
    const auto rate = m_rate.bytesPerSecond();
    if (!rate) {
        parts.append(tr("estimating"));
        return parts.join(QStringLiteral(" · "));
    }
    parts.append(tr("%1/s").arg(sizeDisplay(static_cast<std::uint64_t>(*rate))));
    if (const auto left = m_rate.secondsLeft(progress.totalBytes))
        parts.append(tr("%1 left").arg(durationDisplay(*left)));
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
    Q_EMIT changed();
}

void RunningJob::cancel()
{
    m_control->cancel();
    Q_EMIT changed();
}

void RunningJob::sample()
{
    if (m_control->paused())
        return;
    const CopyProgress now = progress();
    if (now.phase != m_phase) {
        m_phase = now.phase;
        m_rate.reset();
    }
    if (*m_begun)
        m_rate.add(m_clock.elapsed(), now.doneBytes);
    Q_EMIT changed();
}

void RunningJob::finish()
{
    m_timer.stop();
    m_finished = true;
    Q_EMIT changed();
    Q_EMIT done();
}

} // namespace cairn
