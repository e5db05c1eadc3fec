// One job: title, bar, what is known of its speed, and its buttons.
#pragma once

#include "ui/jobs/running_job.h"
#include "ui/widgets/plain_label.h"
#include "ui/widgets/rate_graph.h"
#include "ui/widgets/thin_bar.h"

#include <QToolButton>
#include <QWidget>

namespace cairn {

class JobRow final : public QWidget {
    Q_OBJECT

public:
    JobRow(RunningJob* job, QWidget* parent);

    // Null for the moment between its end and the row's.
    [[nodiscard]] RunningJob* job() const { return m_job; }
    void togglePause();

Q_SIGNALS:
    void dismissed();
    void retryWanted();
    void earlierWanted();

protected:
    void changeEvent(QEvent* event) override;

private:
    void build();
    void cancel();
    void refresh();
    void showAgain();
    void recolor();

    RunningJob* m_job;
    PlainLabel* m_title = nullptr;
    ThinBar* m_bar = nullptr;
    PlainLabel* m_text = nullptr;
    RateGraph* m_graph = nullptr;
    QToolButton* m_earlier = nullptr;
    QToolButton* m_retry = nullptr;
    QToolButton* m_pause = nullptr;
    QToolButton* m_cancel = nullptr;
    QToolButton* m_dismiss = nullptr;
    bool m_showsResume = false;
};

} // namespace cairn
