// The list of jobs.
#include "ui/widgets/jobs_panel.h"

#include "ui/widgets/job_row.h"
#include "ui/widgets/plain_label.h"

#include <QEvent>
#include <QTimer>
#include <algorithm>

namespace cairn {

JobsPanel::JobsPanel(QWidget* parent) : ScrollPane(parent)
{
    setObjectName(QStringLiteral("jobsPanel"));
    setAccessibleName(tr("Jobs"));
    m_rows = new QVBoxLayout(content());
    m_rows->setContentsMargins(12, 8, 10, 10);
    m_rows->setSpacing(14);
    m_empty =
        PlainLabel::muted(tr("Backups, verifications and restores show here while they run."));
    m_clear = new QPushButton(tr("Clear finished"));
    m_clear->setObjectName(QStringLiteral("clearFinished"));
    m_clear->setAccessibleName(tr("Remove the finished jobs from the list"));
    m_clear->setToolTip(tr("Remove the jobs that have ended from the list. What was interrupted "
                           "stays in Health (Ctrl+H) until it is resumed or given up."));
    m_clear->setAutoDefault(false);
    connect(m_clear, &QPushButton::clicked, this, &JobsPanel::clearFinished);
    // Below the rows: it comes and goes, and moves none of them.
    m_rows->addWidget(m_empty);
    m_rows->addWidget(m_clear, 0, Qt::AlignTrailing);
    m_rows->addStretch(1);
    content()->installEventFilter(this);
    refresh();
}

QList<JobRow*> JobsPanel::jobRows() const
{
    QList<JobRow*> rows;
    for (int index = 0; index < m_rows->count(); ++index) {
        if (auto* row = qobject_cast<JobRow*>(m_rows->itemAt(index)->widget()))
            rows.append(row);
    }
    return rows;
}

void JobsPanel::add(RunningJob* job)
{
    auto* row = new JobRow(job, this);
    connect(row, &JobRow::dismissed, this, [this, row] { Q_EMIT dismissed(row->job()); });
    connect(row, &JobRow::retryWanted, this, [this, row] { Q_EMIT retryWanted(row->job()); });
    connect(row, &JobRow::earlierWanted, this, [this, row] { Q_EMIT earlierWanted(row->job()); });
    connect(row, &QObject::destroyed, this, &JobsPanel::refresh, Qt::QueuedConnection);
    connect(job, &RunningJob::done, this, &JobsPanel::refresh);
    m_rows->insertWidget(static_cast<int>(jobRows().size()), row);
    refresh();
    m_newest = row;
    showNewest();
}

void JobsPanel::showNewest()
{
    if (underMouse() || m_newest == nullptr)
        return;
    // Where it is laid out.
    QTimer::singleShot(0, m_newest, [this, row = m_newest.data()] {
        if (underMouse())
            return;
        content()->layout()->activate();
        scrollTo(row);
    });
}

void JobsPanel::leaveEvent(QEvent* event)
{
    ScrollPane::leaveEvent(event);
    showNewest();
}

bool JobsPanel::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == content() &&
        (event->type() == QEvent::Resize || event->type() == QEvent::LayoutRequest))
        showNewest();
    return ScrollPane::eventFilter(watched, event);
}

void JobsPanel::clearFinished()
{
    for (const JobRow* row : jobRows()) {
        if (row->job() != nullptr && row->job()->finished())
            Q_EMIT dismissed(row->job());
    }
}

bool JobsPanel::togglePause()
{
    const QList<JobRow*> rows = jobRows();
    const auto newest = std::find_if(rows.rbegin(), rows.rend(), [](const JobRow* row) {
        return row->job() != nullptr && !row->job()->finished();
    });
    if (newest == rows.rend())
        return false;
    (*newest)->togglePause();
    return true;
}

void JobsPanel::refresh()
{
    const QList<JobRow*> rows = jobRows();
    const bool some = std::ranges::any_of(
        rows, [](const JobRow* row) { return row->job() != nullptr && row->job()->finished(); });
    const bool goesOn = std::ranges::any_of(rows, [this](const JobRow* row) {
        return m_newest == row && row->job() != nullptr && !row->job()->finished();
    });
    if (!goesOn)
        m_newest.clear(); // How it ended is told in the strip too.
    m_empty->setVisible(rows.isEmpty());
    m_clear->setVisible(some);
    Q_EMIT clearable(some);
    Q_EMIT pausable(std::ranges::any_of(
        rows, [](const JobRow* row) { return row->job() != nullptr && !row->job()->finished(); }));
}

} // namespace cairn
