// What a region holds: told by libblkid in a child that may die, and by zeroes.
#include "core/array/probe.h"
#include "core/array/probe_child.h"
#include "core/io/faulty_io.h"
#include "core/io/file_io.h"
#include "tests/support/array_files.h"
#include "tests/support/counting_io.h"
#include "tests/support/memory_io.h"
#include "tests/support/run_program.h"
#include "tests/support/test_environment.h"

#include <QElapsedTimer>
#include <QFile>
#include <QTemporaryFile>
#include <QtTest>
#include <cstring>

using namespace cairn;
using namespace cairn::test;

namespace {

Content probeFile(const std::string& path)
{
    const auto file = need(FileIo::open(path, {}));
    return probeContent(*file);
}

IoTraits holeless()
{
    IoTraits traits = MemoryIo::defaultTraits();
    traits.sparse = false;
    return traits;
}

} // namespace

class TestProbe : public QObject {
    Q_OBJECT

private slots:
    void filesystemsAreRecognised_data();
    void filesystemsAreRecognised();
    void swapAndTablesAreRecognised();
    void zeroesAreEmpty();
    void anythingElseIsUnknown_data();
    void anythingElseIsUnknown();
    void twoSignaturesAreUnknown();
    void whatCannotBeReadIsUnread();
    void hostileSuperblocksNeitherHangNorCrash();
    void aSparseRegionWithoutDataIsNotRead();
    void aLostChildCostsOneAnswer();
    void oneChildAnswersForManyRegions();
};

void TestProbe::filesystemsAreRecognised_data()
{
    QTest::addColumn<QString>("program");
    QTest::addColumn<QStringList>("options");
    QTest::addColumn<QString>("type");
    QTest::addColumn<bool>("tellsUse");
    QTest::newRow("ext2") << "mkfs.ext2" << QStringList{"-q", "-L", "home"} << "ext2" << true;
    QTest::newRow("ext4") << "mkfs.ext4" << QStringList{"-q", "-L", "home"} << "ext4" << true;
    QTest::newRow("xfs") << "mkfs.xfs" << QStringList{"-q", "-L", "home"} << "xfs" << true;
    QTest::newRow("btrfs") << "mkfs.btrfs" << QStringList{"-q", "-L", "home"} << "btrfs" << true;
    QTest::newRow("ntfs") << "mkfs.ntfs" << QStringList{"-qFL", "home"} << "ntfs" << false;
    QTest::newRow("vfat") << "mkfs.vfat" << QStringList{"-F", "32", "-n", "home"} << "vfat"
                          << false;
}

void TestProbe::filesystemsAreRecognised()
{
    QFETCH(QString, program);
    QFETCH(QStringList, options);
    QFETCH(QString, type);
    QFETCH(bool, tellsUse);
    ArrayFiles files;
    const std::string path = files.path("image");
    makeSparseImage(path, 320 * kMiB);
    runOrDie(program, options << QString::fromStdString(path));
    const Content content = probeFile(path);
    QCOMPARE(content.kind, ContentKind::Recognised);
    QCOMPARE(QString::fromStdString(content.type), type);
    QCOMPARE(QString::fromStdString(content.label).toLower(), QString("home"));
    QVERIFY(!content.uuid.empty());
    QCOMPARE(content.usedBytes.has_value(), tellsUse);
    if (tellsUse)
        QVERIFY(*content.usedBytes > 0 && *content.usedBytes < 320 * kMiB);
}

void TestProbe::swapAndTablesAreRecognised()
{
    ArrayFiles files;
    const std::string path = files.path("image");
    makeSparseImage(path, 8 * kMiB);
    runOrDie("mkswap", {"-L", "sw", QString::fromStdString(path)});
    QCOMPARE(probeFile(path).type, std::string("swap"));
    QCOMPARE(probeFile(path).label, std::string("sw"));
    makeSparseImage(path, 8 * kMiB);
    runOrDie("sfdisk", {"-q", QString::fromStdString(path)}, "label: gpt\n");
    QCOMPARE(probeFile(path).kind, ContentKind::Recognised);
    QCOMPARE(probeFile(path).type, std::string("gpt"));
    makeSparseImage(path, 8 * kMiB);
    runOrDie("sfdisk", {"-q", QString::fromStdString(path)}, "label: dos\nsize=2048\n");
    QCOMPARE(probeFile(path).type, std::string("dos"));
}

void TestProbe::zeroesAreEmpty()
{
    ArrayFiles files;
    const std::string path = files.path("image");
    makeSparseImage(path, 100 * kMiB);
    QCOMPARE(probeFile(path).kind, ContentKind::Empty);
    writeImage(path, std::vector<std::byte>(5 * kMiB + 512));
    QCOMPARE(probeFile(path).kind, ContentKind::Empty);
    MemoryIo device(3 * kMiB, holeless());
    QCOMPARE(probeContent(device).kind, ContentKind::Empty);
}

void TestProbe::anythingElseIsUnknown_data()
{
    QTest::addColumn<quint64>("offset");
    QTest::addColumn<quint64>("length");
    QTest::addColumn<bool>("sparse");
    QTest::newRow("first byte") << quint64{0} << quint64{1} << false;
    QTest::newRow("last byte") << quint64{8 * kMiB - 1} << quint64{1} << false;
    QTest::newRow("in the middle, with holes") << quint64{5 * kMiB} << quint64{1} << true;
    QTest::newRow("a MiB in the middle, without holes")
        << quint64{4 * kMiB} << quint64{kMiB} << false;
}

