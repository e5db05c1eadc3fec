// Who uses a disk on a loop device, as root: mounts, loop devices over it, over files and
// partitions.
#include "tests/support/loop_disk.h"

#include "core/array/in_use.h"
#include "core/array/replaceable.h"

#include <QDir>
#include <QtTest>
#include <atomic>
#include <future>
#include <sys/stat.h>
#include <unistd.h>

using namespace cairn;
using namespace cairn::test;

namespace {

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

class TestLoopUsers : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
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
    void creatingOnAMountedDeviceIsRefused();
};

void TestLoopUsers::initTestCase()
{
    QVERIFY2(::geteuid() == 0, "these tests need root for loop devices");
}

void TestLoopUsers::aMountedRegionIsInUse()
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

void TestLoopUsers::aMountOfTheImageFilesLoopIsInUse()
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

void TestLoopUsers::aLoopDeviceOverARegionIsInUse()
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
void TestLoopUsers::whatIsMountedFromTheFileOfALoopDeviceIsInUse()
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

void TestLoopUsers::loopDevicesOverLoopDevicesAreFollowedToTheFile()
{
    constexpr std::uint64_t kOuterOffset = 4 * kMiB;
    constexpr std::uint64_t kInnerOffset = 1 * kMiB;
    ArrayFiles files;
    const std::string file = files.path("disk.img");
    makeSparseImage(file, kDiskBytes + kOuterOffset + kInnerOffset);
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

void TestLoopUsers::aPartitionTakenForADiskIsFollowedToItsDisk()
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
void TestLoopUsers::aFileAndItsLoopDevicesHaveOneWriter()
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
void TestLoopUsers::aMemberAndALoopDeviceOverItAreOneDisk()
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

void TestLoopUsers::devicesThatVanishWhileLookedAtAreNotTakenForUsers()
{
    ArrayFiles files;
    const auto array = need(files.create({files.path("member.img")}));
    need(array->addRegion({.name = "home", .sizeBytes = 16 * kMiB}));
    const std::string other = files.path("other.img");
    makeSparseImage(other, kDiskBytes);

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
void TestLoopUsers::aLoopDeviceOverAFileThatCannotBeLookedAtIsNamed()
{
    constexpr unsigned kNobody = 65534; // And nogroup.
    ArrayFiles files;
    const Disk other(files);
    const DeviceIdentity mine{.inode = 1, .serial = {}, .wwn = {}};
    QVERIFY(!findUse(mine, {0, kMiB}).inUse);
    // Of all groups this one may not enter: none of the tests beside it is to be stopped.
    const std::string directory = files.path("");
    QCOMPARE(::chown(directory.c_str(), 0, kNobody), 0);
    QCOMPARE(::chmod(directory.c_str(), S_IRWXU | S_IXOTH), 0);
    QCOMPARE(::setegid(kNobody), 0);
    QCOMPARE(::seteuid(kNobody), 0);
    const RegionUse use = findUse(mine, {0, kMiB});
    QCOMPARE(::seteuid(0), 0);
    QCOMPARE(::setegid(0), 0);
    QVERIFY(use.inUse);
    QVERIFY(use.by.find(other.loop.path()) != std::string::npos);
    QVERIFY(use.by.find(other.file) != std::string::npos);
}

void TestLoopUsers::whatALoopDeviceReadsIsNotReplaced()
{
    ArrayFiles files;
    const Disk disk(files);
    QCOMPARE(codeOf(checkReplaceable(disk.file)), ErrorCode::RegionInUse);
    QVERIFY(checkReplaceable(disk.loop.path()));
    const auto array = arrayOn(files, disk.loop);
    QCOMPARE(codeOf(checkReplaceable(disk.loop.path())), ErrorCode::RegionInUse);
}

void TestLoopUsers::creatingOnAMountedDeviceIsRefused()
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

QTEST_GUILESS_MAIN(TestLoopUsers)
#include "test_loop_users.moc"
