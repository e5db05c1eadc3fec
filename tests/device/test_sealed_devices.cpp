// A sealed backup and its source are both attached, and no host finds one UUID twice; this needs
// root.
#include "core/backup/candidates.h"
#include "core/backup/seal.h"
#include "core/backup/verify.h"
#include "tests/support/array_fixture.h"
#include "tests/support/loop_device.h"

#include <QTemporaryDir>
#include <QtTest>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 16 * kMiB;

// Two disks with their partitions' nodes, "root" on the first and "copy" on the second.
struct Disks {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString(), {.memberSizeBytes = 64 * kMiB}};
    RegionId source = array.addRegion("root", kSize, 0);
    RegionId target = array.addRegion("copy", kSize, 1);
    std::unique_ptr<LoopDevice> first;
    std::unique_ptr<LoopDevice> second;

    Disks()
    {
        array.detach();
        first = std::make_unique<LoopDevice>(array.paths().at(0));
        second = std::make_unique<LoopDevice>(array.paths().at(1));
        first->addNodes();
        second->addNodes();
        attach();
    }
    ~Disks() { array.detach(); }
    void attach() { array.attach({first->path(), second->path()}); }
    // The second entry of each: behind the catalog.
    [[nodiscard]] QString root() const { return QString::fromStdString(first->node(2)); }
    [[nodiscard]] QString copy() const { return QString::fromStdString(second->node(2)); }
    [[nodiscard]] GenerationState backUp()
    {
        UncontrolledCopy control;
        BackupOptions options;
        options.confirmedName = "copy";
        const auto plan = must(planBackup(*array, source, target, options));
        return must(cairn::backUp(*array, plan, control)).state;
    }
};

QByteArray probed(const QString& node)
{
    return cairn::test::runProgram("blkid", QStringList{"-p", "-o", "export", node}).output;
}

QByteArray bytesOf(const QString& node)
{
    return runOrDie("dd", {"if=" + node, "bs=1M", "iflag=direct", "status=none"});
}

} // namespace

class TestSealedDevices : public QObject {
    Q_OBJECT

private slots:
    void theUuidIsKnownOnceWhileBothAreAttached();
    void whatLvmMakesOfADiskIsSealedToo();
};

void TestSealedDevices::theUuidIsKnownOnceWhileBothAreAttached()
{
    Disks disks;
    runOrDie("mkfs.ext4", {"-q", "-L", "home", disks.root()});
    disks.attach();
    const QByteArray before = bytesOf(disks.root());
    QVERIFY(probed(disks.root()).contains("UUID=") && probed(disks.root()).contains("home"));
    // Nobody asked for it: on block devices it is the default.
    QCOMPARE(disks.backUp(), GenerationState::Good);
    QCOMPARE(disks.array.generation(1).seal, SealState::Sealed);
    const QByteArray copy = probed(disks.copy());
    QVERIFY2(!copy.contains("\nUUID=") && !copy.contains("TYPE=ext4") && !copy.contains("home"),
             copy);
    QVERIFY(probed(disks.root()).contains("TYPE=ext4"));

    QCOMPARE(disks.array.region(disks.target).content.type, std::string("ext4"));
    must(unseal(*disks.array, 1));
    QVERIFY(bytesOf(disks.copy()) == before);
    QVERIFY(probed(disks.copy()).contains("TYPE=ext4"));
    runOrDie("e2fsck", {"-fn", disks.copy()});
    must(seal(*disks.array, 1));
    QVERIFY(!probed(disks.copy()).contains("TYPE=ext4"));
    disks.array.fillRandom(disks.source, 5);
    must(disks.array.restore(1));
    QVERIFY(bytesOf(disks.root()) == before);
}

void TestSealedDevices::whatLvmMakesOfADiskIsSealedToo()
{
    Disks disks;
    const QString devices = QStringLiteral("devices{scan_lvs=0 use_devicesfile=0 filter=[\"a|%1|\","
                                           "\"r|.*|\"]} global{use_lvmpolld=0}");
    runOrDie("pvcreate", {"-qq", "-y", "--config", devices.arg(disks.root()), disks.root()});
    disks.attach();
    QVERIFY(probed(disks.root()).contains("TYPE=LVM2_member"));
    const QByteArray before = bytesOf(disks.root());
    QCOMPARE(disks.backUp(), GenerationState::Good);
    QVERIFY(!probed(disks.copy()).contains("LVM2_member"));
    const auto seen = cairn::test::runProgram(
        "pvs", QStringList{"--config", devices.arg(disks.copy()), disks.copy()});
    QVERIFY(seen.exitCode != 0);
    must(unseal(*disks.array, 1));
    QVERIFY(bytesOf(disks.copy()) == before);
    must(seal(*disks.array, 1));
    disks.array.fillRandom(disks.source, 5);
    must(disks.array.restore(1));
    QVERIFY(bytesOf(disks.root()) == before);
    runOrDie("pvck", {"--config", devices.arg(disks.root()), disks.root()});
}

QTEST_GUILESS_MAIN(TestSealedDevices)
#include "test_sealed_devices.moc"
