// Partition tables made by somebody who means harm, or by a dying disk.
#include "core/array/gpt/gpt_table.h"
#include "tests/support/gpt_bytes.h"
#include "tests/support/memory_io.h"
#include "tests/support/test_environment.h"

#include <QtTest>
#include <functional>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr std::uint64_t kSize = 4 * kMiB;
constexpr std::uint64_t kBlocks = kSize / 512;
constexpr std::uint64_t kLastBlock = kBlocks - 1;
constexpr std::size_t kTable = 2UL * 512; // The primary entries.

constexpr std::size_t kTableEnd = kTable + std::size_t{128} * 128;

using Bytes = std::vector<std::byte>;
using Damage = std::function<void(Bytes&)>;

Bytes goodDisk(SeededRandom& random)
{
    MemoryIo disk(kSize);
    auto table = GptTable::blank({kSize, 512}, Uuid::random(random), "test");
    table = table->withAdded(wantedEntry("one", {kMiB, kMiB / 2}, random));
    table = table->withAdded(wantedEntry("two", {2 * kMiB, kMiB / 2}, random));
    if (!table || !table->writeNew(disk))
        qFatal("no table to begin with");
    return disk.content();
}

Result<GptTable> readBytes(const Bytes& bytes)
{
    MemoryIo disk(bytes.size());
    disk.fill(0, bytes);
    auto table = GptTable::read(disk);
    // Reading writes nothing, whatever it finds.
    if (disk.content() != bytes)
        qFatal("reading wrote");
    return table;
}

// The same field of both headers.
Damage header(std::size_t offset, std::uint64_t value, std::size_t size)
{
    return [=](Bytes& disk) {
        for (const std::uint64_t block : {std::uint64_t{1}, kLastBlock})
            std::memcpy(disk.data() + block * 512 + offset, &value, size);
    };
}

// First and last block of entry 2, in the primary table only: it is the one that counts.
Damage secondEntry(std::uint64_t first, std::uint64_t last)
{
    return [=](Bytes& disk) {
        put(disk, kTable + 128 + 32, first);
        put(disk, kTable + 128 + 40, last);
    };
}

} // namespace
Q_DECLARE_METATYPE(Damage)
Q_DECLARE_METATYPE(ErrorCode)

class TestGptHostile : public QObject {
    Q_OBJECT

private slots:
    void impossibleTablesAreRefused_data();
    void impossibleTablesAreRefused();
    void aDamagedPrimaryFallsBackToTheBackup();
    void aDamagedBackupIsNoted();
    void bothHeadersDeadIsNoArray();
    void aWipedHeadStillReadsTheBackup();
    void aFilesystemOverAnOldTableIsNoArray();
    void anMbrWithoutProtectionIsNoArray();
    void copiesOfDifferentFormAreNotMixed();
    void noDamageCrashes();
    void anUnreadableDiskIsNotADiskWithoutATable();

private:
    SeededRandom m_random{testSeed()};
};

