// A member's partition table: what is written is read back, and nothing else is touched.
#include "core/array/gpt/gpt_table.h"
#include "core/array/gpt/gpt_types.h"
#include "tests/support/gpt_bytes.h"
#include "tests/support/memory_io.h"
#include "tests/support/test_environment.h"

#include <QtTest>
#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 10 * kMiB;

template<typename T>
T need(Result<T> result)
{
    if (!result)
        qFatal("%s: %s", errorName(result.error().code), result.error().detail.c_str());
    return std::move(*result);
}

void need(const Result<void>& result)
{
    if (!result)
        qFatal("%s: %s", errorName(result.error().code), result.error().detail.c_str());
}

// "one" at 1 MiB and "two" at 4 MiB, 2 MiB each.
GptTable twoRegions(SeededRandom& random, std::uint32_t sector)
{
    const auto blank = need(GptTable::blank({kSize, sector}, Uuid::random(random), "test"));
    const auto one = need(blank.withAdded(wantedEntry("one", {kMiB, 2 * kMiB}, random)));
    return need(one.withAdded(wantedEntry("two", {4 * kMiB, 2 * kMiB}, random)));
}

// The write ranges of a device.
std::vector<ByteRange> recordWrites(MemoryIo& disk, const std::function<void()>& body)
{
    std::vector<ByteRange> writes;
    disk.observer.setHook([&writes](IoCall call, ByteRange range, std::uint64_t) {
        if (call == IoCall::Write || call == IoCall::Zero)
            writes.push_back(range);
        return std::optional<Error>{};
    });
    body();
    disk.observer.setHook({});
    return writes;
}

} // namespace

class TestGptTable : public QObject {
    Q_OBJECT

private slots:
    void whatIsWrittenIsReadBack_data();
    void whatIsWrittenIsReadBack();
    void everyEditChangesOnlyWhatItSays();
    void namesBeyondTheBasicPlaneComeBack();
    void aLoneSurrogateIsReplaced();
    void freeSpaceIsWholeMebibytesBetweenRegions();
    void aFullTableSaysSo();
    void nothingOutsideTheTableIsWritten_data();
    void nothingOutsideTheTableIsWritten();
    void anUnchangedTableIsNotWritten();
    void anotherProgramsChangeIsNotOverwritten();
    void powerCutLeavesTheOldOrTheNewTable_data();
    void powerCutLeavesTheOldOrTheNewTable();
    void aFailedFlushOfTheBackupLeavesThePrimaryAlone();
    void whatAFailedFlushLostIsWrittenAgainAndReadAgain();
    void aTableThatIsTooSmallIsRefused();
    void aGrownDiskKeepsItsTable();

private:
    SeededRandom m_random{testSeed()};
};

void TestGptTable::whatIsWrittenIsReadBack_data()
{
    QTest::addColumn<quint32>("sector");
    QTest::newRow("512 bytes") << 512U;
    QTest::newRow("4096 bytes") << 4096U;
}

void TestGptTable::whatIsWrittenIsReadBack()
{
    QFETCH(quint32, sector);
    MemoryIo disk(kSize, traitsOf(sector));
    const GptTable table = twoRegions(m_random, sector);
    need(table.writeNew(disk));
    const GptTable read = need(GptTable::read(disk));
    QCOMPARE(read.diskId(), table.diskId());
    QVERIFY(read.entries() == table.entries());
    QVERIFY(read.problem().empty());
    QCOMPARE(read.entries().size(), 2U);
    QCOMPARE(read.entries()[0].name, std::string("one"));
    QVERIFY(read.entries()[1].extent == (ByteRange{4 * kMiB, 2 * kMiB}));
}

void TestGptTable::everyEditChangesOnlyWhatItSays()
{
    const GptTable table = twoRegions(m_random, 512);
    const GptTable renamed = need(table.withName(2, "new"));
    auto expected = table.entries();
    expected[1].name = "new";
    QVERIFY(renamed.entries() == expected);
    const GptTable marked = need(renamed.withType(1, kBackupType, kNoAutomount));
    expected[0].type = kBackupType;
    expected[0].attributes = kNoAutomount;
    QVERIFY(marked.entries() == expected);
    const GptTable exchanged = need(marked.withExchanged(1, 2));
    std::swap(expected[0].extent, expected[1].extent);
    QVERIFY(exchanged.entries() == expected);
    QVERIFY(need(exchanged.withExchanged(2, 1)).sameBytes(marked));
    std::swap(expected[0].extent, expected[1].extent);
    const GptTable removed = need(marked.without(1));
    expected.erase(expected.begin());
    QVERIFY(removed.entries() == expected);
    QCOMPARE(removed.diskId(), table.diskId());
}

