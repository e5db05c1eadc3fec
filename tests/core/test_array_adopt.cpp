// Adopting a disk that carries a table of another program: only what must change does.
#include "tests/support/array_files.h"
#include "tests/support/run_program.h"

#include "core/array/gpt/gpt_types.h"

#include <QFile>
#include <QtTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 96 * kMiB;

// A disk as sfdisk makes it, random bytes everywhere outside the table.
std::string foreignDisk(const ArrayFiles& files, const char* name, const QByteArray& script)
{
    const std::string path = files.path(name);
    SeededRandom random(testSeed());
    auto content = random.bytes(kSize);
    std::fill_n(content.begin(), kMiB, std::byte{0});
    writeImage(path, content);
    runOrDie("sfdisk", {"--quiet", "--wipe", "never", QString::fromStdString(path)}, script);
    return path;
}

const QByteArray kTwoPartitions = "label: gpt\n"
                                  "start=2048, size=20480, name=boot, type=uefi\n"
                                  "start=40960, size=65536, name=root, type=linux\n";

// Over whatever a deleted partition left.
Result<std::unique_ptr<Array>> adopt(ArrayFiles& files, const std::vector<std::string>& uris)
{
    return adoptArray({.uris = uris, .managementBytes = 4 * kMiB, .overLeftovers = uris},
                      files.environment());
}

Result<std::unique_ptr<Array>> adoptCarefully(ArrayFiles& files, const std::string& uri)
{
    return adoptArray({.uris = {uri}, .managementBytes = 4 * kMiB}, files.environment());
}

// The free space of kTwoPartitions.
constexpr ByteRange kFirstGap{11 * kMiB, 9 * kMiB};
constexpr ByteRange kSecondGap{52 * kMiB, 43 * kMiB};

// A disk with those two, and zeroes but for what deleted partitions left in the gaps.
struct Deleted {
    ArrayFiles files;
    std::string path = foreignDisk(files, "disk", kTwoPartitions);
    std::vector<std::byte> image = readImage(path);

    Deleted()
    {
        for (const ByteRange& gap : {kFirstGap, kSecondGap})
            std::fill_n(at(gap.offsetBytes), gap.lengthBytes, std::byte{0});
        writeImage(path, image);
    }
    void leaveFilesystem(ByteRange where)
    {
        const std::string file = files.path("old.ext4");
        makeSparseImage(file, where.lengthBytes);
        runOrDie("mkfs.ext4", {"-q", "-F", "-L", "old", QString::fromStdString(file)});
        std::ranges::copy(readImage(file), at(where.offsetBytes));
        writeImage(path, image);
        QVERIFY(QFile::remove(QString::fromStdString(file)));
    }
    void leaveNoise(ByteRange where)
    {
        SeededRandom random(testSeed());
        std::ranges::copy(random.bytes(where.lengthBytes), at(where.offsetBytes));
        writeImage(path, image);
    }
    std::vector<std::byte>::iterator at(std::uint64_t offsetBytes)
    {
        return image.begin() + static_cast<std::ptrdiff_t>(offsetBytes);
    }
    [[nodiscard]] bool isUnchanged() const { return readImage(path) == image; }
    [[nodiscard]] bool isUnchanged(ByteRange gap)
    {
        const auto now = readImage(path);
        const auto first = static_cast<std::ptrdiff_t>(gap.offsetBytes);
        return std::equal(now.begin() + first,
                          now.begin() + first + static_cast<std::ptrdiff_t>(gap.lengthBytes),
                          at(gap.offsetBytes));
    }
};

} // namespace

class TestArrayAdopt : public QObject {
    Q_OBJECT

private slots:
    void noByteOutsideTableAndManagementRegionChanges();
    // Incident: three bytes of the protective MBR were written anew.
    void theFirstSectorStaysAsItWas();
    void whatWasThereIsKept();
    void aSecondAdoptionIsRefused();
    void aFullDiskIsRefusedUnchanged();
    void whatIsNoGptIsRefusedUnchanged();
    void oneRefusedMemberLeavesAllUnchanged();
    void aMemberIsAdoptedIntoAnArray();
    void anEditOfAForeignTableKeepsItsTypes();
    // Incident: the catalog was written over the filesystem of a deleted partition.
    void theCatalogGoesWhereNothingWasLeft();
    // Incident: of 166 MiB of zeroes nothing was found, as something lay in front of them.
    void theZeroesBehindWhatWasLeftAreFound();
    void theEmptyBlocksOfADeletedFilesystemAreNoFreeSpace();
    void whatADeletedPartitionLeftIsNamedAndKept();
    void ofLeftoversTheUnknownGoFirst();
    void aSecondCopyOfTheCatalogIsAsCareful();
};

