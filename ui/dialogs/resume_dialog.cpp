// The dialog of a backup that goes on.
#include "ui/dialogs/resume_dialog.h"

#include "ui/asking.h"
#include "ui/command_text.h"
#include "ui/record_text.h"

namespace cairn {

ResumeDialog::ResumeDialog(const ArraySnapshot& snapshot, const About& about, QWidget* parent)
    : DialogFrame(
          {.title = tr("Resume backup"),
           .heading = tr("Go on with backup %1 of %2?")
                          .arg(numberDisplay(about.job.generation), regionDisplay(about.source)),
           .explanation = tr("All of the source is read again, and copied where it has "
                             "changed: how it is read now says how consistent the backup "
                             "is."),
           .verb = tr("Resume")},
          parent),
      m_use(new SourceUseChoice)
{
    setObjectName(QStringLiteral("resumeDialog"));
    verbButton()->setObjectName(QStringLiteral("resumeInUse"));
    body()->addWidget(m_use);
    m_use->setSource(about.source, about.cannotFreeze);
    const auto update = [this, snapshot, number = about.job.generation,
                         onUnreadable = about.onUnreadable] {
        m_use->setCommand(frozenResumeCommand(snapshot, number, onUnreadable, m_use->limitS()), {});
        verbButton()->setEnabled(m_use->isAnswered());
    };
    connect(m_use, &SourceUseChoice::changed, this, update);
    update();
}

} // namespace cairn
