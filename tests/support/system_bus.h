// A system bus of its own with polkitd, udevd and udisksd on it, for tests that run as root.
#pragma once

#include <QDBusConnection>
#include <QDBusMessage>
#include <QFile>
#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <csignal>
#include <fcntl.h>
#include <memory>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <unistd.h>
#include <vector>

namespace cairn::test {

inline constexpr int kBusPatienceMs = 30'000;

// Before the process has threads: what is mounted from here on is seen by it and its children only.
// In a chroot, whose root is no mount by itself, the true root is left to nobody else either.
inline void leaveMountNamespace()
{
    bool left = ::unshare(CLONE_NEWNS) == 0;
    // Opened by now, so that they lead to the new namespace.
    const int root = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    const int here = ::open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    const QTemporaryDir below;
    left = left && root >= 0 && here >= 0 &&
           ::chroot(QFile::encodeName(below.path()).constData()) == 0;
    // Outside of the root that it has now, the way up is open.
    for (int level = 0; left && level < 64; ++level)
        left = ::chdir("..") == 0;
    left = left && ::mount("none", ".", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
           ::fchdir(root) == 0 && ::chroot(".") == 0 && ::fchdir(here) == 0;
    if (!left)
        qFatal("no mount namespace of its own: %s", ::strerror(errno));
    ::close(root);
    ::close(here);
}

// Of the users of Debian's base, polkit allows all to "nobody" and nothing to "daemon"; "bin" would
// be asked for a password, and there is nobody to ask.
class SystemBus {
public:
    SystemBus()
    {
        cover("/run/udev");
        cover("/run/udisks2");
        cover("/var/lib/udisks2");
        cover("/etc/polkit-1/rules.d");
        write(QStringLiteral("/etc/polkit-1/rules.d/10-test.rules"),
              "polkit.addRule(function(action, subject) {\n"
              "    if (action.id.indexOf('org.freedesktop.udisks2.') != 0)\n"
              "        return polkit.Result.NOT_HANDLED;\n"
              "    if (subject.user == 'nobody') return polkit.Result.YES;\n"
              "    if (subject.user == 'daemon') return polkit.Result.NO;\n"
              "    return polkit.Result.AUTH_ADMIN;\n"
              "});\n");
        if (!QFile::setPermissions(m_folder.path(), QFile::Permissions(0x7755)))
            qFatal("no permissions");
        const QString socket = m_folder.filePath(QStringLiteral("bus"));
        const QString config = m_folder.filePath(QStringLiteral("bus.conf"));
        write(config, "<busconfig><type>system</type><listen>unix:path=" + socket.toLocal8Bit() +
                          "</listen><auth>EXTERNAL</auth><policy context=\"default\">"
                          "<allow user=\"*\"/><allow own=\"*\"/><allow send_destination=\"*\"/>"
                          "<allow receive_sender=\"*\"/></policy></busconfig>");
        qputenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=" + socket.toLocal8Bit());
        start("dbus-daemon", {QStringLiteral("--config-file=") + config, "--nofork"});
        if (!QTest::qWaitFor([&] { return QFile::exists(socket); }, kBusPatienceMs))
            qFatal("no bus came");
        start("/usr/lib/polkit-1/polkitd", {"--no-debug"});
        waitFor("org.freedesktop.PolicyKit1");
        start("/lib/systemd/systemd-udevd", {});
        if (!QTest::qWaitFor([] { return QFile::exists(QStringLiteral("/run/udev/control")); },
                             kBusPatienceMs))
            qFatal("no udevd came");
        startUdisks();
    }
    ~SystemBus()
    {
        while (!m_daemons.empty())
            m_daemons.pop_back();
    }
    SystemBus(const SystemBus&) = delete;
    SystemBus& operator=(const SystemBus&) = delete;

    void startUdisks()
    {
        start("/usr/libexec/udisks2/udisksd", {});
        waitFor("org.freedesktop.UDisks2");
    }
    // The last that was started.
    void stopUdisks() { m_daemons.pop_back(); }

private:
    struct Daemon {
        std::unique_ptr<QProcess> process;
        explicit Daemon(std::unique_ptr<QProcess> started) : process(std::move(started)) {}
        Daemon(Daemon&&) = default;
        Daemon& operator=(Daemon&&) = default;
        ~Daemon()
        {
            if (!process)
                return;
            process->terminate();
            if (!process->waitForFinished(kBusPatienceMs))
                process->kill();
        }
    };

    static void cover(const char* folder)
    {
        std::ignore = QDir().mkpath(QString::fromLatin1(folder));
        if (::mount("tmpfs", folder, "tmpfs", 0, "mode=0755") != 0)
            qFatal("%s cannot be covered: %s", folder, ::strerror(errno));
    }

    static void write(const QString& path, const QByteArray& text)
    {
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("%s cannot be written", qPrintable(path));
    }

    void start(const QString& program, const QStringList& arguments)
    {
        auto process = std::make_unique<QProcess>();
        process->setProcessChannelMode(QProcess::ForwardedErrorChannel);
        process->setStandardOutputFile(QProcess::nullDevice());
        process->setChildProcessModifier([] { ::prctl(PR_SET_PDEATHSIG, SIGKILL); });
        process->start(program, arguments);
        if (!process->waitForStarted(kBusPatienceMs))
            qFatal("%s cannot be started", qPrintable(program));
        m_daemons.emplace_back(std::move(process));
    }

    static void waitFor(const char* name)
    {
        const auto isThere = [name] {
            auto call = QDBusMessage::createMethodCall(
                QStringLiteral("org.freedesktop.DBus"), QStringLiteral("/org/freedesktop/DBus"),
                QStringLiteral("org.freedesktop.DBus"), QStringLiteral("NameHasOwner"));
            call.setArguments({QString::fromLatin1(name)});
            const QDBusMessage answer = QDBusConnection::systemBus().call(call);
            return answer.type() == QDBusMessage::ReplyMessage &&
                   answer.arguments().value(0).toBool();
        };
        if (!QTest::qWaitFor(isThere, kBusPatienceMs))
            qFatal("%s did not come", name);
    }

    QTemporaryDir m_folder;
    std::vector<Daemon> m_daemons; // The last one goes first.
};

} // namespace cairn::test