void TestArrayAdopt::noByteOutsideTableAndManagementRegionChanges()
{
    ArrayFiles files;
    const std::string path = foreignDisk(files, "disk", kTwoPartitions);
    const auto before = readImage(path);
    const auto array = need(adopt(files, {path}));
    const ByteRange management = regionNamed(array->layout(), "cairn-catalog").extent;
    const auto after = readImage(path);
    QCOMPARE(after.size(), before.size());
    for (std::size_t at = 0; at < after.size(); ++at) {
        constexpr std::uint64_t kBlock = 512;
        // Headers and entries: blocks 1 to 33, and the last 33.
        const bool inTable = (at >= 512 && at < 34 * kBlock) || at >= kSize - 33 * kBlock;
        if (!inTable && before[at] != after[at])
            QFAIL(qPrintable(QString("byte %1 changed").arg(at)));
    }
    QCOMPARE(management.lengthBytes, 4 * kMiB);
    // The disk's own tools find nothing to complain of.
    const QByteArray said = runOrDie("sfdisk", {"--verify", QString::fromStdString(path)});
    QVERIFY2(said.contains("No errors detected"), said.constData());
}

void TestArrayAdopt::theFirstSectorStaysAsItWas()
{
    ArrayFiles files;
    const std::string path = foreignDisk(files, "disk", kTwoPartitions);
    auto image = readImage(path);
    // Boot code, an end in CHS as parted writes it, and a partition beside (a hybrid MBR).
    std::fill_n(image.begin(), 440, std::byte{0x90});
    for (const std::size_t at : {452U, 453U, 454U})
        image[at] = std::byte{0xff};
    image[462 + 4] = std::byte{0x0c};
    writeImage(path, image);
    const auto array = adopt(files, {path});
    QVERIFY(array.has_value());
    const auto after = readImage(path);
    QVERIFY(std::equal(image.begin(), image.begin() + 512, after.begin()));
    QVERIFY(after != image);
}

void TestArrayAdopt::whatWasThereIsKept()
{
    ArrayFiles files;
    const std::string path = foreignDisk(files, "disk", kTwoPartitions);
    const auto before = need(files.open({path}))->layout();
    QVERIFY(!before.members[0].holdsCatalog);
    const auto after = need(adopt(files, {path}))->layout();
    QVERIFY(after.members[0].id == before.members[0].id);
    QVERIFY(after.members[0].holdsCatalog);
    QCOMPARE(after.regions.size(), 3U);
    for (const Region& region : before.regions)
        QVERIFY(*after.find(region.id) == region);
    QCOMPARE(regionNamed(after, "root").extent.offsetBytes, std::uint64_t{40960} * 512);
}

void TestArrayAdopt::aSecondAdoptionIsRefused()
{
    ArrayFiles files;
    const std::string path = foreignDisk(files, "disk", kTwoPartitions);
    need(adopt(files, {path}));
    const auto before = readImage(path);
    QCOMPARE(codeOf(adopt(files, {path})), ErrorCode::AlreadyAnArray);
    QVERIFY(readImage(path) == before);
}

void TestArrayAdopt::aFullDiskIsRefusedUnchanged()
{
    ArrayFiles files;
    const std::string path =
        foreignDisk(files, "disk", "label: gpt\nstart=2048, size=188416, name=all\n");
    const auto before = readImage(path);
    const auto array = adopt(files, {path});
    QCOMPARE(codeOf(array), ErrorCode::NoSpace);
    QCOMPARE(array.error().amount, 2 * kMiB);
    QVERIFY(readImage(path) == before);
}

void TestArrayAdopt::whatIsNoGptIsRefusedUnchanged()
{
    ArrayFiles files;
    const std::string path =
        foreignDisk(files, "disk", "label: dos\nstart=2048, size=20480, type=83\n");
    const auto before = readImage(path);
    const auto array = adopt(files, {path});
    QCOMPARE(codeOf(array), ErrorCode::NotAnArray);
    QVERIFY2(array.error().detail.find("dos") != std::string::npos, array.error().detail.c_str());
    QVERIFY(readImage(path) == before);
}

void TestArrayAdopt::oneRefusedMemberLeavesAllUnchanged()
{
    ArrayFiles files;
    const std::string good = foreignDisk(files, "good", kTwoPartitions);
    const std::string full =
        foreignDisk(files, "full", "label: gpt\nstart=2048, size=188416, name=all\n");
    const auto before = readImage(good);
    QCOMPARE(codeOf(adopt(files, {good, full})), ErrorCode::NoSpace);
    QVERIFY(readImage(good) == before);
    // A clone of a member is refused with both named.
    const std::string clone = files.path("clone");
    writeImage(clone, before);
    QCOMPARE(codeOf(adopt(files, {good, clone})), ErrorCode::DuplicateIdentity);
    QVERIFY(readImage(good) == before);
}

void TestArrayAdopt::aMemberIsAdoptedIntoAnArray()
{
    ArrayFiles files;
    const std::string path = foreignDisk(files, "disk", kTwoPartitions);
    const auto array = need(files.create({files.path("a.img")}));
    const Member added = need(array->addMember({.uri = path,
                                                .adopt = true,
                                                .managementBytes = 4 * kMiB,
                                                .leftovers = Leftovers::Overwrite}));
    QVERIFY(added.holdsCatalog);
    QVERIFY(array->layout().regions.size() == 4);
    need(array->openRegion(regionNamed(array->layout(), "root").id, Access::Write));
}