void TestGptTable::namesBeyondTheBasicPlaneComeBack()
{
    MemoryIo disk(kSize);
    for (const std::string& name :
         {std::string("grüße"), std::string("日本"), std::string("a😀b"), std::string(36, 'x')}) {
        const GptTable table = need(twoRegions(m_random, 512).withName(1, name));
        need(table.writeNew(disk));
        QCOMPARE(need(GptTable::read(disk)).entries()[0].name, name);
    }
}

void TestGptTable::aLoneSurrogateIsReplaced()
{
    MemoryIo disk(kSize);
    need(twoRegions(m_random, 512).writeNew(disk));
    auto bytes = disk.content();
    put(bytes, 2 * 512 + 56, std::uint16_t{0xd83d});
    put(bytes, 2 * 512 + 58, std::uint16_t{'x'});
    fixChecksums(bytes, 1, 512);
    disk.fill(0, bytes);
    const GptTable read = need(GptTable::read(disk));
    QCOMPARE(read.entries()[0].name, std::string("\xef\xbf\xbdxe"));
    // An edit of the other region leaves it as it is.
    QCOMPARE(need(read.withName(2, "z")).entries()[0].name, read.entries()[0].name);
}

void TestGptTable::freeSpaceIsWholeMebibytesBetweenRegions()
{
    const auto free = twoRegions(m_random, 512).freeRanges();
    QCOMPARE(free.size(), 2U);
    QVERIFY(free[0] == (ByteRange{3 * kMiB, kMiB}));
    QVERIFY(free[1] == (ByteRange{6 * kMiB, 3 * kMiB}));
}

void TestGptTable::aFullTableSaysSo()
{
    constexpr std::uint64_t size = 256 * kMiB;
    GptTable table = need(GptTable::blank({size, 512}, Uuid::random(m_random), "test"));
    for (std::uint64_t i = 0; i < 128; ++i) {
        QVERIFY(!table.isFull());
        const ByteRange extent{(i + 1) * kMiB, kMiB};
        table = need(table.withAdded(wantedEntry("r", extent, m_random)));
    }
    QVERIFY(table.isFull());
}

void TestGptTable::nothingOutsideTheTableIsWritten_data()
{
    whatIsWrittenIsReadBack_data();
}

void TestGptTable::nothingOutsideTheTableIsWritten()
{
    QFETCH(quint32, sector);
    MemoryIo disk(kSize, traitsOf(sector));
    disk.fill(kMiB, m_random.bytes(kSize - 2 * kMiB));
    const GptTable before = twoRegions(m_random, sector);
    need(before.writeNew(disk));
    const GptTable after = need(before.withAdded(wantedEntry("three", {8 * kMiB, kMiB}, m_random)));
    const auto old = disk.content();
    const auto writes = recordWrites(disk, [&] { need(before.replaceBy(after, disk)); });
    QVERIFY(!writes.empty());
    std::uint64_t writtenBytes = 0;
    for (const ByteRange& range : writes) {
        QVERIFY(before.mayHoldTable(range));
        writtenBytes += range.lengthBytes;
    }
    // One block of entries and the header, twice.
    QCOMPARE(writtenBytes, std::uint64_t{4} * sector);
    const auto now = disk.content();
    QVERIFY(std::equal(now.begin() + kMiB, now.end() - kMiB, old.begin() + kMiB));
}

void TestGptTable::anUnchangedTableIsNotWritten()
{
    MemoryIo disk(kSize);
    const GptTable table = twoRegions(m_random, 512);
    need(table.writeNew(disk));
    const GptTable same = need(table.withName(1, "one"));
    const auto writes = recordWrites(disk, [&] { need(table.replaceBy(same, disk)); });
    QVERIFY(writes.empty());
}

void TestGptTable::anotherProgramsChangeIsNotOverwritten()
{
    MemoryIo disk(kSize);
    const GptTable table = twoRegions(m_random, 512);
    need(table.writeNew(disk));
    need(table.replaceBy(need(table.withName(1, "theirs")), disk));
    const auto before = disk.content();
    const auto written = table.replaceBy(need(table.withName(1, "ours")), disk);
    QVERIFY(!written);
    QCOMPARE(written.error().code, ErrorCode::PlanChanged);
    QVERIFY(disk.content() == before);
}

void TestGptTable::powerCutLeavesTheOldOrTheNewTable_data()
{
    QTest::addColumn<bool>("primaryDamaged");
    QTest::addColumn<bool>("exchange");
    QTest::addColumn<unsigned>("sector");
    QTest::newRow("both copies valid") << false << false << 512U;
    QTest::newRow("primary damaged before") << true << false << 512U;
    QTest::newRow("exchange") << false << true << 512U;
    QTest::newRow("exchange, primary damaged before") << true << true << 512U;
    QTest::newRow("exchange, 4096-byte sectors") << false << true << 4096U;
}

