// What the window shows while no array is open.
#pragma once

#include "ui/widgets/scroll_pane.h"

#include <QStringList>
#include <QVBoxLayout>

namespace cairn {

class WelcomePage final : public ScrollPane {
    Q_OBJECT

public:
    explicit WelcomePage(QWidget* parent = nullptr);

    // Each entry the URIs of one array, newest first.
    void setRecent(const QList<QStringList>& recent);
    // While an array is being read: which.
    void setBusy(const QString& text);

Q_SIGNALS:
    void openRequested();
    void createRequested();
    void recentRequested(const QStringList& uris);

private:
    QVBoxLayout* m_recent;
    QWidget* m_recentBox;
    class PlainLabel* m_busy;
};

// Several members of one array as one line.
[[nodiscard]] QString urisDisplay(const QStringList& uris);

} // namespace cairn