void TestArrayAdopt::anEditOfAForeignTableKeepsItsTypes()
{
    ArrayFiles files;
    const std::string path = foreignDisk(files, "disk", kTwoPartitions);
    const auto array = need(adopt(files, {path}));
    const Region boot = regionNamed(array->layout(), "boot");
    const auto before = readImage(path);
    // It is no backup already: its type is left to the program that chose it.
    need(array->markRegion(boot.id, RegionRole::Data));
    QVERIFY(readImage(path) == before);
    need(array->renameRegion(boot.id, "esp"));
    QVERIFY(array->layout().find(boot.id)->type == boot.type);
}

void TestArrayAdopt::theCatalogGoesWhereNothingWasLeft()
{
    Deleted disk;
    disk.leaveFilesystem(kFirstGap);
    const auto array = need(adoptCarefully(disk.files, disk.path));
    QCOMPARE(regionNamed(array->layout(), "cairn-catalog").extent.offsetBytes,
             kSecondGap.offsetBytes);
    QVERIFY(disk.isUnchanged(kFirstGap));
}

void TestArrayAdopt::theZeroesBehindWhatWasLeftAreFound()
{
    Deleted disk;
    disk.leaveNoise(kFirstGap);
    disk.leaveNoise({kSecondGap.offsetBytes, 20 * kMiB});
    disk.leaveNoise({kSecondGap.offsetBytes + 22 * kMiB + 5, 1});
    const auto array = need(adoptCarefully(disk.files, disk.path));
    const ByteRange catalog = regionNamed(array->layout(), "cairn-catalog").extent;
    QCOMPARE(catalog.offsetBytes, kSecondGap.offsetBytes + 23 * kMiB);
    QVERIFY(disk.isUnchanged(kFirstGap));
    QVERIFY(disk.isUnchanged({kSecondGap.offsetBytes, 23 * kMiB}));
}

void TestArrayAdopt::theEmptyBlocksOfADeletedFilesystemAreNoFreeSpace()
{
    Deleted disk;
    disk.leaveFilesystem(kFirstGap);
    disk.leaveNoise({kSecondGap.offsetBytes, 2 * kMiB});
    const ByteRange old{kSecondGap.offsetBytes + 2 * kMiB, 20 * kMiB};
    disk.leaveFilesystem(old);
    const auto array = need(adoptCarefully(disk.files, disk.path));
    const ByteRange catalog = regionNamed(array->layout(), "cairn-catalog").extent;
    QCOMPARE(catalog.offsetBytes, old.offsetBytes + old.lengthBytes);
    QVERIFY(disk.isUnchanged(kFirstGap));
    QVERIFY(disk.isUnchanged(old));
}

void TestArrayAdopt::whatADeletedPartitionLeftIsNamedAndKept()
{
    Deleted disk;
    disk.leaveFilesystem(kFirstGap);
    disk.leaveFilesystem(kSecondGap);
    const auto array = adoptCarefully(disk.files, disk.path);
    QCOMPARE(codeOf(array), ErrorCode::ContentRecognised);
    QCOMPARE(array.error().subject, disk.path);
    QCOMPARE(array.error().detail, std::string("ext4 \"old\" (bytes 11534336 to 15728639)"));
    QVERIFY(disk.isUnchanged());
    need(adopt(disk.files, {disk.path}));
}

void TestArrayAdopt::ofLeftoversTheUnknownGoFirst()
{
    Deleted disk;
    disk.leaveFilesystem(kFirstGap);
    disk.leaveNoise(kSecondGap);
    const auto array = adoptCarefully(disk.files, disk.path);
    QCOMPARE(codeOf(array), ErrorCode::ContentUnknown);
    QCOMPARE(array.error().detail, std::string("bytes 54525952 to 58720255"));
    QVERIFY(disk.isUnchanged());
    need(adopt(disk.files, {disk.path}));
    QVERIFY(disk.isUnchanged(kFirstGap));
}

void TestArrayAdopt::aSecondCopyOfTheCatalogIsAsCareful()
{
    Deleted disk;
    disk.leaveFilesystem(kFirstGap);
    disk.leaveFilesystem(kSecondGap);
    const auto array = need(disk.files.create({disk.files.path("a.img")}));
    const auto joined =
        array->addMember({.uri = disk.path, .adopt = true, .managementBytes = 4 * kMiB});
    QCOMPARE(codeOf(joined), ErrorCode::ContentRecognised);
    const Uuid id = need(array->addMember({.uri = disk.path, .adopt = true})).id;
    Array::NewRegion wanted{
        .name = {}, .sizeBytes = 4 * kMiB, .member = &id, .role = RegionRole::Management};
    QCOMPARE(codeOf(array->addRegion(wanted)), ErrorCode::ContentRecognised);
    QVERIFY(disk.isUnchanged());
    wanted.leftovers = Leftovers::Overwrite;
    need(array->addRegion(wanted));
}

QTEST_GUILESS_MAIN(TestArrayAdopt)
#include "test_array_adopt.moc"
