// Disks through UDisks, polkit and udev as they are: what an ordinary user may do, and what not.
#include "app/udisks/udisks_disks.h"
#include "app/udisks/udisks_opener.h"
#include "core/backup/back_up.h"
#include "core/backup/candidates.h"
#include "core/io/asking_opener.h"
#include "tests/support/array_fixture.h"
#include "tests/support/loop_disk.h"
#include "tests/support/system_bus.h"

#include <QCoreApplication>
#include <QDBusArgument>
#include <QDBusMetaType>
#include <QDBusVirtualObject>
#include <QThread>
#include <QtTest>
#include <algorithm>
#include <cstdio>
#include <fcntl.h>
#include <grp.h>
#include <memory>
#include <optional>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace cairn;
using namespace cairn::test;

// This process, as polkit is told of one: (sa{sv}).
struct PolkitSubject {};

Q_DECLARE_METATYPE(PolkitSubject)

static QDBusArgument& operator<<(QDBusArgument& argument, const PolkitSubject&)
{
    QFile stat(QStringLiteral("/proc/self/stat"));
    if (!stat.open(QIODevice::ReadOnly))
        qFatal("no /proc");
    const QByteArray fields = stat.readAll();
    // proc(5): field 22, counted from the one after the name, which is the second.
    const quint64 started = fields.mid(fields.lastIndexOf(')') + 2).split(' ').at(19).toULongLong();
    argument.beginStructure();
    argument << QStringLiteral("unix-process")
             << QVariantMap{{QStringLiteral("pid"), static_cast<uint>(::getpid())},
                            {QStringLiteral("start-time"), started}};
    argument.endStructure();
    return argument;
}

static const QDBusArgument& operator>>(const QDBusArgument& argument, PolkitSubject&)
{
    return argument;
}

namespace {

constexpr std::uint64_t kRegionBytes = 4 * kMiB;

int tell(const Error& error)
{
    std::printf("%s|%s\n", errorName(error.code), error.detail.c_str());
    return 1;
}

// Asked for a password, somebody closes the window.
class DismissingAgent final : public QDBusVirtualObject {
public:
    // For the process itself.
    explicit DismissingAgent(QDBusConnection bus)
    {
        qDBusRegisterMetaType<PolkitSubject>();
        const QString path = QStringLiteral("/agent");
        if (!bus.registerVirtualObject(path, this))
            qFatal("no agent");
        auto call =
            QDBusMessage::createMethodCall(QStringLiteral("org.freedesktop.PolicyKit1"),
                                           QStringLiteral("/org/freedesktop/PolicyKit1/Authority"),
                                           QStringLiteral("org.freedesktop.PolicyKit1.Authority"),
                                           QStringLiteral("RegisterAuthenticationAgent"));
        call.setArguments({QVariant::fromValue(PolkitSubject()), QStringLiteral("C"), path});
        const QDBusMessage answer = bus.call(call);
        if (answer.type() != QDBusMessage::ReplyMessage)
            qFatal("no agent: %s", qPrintable(answer.errorMessage()));
    }
    [[nodiscard]] QString introspect(const QString&) const override { return {}; }
    bool handleMessage(const QDBusMessage& asked, const QDBusConnection& bus) override
    {
        if (asked.member() == QStringLiteral("BeginAuthentication"))
            return bus.send(asked.createErrorReply(
                QStringLiteral("org.freedesktop.PolicyKit1.Error.Cancelled"), QString()));
        return bus.send(asked.createReply());
    }
};

// What the other user's process does: `backup URI SOURCE TARGET`, or `open NODE`, for writing and
// claimed; of that the descriptor's flags are told, and it stays open until stdin ends.
int runAsOther(const QStringList& arguments)
{
    AskingOpener opener(&openThroughUdisks);
    if (arguments.value(0) == QStringLiteral("open")) {
        const DeviceRequest request{
            .path = arguments.value(1).toStdString(), .access = Access::Write, .exclusive = true};
        const auto opened = opener.open(request);
        if (!opened)
            return tell(opened.error());
        const int flags = ::fcntl(*opened, F_GETFL);
        std::printf("%s %s\n", (flags & O_DIRECT) != 0 ? "direct" : "cached",
                    (flags & O_ACCMODE) == O_RDWR ? "rw" : "r");
        std::fflush(stdout);
        std::ignore = std::getchar();
        opener.close(*opened, request);
        return 0;
    }
    Environment environment = systemEnvironment();
    environment.devices = &opener;
    const auto attached = Attachment::attach({arguments.value(1).toStdString()}, environment);
    if (!attached)
        return tell(attached.error());
    const auto source = findRegion(**attached, arguments.value(2).toStdString());
    const auto target = findRegion(**attached, arguments.value(3).toStdString());
    if (!source || !target)
        return tell(source ? target.error() : source.error());
    const auto plan = planBackup(**attached, source->id, target->id, {});
    if (!plan)
        return tell(plan.error());
    UncontrolledCopy without;
    const auto made = backUp(**attached, *plan, without);
    if (!made)
        return tell(made.error());
    std::printf("%s\n", stateName(made->state));
    return 0;
}

// As the desktop does: the thread with the event loop waits for nothing.
int runInThread(QStringList arguments)
{
    std::optional<DismissingAgent> agent;
    if (arguments.value(0) == QStringLiteral("--dismiss")) {
        agent.emplace(QDBusConnection::systemBus());
        arguments.removeFirst();
    }
    int status = 0;
    const std::unique_ptr<QThread> verb(QThread::create([&] { status = runAsOther(arguments); }));
    QObject::connect(verb.get(), &QThread::finished, &QCoreApplication::quit);
    verb->start();
    QCoreApplication::exec();
    verb->wait();
    return status;
}

// This program again, as that user.
std::unique_ptr<QProcess> startAs(const char* user, const QStringList& arguments)
{
    auto process = std::make_unique<QProcess>();
    const passwd* entry = ::getpwnam(user);
    if (entry == nullptr)
        qFatal("no user %s", user);
    process->setChildProcessModifier([uid = entry->pw_uid, gid = entry->pw_gid] {
        if (::setgroups(0, nullptr) != 0 || ::setgid(gid) != 0 || ::setuid(uid) != 0)
            ::_exit(99);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    });
    process->setProcessChannelMode(QProcess::ForwardedErrorChannel);
    // By its path it may lie where that user may not look.
    process->start(QStringLiteral("/proc/self/exe"), QStringList("--as-other") + arguments);
    if (!process->waitForStarted(kBusPatienceMs))
        qFatal("not started as %s", user);
    return process;
}

QByteArray outputAs(const char* user, const QStringList& arguments)
{
    const auto process = startAs(user, arguments);
    if (!process->waitForFinished(kBusPatienceMs))
        qFatal("it does not end");
    return process->readAllStandardOutput().trimmed();
}

} // namespace

