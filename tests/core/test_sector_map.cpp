// A list of unreadable ranges is exact while it is short, and never too short.
#include "core/copy/sector_map.h"

#include "core/copy/chunk_digest.h"
#include "tests/support/test_environment.h"

#include <QtTest>
#include <set>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kUnit = SectorMap::kUnitBytes;

} // namespace

class TestSectorMap : public QObject {
    Q_OBJECT

private slots:
    void runsAreAddedAsIfOneByOne();
    void rangesAreWhatWasAddedAndNotRemoved();
    void aPartOfASectorIsTheSector();
    void withinIsCutToTheRange();
    void chunksAreThoseThatAreTouched();
    void tooManyRangesBecomeWholeChunks();
    void tooManyChunksBecomeLonger();
    void whatWasEncodedIsDecoded();
    void hostileEncodingsAreRefused();
};

void TestSectorMap::runsAreAddedAsIfOneByOne()
{
    SeededRandom random(testSeed());
    for (int round = 0; round < 300; ++round) {
        ChunkMap runs;
        ChunkMap single;
        for (int i = 0; i < 12; ++i) {
            const ChunkMap::Run run{random.below(60), random.below(9)};
            runs.add(run);
            for (std::uint64_t chunk = run.first; chunk < run.first + run.count; ++chunk)
                single.add(chunk);
            QVERIFY(runs == single);
        }
    }
}

void TestSectorMap::rangesAreWhatWasAddedAndNotRemoved()
{
    SectorMap map;
    map.add({8 * kUnit, 4 * kUnit});
    map.add({12 * kUnit, kUnit});
    map.add({100 * kUnit, kUnit});
    map.remove({9 * kUnit, kUnit});
    const std::vector<ByteRange> expected = {
        {8 * kUnit, kUnit}, {10 * kUnit, 3 * kUnit}, {100 * kUnit, kUnit}};
    QVERIFY(map.ranges() == expected);
    QCOMPARE(map.bytes(), 5 * kUnit);
    QCOMPARE(map.count(), std::size_t{3});
}

void TestSectorMap::aPartOfASectorIsTheSector()
{
    SectorMap map;
    map.add({kUnit + 1, 1});
    map.add({3 * kUnit - 1, 2});
    map.add({9 * kUnit, 0});
    QVERIFY(map.ranges() == (std::vector<ByteRange>{{kUnit, 3 * kUnit}}));
}

void TestSectorMap::withinIsCutToTheRange()
{
    SectorMap map;
    map.add({0, 4 * kUnit});
    map.add({10 * kUnit, 2 * kUnit});
    map.add({20 * kUnit, 5 * kUnit});
    QVERIFY(map.within({2 * kUnit, 20 * kUnit}) ==
            (std::vector<ByteRange>{
                {2 * kUnit, 2 * kUnit}, {10 * kUnit, 2 * kUnit}, {20 * kUnit, 2 * kUnit}}));
    QVERIFY(map.within({4 * kUnit, 6 * kUnit}).empty());
}

void TestSectorMap::chunksAreThoseThatAreTouched()
{
    SectorMap map;
    map.add({kChunkBytes - kUnit, 2 * kUnit});
    map.add({7 * kChunkBytes, kUnit});
    ChunkMap expected;
    for (const std::uint64_t chunk : {0U, 1U, 7U})
        expected.add(chunk);
    QVERIFY(map.chunks() == expected);
}

void TestSectorMap::tooManyRangesBecomeWholeChunks()
{
    SectorMap map;
    std::set<std::uint64_t> chunks;
    for (std::uint64_t i = 0; i <= SectorMap::kMostRanges; ++i) {
        const std::uint64_t offset = i * 8 * kUnit;
        map.add({offset, kUnit});
        chunks.insert(offset / kChunkBytes);
    }
    QVERIFY(map.count() <= SectorMap::kMostRanges);
    QVERIFY(map.ranges() == (std::vector<ByteRange>{{0, chunks.size() * kChunkBytes}}));
}

void TestSectorMap::tooManyChunksBecomeLonger()
{
    SectorMap map;
    for (std::uint64_t i = 0; i <= SectorMap::kMostRanges; ++i)
        map.add({i * 3 * kChunkBytes, kUnit});
    QVERIFY(map.count() <= SectorMap::kMostRanges);
    for (std::uint64_t i = 0; i <= SectorMap::kMostRanges; ++i)
        QVERIFY(map.within({i * 3 * kChunkBytes, kUnit}).size() == 1);
}

void TestSectorMap::whatWasEncodedIsDecoded()
{
    SectorMap map;
    map.add({5 * kUnit, 2 * kUnit});
    map.add({99 * kUnit, kUnit});
    const auto decoded = SectorMap::decode(map.encode(), 100 * kUnit);
    QVERIFY(decoded.has_value());
    QVERIFY(*decoded == map);
}

void TestSectorMap::hostileEncodingsAreRefused()
{
    SectorMap map;
    map.add({99 * kUnit, kUnit});
    QVERIFY(!SectorMap::decode(map.encode(), 99 * kUnit));
    ChunkMap many;
    for (std::uint64_t i = 0; i <= SectorMap::kMostRanges; ++i)
        many.add(2 * i);
    QCOMPARE(SectorMap::decode(many.encode(), UINT64_MAX / 2).error().code,
             ErrorCode::InvalidArgument);
}

QTEST_GUILESS_MAIN(TestSectorMap)
#include "test_sector_map.moc"
