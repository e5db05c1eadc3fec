// Sources in files of a filesystem that shares blocks, as root: cloned, mounted or not.
#include "tests/support/cairnctl_runner.h"
#include "tests/support/filesystem_writer.h"
#include "tests/support/loop_device.h"

#include <QDir>
#include <QtTest>

#include <memory>
#include <sys/statvfs.h>
#include <unistd.h>

using namespace cairn::test;

namespace {

constexpr qint64 kMiB = 1024 * 1024;
constexpr int kPatienceMs = 60'000;

// An array whose members are files of one filesystem of that type: "home" and "spare" in the first,
// "other" in the second.
class Shared {
public:
    explicit Shared(const QString& type, qint64 hostMiB = 800)
    {
        const QString image = array.path("host.img");
        QFile file(image);
        if (!file.open(QIODevice::WriteOnly) || !file.resize(hostMiB * kMiB))
            qFatal("no image");
        file.close();
        hostLoop = std::make_unique<LoopDevice>(image.toStdString());
        const QString device = QString::fromStdString(hostLoop->path());
        runOrDie("mkfs." + type, {type == "ext4" ? "-F" : "-f", "-q", device});
        QDir().mkpath(array.path("host"));
        host = std::make_unique<Mount>(hostLoop->path(), array.path("host").toStdString());
        array.setMembers({array.path("host/a.img"), array.path("host/b.img")});
        need({"array", "create", "--member-size", "200M"});
        need({"region", "add", "home", "--size", "64M", "--member", "1"});
        need({"region", "add", "spare", "--size", "64M", "--member", "1"});
        need({"region", "add", "other", "--size", "64M", "--member", "2"});
    }
    void mountHome()
    {
        const QJsonObject home = region("home");
        loop = std::make_unique<LoopDevice>(
            array.members().front().toStdString(),
            QStringList{"--offset", QString::number(home["offsetBytes"].toInteger()), "--sizelimit",
                        QString::number(home["sizeBytes"].toInteger())});
        runOrDie("mkfs.ext4", {"-F", "-q", QString::fromStdString(loop->path())});
        QDir().mkpath(point());
        mount = std::make_unique<Mount>(loop->path(), point().toStdString());
        write(point() + "/kept", kept);
    }
    void fillHome(char from = 'a')
    {
        const QString image = array.path("home.img");
        QFile file(image);
        if (!file.open(QIODevice::WriteOnly))
            qFatal("no image");
        for (int chunk = 0; chunk < 64; ++chunk)
            file.write(QByteArray(kMiB, char(from + chunk % 26)));
        file.close();
        need({"region", "import", "home", image, "--confirm", "home"});
    }

    [[nodiscard]] QString point() const { return array.path("mnt"); }
    [[nodiscard]] Run ctl(const QStringList& arguments) const { return array.ctl(arguments); }
    Run need(const QStringList& arguments) const
    {
        const Run run = ctl(arguments);
        if (run.exitCode != 0)
            qFatal("%s: %s", qPrintable(arguments.join(' ')), run.errors.constData());
        return run;
    }
    [[nodiscard]] QJsonObject region(const QString& name) const
    {
        for (const QJsonValue& one : need({"region", "list", "--json"}).json().array()) {
            if (one["name"] == name)
                return one.toObject();
        }
        qFatal("no region");
    }
    [[nodiscard]] QJsonObject record(int number) const
    {
        for (const QJsonValue& one : need({"list", "--json"}).json().array()) {
            if (one["number"].toInt() == number)
                return one.toObject();
        }
        return {};
    }
    [[nodiscard]] QString consistency(int number) const
    {
        return record(number)["consistency"].toString();
    }
    [[nodiscard]] QString state(int number) const { return record(number)["state"].toString(); }
    [[nodiscard]] qint64 freeBytes() const
    {
        ::sync();
        struct statvfs all{};
        if (::statvfs(array.path("host").toLocal8Bit().constData(), &all) != 0)
            qFatal("no statvfs");
        return qint64(all.f_bavail) * qint64(all.f_frsize);
    }