class TestUdisks : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { m_bus.emplace(); }
    void cleanupTestCase() { m_bus.reset(); }
    void whomPolkitAllowsBacksUp();
    void aRefusalWritesNothing_data();
    void aRefusalWritesNothing();
    void whatIsOpenedIsDirectAndClaimed();
    void aMountedDiskIsNotOpenedThoughPolkitAllows();
    void disksThatComeAndGoAreFollowed();
    void withoutUdisksItIsSaidWhoIsMissing();

private:
    std::optional<SystemBus> m_bus;
};

namespace {

// A disk with "home", which is full, and "vault".
class OneDisk {
public:
    OneDisk()
    {
        const auto made = need(Attachment::create(
            {.array = {.uris = {loop.path()}, .managementBytes = 4 * kMiB}, .label = "asked"},
            systemEnvironment()));
        for (const char* name : {"home", "vault"})
            need(addRegion(*made, {.name = name, .sizeBytes = kRegionBytes, .member = nullptr}));
        m_home = need(findRegion(*made, "home")).extent;
        m_vault = need(findRegion(*made, "vault")).extent;
        QFile file(QString::fromStdString(path));
        const QByteArray content(kRegionBytes, 'h');
        if (!file.open(QIODevice::ReadWrite) ||
            !file.seek(static_cast<qint64>(m_home.offsetBytes)) ||
            file.write(content) != content.size())
            qFatal("no content");
    }

    [[nodiscard]] QByteArray bytes() const
    {
        QFile file(QString::fromStdString(path));
        if (!file.open(QIODevice::ReadOnly))
            qFatal("no image");
        return file.readAll();
    }
    [[nodiscard]] bool vaultHoldsHome() const
    {
        const QByteArray all = bytes();
        const auto part = [&](const ByteRange& range) {
            return all.mid(static_cast<qsizetype>(range.offsetBytes),
                           static_cast<qsizetype>(range.lengthBytes));
        };
        return part(m_home) == part(m_vault);
    }
    [[nodiscard]] QString device() const { return QString::fromStdString(loop.path()); }

    ArrayFiles files;
    std::string path = image();
    LoopDevice loop{path};

private:
    std::string image() const
    {
        makeSparseImage(files.path("a.img"), 24 * kMiB);
        return files.path("a.img");
    }
    ByteRange m_home;
    ByteRange m_vault;
};

} // namespace

