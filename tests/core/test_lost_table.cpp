// A disk whose partition table is lost is called that, and nothing makes a new array of it.
#include "core/backup/release_disk.h"
#include "tests/support/array_fixture.h"
#include "tests/support/image_file.h"
#include "tests/support/test_environment.h"

#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

// Incident: "an empty disk becomes one with `array create`", and then "if it may be erased, do so
// first", of disks that held a whole catalog and its backups.
class TestLostTable : public QObject {
    Q_OBJECT

private slots:
    void itIsToldAndNothingIsWritten();
    void anEmptyFileIsNone();
    void aReleasedDiskIsNone();
};

void TestLostTable::itIsToldAndNothingIsWritten()
{
    const QTemporaryDir directory;
    TestEnvironment environment{testSeed()};
    ArrayFixture array(directory.path().toStdString());
    const RegionId source = array.addRegion("root", 4 * kMiB, 0);
    const RegionId target = array.addRegion("copy", 4 * kMiB, 1);
    array.fillRandom(source, 1);
    must(array.backUp(source, target));
    const auto uris = array.uris();
    array.detach();
    for (const std::string& path : array.paths()) {
        auto image = readImage(path);
        std::fill_n(image.begin(), kMiB, std::byte{0});
        std::fill_n(image.end() - 33 * 512, 33 * 512, std::byte{0});
        writeImage(path, image);
    }
    const auto before = array.memberDigests();
    const auto opened = Attachment::attach(uris, environment.environment());
    QVERIFY(!opened);
    QCOMPARE(opened.error().code, ErrorCode::TableLost);
    QCOMPARE(opened.error().amount, kMiB);
    const auto made = Attachment::create({.array = {.uris = {uris.front()}}, .label = "new"},
                                         environment.environment());
    QVERIFY(!made);
    QCOMPARE(made.error().code, ErrorCode::TableLost);
    QVERIFY(array.memberDigests() == before);
}

void TestLostTable::anEmptyFileIsNone()
{
    const QTemporaryDir directory;
    TestEnvironment environment{testSeed()};
    const std::string path = directory.path().toStdString() + "/empty.img";
    makeSparseImage(path, 16 * kMiB);
    const auto opened = Attachment::attach({path}, environment.environment());
    QVERIFY(!opened);
    QCOMPARE(opened.error().code, ErrorCode::NotAnArray);
}

// It has a table, and nobody knows what its owner has made of the place of the catalog.
void TestLostTable::aReleasedDiskIsNone()
{
    const QTemporaryDir directory;
    TestEnvironment environment{testSeed()};
    ArrayFixture array(directory.path().toStdString());
    const Uuid member = (*array).layout().members.at(1).id;
    const auto regions = (*array).layout().regions;
    const auto catalog = std::ranges::find_if(regions, [&](const Region& region) {
        return region.role == RegionRole::Management && region.member == member;
    });
    must(releaseDisk(*array, member, catalog->id.uuid.toString()));
    const std::string released = array.paths().at(1);
    array.detach();
    const auto made = Attachment::create({.array = {.uris = {released}}, .label = "new"},
                                         environment.environment());
    QVERIFY(!made);
    QCOMPARE(made.error().code, ErrorCode::ContentRecognised);
    QVERIFY(Attachment::create({.array = {.uris = {released}}, .label = "new", .adopt = true},
                               environment.environment())
                .has_value());
}

QTEST_GUILESS_MAIN(TestLostTable)
#include "test_lost_table.moc"
