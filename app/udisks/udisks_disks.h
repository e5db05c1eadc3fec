// Keeps a list of disks as UDisks tells it: which there are, and which come and go.
#pragma once

#include "ui/disk_list.h"

#include <QDBusConnection>
#include <QObject>
#include <QTimer>

class QDBusPendingCallWatcher;

namespace cairn {

// Feeds the list, which outlives it, without waiting for UDisks or asking for a permission. A list
// that cannot be had stays as it is.
class UdisksDisks final : public QObject {
    Q_OBJECT

public:
    explicit UdisksDisks(DiskList& list);

private Q_SLOTS:
    void changeSoon() { m_soon.start(); }

private:
    void read();
    void take(QDBusPendingCallWatcher* call);

    DiskList& m_list;
    QDBusConnection m_bus;
    QTimer m_soon; // One change is told in several signals.
};

} // namespace cairn
