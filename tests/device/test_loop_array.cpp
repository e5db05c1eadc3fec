// Arrays on loop devices, as root: partition nodes, claims, 4 KiB sectors.
#include "tests/support/loop_disk.h"
#include "tests/support/memory_journal.h"

#include "core/array/in_use.h"
#include "core/backup/administer.h"
#include "core/backup/release_disk.h"
#include "core/io/file_io.h"

#include <QDir>
#include <QFileInfo>
#include <QtTest>
#include <fcntl.h>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

using namespace cairn;
using namespace cairn::test;

class TestLoopArray : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void anArrayOnADeviceIsFoundAgain_data();
    void anArrayOnADeviceIsFoundAgain();
    void writingGoesThroughTheNode();
    void aRegionClaimedByAnotherIsRefused();
    void ownClaimsDoNotExcludeEachOther();
    void newRegionsGetNodesWhereThereAreSome();
    void aNewArrayGetsNodesWhereThePartitionScanIsWanted();
    void aReleasedDiskHasNoNodeOfTheCatalog();
    void aWriteProtectedDeviceIsReadOnly();
    void anotherDeviceUnderTheNameIsNoticed();
    void aDiskThatGoesOrComesBackIsNoticed();
    void copiesOneRegionOntoAnother();
};

void TestLoopArray::initTestCase()
{
    QVERIFY2(::geteuid() == 0, "these tests need root for loop devices");
}

void TestLoopArray::anArrayOnADeviceIsFoundAgain_data()
{
    QTest::addColumn<QString>("sector");
    QTest::newRow("512 bytes") << "512";
    QTest::newRow("4096 bytes") << "4096";
}

void TestLoopArray::anArrayOnADeviceIsFoundAgain()
{
    QFETCH(QString, sector);
    ArrayFiles files;
    const Disk disk(files, {"--sector-size", sector});
    const ArrayLayout made = arrayOn(files, disk.loop)->layout();
    QCOMPARE(made.members[0].sectorBytes, sector.toUInt());
    QCOMPARE(made.members[0].model, std::string("block device"));
    const auto array = need(files.open({disk.loop.path()}));
    QVERIFY(array->layout().regions == made.regions);
    // libblkid reads the table as we do.
    const QByteArray type = runOrDie(
        "blkid", {"-p", "-o", "value", "-s", "PTTYPE", QString::fromStdString(disk.loop.path())});
    QCOMPARE(type.trimmed(), QByteArray("gpt"));
    disk.loop.addNodes();
    const Region& home = regionNamed(made, "home");
    const QByteArray uuid = runOrDie("blkid", {"-p", "-o", "value", "-s", "PART_ENTRY_UUID",
                                               QString::fromStdString(disk.loop.node(2))});
    QCOMPARE(uuid.trimmed().toStdString(), home.id.uuid.toString());
    QCOMPARE(home.entry, 2U);
}

void TestLoopArray::writingGoesThroughTheNode()
{
    ArrayFiles files;
    const Disk disk(files);
    const auto array = arrayOn(files, disk.loop);
    disk.loop.addNodes();
    const Region home = regionNamed(array->layout(), "home");
    const auto identity = need(FileIo::open(disk.loop.path(), {}))->identity();
    QCOMPARE(findPartitionNode(identity, home.extent, 512), disk.loop.node(2));
    QVERIFY(findPartitionNode(identity, {home.extent.offsetBytes, kMiB}, 512).empty());
    // What the node's page cache holds is what a reader of the region gets.
    const std::vector<std::byte> text(4096, std::byte{'x'});
    QFile node(QString::fromStdString(disk.loop.node(2)));
    QVERIFY(node.open(QIODevice::ReadWrite));
    QCOMPARE(node.write(reinterpret_cast<const char*>(text.data()), 4096), 4096);
    QVERIFY(node.flush());
    std::vector<std::byte> read(4096);
    need(need(array->openRegion(home.id, Access::Read))->read(0, read));
    QVERIFY(read == text);
    node.close();
    need(array->beginWriting());
    const std::vector<std::byte> other(4096, std::byte{'y'});
    const auto io = need(array->openRegion(home.id, Access::Write));
    need(io->write(0, other));
    need(io->flush());
    QVERIFY(node.open(QIODevice::ReadOnly));
    QCOMPARE(node.read(1), QByteArray("y"));
}

