// A backup that lacks some of its source travels with the list of what it lacks, to the sector.
#include "core/backup/export_generation.h"
#include "core/backup/guards.h"
#include "core/backup/import_generation.h"
#include "core/backup/reread.h"
#include "core/backup/resume.h"
#include "core/copy/rescue_map.h"
#include "core/tape/tape_layout.h"
#include "tests/support/array_fixture.h"
#include "tests/support/image_file.h"
#include "tests/support/tar_bytes.h"
#include "tests/support/test_environment.h"

#include <QTemporaryDir>
#include <QtTest>

#include <fmt/format.h>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 34 * kMiB;
constexpr std::uint64_t kSector = SectorMap::kUnitBytes;

using Json = nlohmann::json;

// In the first and the last chunk, and one whole chunk between.
const std::vector<ByteRange> kGaps = {{0, 2 * kSector},
                                      {5 * kMiB, kMiB},
                                      {7 * kMiB - kSector, 3 * kSector},
                                      {kSize - kSector, kSector}};

SectorMap mapOf(const std::vector<ByteRange>& ranges)
{
    SectorMap map;
    for (const ByteRange& range : ranges)
        map.add(range);
    return map;
}

std::string mapfileWith(const std::string& blocks)
{
    return "# a comment\n0x0 + 1\n" + blocks;
}

// A whole backup that is made to say that some of its source is missing.
struct Scene {
    QTemporaryDir directory;
    ArrayFixture array{directory.path().toStdString(), {.memberSizeBytes = 96 * kMiB}};
    RegionId source = array.addRegion("home", kSize, 0);
    RegionId backup = array.addRegion("copy", kSize, 1);
    RegionId target = array.addRegion("spare", kSize, 0);
    std::string archive;

    Scene()
    {
        SeededRandom random(1);
        array.write(source, 3 * kMiB, random.bytes(2 * kMiB));
        array.write(source, 33 * kMiB, random.bytes(kMiB));
        must(array.backUp(source, backup));
        UncontrolledCopy control;
        must(exportGeneration(*array, 1, sinkInto(archive), control));
    }

    [[nodiscard]] std::string partialArchive(const std::string& map, int version = 2) const
    {
        auto entries = entriesOf(archive);
        Json record = Json::parse(entries[0].content);
        record["version"] = version;
        record["generation"]["state"] = "partial";
        record["generation"]["failure"] = "ReadFailed";
        entries[0].content = record.dump();
        entries.insert(entries.begin() + 1, {"unreadable.map", map});
        return tarOf(entries);
    }

    Result<BackupOutcome> importOf(const std::string& bytes, CopyControl& control)
    {
        auto image =
            CAIRN_TRY(openExport({.read = sourceOf(bytes), .skip = {}, .name = "e.tar"}, "e.tar"));
        const auto plan =
            CAIRN_TRY(planImport(*array, image.record, target, {.confirmedName = "spare"}));
        return importGeneration(*array, plan, *image.chunks, control);
    }
    Result<BackupOutcome> importOf(const std::string& bytes)
    {
        UncontrolledCopy control;
        return importOf(bytes, control);
    }
};

struct HostileMap {
    const char* name;
    std::string map;
    const char* says; // Part of the detail.
};

std::string blocksWithGap(std::uint64_t beginBytes, std::uint64_t lengthBytes)
{
    return mapfileWith(fmt::format("0 {} +\n{} {} -\n{} {} +\n", beginBytes, beginBytes,
                                   lengthBytes, beginBytes + lengthBytes,
                                   kSize - beginBytes - lengthBytes));
}

std::string aMillionRanges()
{
    std::string blocks;
    for (std::uint64_t at = 0; at < 1'000'000; ++at)
        blocks += fmt::format("{} 512 {}\n", at * 512, at % 2 == 0 ? '-' : '+');
    return mapfileWith(blocks);
}

