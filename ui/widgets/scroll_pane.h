// The frame of the panes at the side: as wide as the pane, and scrolled where it is higher.
#pragma once

#include <QScrollArea>
#include <QWidget>

namespace cairn {

class ScrollPane : public QWidget {
    Q_OBJECT

protected:
    explicit ScrollPane(QWidget* parent = nullptr);
    // What is scrolled; its layout is the pane's.
    [[nodiscard]] QWidget* content() const { return m_scroll->widget(); }

    // As little as is needed for that part to be seen.
    void scrollTo(QWidget* part) { m_scroll->ensureWidgetVisible(part, 0, 0); }

private:
    QScrollArea* m_scroll;
};

} // namespace cairn