void TestLoopArray::aRegionClaimedByAnotherIsRefused()
{
    ArrayFiles files;
    const Disk disk(files);
    const auto array = arrayOn(files, disk.loop);
    const Region home = regionNamed(array->layout(), "home");
    need(array->beginWriting());
    const auto claim = [](const std::string& path) {
        return ::open(path.c_str(), O_RDONLY | O_EXCL | O_CLOEXEC);
    };
    // Without nodes the disk is what must be claimed.
    int other = claim(disk.loop.path());
    QVERIFY(other >= 0);
    QCOMPARE(codeOf(array->openRegion(home.id, Access::Write)), ErrorCode::RegionInUse);
    ::close(other);
    disk.loop.addNodes();
    other = claim(disk.loop.node(2));
    QVERIFY(other >= 0);
    QCOMPARE(codeOf(array->openRegion(home.id, Access::Write)), ErrorCode::RegionInUse);
    need(array->openRegion(regionNamed(array->layout(), "spare").id, Access::Write));
    ::close(other);
    const auto io = need(array->openRegion(home.id, Access::Write));
    other = claim(disk.loop.node(2));
    QVERIFY(other < 0);
    QCOMPARE(errno, EBUSY);
}

void TestLoopArray::ownClaimsDoNotExcludeEachOther()
{
    ArrayFiles files;
    const Disk disk(files);
    const auto array = arrayOn(files, disk.loop);
    const RegionId home = regionNamed(array->layout(), "home").id;
    const RegionId spare = regionNamed(array->layout(), "spare").id;
    need(array->beginWriting());
    const auto first = need(array->openRegion(home, Access::Write));
    const auto second = need(array->openRegion(spare, Access::Write));
    const auto third = need(array->openRegion(home, Access::Write));
    disk.loop.addNodes(); // Nodes appear while the disk itself is claimed.
    const auto fourth = need(array->openRegion(spare, Access::Write));
    const auto fifth = need(array->openRegion(spare, Access::Write));
    QVERIFY(fifth->traits().writable);
}

void TestLoopArray::newRegionsGetNodesWhereThereAreSome()
{
    ArrayFiles files;
    const Disk disk(files);
    const auto array = arrayOn(files, disk.loop);
    need(array->beginWriting());
    const auto exists = [](const std::string& path) {
        return QFileInfo::exists(QString::fromStdString(path));
    };
    need(array->addRegion({.name = "third", .sizeBytes = 8 * kMiB}));
    QVERIFY(!exists(disk.loop.node(4)));
    disk.loop.addNodes();
    const Region fourth = need(array->addRegion({.name = "fourth", .sizeBytes = 8 * kMiB}));
    QVERIFY(exists(disk.loop.node(5)));
    need(array->removeRegion(fourth.id));
    QVERIFY(!exists(disk.loop.node(5)));
    QVERIFY(exists(disk.loop.node(4)));
}

// After `losetup -P` no node came until `partx -u`.
void TestLoopArray::aNewArrayGetsNodesWhereThePartitionScanIsWanted()
{
    ArrayFiles files;
    const Disk disk(files, {"--partscan"});
    const auto exists = [&disk](unsigned number) {
        return QFileInfo::exists(QString::fromStdString(disk.loop.node(number)));
    };
    const auto array = arrayOn(files, disk.loop);
    QVERIFY(exists(1) && exists(2) && exists(3));
    const Region home = regionNamed(array->layout(), "home");
    const auto identity = need(FileIo::open(disk.loop.path(), {}))->identity();
    QCOMPARE(findPartitionNode(identity, home.extent, 512), disk.loop.node(2));
    // Of a table that was there before the device took partitions, all get theirs at once.
    runOrDie("partx", {"--delete", QString::fromStdString(disk.loop.path())});
    QVERIFY(!exists(2));
    need(array->beginWriting());
    need(array->addRegion({.name = "third", .sizeBytes = 8 * kMiB}));
    QVERIFY(exists(1) && exists(2) && exists(3) && exists(4));
}

// While another partition of the disk is mounted, as one of an adopted disk may be.
void TestLoopArray::aReleasedDiskHasNoNodeOfTheCatalog()
{
    ArrayFiles files;
    const Disk disk(files);
    {
        const auto created = need(Attachment::create(
            {.array = {.uris = {disk.loop.path()}, .memberSizeBytes = 0, .managementBytes = 0},
             .label = "one disk"},
            systemEnvironment()));
        need(addRegion(*created, {"home", 16 * kMiB, nullptr, RegionRole::Data}));
    }
    disk.loop.addNodes();
    runOrDie("mkfs.ext4", {"-q", QString::fromStdString(disk.loop.node(2))});
    const std::string point = files.path("mnt");
    QVERIFY(QDir().mkdir(QString::fromStdString(point)));
    const Mount mount(disk.loop.node(2), point);

    const auto attached = need(Attachment::attach({disk.loop.path()}, systemEnvironment()));
    need(releaseDisk(*attached, attached->layout().members.at(0).id, "cairn-catalog"));
    QVERIFY(!QFileInfo::exists(QString::fromStdString(disk.loop.node(1))));
    QVERIFY(QFileInfo::exists(QString::fromStdString(disk.loop.node(2))));
}

