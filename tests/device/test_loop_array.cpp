// Arrays on loop devices, as root: partition nodes, claims, mounts, 4 KiB sectors.
#include "tests/support/array_files.h"
#include "tests/support/loop_device.h"
#include "tests/support/memory_journal.h"

#include "core/array/in_use.h"
#include "core/array/replaceable.h"
#include "core/backup/administer.h"
#include "core/backup/release_disk.h"
#include "core/io/file_io.h"

#include <QDir>
#include <QFileInfo>
#include <QtTest>
#include <atomic>
#include <fcntl.h>
#include <future>
#include <optional>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 96 * kMiB;

// An image file of that size, and a loop device over it.
struct Disk {
    explicit Disk(ArrayFiles& files, const QStringList& options = {})
        : file(files.path("disk.img")), loop((makeSparseImage(file, kSize), file), options)
    {}
    std::string file;
    LoopDevice loop;
};

// "home" and "spare" of 16 MiB each, not open for writing.
std::unique_ptr<Array> arrayOn(ArrayFiles& files, const LoopDevice& loop)
{
    auto array = need(files.create({loop.path()}));
    need(array->addRegion({.name = "home", .sizeBytes = 16 * kMiB}));
    need(array->addRegion({.name = "spare", .sizeBytes = 16 * kMiB}));
    array->endWriting();
    return array;
}

// Options of a loop device that shows an extent of what it is over.
QStringList partOf(const ByteRange& extent)
{
    return {"--offset", QString::number(extent.offsetBytes), "--sizelimit",
            QString::number(extent.lengthBytes)};
}

RegionUse useOf(Array& array, const std::string& name)
{
    need(array.refresh());
    return regionNamed(array.layout(), name).use;
}

} // namespace

class TestLoopArray : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void anArrayOnADeviceIsFoundAgain_data();
    void anArrayOnADeviceIsFoundAgain();
    void aMountedRegionIsInUse();
    void aMountOfTheImageFilesLoopIsInUse();
    void aLoopDeviceOverARegionIsInUse();
    void whatIsMountedFromTheFileOfALoopDeviceIsInUse();
    void loopDevicesOverLoopDevicesAreFollowedToTheFile();
    void aPartitionTakenForADiskIsFollowedToItsDisk();
    void aFileAndItsLoopDevicesHaveOneWriter();
    void aMemberAndALoopDeviceOverItAreOneDisk();
    void devicesThatVanishWhileLookedAtAreNotTakenForUsers();
    void aLoopDeviceOverAFileThatCannotBeLookedAtIsNamed();
    void whatALoopDeviceReadsIsNotReplaced();
    void writingGoesThroughTheNode();
    void aRegionClaimedByAnotherIsRefused();
    void ownClaimsDoNotExcludeEachOther();
    void newRegionsGetNodesWhereThereAreSome();
    void aNewArrayGetsNodesWhereThePartitionScanIsWanted();
    void aReleasedDiskHasNoNodeOfTheCatalog();
    void aWriteProtectedDeviceIsReadOnly();
    void anotherDeviceUnderTheNameIsNoticed();
    void aDiskThatGoesOrComesBackIsNoticed();
    void creatingOnAMountedDeviceIsRefused();
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

void TestLoopArray::aMountedRegionIsInUse()
{
    ArrayFiles files;
    const Disk disk(files);
    const auto array = arrayOn(files, disk.loop);
    disk.loop.addNodes();
    runOrDie("mkfs.ext4", {"-q", "-L", "home", QString::fromStdString(disk.loop.node(2))});
    const std::string point = files.path("mnt");
    QVERIFY(QDir().mkdir(QString::fromStdString(point)));
    QVERIFY(!useOf(*array, "home").inUse);
    const Region home = regionNamed(array->layout(), "home");
    QCOMPARE(home.content.type, std::string("ext4"));
    QCOMPARE(home.content.label, std::string("home"));
    {
        const Mount mount(disk.loop.node(2), point);
        const RegionUse use = useOf(*array, "home");
        QVERIFY(use.inUse);
        QCOMPARE(use.by, "mounted at " + point);
        QVERIFY(!useOf(*array, "spare").inUse);
        QVERIFY(!useOf(*array, "cairn-catalog").inUse);
        need(array->beginWriting());
        const auto opened = array->openRegion(home.id, Access::Write);
        QCOMPARE(codeOf(opened), ErrorCode::RegionInUse);
        QCOMPARE(opened.error().detail, use.by);
        QCOMPARE(codeOf(array->removeRegion(home.id)), ErrorCode::RegionInUse);
        need(array->openRegion(regionNamed(array->layout(), "spare").id, Access::Write));
        need(array->openRegion(home.id, Access::Read));
    }
    QVERIFY(!useOf(*array, "home").inUse);
    need(array->openRegion(home.id, Access::Write));
}