void TestGptHostile::impossibleTablesAreRefused_data()
{
    QTest::addColumn<Damage>("damage");
    QTest::addColumn<ErrorCode>("code");
    const auto row = [](const char* name, const Damage& damage, ErrorCode code) {
        QTest::newRow(name) << damage << code;
    };
    const auto table = ErrorCode::InvalidTable;
    const auto none = ErrorCode::NotAnArray;
    row("overlapping", secondEntry(3000, 4095), table);
    row("reversed", secondEntry(5000, 4096), table);
    row("beyond the disk", secondEntry(4096, kBlocks + 5), table);
    row("up to 2^64", secondEntry(4096, UINT64_MAX), table);
    row("over the table", secondEntry(2, 10), table);
    row("over block 0", secondEntry(0, 0), table);
    row("over the backup table", secondEntry(kLastBlock - 10, kLastBlock), table);
    row(
        "without identity",
        [](Bytes& disk) { std::fill_n(disk.begin() + kTable + 128 + 16, 16, std::byte{0}); },
        table);
    row("2^32 - 1 entries", header(kEntryCountField, UINT32_MAX, 4), none);
    row("no entries", header(kEntryCountField, 0, 4), none);
    row("1025 entries", header(kEntryCountField, 1025, 4), none);
    row("entries of 2^31 bytes", header(kEntryBytesField, 1U << 31U, 4), none);
    row("entries of no bytes", header(kEntryBytesField, 0, 4), none);
    row("entries of 129 bytes", header(kEntryBytesField, 129, 4), none);
    row("header of 4 GiB", header(12, UINT32_MAX, 4), none);
    row("header of no bytes", header(12, 0, 4), none);
    row("usable reversed", header(kFirstUsableField, kBlocks - 2, 8), none);
    row("usable from 0", header(kFirstUsableField, 0, 8), none);
    row("usable beyond the disk", header(kLastUsableField, UINT64_MAX, 8), none);
    row("table beyond the disk", header(kEntriesBlockField, UINT64_MAX - 1, 8), none);
    row("table over the header", header(kEntriesBlockField, 1, 8), none);
    row("table among the regions", header(kEntriesBlockField, 5500, 8), none);
    row(
        "null disk identity",
        [](Bytes& disk) {
            for (const std::uint64_t block : {std::uint64_t{1}, kLastBlock})
                std::fill_n(disk.data() + block * 512 + 56, 16, std::byte{0});
        },
        none);
}

void TestGptHostile::impossibleTablesAreRefused()
{
    QFETCH(Damage, damage);
    QFETCH(ErrorCode, code);
    Bytes disk = goodDisk(m_random);
    QVERIFY(readBytes(disk).has_value());
    damage(disk);
    fixChecksums(disk, 1, 512);
    fixChecksums(disk, kLastBlock, 512);
    const auto read = readBytes(disk);
    QVERIFY(!read);
    QCOMPARE(read.error().code, code);
    QVERIFY(!read.error().detail.empty());
}

void TestGptHostile::aDamagedPrimaryFallsBackToTheBackup()
{
    const Bytes good = goodDisk(m_random);
    for (const std::size_t offset : {std::size_t{512}, std::size_t{512 + 40}, kTable + 5}) {
        Bytes disk = good;
        disk[offset] ^= std::byte{1};
        const auto read = readBytes(disk);
        QVERIFY(read.has_value());
        QCOMPARE(read->entries().size(), 2U);
        QVERIFY(read->problem().starts_with("primary GPT: "));
        // Writing it again repairs the primary.
        MemoryIo device(kSize);
        device.fill(0, disk);
        QVERIFY(read->replaceBy(*read->withName(1, "new"), device).has_value());
        const auto repaired = GptTable::read(device);
        QVERIFY(repaired->problem().empty());
        QCOMPARE(repaired->entries()[0].name, std::string("new"));
    }
}

void TestGptHostile::aDamagedBackupIsNoted()
{
    Bytes disk = goodDisk(m_random);
    disk[kLastBlock * 512] ^= std::byte{1};
    const auto read = readBytes(disk);
    QVERIFY(read.has_value());
    QVERIFY(read->problem().starts_with("backup GPT: "));
}

void TestGptHostile::bothHeadersDeadIsNoArray()
{
    Bytes disk = goodDisk(m_random);
    disk[512] ^= std::byte{1};
    disk[kLastBlock * 512] ^= std::byte{1};
    const auto read = readBytes(disk);
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::NotAnArray);
}

void TestGptHostile::aWipedHeadStillReadsTheBackup()
{
    Bytes disk = goodDisk(m_random);
    std::fill_n(disk.begin(), kMiB, std::byte{0});
    const auto read = readBytes(disk);
    QVERIFY(read.has_value());
    QCOMPARE(read->entries().size(), 2U);
    MemoryIo device(kSize);
    device.fill(0, disk);
    QVERIFY(read->replaceBy(*read->withName(1, "new"), device).has_value());
    const auto repaired = GptTable::read(device);
    QVERIFY(repaired->problem().empty());
}