std::string oneRangeTooMany()
{
    std::string blocks;
    for (std::uint64_t at = 0; at <= 2 * SectorMap::kMostRanges; ++at)
        blocks += fmt::format("{} 512 {}\n", at * 512, at % 2 == 0 ? '-' : '+');
    const std::uint64_t end = (2 * SectorMap::kMostRanges + 1) * 512;
    return mapfileWith(blocks + fmt::format("{} {} +\n", end, kSize - end));
}

const std::vector<HostileMap> kHostileMaps = {
    {"nothing at all", "", "it is no mapfile"},
    {"no block", mapfileWith(""), "without a block"},
    {"noise", std::string(4096, '\xff'), "line 1"},
    {"nothing is missing", mapfileWith(fmt::format("0 {} +\n", kSize)), "nothing is missing"},
    {"beyond the size", mapfileWith(fmt::format("0 512 -\n512 {} +\n", kSize)), "image's size"},
    {"short of the size", mapfileWith("0 512 -\n512 512 +\n"), "image's size"},
    {"overlapping", mapfileWith(fmt::format("0 1024 -\n512 {} +\n", kSize - 512)), "line 4"},
    {"in reverse", mapfileWith(fmt::format("512 {} +\n0 512 -\n", kSize - 512)), "line 4"},
    {"with a hole", mapfileWith(fmt::format("0 512 -\n1024 {} +\n", kSize - 1024)), "line 4"},
    {"one of no bytes", mapfileWith(fmt::format("0 0 -\n0 {} +\n", kSize)), "no bytes"},
    {"one of 2^63 bytes", mapfileWith("0 9223372036854775808 -\n"), "line 3"},
    {"one of 2^63 - 1 bytes", mapfileWith("0 9223372036854775807 -\n"), "not known"},
    {"one that wraps around", mapfileWith("512 18446744073709551615 -\n"), "line 3"},
    {"one of 2^64 bytes", mapfileWith("0 18446744073709551616 -\n"), "line 3"},
    {"one that is negative", mapfileWith("0 -512 -\n"), "line 3"},
    {"octal numbers", mapfileWith("0 01000 -\n"), "line 3"},
    {"another status", mapfileWith("0 512 x\n"), "line 3"},
    {"four words", mapfileWith("0 512 - -\n"), "line 3"},
    {"a status line of its own", "0x0 + 1 1\n", "line 1"},
    {"not whole sectors", blocksWithGap(100, 512), "whole sectors"},
    {"a sector's end", blocksWithGap(512, 100), "whole sectors"},
    {"one range too many", oneRangeTooMany(), "too many ranges"},
    {"a million ranges", aMillionRanges(), "larger than it may be"},
    {"one endless line", mapfileWith(std::string(kRescueMapLineBytes + 1, '#')), "longer than"},
};

} // namespace

class TestTapePartial : public QObject {
    Q_OBJECT

private slots:
    void itIsPartialHereWithExactlyThoseRanges();
    void itIsExportedAgainAsItCame();
    void anImportCutShortGoesOnAndStaysPartial();
    void anotherListIsAnotherImport();
    void oneThatWasGivenUpLeavesNoList();
    void aWholeBackupIsWrittenAsBefore();
    void aVersionThatLacksTheListIsRefused();
    void aHostileListWritesNothing_data();
    void aHostileListWritesNothing();
    void theListIsReadAsItWasWritten();
    void aRescueIsCompletedByItsOwnSourceOnly_data();
    void aRescueIsCompletedByItsOwnSourceOnly();
};

void TestTapePartial::itIsPartialHereWithExactlyThoseRanges()
{
    Scene scene;
    const auto map = rescueMapText("x", kSize, mapOf(kGaps));
    const auto outcome = must(scene.importOf(scene.partialArchive(map)));
    QCOMPARE(outcome.state, GenerationState::Partial);
    scene.array.attach();
    const Generation here = scene.array.generation(outcome.number);
    QCOMPARE(here.state, GenerationState::Partial);
    QCOMPARE(here.failure, ErrorCode::ReadFailed);
    QVERIFY(here.unreadable.ranges() == kGaps);
    QVERIFY(here.damaged.empty() && here.verifiedMs > 0);
    QVERIFY(scene.array.read(scene.target) == scene.array.read(scene.backup));
    QVERIFY(!scene.array.restore(outcome.number, scene.source));
}

