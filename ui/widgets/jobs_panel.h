// The jobs of this window: what runs, how far it is, and how it ended.
#pragma once

#include "ui/jobs/running_job.h"
#include "ui/widgets/scroll_pane.h"

#include <QPointer>
#include <QPushButton>
#include <QVBoxLayout>

namespace cairn {

class JobRow;

class JobsPanel final : public ScrollPane {
    Q_OBJECT

public:
    explicit JobsPanel(QWidget* parent = nullptr);

    // Newest last, so that no other moves. The row goes with the job, or when the operator
    // dismisses a finished one.
    void add(RunningJob* job);
    // Pauses or resumes the newest job that is not finished; false: there is none.
    bool togglePause();
    // Of the list; what a job has left on the array stays there to be gone on with.
    void clearFinished();

Q_SIGNALS:
    // Whether there are finished jobs in the list.
    void clearable(bool some);
    // Whether there are others.
    void pausable(bool some);
    void dismissed(cairn::RunningJob* job);
    void retryWanted(cairn::RunningJob* job);
    void earlierWanted(cairn::RunningJob* job);

protected:
    void leaveEvent(QEvent* event) override;
    // Rows that become higher.
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void refresh();
    // Of the job that began last, unless the operator aims at one of the others.
    void showNewest();
    [[nodiscard]] QList<JobRow*> jobRows() const;

    QVBoxLayout* m_rows;
    QPushButton* m_clear;
    QWidget* m_empty;
    QPointer<JobRow> m_newest; // Until it has ended.
};

} // namespace cairn
