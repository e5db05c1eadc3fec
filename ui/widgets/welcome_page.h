// What the window shows while no array is open.
#pragma once

#include "ui/array_names.h"
#include "ui/widgets/scroll_pane.h"

#include <QPushButton>
#include <QStringList>
#include <QVBoxLayout>
#include <cstdint>

namespace cairn {

class WelcomePage final : public ScrollPane {
    Q_OBJECT

public:
    explicit WelcomePage(QWidget* parent = nullptr);

    // Each entry the URIs of one array, newest first.
    void setRecent(const QList<RecentArray>& recent);
    enum class Demo : std::uint8_t { NotThere, Offered, BeingMade };
    void setDemo(Demo demo);
    // While an array is being read or made: which.
    void setBusy(const QString& text);

Q_SIGNALS:
    void openRequested();
    void createRequested();
    void demoRequested();
    void recentRequested(const QStringList& uris);

private:
    QVBoxLayout* m_recent;
    QWidget* m_recentBox;
    QPushButton* m_demo;
    class PlainLabel* m_busy;
};

} // namespace cairn