void TestUdisks::whomPolkitAllowsBacksUp()
{
    const OneDisk disk;
    QCOMPARE(outputAs("nobody", {"backup", disk.device(), "home", "vault"}), QByteArray("good"));
    QVERIFY(disk.vaultHoldsHome());
}

void TestUdisks::aRefusalWritesNothing_data()
{
    QTest::addColumn<QByteArray>("user");
    QTest::addColumn<bool>("agent");
    QTest::addColumn<QByteArray>("why");
    QTest::newRow("not allowed") << QByteArray("daemon") << false
                                 << QByteArray("NotAuthorized|this user is not allowed to");
    QTest::newRow("nobody to ask")
        << QByteArray("bin") << false
        << QByteArray("NotAuthorized|nobody is there who could be asked for the password");
    QTest::newRow("dismissed") << QByteArray("bin") << true
                               << QByteArray(
                                      "NotAuthorized|the question for the password was dismissed");
}

void TestUdisks::aRefusalWritesNothing()
{
    QFETCH(const QByteArray, user);
    QFETCH(const bool, agent);
    QFETCH(const QByteArray, why);
    const OneDisk disk;
    const QByteArray before = disk.bytes();
    QStringList asked{"backup", disk.device(), "home", "vault"};
    if (agent)
        asked.prepend("--dismiss");
    QCOMPARE(outputAs(user.constData(), asked), why);
    QVERIFY(disk.bytes() == before);
}

void TestUdisks::whatIsOpenedIsDirectAndClaimed()
{
    const OneDisk disk;
    const auto other = startAs("nobody", {"open", disk.device()});
    QVERIFY(other->waitForReadyRead(kBusPatienceMs));
    QCOMPARE(other->readLine().trimmed(), QByteArray("direct rw"));
    const int second = ::open(disk.loop.path().c_str(), O_RDONLY | O_EXCL | O_CLOEXEC);
    const int error = errno;
    QCOMPARE(second, -1);
    QCOMPARE(error, EBUSY);
    other->closeWriteChannel();
    QVERIFY(other->waitForFinished(kBusPatienceMs));
}

// UDisks alone opens what is mounted: the claim is ours.
void TestUdisks::aMountedDiskIsNotOpenedThoughPolkitAllows()
{
    const ArrayFiles files;
    makeSparseImage(files.path("mounted.img"), 16 * kMiB);
    const LoopDevice loop(files.path("mounted.img"));
    runOrDie("mkfs.ext4", {"-q", QString::fromStdString(loop.path())});
    const QTemporaryDir at;
    runOrDie("mount", {QString::fromStdString(loop.path()), at.path()});
    const QByteArray said = outputAs("nobody", {"open", QString::fromStdString(loop.path())});
    runOrDie("umount", {at.path()});
    QVERIFY2(said.startsWith("RegionInUse|"), said.constData());
}

void TestUdisks::disksThatComeAndGoAreFollowed()
{
    DiskList list;
    const UdisksDisks udisks(list);
    const auto find = [&](const QString& device) {
        return std::ranges::find(list.disks(), device, &KnownDisk::device);
    };
    QString device;
    {
        const OneDisk disk;
        device = disk.device();
        // What is known of a disk comes in several signals.
        const auto isWhole = [&] {
            const auto found = find(device);
            return found != list.disks().end() && found->sizeBytes == 24 * kMiB &&
                   found->model == QString::fromStdString(disk.path);
        };
        QTRY_VERIFY_WITH_TIMEOUT(isWhole(), kBusPatienceMs);
    }
    QTRY_VERIFY_WITH_TIMEOUT(find(device) == list.disks().end(), kBusPatienceMs);
}

void TestUdisks::withoutUdisksItIsSaidWhoIsMissing()
{
    const OneDisk disk;
    const QByteArray before = disk.bytes();
    m_bus->stopUdisks();
    const QByteArray said = outputAs("nobody", {"backup", disk.device(), "home", "vault"});
    m_bus->startUdisks();
    QVERIFY2(said.startsWith("NotAuthorized|UDisks, which would open it"), said.constData());
    QVERIFY(disk.bytes() == before);
}

int main(int argc, char** argv)
{
    const bool isOther = argc > 1 && QByteArrayView(argv[1]) == "--as-other";
    if (!isOther)
        leaveMountNamespace();
    const QCoreApplication application(argc, argv);
    if (isOther)
        return runInThread(QCoreApplication::arguments().mid(2));
    TestUdisks test;
    QTEST_SET_MAIN_SOURCE_PATH
    return QTest::qExec(&test, argc, argv);
}

#include "test_udisks.moc"