void TestLoopArray::aWriteProtectedDeviceIsReadOnly()
{
    ArrayFiles files;
    const std::string file = files.path("member.img");
    need(need(files.create({file}))->addRegion({.name = "home", .sizeBytes = kMiB}));
    const LoopDevice loop(file, {"--read-only"});
    const auto array = need(files.open({loop.path()}));
    QCOMPARE(array->layout().members[0].state, MemberState::ReadOnly);
    QCOMPARE(array->layout().members[0].problem, std::string("Read-only file system"));
    QCOMPARE(codeOf(array->beginWriting()), ErrorCode::ReadOnlyArray);
    const RegionId home = regionNamed(array->layout(), "home").id;
    QCOMPARE(codeOf(array->openRegion(home, Access::Write)), ErrorCode::ReadOnlyArray);
    need(array->openRegion(home, Access::Read));
}

void TestLoopArray::anotherDeviceUnderTheNameIsNoticed()
{
    ArrayFiles files;
    const Disk disk(files);
    arrayOn(files, disk.loop);
    const std::string copy = files.path("copy.img");
    QVERIFY(QFile::copy(QString::fromStdString(disk.file), QString::fromStdString(copy)));
    const LoopDevice other(copy);
    const QString name = QString::fromStdString(files.path("name"));
    QVERIFY(QFile::link(QString::fromStdString(disk.loop.path()), name));
    const auto array = need(files.open({name.toStdString()}));
    QVERIFY(QFile::remove(name));
    QVERIFY(QFile::link(QString::fromStdString(other.path()), name));
    QCOMPARE(codeOf(array->beginWriting()), ErrorCode::IdentityChanged);
    QVERIFY(QFile::remove(name));
    QVERIFY(QFile::link(QString::fromStdString(disk.loop.path()), name));
    need(array->beginWriting());
}

// A disk that is detached takes its node with it, and has another number of attaching afterwards.
void TestLoopArray::aDiskThatGoesOrComesBackIsNoticed()
{
    ArrayFiles files;
    const std::string image = files.path("disk.img");
    makeSparseImage(image, kDiskBytes);
    const std::string node = files.path("sdx");
    const auto attachAt = [&node](const LoopDevice& loop) {
        struct stat status{};
        QCOMPARE(::stat(loop.path().c_str(), &status), 0);
        QCOMPARE(::mknod(node.c_str(), S_IFBLK | 0600U, status.st_rdev), 0);
    };
    std::optional<LoopDevice> loop(image);
    attachAt(*loop);
    const auto array = need(files.create({files.path("a.img"), node}));
    array->endWriting();
    const auto state = [&] { return array->layout().members.at(1).state; };
    QVERIFY(!need(array->membersChanged()));
    QCOMPARE(::unlink(node.c_str()), 0);
    QVERIFY(need(array->membersChanged()));
    QCOMPARE(state(), MemberState::Present); // As it was read last.
    need(array->refresh());
    QCOMPARE(state(), MemberState::Missing);
    QVERIFY(!need(array->membersChanged()));
    loop.reset();
    loop.emplace(image);
    attachAt(*loop);
    QVERIFY(need(array->membersChanged()));
    need(array->refresh());
    QCOMPARE(state(), MemberState::Present);
    QVERIFY(!need(array->membersChanged()));
    // Between two looks it went and came back: the open descriptor leads nowhere.
    const LoopDevice other(image);
    QCOMPARE(::unlink(node.c_str()), 0);
    attachAt(other);
    QVERIFY(need(array->membersChanged()));
}

void TestLoopArray::copiesOneRegionOntoAnother()
{
    ArrayFiles files;
    const Disk disk(files);
    const auto array = arrayOn(files, disk.loop);
    disk.loop.addNodes();
    runOrDie("mkfs.ext4", {"-q", "-L", "home", QString::fromStdString(disk.loop.node(2))});
    const Region home = regionNamed(array->layout(), "home");
    const Region spare = regionNamed(array->layout(), "spare");
    need(array->beginWriting());
    MemoryJournal journal;
    UncontrolledCopy control;
    const ArrayCopy plan{
        .source = home.id, .target = spare.id, .sizeBytes = home.extent.lengthBytes};
    need(array->copy(plan, journal, control));
    QCOMPARE(array->layout().find(spare.id)->content.label, std::string("home"));
    const QString copy = QString::fromStdString(disk.loop.node(3));
    runOrDie("e2fsck", {"-fn", copy});
    runOrDie("cmp", {QString::fromStdString(disk.loop.node(2)), copy});
}

QTEST_GUILESS_MAIN(TestLoopArray)
#include "test_loop_array.moc"