void TestTapePartial::itIsExportedAgainAsItCame()
{
    Scene scene;
    const auto map = rescueMapText("What could not be read of the source", kSize, mapOf(kGaps));
    must(scene.importOf(scene.partialArchive(map)));
    std::string again;
    UncontrolledCopy control;
    const auto exported = must(exportGeneration(*scene.array, 2, sinkInto(again), control));
    QVERIFY(exported.unreadable.ranges() == kGaps);
    const auto entries = entriesOf(again);
    QCOMPARE(entries.at(1).name, std::string("unreadable.map"));
    QCOMPARE(entries.at(1).content, map);
    const Json record = Json::parse(entries.at(0).content);
    QCOMPARE(record["version"].get<int>(), 2);
    QVERIFY(!record["generation"].contains("unreadable"));
    QVERIFY(std::equal(entries.begin() + 2, entries.end(), entriesOf(scene.archive).begin() + 1));
    QCOMPARE(must(scene.importOf(again)).state, GenerationState::Partial);
    QVERIFY(scene.array.generation(3).unreadable.ranges() == kGaps);
}

void TestTapePartial::anImportCutShortGoesOnAndStaysPartial()
{
    Scene scene;
    const auto archive = scene.partialArchive(rescueMapText("x", kSize, mapOf(kGaps)));
    StopAt control(25);
    QVERIFY(!scene.importOf(archive, control));
    QCOMPARE(scene.array.state(2), GenerationState::Interrupted);
    scene.array.attach();
    const auto outcome = must(scene.importOf(archive));
    QCOMPARE(outcome.number, GenerationNumber{2});
    QCOMPARE(outcome.state, GenerationState::Partial);
    QVERIFY(scene.array.generation(2).unreadable.ranges() == kGaps);
    QVERIFY(outcome.copy.copiedBytes < kSize);
}

void TestTapePartial::anotherListIsAnotherImport()
{
    Scene scene;
    StopAt control(25);
    QVERIFY(
        !scene.importOf(scene.partialArchive(rescueMapText("x", kSize, mapOf(kGaps))), control));
    // The same digests, and it claims that nothing is missing: it does not go on with the other.
    const auto outcome = must(scene.importOf(scene.archive));
    QCOMPARE(outcome.number, GenerationNumber{3});
    QCOMPARE(outcome.state, GenerationState::Good);
    QVERIFY(scene.array.generation(3).unreadable.empty());
}

void TestTapePartial::oneThatWasGivenUpLeavesNoList()
{
    Scene scene;
    StopAt control(25);
    QVERIFY(
        !scene.importOf(scene.partialArchive(rescueMapText("x", kSize, mapOf(kGaps))), control));
    QVERIFY(!scene.array.generation(2).unreadable.empty());
    must(discard(*scene.array, must(interruptedJobs(*scene.array)).at(0)));
    QCOMPARE(scene.array.state(2), GenerationState::Failed);
    QVERIFY(scene.array.generation(2).unreadable.empty());
}

void TestTapePartial::aWholeBackupIsWrittenAsBefore()
{
    const Scene scene;
    const auto entries = entriesOf(scene.archive);
    QCOMPARE(Json::parse(entries.at(0).content)["version"].get<int>(), 1);
    QCOMPARE(entries.at(1).name, std::string("digests/0000000"));
    QCOMPARE(entries.size(), std::size_t{4});
}

void TestTapePartial::aVersionThatLacksTheListIsRefused()
{
    Scene scene;
    const auto map = rescueMapText("x", kSize, mapOf(kGaps));
    auto entries = entriesOf(scene.partialArchive(map));
    entries.erase(entries.begin() + 1);
    const auto before = scene.array.memberDigests();
    QCOMPARE(scene.importOf(tarOf(entries)).error().code, ErrorCode::InvalidArchive);
    QCOMPARE(scene.importOf(scene.partialArchive(map, 1)).error().code, ErrorCode::InvalidArchive);
    QVERIFY(scene.array.memberDigests() == before);
}

