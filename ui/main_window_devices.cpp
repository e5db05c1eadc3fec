// What the window knows of the computer's disks, and by whom they are opened.
#include "ui/main_window.h"

#include "ui/widgets/plain_label.h"

#include <QBoxLayout>
#include <QFileInfo>
#include <algorithm>

namespace cairn {

Environment MainWindow::environment() const
{
    Environment environment = systemEnvironment();
    environment.devices = m_opener;
    return environment;
}

void MainWindow::setDevices(DeviceOpener* opener, const DiskList* disks)
{
    m_opener = opener;
    m_disks = disks;
    m_actions->setTablesNeedRoot(opener != nullptr);
    if (m_disks != nullptr)
        connect(m_disks, &DiskList::changed, this, &MainWindow::followDisks);
}

void MainWindow::followDisks(const QStringList& gone, const QStringList& come)
{
    if (!m_array)
        return;
    const auto& members = m_array->snapshot().layout.members;
    const bool ours = std::ranges::any_of(members, [&](const Member& member) {
        // By whichever name the operator opened it; the link of a disk that went is gone too.
        const QString location = QString::fromStdString(member.location);
        const QString node = QFileInfo(location).canonicalFilePath();
        const bool isBlock = location.startsWith(QStringLiteral("/dev/"));
        return gone.contains(location) || come.contains(location) || come.contains(node) ||
               (isBlock && node.isEmpty());
    });
    if (ours)
        m_array->refresh();
}

void MainWindow::showRunningAsRoot()
{
    auto* text = new PlainLabel(
        tr("Running as root: devices are opened directly, with the same checks, and no password "
           "is asked for."));
    text->setObjectName(QStringLiteral("rootText"));
    text->setContentsMargins(2, 0, 2, 6);
    // Incident: a tool bar of its own lay over the menus of a window that began maximized.
    qobject_cast<QBoxLayout*>(centralWidget()->layout())->insertWidget(0, text);
}

} // namespace cairn
