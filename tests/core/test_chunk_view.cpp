// A view shows the chunks of its selection, each in one slot, and touches no other byte.
#include "core/copy/chunk_view.h"

#include "tests/support/memory_io.h"
#include "tests/support/test_environment.h"

#include <QTest>

using namespace cairn;
using namespace cairn::test;

namespace {

// Nine whole chunks, and one of 512 bytes.
constexpr std::uint64_t kSize = 9 * kChunkBytes + 512;

ChunkMap chunksOf(std::initializer_list<std::uint64_t> chunks)
{
    ChunkMap map;
    for (const std::uint64_t chunk : chunks)
        map.add(chunk);
    return map;
}

std::vector<std::byte> bytesAt(const std::vector<std::byte>& all, std::uint64_t offset,
                               std::uint64_t length)
{
    const auto from = all.begin() + static_cast<std::ptrdiff_t>(offset);
    return {from, from + static_cast<std::ptrdiff_t>(length)};
}

struct Viewed {
    MemoryIo extent{kSize + kMiB};
    ChunkSelection selection{chunksOf({0, 2, 3, 7, 9}), kSize};
    ChunkView view{extent, selection};
    std::vector<std::byte> before;

    Viewed()
    {
        SeededRandom random(testSeed());
        before = random.bytes(extent.sizeBytes());
        extent.fill(0, before);
    }
    std::vector<std::byte> read(std::uint64_t offset, std::uint64_t length)
    {
        std::vector<std::byte> bytes(static_cast<std::size_t>(length));
        if (!view.read(offset, bytes))
            qFatal("read");
        return bytes;
    }
};

} // namespace

class TestChunkView : public QObject {
    Q_OBJECT

private slots:
    void theEndsAreExchangedAndTheRestAscends();
    void everySlotReadsItsChunk();
    void aReadAcrossSlotsIsPutTogether();
    void aWriteTouchesNoChunkOutsideTheSelection();
    void behindTheEndOfTheExtentAreZeroes();
};

void TestChunkView::theEndsAreExchangedAndTheRestAscends()
{
    const ChunkSelection selection(chunksOf({0, 2, 3, 7, 9}), kSize);
    const std::vector<std::uint64_t> expected = {9, 2, 3, 7, 0};
    QCOMPARE(selection.slotCount(), std::uint64_t{5});
    for (std::uint64_t slot = 0; slot < expected.size(); ++slot) {
        QCOMPARE(selection.chunkIn(slot), expected[slot]);
        QCOMPARE(selection.slotOf(expected[slot]), std::optional(slot));
    }
    for (const std::uint64_t chunk : {1U, 4U, 6U, 8U, 10U})
        QCOMPARE(selection.slotOf(chunk), std::optional<std::uint64_t>());
    const ChunkSelection single(chunksOf({4}), kSize);
    QCOMPARE(single.chunkIn(0), std::uint64_t{4});
    QCOMPARE(single.slotOf(4), std::optional(std::uint64_t{0}));
}

void TestChunkView::everySlotReadsItsChunk()
{
    Viewed viewed;
    QCOMPARE(viewed.view.sizeBytes(), 5 * kChunkBytes);
    for (std::uint64_t slot = 1; slot < 5; ++slot) {
        const std::uint64_t chunk = viewed.selection.chunkIn(slot);
        QVERIFY(viewed.read(slot * kChunkBytes, kChunkBytes) ==
                bytesAt(viewed.before, chunk * kChunkBytes, kChunkBytes));
    }
}

void TestChunkView::aReadAcrossSlotsIsPutTogether()
{
    Viewed viewed;
    const auto across = viewed.read(2 * kChunkBytes - 7, kChunkBytes + 20);
    auto expected = bytesAt(viewed.before, 3 * kChunkBytes - 7, 7);
    const auto whole = bytesAt(viewed.before, 3 * kChunkBytes, kChunkBytes);
    const auto rest = bytesAt(viewed.before, 7 * kChunkBytes, 13);
    expected.insert(expected.end(), whole.begin(), whole.end());
    expected.insert(expected.end(), rest.begin(), rest.end());
    QVERIFY(across == expected);
}

void TestChunkView::aWriteTouchesNoChunkOutsideTheSelection()
{
    Viewed viewed;
    const std::vector<std::byte> ones(static_cast<std::size_t>(viewed.view.sizeBytes()),
                                      std::byte{1});
    QVERIFY(viewed.view.write(0, ones));
    auto now = viewed.extent.content();
    for (std::uint64_t at = 0; at < now.size(); ++at) {
        const bool inside = at < kSize && viewed.selection.slotOf(at / kChunkBytes).has_value();
        if (now[at] != (inside ? std::byte{1} : viewed.before[at]))
            QFAIL(qPrintable(QString("byte %1").arg(at)));
    }
    QVERIFY(viewed.view.zero({0, viewed.view.sizeBytes()}));
    now = viewed.extent.content();
    for (std::uint64_t at = 0; at < now.size(); ++at) {
        const bool inside = at < kSize && viewed.selection.slotOf(at / kChunkBytes).has_value();
        if (now[at] != (inside ? std::byte{0} : viewed.before[at]))
            QFAIL(qPrintable(QString("byte %1").arg(at)));
    }
}

void TestChunkView::behindTheEndOfTheExtentAreZeroes()
{
    Viewed viewed;
    auto expected = bytesAt(viewed.before, 9 * kChunkBytes, 512);
    expected.resize(kChunkBytes);
    QVERIFY(viewed.read(0, kChunkBytes) == expected);
    QVERIFY(viewed.read(700, 100) == std::vector<std::byte>(100));
}

QTEST_GUILESS_MAIN(TestChunkView)
#include "test_chunk_view.moc"
