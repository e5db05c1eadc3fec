// Reads UDisks' objects and follows its signals.
#include "app/udisks/udisks_disks.h"

#include "app/udisks/udisks_bus.h"
#include "core/array/gpt/gpt_types.h"

#include <QDBusArgument>
#include <QDBusMessage>
#include <QDBusMetaType>
#include <QDBusObjectPath>
#include <QDBusPendingCallWatcher>
#include <QDBusPendingReply>
#include <QMap>
#include <algorithm>

namespace cairn {
namespace {

using Interfaces = QMap<QString, QVariantMap>;
using Objects = QMap<QDBusObjectPath, Interfaces>;

constexpr int kSoonMs = 150;

const QString kDriveInterface = QStringLiteral("org.freedesktop.UDisks2.Drive");
const QString kPartitionInterface = QStringLiteral("org.freedesktop.UDisks2.Partition");
const QString kTableInterface = QStringLiteral("org.freedesktop.UDisks2.PartitionTable");
const QString kLoopInterface = QStringLiteral("org.freedesktop.UDisks2.Loop");

QString objectIn(const QVariantMap& properties, const char* name)
{
    return properties.value(QString::fromLatin1(name)).value<QDBusObjectPath>().path();
}

// Of a property "ay", which ends in a zero.
QString pathIn(const QVariantMap& properties, const char* name)
{
    return QString::fromLocal8Bit(
        properties.value(QString::fromLatin1(name)).toByteArray().constData());
}

// The tables that a management region is in. UDisks has read them already: nobody is asked.
QStringList tablesOfCatalogs(const Objects& objects)
{
    const QString type = QString::fromStdString(kManagementType.toString());
    QStringList tables;
    for (const Interfaces& object : objects) {
        const QVariantMap partition = object.value(kPartitionInterface);
        const QString its = partition.value(QStringLiteral("Type")).toString();
        if (its.compare(type, Qt::CaseInsensitive) == 0)
            tables.append(objectIn(partition, "Table"));
    }
    return tables;
}

QString modelOf(const Objects& objects, const Interfaces& disk, const QVariantMap& block)
{
    const QVariantMap drive =
        objects.value(QDBusObjectPath(objectIn(block, "Drive"))).value(kDriveInterface);
    const QString model = QStringLiteral("%1 %2")
                              .arg(drive.value(QStringLiteral("Vendor")).toString(),
                                   drive.value(QStringLiteral("Model")).toString())
                              .trimmed();
    return model.isEmpty() ? pathIn(disk.value(kLoopInterface), "BackingFile") : model;
}

QList<KnownDisk> disksOf(const Objects& objects)
{
    const QStringList catalogs = tablesOfCatalogs(objects);
    QList<KnownDisk> disks;
    for (auto object = objects.begin(); object != objects.end(); ++object) {
        const QVariantMap block = object->value(kBlockInterface);
        KnownDisk disk;
        disk.sizeBytes = block.value(QStringLiteral("Size")).toULongLong();
        if (disk.sizeBytes == 0 || block.value(QStringLiteral("HintIgnore")).toBool() ||
            object->contains(kPartitionInterface))
            continue;
        disk.device = pathIn(block, "PreferredDevice");
        disk.model = modelOf(objects, *object, block);
        disk.hasTable = object->value(kTableInterface).value(QStringLiteral("Type")).toString() ==
                        QStringLiteral("gpt");
        disk.holdsCatalog = catalogs.contains(object.key().path());
        disk.readOnly = block.value(QStringLiteral("ReadOnly")).toBool();
        // What is mounted as it is, a snap for example, is no member of anything.
        if (!disk.hasTable && !block.value(QStringLiteral("IdUsage")).toString().isEmpty())
            continue;
        disks.append(disk);
    }
    std::ranges::sort(disks, {}, &KnownDisk::device);
    return disks;
}

} // namespace

UdisksDisks::UdisksDisks(DiskList& list) : m_list(list), m_bus(systemBus())
{
    qDBusRegisterMetaType<Interfaces>();
    qDBusRegisterMetaType<Objects>();
    m_soon.setSingleShot(true);
    m_soon.setInterval(kSoonMs);
    connect(&m_soon, &QTimer::timeout, this, &UdisksDisks::read);
    const QString objects = QStringLiteral("org.freedesktop.DBus.ObjectManager");
    const auto follow = [this](const QString& path, const QString& interface, const char* signal) {
        m_bus.connect(kUdisks, path, interface, QString::fromLatin1(signal), this,
                      SLOT(changeSoon()));
    };
    follow(kUdisksPath, objects, "InterfacesAdded");
    follow(kUdisksPath, objects, "InterfacesRemoved");
    follow({}, kProperties, "PropertiesChanged");
    // UDisks itself may come later than this program.
    m_bus.connect(QStringLiteral("org.freedesktop.DBus"), QStringLiteral("/org/freedesktop/DBus"),
                  QStringLiteral("org.freedesktop.DBus"), QStringLiteral("NameOwnerChanged"),
                  QStringList{kUdisks}, QString(), this, SLOT(changeSoon()));
    read();
}

void UdisksDisks::read()
{
    const QDBusMessage call = QDBusMessage::createMethodCall(
        kUdisks, kUdisksPath, QStringLiteral("org.freedesktop.DBus.ObjectManager"),
        QStringLiteral("GetManagedObjects"));
    auto* watcher = new QDBusPendingCallWatcher(m_bus.asyncCall(call), this);
    connect(watcher, &QDBusPendingCallWatcher::finished, this, &UdisksDisks::take);
}

void UdisksDisks::take(QDBusPendingCallWatcher* call)
{
    call->deleteLater();
    const QDBusPendingReply<Objects> reply = *call;
    if (reply.isValid())
        m_list.setDisks(disksOf(reply.value()));
}

} // namespace cairn
