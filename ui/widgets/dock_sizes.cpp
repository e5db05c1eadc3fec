// Tells the operator's changes of docks from the window's.
#include "ui/widgets/dock_sizes.h"

#include <QEvent>
#include <QTimer>
#include <algorithm>
#include <utility>

namespace cairn {

DockSizes::DockSizes(QMainWindow& window) : QObject(&window), m_window(window)
{
    window.installEventFilter(this);
}

void DockSizes::watch(QDockWidget* dock)
{
    dock->installEventFilter(this);
    m_wanted[dock] = {};
}

bool DockSizes::eventFilter(QObject* watched, QEvent* event)
{
    if (event->type() != QEvent::Resize)
        return QObject::eventFilter(watched, event);
    if (watched == &m_window) {
        if (!std::exchange(m_resizing, true))
            QTimer::singleShot(0, this, &DockSizes::settle);
    } else if (!m_resizing) {
        if (auto* dock = qobject_cast<QDockWidget*>(watched); dock != nullptr && dock->isVisible())
            m_wanted[dock] = dock->size();
    }
    return QObject::eventFilter(watched, event);
}

void DockSizes::settle()
{
    QList<QDockWidget*> docks;
    QList<int> widths;
    QList<int> heights;
    for (const auto& [dock, size] : m_wanted) {
        if (!dock->isVisible() || size.isEmpty())
            continue;
        docks.append(dock);
        widths.append(size.width());
        heights.append(size.height());
    }
    if (!docks.isEmpty()) {
        m_window.resizeDocks(docks, widths, Qt::Horizontal);
        m_window.resizeDocks(docks, heights, Qt::Vertical);
    }
    // After the layout that this has asked for.
    QTimer::singleShot(0, this, [this] { m_resizing = false; });
}

} // namespace cairn