void TestTapePartial::aHostileListWritesNothing_data()
{
    QTest::addColumn<int>("row");
    for (std::size_t row = 0; row < kHostileMaps.size(); ++row)
        QTest::newRow(kHostileMaps[row].name) << static_cast<int>(row);
}

void TestTapePartial::aHostileListWritesNothing()
{
    static Scene scene;
    static const auto before = scene.array.memberDigests();
    QFETCH(int, row);
    const HostileMap& hostile = kHostileMaps[static_cast<std::size_t>(row)];
    const auto imported = scene.importOf(scene.partialArchive(hostile.map));
    QVERIFY(!imported);
    QCOMPARE(errorName(imported.error().code), errorName(ErrorCode::InvalidArchive));
    QVERIFY2(imported.error().detail.starts_with("unreadable.map: ") &&
                 imported.error().detail.contains(hostile.says),
             imported.error().detail.c_str());
    QVERIFY(scene.array.memberDigests() == before);
}

void TestTapePartial::theListIsReadAsItWasWritten()
{
    SeededRandom random(testSeed());
    for (int round = 0; round < 50; ++round) {
        const std::uint64_t sizeBytes = 1 + random.below(64 * kMiB);
        SectorMap map;
        for (std::uint64_t left = random.below(40); left > 0; --left) {
            const std::uint64_t at = random.below(sizeBytes);
            map.add({at, 1 + random.below(sizeBytes - at)});
        }
        const auto read = must(parseRescueMap(rescueMapText("x", sizeBytes, map), "x.map"));
        QCOMPARE(read.endBytes, sizeBytes);
        QVERIFY(mapOf(read.missing) == map);
    }
}

void TestTapePartial::aRescueIsCompletedByItsOwnSourceOnly_data()
{
    QTest::addColumn<bool>("another");
    QTest::newRow("its own") << false;
    QTest::newRow("another") << true;
}

// Where the first and the last chunk were never rescued, others tell whose bytes they are.
void TestTapePartial::aRescueIsCompletedByItsOwnSourceOnly()
{
    QFETCH(const bool, another);
    Scene scene;
    auto bytes = scene.array.read(scene.source);
    const auto whole = bytes;
    std::fill_n(bytes.begin(), kMiB, std::byte{0});
    std::fill_n(bytes.end() - kMiB, kMiB, std::byte{0});
    const std::string path = scene.directory.filePath(QStringLiteral("rescued.img")).toStdString();
    const std::string map = path + ".map";
    writeImage(path, bytes);
    std::ofstream(map) << mapfileWith(fmt::format("0 {} -\n{} {} +\n{} {} -\n", kMiB, kMiB,
                                                  kSize - 2 * kMiB, kSize - kMiB, kMiB));
    const auto image = must(openImage({path, map}, refTo(scene.array.region(scene.source))));
    const auto plan =
        must(planImport(*scene.array, image.record, scene.target, {.confirmedName = "spare"}));
    UncontrolledCopy control;
    const auto made = must(importGeneration(*scene.array, plan, *image.chunks, control));
    QCOMPARE(made.state, GenerationState::Partial);
    if (another)
        scene.array.fillRandom(scene.source, 9);
    const auto before = scene.array.read(scene.target);
    const auto reread = rereadSource(*scene.array, made.number, control);
    QCOMPARE(reread.has_value(), !another);
    if (another)
        QCOMPARE(std::string(errorName(reread.error().code)), std::string("PlanChanged"));
    QVERIFY(scene.array.read(scene.target) == (another ? before : whole));
    QCOMPARE(scene.array.state(made.number),
             another ? GenerationState::Partial : GenerationState::Good);
}

QTEST_GUILESS_MAIN(TestTapePartial)
#include "test_tape_partial.moc"
