// Connects to the system bus.
#include "app/udisks/udisks_bus.h"

#include <mutex>

namespace cairn {

QDBusConnection systemBus()
{
    static std::mutex mutex;
    static unsigned attempts = 0;
    static QString name;
    const std::scoped_lock lock(mutex);
    if (attempts > 0) {
        const QDBusConnection known(name);
        if (known.isConnected())
            return known;
        QDBusConnection::disconnectFromBus(name);
    }
    name = QStringLiteral("cairn-system-%1").arg(++attempts);
    return QDBusConnection::connectToBus(QDBusConnection::SystemBus, name);
}

} // namespace cairn