    ScratchArray array{0};
    std::unique_ptr<LoopDevice> hostLoop;
    std::unique_ptr<Mount> host;
    std::unique_ptr<LoopDevice> loop;
    std::unique_ptr<Mount> mount;
    QByteArray kept = QByteArray(3 * kMiB, 'k');
};

void hosts()
{
    QTest::addColumn<QString>("host");
    QTest::addColumn<QString>("target");
    QTest::newRow("XFS, same file") << "xfs" << "spare";
    QTest::newRow("XFS, another file") << "xfs" << "other";
    QTest::newRow("btrfs, same file") << "btrfs" << "spare";
    QTest::newRow("btrfs, another file") << "btrfs" << "other";
}

} // namespace

class TestClonedSources : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void aCloneUnderAWriterIsOfOneTime_data() { hosts(); }
    void aCloneUnderAWriterIsOfOneTime();
    void aCloneStaysWhatItWas_data() { hosts(); }
    void aCloneStaysWhatItWas();
    void whatWasNotReadIsProvedBeforeItIsUsed();
    void aSourceReadAsItIsIsNotCloned();
    void whereNothingCanBeSharedItIsCopied();
    void withoutRoomForBothItIsCopied();
    void aCopyOfItsOwnSharesNothing();
};

void TestClonedSources::initTestCase()
{
    QVERIFY2(::geteuid() == 0, "these tests need root for loop devices");
}

// The loop device has written through the cache of the file that is cloned.
void TestClonedSources::aCloneUnderAWriterIsOfOneTime()
{
    QFETCH(QString, host);
    QFETCH(QString, target);
    Shared shared(host);
    shared.mountHome();
    int before = 0;
    int after = 0;
    {
        const Writer writer(shared.point());
        QVERIFY(QTest::qWaitFor([&] { return writer.written() > 20; }, kPatienceMs));
        before = writer.written();
        const Run run = shared.ctl({"backup", "home", target, "--freeze", "--json"});
        CAIRN_EXPECT_EXIT(run, 0);
        QCOMPARE(run.json()["state"].toString(), QString("good"));
        QCOMPARE(run.json()["consistency"].toString(), QString("cloned"));
        QVERIFY(run.json()["copy"]["clonedBytes"].toInteger() == 62 * kMiB);
        after = writer.written() + 1; // Of which the last may not be counted yet.
        QVERIFY(QTest::qWaitFor([&] { return writer.written() > after; }, kPatienceMs));
    }
    QVERIFY(shared.need({"history"}).output.contains("source-frozen"));
    const QString image = shared.array.path("copy.img");
    shared.need({"region", "export", target, image, "--quiet"});
    const ProgramResult found = cairn::test::runProgram("e2fsck", {"-fn", image});
    QVERIFY2(found.exitCode == 0, (found.output + found.errors).constData());
    const LoopDevice copy(image.toStdString());
    const QString there = shared.array.path("copy");
    QDir().mkpath(there);
    const Mount mount(copy.path(), there.toStdString());
    QCOMPARE(contentOf(there + "/kept"), shared.kept);
    const QByteArray counted = contentOf(there + "/count");
    const int count = counted.toInt();
    QVERIFY2(counted.isEmpty() || (count >= before && count <= after), counted.constData());
    CAIRN_EXPECT_EXIT(shared.ctl({"verify", "1"}), 0);
}

void TestClonedSources::aCloneStaysWhatItWas()
{
    QFETCH(QString, host);
    QFETCH(QString, target);
    Shared shared(host);
    shared.fillHome();
    const QByteArray content = shared.array.exported("home");
    const qint64 freeBefore = shared.freeBytes();
    const Run run = shared.need({"backup", "home", target});
    QVERIFY2(run.output.contains("good, cloned") && run.output.contains("--no-clone"),
             run.output.constData());
    QVERIFY2(freeBefore - shared.freeBytes() < 16 * kMiB, "the blocks are not shared");
    // Either is changed without the other.
    shared.fillHome('A');
    QVERIFY(shared.array.exported("home") != content);
    CAIRN_EXPECT_EXIT(shared.ctl({"verify", "1"}), 0);
    QCOMPARE(shared.array.exported(target).left(content.size()), content);
    shared.need({"restore", "1", "--no-undo", "--confirm", "home"});
    QCOMPARE(shared.array.exported("home"), content);
}