void TestLoopArray::aMountOfTheImageFilesLoopIsInUse()
{
    ArrayFiles files;
    const std::string file = files.path("member.img");
    const auto array = need(files.create({file}));
    const Region home = need(array->addRegion({.name = "home", .sizeBytes = 16 * kMiB}));
    {
        const LoopDevice loop(file);
        QCOMPARE(useOf(*array, "home").by, "attached as " + loop.path());
        QCOMPARE(codeOf(array->openRegion(home.id, Access::Write)), ErrorCode::RegionInUse);
        loop.addNodes();
        runOrDie("mkfs.ext4", {"-q", QString::fromStdString(loop.node(2))});
        const std::string point = files.path("mnt");
        QVERIFY(QDir().mkdir(QString::fromStdString(point)));
        const Mount mount(loop.node(2), point);
        QCOMPARE(useOf(*array, "home").by, "mounted at " + point);
    }
    QVERIFY(!useOf(*array, "home").inUse);
    // One that only reads, and that nobody uses, does no harm.
    const LoopDevice reading(file, {"--read-only"});
    QVERIFY(!useOf(*array, "home").inUse);
}

void TestLoopArray::aLoopDeviceOverARegionIsInUse()
{
    ArrayFiles files;
    const Disk disk(files);
    const auto array = arrayOn(files, disk.loop);
    const ByteRange extent = regionNamed(array->layout(), "home").extent;
    const LoopDevice part(disk.loop.path(), partOf(extent));
    QCOMPARE(useOf(*array, "home").by, "attached as " + part.path());
    QVERIFY(!useOf(*array, "spare").inUse);
}

// A restore wrote over a mounted filesystem: the array was attached through one loop device, the
// filesystem through another over the same file.
void TestLoopArray::whatIsMountedFromTheFileOfALoopDeviceIsInUse()
{
    ArrayFiles files;
    const Disk disk(files);
    const auto array = arrayOn(files, disk.loop);
    const Region home = regionNamed(array->layout(), "home");
    QVERIFY(!useOf(*array, "home").inUse);
    const LoopDevice part(disk.file, partOf(home.extent));
    QCOMPARE(useOf(*array, "home").by, "attached as " + part.path());
    runOrDie("mkfs.ext4", {"-q", QString::fromStdString(part.path())});
    const std::string point = files.path("mnt");
    QVERIFY(QDir().mkdir(QString::fromStdString(point)));
    const Mount mount(part.path(), point);
    QCOMPARE(useOf(*array, "home").by, "mounted at " + point);
    QVERIFY(!useOf(*array, "spare").inUse);
    need(array->beginWriting());
    QCOMPARE(codeOf(array->openRegion(home.id, Access::Write)), ErrorCode::RegionInUse);
    need(array->openRegion(regionNamed(array->layout(), "spare").id, Access::Write));
}

void TestLoopArray::loopDevicesOverLoopDevicesAreFollowedToTheFile()
{
    constexpr std::uint64_t kOuterOffset = 4 * kMiB;
    constexpr std::uint64_t kInnerOffset = 1 * kMiB;
    ArrayFiles files;
    const std::string file = files.path("disk.img");
    makeSparseImage(file, kSize + kOuterOffset + kInnerOffset);
    const LoopDevice outer(file, {"--offset", QString::number(kOuterOffset)});
    const LoopDevice inner(outer.path(), {"--offset", QString::number(kInnerOffset)});
    const auto array = arrayOn(files, inner);
    QVERIFY(!useOf(*array, "home").inUse);
    ByteRange extent = regionNamed(array->layout(), "home").extent;
    extent.offsetBytes += kInnerOffset;
    {
        const LoopDevice part(outer.path(), partOf(extent));
        QCOMPARE(useOf(*array, "home").by, "attached as " + part.path());
        QVERIFY(!useOf(*array, "spare").inUse);
    }
    extent.offsetBytes += kOuterOffset;
    const LoopDevice part(file, partOf(extent));
    QCOMPARE(useOf(*array, "home").by, "attached as " + part.path());
    QVERIFY(!useOf(*array, "spare").inUse);
    QVERIFY(!useOf(*array, "cairn-catalog").inUse);
}

void TestLoopArray::aPartitionTakenForADiskIsFollowedToItsDisk()
{
    ArrayFiles files;
    const Disk disk(files);
    {
        const auto whole = need(files.create({disk.loop.path()}));
        need(whole->addRegion({.name = "nested", .sizeBytes = 64 * kMiB}));
    }
    disk.loop.addNodes();
    const auto whole = need(files.open({disk.loop.path()}));
    const std::uint64_t start = regionNamed(whole->layout(), "nested").extent.offsetBytes;
    const auto array = need(files.create({disk.loop.node(2)}));
    need(array->addRegion({.name = "home", .sizeBytes = 16 * kMiB}));
    array->endWriting();
    QVERIFY(!useOf(*array, "home").inUse);
    ByteRange extent = regionNamed(array->layout(), "home").extent;
    extent.offsetBytes += start;
    const LoopDevice part(disk.file, partOf(extent));
    QCOMPARE(useOf(*array, "home").by, "attached as " + part.path());
    QVERIFY(!useOf(*array, "cairn-catalog").inUse);
}

