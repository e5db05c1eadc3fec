// Gives docks back the size that they had before the window was too small for it, or another run.
#pragma once

#include <QByteArray>
#include <QDockWidget>
#include <QMainWindow>
#include <utility>
#include <vector>

namespace cairn {

// A window that shrinks takes from its docks, and one that grows gives to its centre alone; a dock
// that comes or goes takes from its neighbours. Only what the mouse does on the lines between them
// is the operator's doing. Lives as a child of the window.
class DockSizes final : public QObject {
    Q_OBJECT

public:
    explicit DockSizes(QMainWindow& window);
    // `first`: its size until the operator gives it another one.
    void watch(QDockWidget* dock, QSize first);
    // One is shown in the place of the other: they are equally wide.
    void takeTurns(QDockWidget* one, QDockWidget* other);

    // What the operator wants, for the next run; of hidden docks too.
    [[nodiscard]] QByteArray save() const;
    void restore(const QByteArray& saved);

protected:
    bool eventFilter(QObject* watched, QEvent* event) override;

private:
    struct Watched {
        QDockWidget* dock = nullptr;
        QSize wanted; // As the operator or a restored layout left it.
    };
    void watchWindow(const QEvent& event);
    void settleSoon();
    void settle();
    void note(QDockWidget* dock, QSize before);
    [[nodiscard]] QSize& wantedOf(const QDockWidget* dock);

    QMainWindow& m_window;
    std::vector<Watched> m_docks;
    std::vector<std::pair<QDockWidget*, QDockWidget*>> m_turns;
    bool m_dragging = false; // The mouse is pressed on the window itself: on such a line, perhaps.
    bool m_settling = false;
};

} // namespace cairn
