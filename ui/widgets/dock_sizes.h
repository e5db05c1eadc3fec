// Gives docks back the size that they had before the window was too small for it.
#pragma once

#include <QDockWidget>
#include <QMainWindow>
#include <map>

namespace cairn {

// A window that shrinks takes from its docks, and one that grows gives to its centre alone. Lives
// as a child of the window.
class DockSizes final : public QObject {
    Q_OBJECT

public:
    explicit DockSizes(QMainWindow& window);
    void watch(QDockWidget* dock);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    void settle();

    QMainWindow& m_window;
    std::map<QDockWidget*, QSize> m_wanted; // As the operator or a restored layout left them.
    bool m_resizing = false;                // What docks do meanwhile is the window's doing.
};

} // namespace cairn