// Two programs wrote one region at once: one had the file open, the other a loop device over it
// that was made after the first had begun.
void TestLoopArray::aFileAndItsLoopDevicesHaveOneWriter()
{
    ArrayFiles files;
    const std::string file = files.path("member.img");
    const auto array = need(files.create({file}));
    need(array->beginWriting());
    const LoopDevice loop(file);
    const LoopDevice another(file);
    const auto throughLoop = need(files.open({loop.path()}));
    const auto throughAnother = need(files.open({another.path()}));
    QCOMPARE(codeOf(throughLoop->beginWriting()), ErrorCode::ArrayBusy);
    array->endWriting();
    need(throughLoop->beginWriting());
    QCOMPARE(codeOf(throughAnother->beginWriting()), ErrorCode::ArrayBusy);
    throughLoop->endWriting();
    need(throughAnother->beginWriting());
}

// A backup was refused, "unknown: …/loop/backing_file cannot be read", because somebody detached
// another loop device at that moment.
// Incident: one was called a copy of the other, which was to get new UUIDs.
void TestLoopArray::aMemberAndALoopDeviceOverItAreOneDisk()
{
    ArrayFiles files;
    const Disk disk(files);
    arrayOn(files, disk.loop);
    const LoopDevice second(disk.file, {});
    const LoopDevice stacked(disk.loop.path(), {});
    for (const std::string& other : {disk.file, second.path(), stacked.path()}) {
        const auto array = files.open({disk.loop.path(), other});
        QCOMPARE(codeOf(array), ErrorCode::InvalidArgument);
        QVERIFY(array.error().detail.starts_with("given twice: it shows the same bytes as "));
    }
}

void TestLoopArray::devicesThatVanishWhileLookedAtAreNotTakenForUsers()
{
    ArrayFiles files;
    const auto array = need(files.create({files.path("member.img")}));
    need(array->addRegion({.name = "home", .sizeBytes = 16 * kMiB}));
    const std::string other = files.path("other.img");
    makeSparseImage(other, kSize);

    constexpr int kRounds = 40;
    std::atomic<int> rounds{0};
    const auto coming = std::async(std::launch::async, [&] {
        for (; rounds < kRounds; ++rounds)
            const LoopDevice loop(other);
    });
    int looks = 0;
    for (; rounds < kRounds; ++looks) {
        const RegionUse use = useOf(*array, "home");
        QVERIFY2(!use.inUse, use.by.c_str());
    }
    coming.wait();
    QVERIFY(looks >= kRounds);
}

// Incident: "unknown: /sys/block/loop0/loop/backing_file cannot be read" of every file of a user.
void TestLoopArray::aLoopDeviceOverAFileThatCannotBeLookedAtIsNamed()
{
    constexpr uid_t kNobody = 65534;
    ArrayFiles files;
    const Disk other(files);
    const DeviceIdentity mine{.inode = 1, .serial = {}, .wwn = {}};
    QVERIFY(!findUse(mine, {0, kMiB}).inUse);
    // Only this thread sees no file there: of the tests beside it none is to be stopped.
    RegionUse use;
    const auto look = std::async(std::launch::async, [&] {
        QCOMPARE(::unshare(CLONE_NEWNS), 0);
        QCOMPARE(::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr), 0);
        QCOMPARE(::mount("tmpfs", files.path("").c_str(), "tmpfs", 0, nullptr), 0);
        QCOMPARE(::seteuid(kNobody), 0);
        use = findUse(mine, {0, kMiB});
        QCOMPARE(::seteuid(0), 0);
    });
    look.wait();
    QVERIFY(use.inUse);
    QVERIFY(use.by.find(other.loop.path()) != std::string::npos);
    QVERIFY(use.by.find(other.file) != std::string::npos);
}

void TestLoopArray::whatALoopDeviceReadsIsNotReplaced()
{
    ArrayFiles files;
    const Disk disk(files);
    QCOMPARE(codeOf(checkReplaceable(disk.file)), ErrorCode::RegionInUse);
    QVERIFY(checkReplaceable(disk.loop.path()));
    const auto array = arrayOn(files, disk.loop);
    QCOMPARE(codeOf(checkReplaceable(disk.loop.path())), ErrorCode::RegionInUse);
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
    makeSparseImage(image, kSize);
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

void TestLoopArray::creatingOnAMountedDeviceIsRefused()
{
    ArrayFiles files;
    const Disk disk(files);
    runOrDie("mkfs.ext4", {"-q", "-L", "data", QString::fromStdString(disk.loop.path())});
    const std::string point = files.path("mnt");
    QVERIFY(QDir().mkdir(QString::fromStdString(point)));
    {
        const Mount mount(disk.loop.path(), point);
        const auto array = files.create({disk.loop.path()});
        QCOMPARE(codeOf(array), ErrorCode::RegionInUse);
        QCOMPARE(array.error().detail, "mounted at " + point);
    }
    const auto array = files.create({disk.loop.path()});
    QCOMPARE(codeOf(array), ErrorCode::ContentRecognised);
    QCOMPARE(array.error().detail, std::string("ext4 \"data\""));
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
