// A row of the jobs panel.
#include "ui/widgets/job_row.h"

#include "ui/asking.h"
#include "ui/closing_text.h"
#include "ui/dialogs/confirm_dialog.h"
#include "ui/widgets/icons.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QVBoxLayout>
#include <algorithm>

namespace cairn {

JobRow::JobRow(RunningJob* job, QWidget* parent) : QWidget(parent), m_job(job)
{
    setObjectName(QStringLiteral("jobRow"));
    build();
    connect(job, &RunningJob::changed, this, &JobRow::refresh);
    connect(job, &QObject::destroyed, this, [this] {
        m_job = nullptr;
        deleteLater();
    });
    connect(m_pause, &QToolButton::clicked, this, &JobRow::togglePause);
    connect(m_cancel, &QToolButton::clicked, this, &JobRow::cancel);
    connect(m_dismiss, &QToolButton::clicked, this, &JobRow::dismissed);
    connect(m_retry, &QToolButton::clicked, this, &JobRow::retryWanted);
    connect(m_earlier, &QToolButton::clicked, this, &JobRow::earlierWanted);
    recolor();
    refresh();
}

// One slip of the mouse leaves no region between two contents.
void JobRow::cancel()
{
    if (m_job == nullptr)
        return;
    const QString left = halfLeftText(m_job->request(), m_job->standing(), m_job->handedOver());
    if (left.isEmpty()) {
        m_job->cancel();
        return;
    }
    ask(new ConfirmDialog({.title = tr("Cancel a job"),
                           .heading = tr("Cancel “%1”?").arg(m_job->request().title),
                           .explanation = left,
                           .verb = tr("Cancel the job"),
                           .erases = true},
                          window()),
        this, [this](const ConfirmDialog&) {
            if (m_job != nullptr && !m_job->finished())
                m_job->cancel();
        });
}

void JobRow::build()
{
    const auto button = [this](const QString& name) {
        auto* made = new QToolButton(this);
        made->setObjectName(name);
        made->setAutoRaise(true);
        return made;
    };
    m_title = PlainLabel::wrapped(m_job->request().title);
    m_title->setBold(true);
    m_bar = new ThinBar(this);
    m_bar->setObjectName(QStringLiteral("jobBar"));
    m_text = PlainLabel::muted();
    m_text->setObjectName(QStringLiteral("jobText"));
    m_graph = new RateGraph(this);
    m_text->setMinimumHeight(m_graph->minimumHeight()); // Nothing moves once it is shown.
    m_earlier = button(QStringLiteral("putJobForward"));
    m_earlier->setAccessibleName(tr("Begin this job earlier"));
    m_earlier->setToolTip(tr("Begin earlier"));
    m_retry = button(QStringLiteral("retryJob"));
    m_pause = button(QStringLiteral("pauseJob"));
    m_cancel = button(QStringLiteral("cancelJob"));
    m_cancel->setAccessibleName(tr("Cancel this job"));
    m_cancel->setToolTip(tr("Cancel"));
    m_dismiss = button(QStringLiteral("dismissJob"));
    m_dismiss->setAccessibleName(tr("Remove this job from the list"));
    m_dismiss->setToolTip(tr("Remove from the list"));

    auto* top = new QHBoxLayout;
    top->setSpacing(2);
    top->addWidget(m_title, 1);
    top->addWidget(m_earlier, 0, Qt::AlignTop);
    top->addWidget(m_retry, 0, Qt::AlignTop);
    top->addWidget(m_pause, 0, Qt::AlignTop);
    top->addWidget(m_cancel, 0, Qt::AlignTop);
    top->addWidget(m_dismiss, 0, Qt::AlignTop);
    auto* all = new QVBoxLayout(this);
    all->setContentsMargins(0, 0, 0, 0);
    all->setSpacing(4);
    all->addLayout(top);
    all->addWidget(m_bar);
    auto* below = new QHBoxLayout;
    below->setSpacing(8);
    below->addWidget(m_text, 1);
    below->addWidget(m_graph, 0, Qt::AlignTop);
    all->addLayout(below);
}

void JobRow::togglePause()
{
    if (m_job->state() == RunningJob::State::Paused)
        m_job->resume();
    else
        m_job->pause();
}

void JobRow::refresh()
{
    const RunningJob::State state = m_job->state();
    const bool finished = state == RunningJob::State::Finished;
    const bool paused = state == RunningJob::State::Paused;
    using Tone = JobReport::Tone;
    const Tone tone = m_job->report().tone;
    const bool unproved = m_job->outcome().has_value() && tone == Tone::Unproved;
    const bool bad = !m_job->outcome().has_value() || (tone != Tone::Well && !unproved);
    const bool failed = finished && bad;
    const bool stopped =
        failed && (tone == Tone::Stopped || (!m_job->outcome().has_value() &&
                                             m_job->outcome().error().code == ErrorCode::Canceled));
    m_bar->setShare(m_job->fraction());
    m_bar->setLook(stopped || paused ? ThinBar::Look::Paused
                   : failed          ? ThinBar::Look::Failed
                   : unproved        ? ThinBar::Look::Unproved
                   : finished        ? ThinBar::Look::Done
                                     : ThinBar::Look::Running);
    const QString text = m_job->progressText();
    if (text != m_text->text())
        m_text->setText(text);
    // What goes on takes now one line and now two: the rows below stay where they are.
    if (!finished && m_text->isVisible())
        m_text->setMinimumHeight(
            std::max(m_text->minimumHeight(), m_text->heightForWidth(m_text->width())));
    setAccessibleName(m_job->request().title + QStringLiteral(": ") + text);
    m_graph->setRates(m_job->rates());
    // How it ended takes words, and they take room.
    m_graph->setVisible(m_job->rates().size() >= 2 && m_job->report().text.isEmpty());
    m_earlier->setVisible(!finished && !m_job->handedOver() && m_job->waitingAhead() > 0);
    showAgain();
    m_pause->setVisible(!finished);
    m_cancel->setVisible(!finished);
    m_dismiss->setVisible(finished);
    m_pause->setEnabled(state != RunningJob::State::Canceling);
    m_cancel->setEnabled(state != RunningJob::State::Canceling);
    if (paused != m_showsResume) {
        m_showsResume = paused;
        recolor();
    }
}

// What it would do is known only once it is known what the job has left behind.
void JobRow::showAgain()
{
    const QString& again = m_job->report().again;
    m_retry->setVisible(!again.isEmpty() && !m_job->report().underWay);
    m_retry->setToolTip(again);
    m_retry->setAccessibleName(tr("%1: %2").arg(again, m_job->request().title));
}

void JobRow::recolor()
{
    m_pause->setIcon(
        lineIcon(m_showsResume ? QStringLiteral("resume") : QStringLiteral("pause"), palette()));
    m_pause->setAccessibleName(m_showsResume ? tr("Resume this job") : tr("Pause this job"));
    m_pause->setToolTip(m_showsResume ? tr("Resume (Space)") : tr("Pause (Space)"));
    m_cancel->setIcon(lineIcon(QStringLiteral("cancel"), palette()));
    m_dismiss->setIcon(lineIcon(QStringLiteral("close"), palette()));
    m_earlier->setIcon(lineIcon(QStringLiteral("earlier"), palette()));
    m_retry->setIcon(lineIcon(QStringLiteral("refresh"), palette()));
}

void JobRow::changeEvent(QEvent* event)
{
    QWidget::changeEvent(event);
    if (event->type() == QEvent::PaletteChange && m_dismiss != nullptr)
        recolor();
}

} // namespace cairn
