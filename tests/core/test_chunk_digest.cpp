// Digests are the ones that xxhsum prints, and zeroes are found wherever the data hides.
#include "core/copy/chunk_digest.h"

#include <QtTest>
#include <vector>

using namespace cairn;

class TestChunkDigest : public QObject {
    Q_OBJECT

private slots:
    void itIsXxh3InCanonicalOrder();
    void hexComesBackAsItWas();
    void zeroesHaveTheDigestOfZeroes();
    void oneByteAnywhereIsNotZero();
    void piecesHaveTheDigestOfTheWhole();
    void theLastChunkIsShort();
};

void TestChunkDigest::itIsXxh3InCanonicalOrder()
{
    // XXH3_128bits of no bytes at seed 0, as in xxHash's own sanity test.
    QCOMPARE(digestOf({}).toHex(), std::string("99aa06d3014798d86001c324468d497f"));
}

void TestChunkDigest::hexComesBackAsItWas()
{
    const Digest digest = digestOfZeroes(77);
    QCOMPARE(Digest::fromHex(digest.toHex()), std::optional(digest));
    QVERIFY(!Digest::fromHex("99aa"));
    QVERIFY(!Digest::fromHex("99aa06d3014798d86001c324468d497g"));
}

void TestChunkDigest::zeroesHaveTheDigestOfZeroes()
{
    for (const std::uint64_t size : {std::uint64_t{1}, std::uint64_t{4097}, kChunkBytes}) {
        const std::vector<std::byte> zeroes(size);
        QCOMPARE(digestOf(zeroes), digestOfZeroes(size));
    }
}

void TestChunkDigest::oneByteAnywhereIsNotZero()
{
    for (std::size_t size = 0; size < 100; ++size) {
        std::vector<std::byte> bytes(size);
        QVERIFY(isZero(bytes));
        for (auto& byte : bytes) {
            byte = std::byte{1};
            QVERIFY(!isZero(bytes));
            byte = std::byte{0};
        }
    }
}

void TestChunkDigest::piecesHaveTheDigestOfTheWhole()
{
    const std::vector<std::byte> bytes(1000, std::byte{7});
    RunningDigest running;
    running.add(std::span(bytes).first(300));
    running.add(std::span(bytes).subspan(300));
    QCOMPARE(running.digest(), digestOf(bytes));
}

void TestChunkDigest::theLastChunkIsShort()
{
    const std::uint64_t size = 2 * kChunkBytes + 5;
    QCOMPARE(chunkCount(size), std::uint64_t{3});
    QCOMPARE(chunkRange(2, size), (ByteRange{2 * kChunkBytes, 5}));
    QCOMPARE(chunkRange(1, size), (ByteRange{kChunkBytes, kChunkBytes}));
}

QTEST_GUILESS_MAIN(TestChunkDigest)
#include "test_chunk_digest.moc"