void TestGptHostile::aFilesystemOverAnOldTableIsNoArray()
{
    // mkfs.ext4 on the whole disk leaves block 0 zero and the backup table in place.
    Bytes disk = goodDisk(m_random);
    std::fill_n(disk.begin(), kMiB, std::byte{0});
    disk[1024 + 56] = std::byte{0x53};
    disk[1024 + 57] = std::byte{0xef};
    const auto read = readBytes(disk);
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::NotAnArray);
}

void TestGptHostile::anMbrWithoutProtectionIsNoArray()
{
    Bytes disk = goodDisk(m_random);
    disk[446 + 4] = std::byte{0x83};
    const auto read = readBytes(disk);
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::NotAnArray);
    QCOMPARE(read.error().detail, std::string("no protective MBR"));
}

// libfdisk read beyond its memory here; AddressSanitizer tells.
void TestGptHostile::copiesOfDifferentFormAreNotMixed()
{
    Bytes disk = goodDisk(m_random);
    put(disk, 512 + kEntryCountField, std::uint32_t{94});
    fixChecksums(disk, 1, 512);
    const auto read = readBytes(disk);
    QVERIFY(read.has_value());
    const auto edited = read->withAdded(wantedEntry("new", {3 * kMiB, kMiB / 2}, m_random));
    QVERIFY(edited.has_value());
    QCOMPARE(edited->entries().size(), 3U);
    MemoryIo device(kSize);
    device.fill(0, disk);
    QVERIFY(read->replaceBy(*edited, device).has_value());
    QVERIFY(GptTable::read(device)->entries() == edited->entries());
}

void TestGptHostile::noDamageCrashes()
{
    const Bytes good = goodDisk(m_random);
    for (int round = 0; round < 300; ++round) {
        Bytes disk = good;
        const std::uint64_t changes = 1 + m_random.below(4);
        for (std::uint64_t i = 0; i < changes; ++i) {
            const std::uint64_t places[] = {512 + m_random.below(96), kTable + m_random.below(256),
                                            kLastBlock * 512 + m_random.below(96)};
            disk[places[m_random.below(3)]] = m_random.bytes(1)[0];
        }
        fixChecksums(disk, 1, 512);
        fixChecksums(disk, kLastBlock, 512);
        const auto read = readBytes(disk);
        if (!read)
            continue;
        for (const GptEntry& entry : read->entries())
            QVERIFY((ByteRange{kTableEnd, kSize - kTableEnd}.contains(entry.extent)));
        // What was believed can be edited, or is refused; nothing of a region is written.
        MemoryIo device(kSize);
        device.fill(0, disk);
        const auto edited = read->withAdded(wantedEntry("new", {3 * kMiB, kMiB / 2}, m_random));
        if (!edited)
            continue;
        std::ignore = read->replaceBy(*edited, device);
        const Bytes now = device.content();
        for (const GptEntry& entry : read->entries()) {
            const auto from = static_cast<std::ptrdiff_t>(entry.extent.offsetBytes);
            const auto length = static_cast<std::ptrdiff_t>(entry.extent.lengthBytes);
            QVERIFY(
                std::equal(now.begin() + from, now.begin() + from + length, disk.begin() + from));
        }
    }
}

void TestGptHostile::anUnreadableDiskIsNotADiskWithoutATable()
{
    MemoryIo disk(kSize);
    disk.fill(0, goodDisk(m_random));
    disk.observer.setHook([](IoCall call, ByteRange, std::uint64_t) -> std::optional<Error> {
        if (call != IoCall::Read)
            return std::nullopt;
        return Error{ErrorCode::ReadFailed, EIO, {}, {}, 0};
    });
    const auto read = GptTable::read(disk);
    QVERIFY(!read);
    QCOMPARE(read.error().code, ErrorCode::ReadFailed);
}

QTEST_GUILESS_MAIN(TestGptHostile)
#include "test_gpt_hostile.moc"