void TestGptTable::powerCutLeavesTheOldOrTheNewTable()
{
    QFETCH(bool, primaryDamaged);
    QFETCH(bool, exchange);
    QFETCH(unsigned, sector);
    MemoryIo disk(kSize, traitsOf(sector));
    need(twoRegions(m_random, sector).writeNew(disk));
    if (primaryDamaged)
        disk.fill(sector, std::vector<std::byte>(512, std::byte{0xff}));
    const auto start = disk.content();
    const GptTable before = need(GptTable::read(disk));
    const auto third = wantedEntry("three", {8 * kMiB, kMiB}, m_random);
    const GptTable after = need(exchange ? before.withExchanged(1, 2) : before.withAdded(third));
    for (int round = 0; round < 120; ++round) {
        disk.fill(0, start);
        // Power goes at some write or flush, or after all of them.
        std::uint64_t left = m_random.below(10);
        disk.observer.setHook([&](IoCall call, ByteRange, std::uint64_t) -> std::optional<Error> {
            if (call != IoCall::Write && call != IoCall::Flush)
                return std::nullopt;
            if (left == 0)
                return Error{ErrorCode::WriteFailed, EIO, {}, {}, 0};
            left -= 1;
            return std::nullopt;
        });
        std::ignore = before.replaceBy(after, disk);
        disk.observer.setHook({});
        disk.losePower(m_random);
        const auto read = GptTable::read(disk);
        QVERIFY2(read.has_value(), "no valid table is left");
        QVERIFY(read->entries() == before.entries() || read->entries() == after.entries());
        need(read->replaceBy(need(read->withEqualCopies()), disk));
        const GptTable equal = need(GptTable::read(disk));
        QVERIFY(equal.entries() == read->entries());
        QCOMPARE(equal.problem(), std::string());
    }
}

void TestGptTable::aFailedFlushOfTheBackupLeavesThePrimaryAlone()
{
    MemoryIo disk(kSize);
    const GptTable before = twoRegions(m_random, 512);
    need(before.writeNew(disk));
    const GptTable after = need(before.withName(1, "new"));
    disk.observer.setHook([](IoCall call, ByteRange, std::uint64_t) -> std::optional<Error> {
        if (call != IoCall::Flush)
            return std::nullopt;
        return Error{ErrorCode::FlushFailed, EIO, {}, {}, 0};
    });
    const auto written = before.replaceBy(after, disk);
    disk.observer.setHook({});
    QVERIFY(!written);
    QCOMPARE(written.error().code, ErrorCode::FlushFailed);
    QCOMPARE(need(GptTable::read(disk)).entries()[0].name, std::string("one"));
}

// A cache may call pages clean whose writing has failed: they are written again only if the program
// does.
void TestGptTable::whatAFailedFlushLostIsWrittenAgainAndReadAgain()
{
    MemoryIo disk(kSize);
    const GptTable table = twoRegions(m_random, 512);
    need(table.writeNew(disk));
    const auto whole = disk.content();
    const auto writes = recordWrites(disk, [&] { need(table.rewrite(disk)); });
    std::uint64_t bytes = 0;
    for (const ByteRange& range : writes)
        bytes += range.lengthBytes;
    QCOMPARE(bytes, std::uint64_t{2 * (16 * kKiB + 512)});
    QVERIFY(disk.content() == whole);
    // A medium that takes nothing and says that it has.
    std::uint64_t flushes = 0;
    disk.observer.setHook([&](IoCall call, ByteRange, std::uint64_t) -> std::optional<Error> {
        if (call == IoCall::Flush && ++flushes == 2)
            disk.fill(512, std::vector<std::byte>(512));
        return std::nullopt;
    });
    const auto lost = table.rewrite(disk);
    disk.observer.setHook({});
    QVERIFY(!lost);
    QCOMPARE(lost.error().code, ErrorCode::FlushFailed);
}

void TestGptTable::aTableThatIsTooSmallIsRefused()
{
    const auto table = GptTable::blank({64 * kKiB, 512}, Uuid::random(m_random), "tiny");
    QVERIFY(!table);
    QCOMPARE(table.error().code, ErrorCode::InvalidSize);
}

void TestGptTable::aGrownDiskKeepsItsTable()
{
    MemoryIo small(kSize);
    const GptTable table = twoRegions(m_random, 512);
    need(table.writeNew(small));
    MemoryIo grown(2 * kSize);
    grown.fill(0, small.content());
    const GptTable read = need(GptTable::read(grown));
    QVERIFY(read.entries() == table.entries());
    const GptTable after = need(read.withName(1, "new"));
    need(read.replaceBy(after, grown));
    QVERIFY(need(GptTable::read(grown)).entries() == after.entries());
}

QTEST_GUILESS_MAIN(TestGptTable)
#include "test_gpt_table.moc"
