// Tells the operator's changes of docks from the window's.
#include "ui/widgets/dock_sizes.h"

#include <QDataStream>
#include <QEvent>
#include <QIODevice>
#include <QResizeEvent>
#include <QTimer>
#include <algorithm>
#include <map>

namespace cairn {

DockSizes::DockSizes(QMainWindow& window) : QObject(&window), m_window(window)
{
    window.installEventFilter(this);
}

void DockSizes::watch(QDockWidget* dock, QSize first)
{
    dock->installEventFilter(this);
    m_docks.push_back({dock, first});
}

void DockSizes::takeTurns(QDockWidget* one, QDockWidget* other)
{
    m_turns.emplace_back(one, other);
}

QByteArray DockSizes::save() const
{
    std::map<QString, QSize> sizes;
    for (const Watched& each : m_docks)
        sizes[each.dock->objectName()] = each.wanted;
    QByteArray saved;
    QDataStream stream(&saved, QIODevice::WriteOnly);
    for (const auto& [name, size] : sizes)
        stream << name << size;
    return saved;
}

void DockSizes::restore(const QByteArray& saved)
{
    QDataStream stream(saved);
    while (!stream.atEnd()) {
        QString name;
        QSize size;
        stream >> name >> size;
        if (stream.status() != QDataStream::Ok || size.isEmpty())
            return;
        for (Watched& each : m_docks) {
            if (each.dock->objectName() == name)
                each.wanted = size;
        }
    }
    settleSoon();
}

bool DockSizes::eventFilter(QObject* watched, QEvent* event)
{
    if (watched == &m_window)
        watchWindow(*event);
    else if (event->type() == QEvent::ShowToParent || event->type() == QEvent::HideToParent)
        settleSoon();
    else if (event->type() == QEvent::Resize && m_dragging && !m_settling)
        note(qobject_cast<QDockWidget*>(watched), static_cast<QResizeEvent*>(event)->oldSize());
    return QObject::eventFilter(watched, event);
}

void DockSizes::watchWindow(const QEvent& event)
{
    switch (event.type()) {
    case QEvent::Resize:
        settleSoon();
        break;
    case QEvent::MouseButtonPress:
        m_dragging = true;
        break;
    case QEvent::MouseButtonRelease:
        // After the layout that the last movement has asked for.
        QTimer::singleShot(0, this, [this] { m_dragging = false; });
        break;
    default:
        break;
    }
}

QSize& DockSizes::wantedOf(const QDockWidget* dock)
{
    return std::ranges::find(m_docks, dock, &Watched::dock)->wanted;
}

// The other of its two measures may be less than what is wanted while the window is small.
void DockSizes::note(QDockWidget* dock, QSize before)
{
    QSize& wanted = wantedOf(dock);
    if (dock->height() != before.height())
        wanted.setHeight(dock->height());
    if (dock->width() == before.width())
        return;
    wanted.setWidth(dock->width());
    for (const auto& [one, other] : m_turns) {
        if (dock == one || dock == other)
            wantedOf(dock == one ? other : one).setWidth(dock->width());
    }
}

void DockSizes::settleSoon()
{
    if (!std::exchange(m_settling, true))
        QTimer::singleShot(0, this, &DockSizes::settle);
}

void DockSizes::settle()
{
    QList<QDockWidget*> docks;
    QList<int> widths;
    QList<int> heights;
    for (const auto& [dock, size] : m_docks) {
        if (!dock->isVisible())
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
    QTimer::singleShot(0, this, [this] { m_settling = false; });
}

} // namespace cairn
