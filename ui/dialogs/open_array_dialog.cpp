// The open dialog.
#include "ui/dialogs/open_array_dialog.h"

#include "ui/dialogs/disk_choice.h"

namespace cairn {

OpenArrayDialog::OpenArrayDialog(const DiskList* disks, QWidget* parent)
    : DialogFrame({.title = tr("Open array"),
                   .heading = tr("Which disks or images make up the array?"),
                   .explanation = tr("Add every member of one array. Opening only reads: nothing "
                                     "is written and nothing is mounted."),
                   .verb = tr("Open"),
                   .onlyReads = true},
                  parent),
      m_members(new MemberList(MemberList::Purpose::Existing))
{
    setObjectName(QStringLiteral("openArrayDialog"));
    body()->addWidget(m_members);
    if (disks != nullptr) {
        auto* choice = new DiskChoice(*disks);
        body()->addWidget(choice);
        connect(choice, &DiskChoice::chosen, m_members, &MemberList::add);
    }
    verbButton()->setEnabled(false);
    connect(m_members, &MemberList::changed, this,
            [this] { verbButton()->setEnabled(!m_members->uris().isEmpty()); });
    resize(600, 360);
}

void OpenArrayDialog::offer(const QStringList& uris)
{
    for (const QString& uri : uris)
        m_members->add(uri);
}

} // namespace cairn