void TestClonedSources::whatWasNotReadIsProvedBeforeItIsUsed()
{
    Shared shared("xfs");
    shared.fillHome();
    const QByteArray content = shared.array.exported("home");
    shared.need({"backup", "home", "spare", "--no-verify"});
    QCOMPARE(shared.state(1), QString("copied"));
    QVERIFY(shared.record(1)["digest"].isNull());
    const QString tape = shared.array.path("one.tar");
    shared.need({"export", "1", tape});
    QCOMPARE(shared.state(1), QString("good"));
    QVERIFY(!shared.record(1)["digest"].isNull());
    shared.need({"backup", "home", "other", "--no-verify"});
    shared.fillHome('A');
    QVERIFY(shared.array.exported("home") != content);
    shared.need({"restore", "2", "--no-undo", "--confirm", "home"});
    QCOMPARE(shared.state(2), QString("good"));
    QCOMPARE(shared.array.exported("home"), content);
    // From elsewhere it has bytes of its own, and says how it was made.
    shared.need({"region", "add", "shelf", "--size", "64M", "--member", "2"});
    shared.need({"import", tape, "shelf"});
    QCOMPARE(shared.array.exported("shelf"), content);
}

void TestClonedSources::aSourceReadAsItIsIsNotCloned()
{
    Shared shared("xfs");
    shared.mountHome();
    shared.need({"backup", "home", "spare", "--live"});
    QCOMPARE(shared.consistency(1), QString("inconsistent"));
    QCOMPARE(shared.state(1), QString("copied"));
    QVERIFY(!shared.record(1)["digest"].isNull());
}

void TestClonedSources::whereNothingCanBeSharedItIsCopied()
{
    Shared shared("ext4");
    shared.fillHome();
    shared.need({"backup", "home", "spare"});
    QCOMPARE(shared.consistency(1), QString("offline"));
    QCOMPARE(shared.state(1), QString("good"));
}

// Whoever writes to the source afterwards must not be the one who finds the disk full.
void TestClonedSources::withoutRoomForBothItIsCopied()
{
    Shared shared("xfs");
    shared.fillHome();
    shared.need({"backup", "home", "spare", "--no-clone"});
    QCOMPARE(shared.consistency(1), QString("offline"));
    const QString ballast = shared.array.path("host/ballast");
    runOrDie("fallocate", {"-l", QString::number(shared.freeBytes() - 40 * kMiB), ballast});
    const QStringList again{"backup", "home", "spare", "--confirm", "spare"};
    shared.need(again);
    QCOMPARE(shared.consistency(2), QString("offline"));
    QVERIFY(QFile::remove(ballast));
    shared.need(again);
    QCOMPARE(shared.consistency(3), QString("cloned"));
}

void TestClonedSources::aCopyOfItsOwnSharesNothing()
{
    Shared shared("btrfs");
    shared.fillHome();
    shared.need({"backup", "home", "spare"});
    QCOMPARE(shared.consistency(1), QString("cloned"));
    const qint64 freeBefore = shared.freeBytes();
    const Run run =
        shared.need({"backup", "home", "spare", "--no-clone", "--json", "--confirm", "spare"});
    QCOMPARE(shared.consistency(2), QString("offline"));
    // Of what is shared nothing is taken to be there already.
    QCOMPARE(run.json()["copy"]["writtenBytes"].toInteger(), 64 * kMiB);
    QVERIFY(freeBefore - shared.freeBytes() > 48 * kMiB);
}

QTEST_GUILESS_MAIN(TestClonedSources)
#include "test_cloned_sources.moc"