void TestProbe::anythingElseIsUnknown()
{
    QFETCH(quint64, offset);
    QFETCH(quint64, length);
    QFETCH(bool, sparse);
    IoTraits traits = holeless();
    traits.sparse = sparse;
    MemoryIo device(8 * kMiB, traits);
    device.fill(offset, std::vector<std::byte>(length, std::byte{'x'}));
    const Content content = probeContent(device);
    QCOMPARE(content.kind, ContentKind::Unknown);
    QVERIFY(content.type.empty());
}

void TestProbe::twoSignaturesAreUnknown()
{
    ArrayFiles files;
    const std::string path = files.path("image");
    makeSparseImage(path, 32 * kMiB);
    runOrDie("mkfs.ext4", {"-q", QString::fromStdString(path)});
    // XFS' superblock lies in the boot block that ext4 leaves alone.
    const std::string other = files.path("other");
    makeSparseImage(other, 320 * kMiB);
    runOrDie("mkfs.xfs", {"-q", QString::fromStdString(other)});
    auto bytes = readImage(path);
    const auto theirs = readImage(other);
    std::copy_n(theirs.begin(), 512, bytes.begin());
    writeImage(path, bytes);
    QCOMPARE(probeFile(path).kind, ContentKind::Unknown);
}

void TestProbe::whatCannotBeReadIsUnread()
{
    MemoryIo device(8 * kMiB, holeless());
    device.observer.setHook([](IoCall call, ByteRange, std::uint64_t) -> std::optional<Error> {
        if (call != IoCall::Read)
            return std::nullopt;
        return Error{ErrorCode::ReadFailed, EIO, {}, {}, 0};
    });
    QCOMPARE(probeContent(device).kind, ContentKind::Unread);
}

void TestProbe::hostileSuperblocksNeitherHangNorCrash()
{
    ArrayFiles files;
    SeededRandom random(testSeed());
    const std::string path = files.path("image");
    for (const char* program : {"mkfs.ext4", "mkfs.btrfs", "mkfs.vfat", "mkfs.ntfs"}) {
        makeSparseImage(path, 160 * kMiB);
        const QStringList quiet = QByteArray(program) == "mkfs.vfat"   ? QStringList{}
                                  : QByteArray(program) == "mkfs.ntfs" ? QStringList{"-qF"}
                                                                       : QStringList{"-q"};
        runOrDie(program, QStringList(quiet) << QString::fromStdString(path));
        const auto head = [&path] {
            QFile file(QString::fromStdString(path));
            return file.open(QIODevice::ReadOnly) ? file.read(qint64{128} * 1024) : QByteArray();
        }();
        for (int round = 0; round < 25; ++round) {
            MemoryIo device(4 * kMiB, holeless());
            std::vector<std::byte> bytes(static_cast<std::size_t>(head.size()));
            std::memcpy(bytes.data(), head.constData(), bytes.size());
            for (int change = 0; change < 16; ++change) {
                const std::uint64_t base =
                    random.below(3) == 2 ? 64 * kKiB : random.below(2) * 1024;
                bytes[base + random.below(512)] = random.bytes(1)[0];
            }
            device.fill(0, bytes);
            QElapsedTimer timer;
            timer.start();
            const Content content = probeContent(device);
            QVERIFY(timer.elapsed() < 10'000);
            QVERIFY(content.kind == ContentKind::Unknown ||
                    content.kind == ContentKind::Recognised);
            QVERIFY(!content.usedBytes || *content.usedBytes <= 4 * kMiB);
        }
    }
}

void TestProbe::aSparseRegionWithoutDataIsNotRead()
{
    ArrayFiles files;
    const std::string path = files.path("image");
    makeSparseImage(path, kGiB);
    CountingIo region(need(FileIo::open(path, {})));
    QCOMPARE(probeContent(region).kind, ContentKind::Empty);
    QCOMPARE(region.observer.count(IoCall::NextData).calls, std::uint64_t{1});
    QCOMPARE(region.observer.count(IoCall::Read).calls, std::uint64_t{0});
}

void TestProbe::aLostChildCostsOneAnswer()
{
    QTemporaryFile file;
    QVERIFY(file.open() && file.resize(8 * static_cast<qint64>(kMiB)));
    runOrDie("mkfs.ext4", {"-q", file.fileName()});
    ProbeChild child;
    QCOMPARE(child.ask(file.handle()).type, std::string("ext4"));
    QCOMPARE(child.ask(-1).answer, BlkidAnswer::Died);
    QCOMPARE(child.ask(file.handle()).type, std::string("ext4"));
}

void TestProbe::oneChildAnswersForManyRegions()
{
    TestEnvironment environment(testSeed());
    MemoryIo random(4 * kMiB);
    random.fill(0, environment.random.bytes(4 * kMiB));
    MemoryIo zeroes(4 * kMiB);
    QTemporaryFile file;
    QVERIFY(file.open() && file.resize(8 * static_cast<qint64>(kMiB)));
    runOrDie("mkfs.ext4", {"-q", "-L", "home", file.fileName()});
    const auto formatted = need(FileIo::open(file.fileName().toStdString(), {}));
    ContentProbe probe;
    // More than one child answers.
    for (int round = 0; round < 120; ++round) {
        QCOMPARE(probe.probe(random).kind, ContentKind::Unknown);
        QCOMPARE(probe.probe(zeroes).kind, ContentKind::Empty);
        const Content content = probe.probe(*formatted);
        QCOMPARE(content.type, std::string("ext4"));
        QCOMPARE(content.label, std::string("home"));
    }
}

QTEST_GUILESS_MAIN(TestProbe)
#include "test_probe.moc"
