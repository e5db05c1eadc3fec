// A chunk map is a set, however chunks are added, and survives its encoding.
#include "core/copy/chunk_map.h"

#include "tests/support/test_environment.h"

#include <QtTest>
#include <set>

using namespace cairn;

class TestChunkMap : public QObject {
    Q_OBJECT

private slots:
    void neighboursBecomeOneRun();
    void removingSplitsARun();
    void itAgreesWithASet();
    void encodingComesBackAsItWas();
    void aStrangersEncodingIsChecked_data();
    void aStrangersEncodingIsChecked();
};

void TestChunkMap::neighboursBecomeOneRun()
{
    ChunkMap map;
    for (const std::uint64_t chunk : {5U, 3U, 4U, 9U, 4U})
        map.add(chunk);
    QCOMPARE(map.runs(), (std::vector<ChunkMap::Run>{{3, 3}, {9, 1}}));
    QCOMPARE(map.count(), std::uint64_t{4});
}

void TestChunkMap::removingSplitsARun()
{
    ChunkMap map;
    for (std::uint64_t chunk = 0; chunk < 5; ++chunk)
        map.add(chunk);
    map.remove(2);
    map.remove(7);
    QCOMPARE(map.runs(), (std::vector<ChunkMap::Run>{{0, 2}, {3, 2}}));
    map.remove(0);
    map.remove(4);
    QCOMPARE(map.runs(), (std::vector<ChunkMap::Run>{{1, 1}, {3, 1}}));
}

void TestChunkMap::itAgreesWithASet()
{
    test::SeededRandom random(test::testSeed());
    ChunkMap map;
    std::set<std::uint64_t> set;
    for (int step = 0; step < 20000; ++step) {
        const std::uint64_t chunk = random.below(200);
        if (random.below(2) == 0) {
            map.add(chunk);
            set.insert(chunk);
        } else {
            map.remove(chunk);
            set.erase(chunk);
        }
        const std::uint64_t asked = random.below(202);
        QCOMPARE(map.contains(asked), set.contains(asked));
        QCOMPARE(map.count(), std::uint64_t{set.size()});
        for (std::size_t i = 1; i < map.runs().size(); ++i) {
            const auto& before = map.runs()[i - 1];
            QVERIFY(before.first + before.count < map.runs()[i].first);
        }
    }
}

void TestChunkMap::encodingComesBackAsItWas()
{
    test::SeededRandom random(test::testSeed());
    for (int round = 0; round < 200; ++round) {
        ChunkMap map;
        for (int i = 0; i < round; ++i)
            map.add(random.below(round % 2 == 0 ? 300 : UINT64_MAX - 1));
        const auto encoded = map.encode();
        const auto decoded = ChunkMap::decode(encoded, UINT64_MAX);
        QVERIFY(decoded.has_value());
        QVERIFY(*decoded == map);
    }
}

void TestChunkMap::aStrangersEncodingIsChecked_data()
{
    QTest::addColumn<QByteArray>("encoded");
    QTest::newRow("half a pair") << QByteArray("\x01", 1);
    QTest::newRow("cut number") << QByteArray("\x80", 1);
    QTest::newRow("empty run") << QByteArray("\x01\x00", 2);
    QTest::newRow("adjacent runs") << QByteArray("\x00\x01\x00\x01", 4);
    QTest::newRow("beyond the limit") << QByteArray("\x63\x02", 2);
    QTest::newRow("longer than needed") << QByteArray("\x81\x00\x01", 3);
    QTest::newRow("number of 70 bits")
        << QByteArray("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02\x01", 11);
    QTest::newRow("wraps") << QByteArray("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01\x01", 11);
}

void TestChunkMap::aStrangersEncodingIsChecked()
{
    QFETCH(QByteArray, encoded);
    const auto bytes = std::as_bytes(std::span(encoded.constData(), std::size_t(encoded.size())));
    const auto decoded = ChunkMap::decode(bytes, 100);
    QVERIFY(!decoded.has_value());
    QCOMPARE(decoded.error().code, ErrorCode::InvalidArgument);
}

QTEST_GUILESS_MAIN(TestChunkMap)
#include "test_chunk_map.moc"
