// The list of jobs.
#include "ui/widgets/jobs_panel.h"

#include "ui/widgets/job_row.h"
#include "ui/widgets/plain_label.h"

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
    m_rows->addWidget(m_empty);
    m_rows->addStretch(1);
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
    connect(row, &QObject::destroyed, this, &JobsPanel::updateEmpty, Qt::QueuedConnection);
    m_rows->insertWidget(0, row);
    updateEmpty();
}

bool JobsPanel::togglePause()
{
    for (JobRow* row : jobRows()) {
        if (!row->job()->finished()) {
            row->togglePause();
            return true;
        }
    }
    return false;
}

void JobsPanel::updateEmpty()
{
    m_empty->setVisible(jobRows().isEmpty());
}

} // namespace cairn
