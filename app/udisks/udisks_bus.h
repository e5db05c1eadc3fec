// The names by which UDisks is called, and the connection to the system bus that is used for it.
#pragma once

#include <QDBusConnection>
#include <QString>

namespace cairn {

inline const QString kUdisks = QStringLiteral("org.freedesktop.UDisks2");
inline const QString kUdisksPath = QStringLiteral("/org/freedesktop/UDisks2");
inline const QString kBlockInterface = QStringLiteral("org.freedesktop.UDisks2.Block");
inline const QString kProperties = QStringLiteral("org.freedesktop.DBus.Properties");

// Connects anew where the bus was not there before, or has gone. For any thread.
[[nodiscard]] QDBusConnection systemBus();

} // namespace cairn
