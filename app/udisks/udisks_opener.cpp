// Calls UDisks, and tells its refusals apart.
#include "app/udisks/udisks_opener.h"

#include "app/udisks/udisks_bus.h"

#include <QDBusMessage>
#include <QDBusObjectPath>
#include <QDBusUnixFileDescriptor>
#include <QDBusVariant>
#include <QDeadlineTimer>
#include <QThread>
#include <QVariantMap>
#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <fcntl.h>
#include <limits>
#include <optional>
#include <string_view>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>
#include <utility>

namespace cairn {
namespace {

constexpr int kLookupMs = 10'000;
// libdbus waits without an end for this one: a person may be looking for the password.
constexpr int kUnlimitedMs = std::numeric_limits<int>::max();
// A node that has just come is known to the kernel before it is to UDisks.
constexpr int kSettleMs = 3'000;
constexpr unsigned long kSettleStepMs = 50;

constexpr const char* kNotThere = "UDisks, which would open it for this user, does not answer";

std::unexpected<Error> notAuthorized(const DeviceRequest& request, const char* why, int osError = 0)
{
    return failure(ErrorCode::NotAuthorized, request.path, why, 0, osError);
}

// Whether nobody answered by that name, or not any more.
bool isAbsence(const QString& errorName)
{
    static constexpr std::array kNames{
        "org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner",
        "org.freedesktop.DBus.Error.NoReply",        "org.freedesktop.DBus.Error.Disconnected",
        "org.freedesktop.DBus.Error.NoServer",       "org.freedesktop.DBus.Error.Timeout",
        "org.freedesktop.DBus.Error.TimedOut"};
    return errorName.startsWith(u"org.freedesktop.DBus.Error.Spawn") ||
           std::ranges::any_of(
               kNames, [&](const char* name) { return errorName == QLatin1StringView(name); });
}

// UDisks words the failure of its open(2) in the language that it runs in.
std::optional<int> osErrorOf(const QString& message)
{
    for (const int osError : {EBUSY, EROFS, EACCES, EPERM, ENXIO, ENODEV, ENOENT, ENOMEDIUM, EIO}) {
        if (message.endsWith(QString::fromUtf8(::strerrordesc_np(osError))) ||
            message.endsWith(QString::fromLocal8Bit(::strerror(osError))))
            return osError;
    }
    return std::nullopt;
}

Error openingError(const DeviceRequest& request, const QDBusMessage& answer)
{
    const QString name = answer.errorName();
    if (isAbsence(name))
        return notAuthorized(request, kNotThere, EACCES).error();
    static constexpr std::array<std::pair<const char*, const char*>, 3> kRefusals{{
        {"org.freedesktop.UDisks2.Error.NotAuthorizedDismissed",
         "the question for the password was dismissed"},
        {"org.freedesktop.UDisks2.Error.NotAuthorizedCanObtain",
         "nobody is there who could be asked for the password"},
        {"org.freedesktop.UDisks2.Error.NotAuthorized", "this user is not allowed to"},
    }};
    for (const auto& [refusal, why] : kRefusals) {
        if (name == QLatin1StringView(refusal))
            return notAuthorized(request, why).error();
    }
    if (const auto osError = osErrorOf(answer.errorMessage()))
        return openError(request, *osError);
    // Nothing else is asked of a claim than that nobody else has one.
    const bool busy = request.exclusive || name.endsWith(u"DeviceBusy");
    return {busy ? ErrorCode::RegionInUse : ErrorCode::OpenFailed, 0, request.path,
            answer.errorMessage().toStdString(), 0};
}

QDBusMessage methodCall(const QString& path, const QString& interface, const char* method,
                        const QVariantList& arguments)
{
    QDBusMessage call =
        QDBusMessage::createMethodCall(kUdisks, path, interface, QString::fromLatin1(method));
    call.setArguments(arguments);
    return call;
}

// Whether UDisks means the same device by that object as the kernel does by the path.
bool leadsTo(const QDBusConnection& bus, const QString& object, dev_t device)
{
    const QDBusMessage answer = bus.call(
        methodCall(object, kProperties, "Get", {kBlockInterface, QStringLiteral("DeviceNumber")}),
        QDBus::Block, kLookupMs);
    if (answer.type() != QDBusMessage::ReplyMessage || answer.arguments().isEmpty())
        return false;
    return answer.arguments().first().value<QDBusVariant>().variant().toULongLong() == device;
}

// What UDisks calls a node: its name, with each byte but letters and digits as "_" and two hex
// digits (udisks_safe_append_to_object_path() of its source).
QString objectOf(dev_t device, const std::string& path)
{
    QByteArray name = QByteArray::fromStdString(path.substr(path.rfind('/') + 1));
    QByteArray kernelName;
    const QString link = QStringLiteral("/sys/dev/block/%1:%2")
                             .arg(::gnu_dev_major(device))
                             .arg(::gnu_dev_minor(device));
    std::array<char, PATH_MAX> target{};
    if (::readlink(qPrintable(link), target.data(), target.size() - 1) > 0)
        kernelName = QByteArray(target.data());
    if (!kernelName.isEmpty())
        name = kernelName.mid(kernelName.lastIndexOf('/') + 1);
    QString object = kUdisksPath + QStringLiteral("/block_devices/");
    for (const char byte : name) {
        if ((byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z') ||
            (byte >= 'A' && byte <= 'Z'))
            object += QLatin1Char(byte);
        else
            object += QStringLiteral("_%1").arg(static_cast<unsigned char>(byte), 2, 16,
                                                QLatin1Char('0'));
    }
    return object;
}

Result<QString> findObject(const QDBusConnection& bus, const DeviceRequest& request)
{
    struct stat status{};
    if (::stat(request.path.c_str(), &status) != 0)
        return osFailure(ErrorCode::OpenFailed, request.path);
    const QString object = objectOf(status.st_rdev, request.path);
    const QDeadlineTimer deadline(kSettleMs);
    for (;;) {
        if (leadsTo(bus, object, status.st_rdev))
            return object;
        if (deadline.hasExpired())
            return failure(ErrorCode::OpenFailed, request.path, "UDisks does not know this device");
        QThread::msleep(kSettleStepMs);
    }
}

} // namespace

Result<int> openThroughUdisks(const DeviceRequest& request)
{
    const QDBusConnection bus = systemBus();
    if (!bus.isConnected() ||
        !(bus.connectionCapabilities() & QDBusConnection::UnixFileDescriptorPassing))
        return notAuthorized(request, kNotThere, EACCES);
    const QDBusMessage awake =
        bus.call(methodCall(kUdisksPath + QStringLiteral("/Manager"),
                            QStringLiteral("org.freedesktop.DBus.Peer"), "Ping", {}),
                 QDBus::Block, kLookupMs);
    if (awake.type() == QDBusMessage::ErrorMessage && isAbsence(awake.errorName()))
        return notAuthorized(request, kNotThere, EACCES);
    const QString object = CAIRN_TRY(findObject(bus, request));
    int flags = O_CLOEXEC;
    flags |= request.exclusive ? O_EXCL : 0;
    flags |= request.direct ? O_DIRECT : 0;
    const QString mode =
        request.access == Access::Write ? QStringLiteral("rw") : QStringLiteral("r");
    const QDBusMessage answer =
        bus.call(methodCall(object, kBlockInterface, "OpenDevice",
                            {mode, QVariantMap{{QStringLiteral("flags"), flags}}}),
                 QDBus::Block, kUnlimitedMs);
    if (answer.type() != QDBusMessage::ReplyMessage)
        return std::unexpected(openingError(request, answer));
    const auto given = answer.arguments().value(0).value<QDBusUnixFileDescriptor>();
    const int own = given.isValid() ? ::fcntl(given.fileDescriptor(), F_DUPFD_CLOEXEC, 0) : -1;
    if (own < 0)
        return failure(ErrorCode::OpenFailed, request.path, "UDisks gave no descriptor");
    return own;
}

} // namespace cairn
