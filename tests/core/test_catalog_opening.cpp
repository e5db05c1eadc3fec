// What the catalog promises about opening: nothing is written, nothing hostile runs, nothing that
// was interrupted is lost, and a full catalog stays readable.
#include "core/catalog/management_region.h"
#include "core/io/faulty_io.h"
#include "tests/support/catalog_bench.h"
#include "tests/support/older_schema.h"

#include <QTest>

#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

struct WriteCounts {
    std::uint64_t writes = 0;
    std::uint64_t flushes = 0;
};

// Opens for reading on devices that are counted, and reads everything.
WriteCounts readEverything(const CatalogBench& bench)
{
    auto copies = bench.copies();
    std::vector<MemoryIo*> devices;
    for (const CatalogCopy& copy : copies)
        devices.push_back(dynamic_cast<MemoryIo*>(copy.io.get()));
    const auto catalog = require(Catalog::openForReading(std::move(copies), bench.environment));
    (void)catalog->status();
    for (const Generation& generation : require(catalog->generations()))
        require(require(catalog->digests(generation.number))->segment(0));
    require(catalog->jobs());
    require(catalog->ledger());
    require(catalog->members());
    require(catalog->setting("x"));
    WriteCounts counts;
    for (const MemoryIo* device : devices) {
        counts.writes += device->observer.count(IoCall::Write).calls +
                         device->observer.count(IoCall::Zero).calls;
        counts.flushes += device->observer.count(IoCall::Flush).calls;
    }
    return counts;
}

} // namespace

class TestCatalogOpening : public QObject {
    Q_OBJECT

private slots:
    // The check before the first write reads many pages at once.
    void aPageThatCannotBeReadMattersOnlyWhereTheCatalogHasIt();
    void openingForReadingWritesNothing();
    void openingForWritingAloneLeavesAWholeCatalogAsItIs();
    void aBackupWithoutItsWriterReadsAsInterrupted();
    void anInterruptedBackupIsRecordedWithTheFirstWrite();
    void aBackupWithItsWriterReadsAsCopying();
    void everyChangedLedgerFieldIsFound_data();
    void everyChangedLedgerFieldIsFound();
    void aRemovedLedgerEntryIsFound();
    void aHostileSchemaIsRefused_data();
    void aHostileSchemaIsRefused();
    void aWrongValueIsRefusedByItsRow_data();
    void aWrongValueIsRefusedByItsRow();
    void aWrongUndoRowIsRefused_data();
    void aWrongUndoRowIsRefused();
    void unknownStatesAreShownAndKept();
    void anOlderFormatIsReadAsItIs();
    void aFullCatalogRefusesAndStaysReadable();
    void aBackupWhoseDigestsDoNotFitIsRefused();
    void aDatabaseOfAnotherArrayIsDamaged();
    void whatWasCopiedFromAnotherDiskDecidesNothing_data();
    void whatWasCopiedFromAnotherDiskDecidesNothing();
    void ofTwoArraysTheReadableOneIsOpenedInWhateverOrder();
    void recordsStayWithinTheirBudget();
};

void TestCatalogOpening::aPageThatCannotBeReadMattersOnlyWhereTheCatalogHasIt()
{
    CatalogBench bench(1);
    bench.makeBackup(*bench.create(), bench.backup("root", "backup-a"));
    const auto pages = static_cast<std::uint64_t>(bench.ask("PRAGMA page_count"));
    QVERIFY(pages > 8 && pages < 60);
    const auto opened = [&](std::uint64_t page) {
        auto copies = bench.copies();
        const auto areas = require(managementAreas(copies.front().io->sizeBytes()));
        Faults faults;
        faults.unreadable = {{areas.main.offsetBytes + (page - 1) * kPageBytes, kPageBytes}};
        copies.front().io = std::make_unique<FaultyIo>(std::move(copies.front().io), faults,
                                                       bench.environment.clock);
        return Catalog::openForWriting(std::move(copies), bench.environment).has_value();
    };
    QVERIFY(opened(pages + 2));
    for (std::uint64_t page = 2; page <= pages; ++page)
        QVERIFY2(!opened(page), qPrintable(QString::number(page)));
}

void TestCatalogOpening::openingForReadingWritesNothing()
{
    const CatalogBench bench;
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
        require(catalog->begin(bench.backup("root", "backup-b")));
    }
    {
        const auto catalog = bench.write({1}); // Leaves the first member behind.
        require(catalog->setSetting("a", "b"));
    }
    const auto first = bench.bytesOf(0);
    const auto second = bench.bytesOf(1);
    const WriteCounts counts = readEverything(bench);
    QCOMPARE(counts.writes, std::uint64_t{0});
    QCOMPARE(counts.flushes, std::uint64_t{0});
    QVERIFY(bench.bytesOf(0) == first);
    QVERIFY(bench.bytesOf(1) == second);
}

void TestCatalogOpening::openingForWritingAloneLeavesAWholeCatalogAsItIs()
{
    const CatalogBench bench;
    {
        const auto catalog = bench.create();
        require(catalog->begin(bench.backup("root", "backup-a")));
    }
    const auto first = bench.bytesOf(0);
    (void)bench.write();
    QVERIFY(bench.bytesOf(0) == first);
    QVERIFY(bench.bytesOf(1).size() == first.size());
}

void TestCatalogOpening::aBackupWithoutItsWriterReadsAsInterrupted()
{
    const CatalogBench bench;
    GenerationNumber number = 0;
    {
        const auto catalog = bench.create();
        number = require(catalog->begin(bench.backup("root", "backup-a")));
    }
    const auto catalog = bench.read();
    QCOMPARE(require(catalog->generation(number)).state, GenerationState::Interrupted);
    QCOMPARE(require(catalog->generations()).front().state, GenerationState::Interrupted);
    QVERIFY(!require(catalog->jobs()).front().running);
    // Before its first write, a writer shows the same.
    QCOMPARE(require(bench.write()->generation(number)).state, GenerationState::Interrupted);
}

void TestCatalogOpening::anInterruptedBackupIsRecordedWithTheFirstWrite()
{
    const CatalogBench bench;
    GenerationNumber number = 0;
    {
        const auto catalog = bench.create();
        number = require(catalog->begin(bench.backup("root", "backup-a")));
    }
    {
        const auto catalog = bench.write();
        require(catalog->setSetting("a", "b"));
        const auto ledger = require(catalog->ledger());
        QCOMPARE(ledger.events.back().kind, EventKind::BackupInterrupted);
        QCOMPARE(ledger.events.back().generation, number);
    }
    // Durable: also while another writer lives.
    const auto writer = bench.write();
    require(writer->begin(bench.backup("home", "backup-b")));
    QCOMPARE(require(bench.read()->generation(number)).state, GenerationState::Interrupted);
    QCOMPARE(std::ranges::count(require(writer->ledger()).events, EventKind::BackupInterrupted,
                                &Event::kind),
             1);
    // The target of an interrupted backup may be used again; the backup is then given up.
    require(writer->begin(bench.backup("root", "backup-a")));
    QCOMPARE(require(writer->generation(number)).state, GenerationState::Superseded);
    QCOMPARE(require(writer->jobs()).size(), std::size_t{2});
}

void TestCatalogOpening::aBackupWithItsWriterReadsAsCopying()
{
    const CatalogBench bench;
    const auto writer = bench.create();
    const auto number = require(writer->begin(bench.backup("root", "backup-a")));
    const auto catalog = bench.read();
    QCOMPARE(require(catalog->generation(number)).state, GenerationState::Copying);
    QVERIFY(require(catalog->jobs()).front().running);
    QCOMPARE(require(writer->generation(number)).state, GenerationState::Copying);
}

void TestCatalogOpening::everyChangedLedgerFieldIsFound_data()
{
    QTest::addColumn<QByteArray>("change");
    QTest::newRow("kind") << QByteArray("kind = kind + 1");
    QTest::newRow("generation") << QByteArray("generation = generation + 1");
    QTest::newRow("time") << QByteArray("time_ms = time_ms - 1");
    QTest::newRow("subject") << QByteArray("subject = subject || ' '");
    QTest::newRow("detail") << QByteArray("detail = 'x'");
    QTest::newRow("hash") << QByteArray("hash = randomblob(16)");
}

void TestCatalogOpening::everyChangedLedgerFieldIsFound()
{
    QFETCH(QByteArray, change);
    const CatalogBench bench;
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
        QVERIFY(require(catalog->ledger()).chainIntact);
    }
    bench.tamper("UPDATE event SET " + change.toStdString() + " WHERE id = 2");
    const auto ledger = require(bench.read()->ledger());
    QVERIFY(!ledger.chainIntact);
    QCOMPARE(ledger.firstBrokenId, std::uint64_t{2});
    const auto refused = Catalog::openForWriting(bench.copies(), bench.environment);
    QCOMPARE(codeOf(refused), std::string("CatalogDamaged"));
}

void TestCatalogOpening::aRemovedLedgerEntryIsFound()
{
    const CatalogBench bench;
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    }
    bench.tamper("DELETE FROM event WHERE id = 2");
    const auto ledger = require(bench.read()->ledger());
    QVERIFY(!ledger.chainIntact);
    QCOMPARE(ledger.firstBrokenId, std::uint64_t{3});
}

void TestCatalogOpening::aHostileSchemaIsRefused_data()
{
    QTest::addColumn<QByteArray>("sql");
    QTest::newRow("trigger") << QByteArray(
        "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM generation; END");
    QTest::newRow("view") << QByteArray("CREATE VIEW v AS SELECT * FROM generation");
    QTest::newRow("view instead of a table")
        << QByteArray("DROP TABLE setting; CREATE VIEW setting AS SELECT 'a' AS key, 'b' AS value");
    QTest::newRow("default expression")
        << QByteArray("ALTER TABLE setting ADD COLUMN extra TEXT DEFAULT 'x'");
    QTest::newRow("generated column") << QByteArray(
        "ALTER TABLE setting ADD COLUMN extra TEXT GENERATED ALWAYS AS (value || value) VIRTUAL");
    QTest::newRow("foreign table") << QByteArray("CREATE TABLE other(a)");
    QTest::newRow("foreign index") << QByteArray("CREATE INDEX other ON event(abs(time_ms))");
    QTest::newRow("missing index") << QByteArray("DROP INDEX job_by_target");
    QTest::newRow("no version") << QByteArray("PRAGMA user_version = 0");
    QTest::newRow("a newer version's table") << QByteArray("PRAGMA user_version = 1");
    QTest::newRow("an older version's tables") << QByteArray("DROP TABLE undo");
}

void TestCatalogOpening::aHostileSchemaIsRefused()
{
    QFETCH(QByteArray, sql);
    const CatalogBench bench;
    (void)bench.create();
    bench.tamper(sql.toStdString());
    const auto before = bench.bytesOf(0);
    QCOMPARE(codeOf(Catalog::openForReading(bench.copies(), bench.environment)),
             std::string("CatalogDamaged"));
    QCOMPARE(codeOf(Catalog::openForWriting(bench.copies(), bench.environment)),
             std::string("CatalogDamaged"));
    QVERIFY(bench.bytesOf(0) == before);
}

void TestCatalogOpening::aWrongValueIsRefusedByItsRow_data()
{
    QTest::addColumn<QByteArray>("change");
    QTest::newRow("negative size") << QByteArray("size_bytes = -1");
    QTest::newRow("state out of range") << QByteArray("state = 4711");
    QTest::newRow("label not UTF-8") << QByteArray("label = CAST(x'ff' AS TEXT)");
    QTest::newRow("label too long") << QByteArray("label = hex(zeroblob(40000))");
    QTest::newRow("map not a map") << QByteArray("damaged = x'ffffffffffffffffffffff'");
    QTest::newRow("map beyond the end") << QByteArray("damaged = x'0a01'");
    QTest::newRow("flag not a flag") << QByteArray("held = 2");
}

void TestCatalogOpening::aWrongValueIsRefusedByItsRow()
{
    QFETCH(QByteArray, change);
    const CatalogBench bench;
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
        bench.makeBackup(*catalog, bench.backup("root", "backup-b"));
    }
    bench.tamper("UPDATE generation SET " + change.toStdString() + " WHERE number = 1");
    const auto catalog = bench.read();
    const auto refused = catalog->generation(1);
    QCOMPARE(codeOf(refused), std::string("CatalogDamaged"));
    QVERIFY(refused.error().detail.starts_with("generation 1, "));
    QVERIFY(catalog->generation(2).has_value());
}

void TestCatalogOpening::aWrongUndoRowIsRefused_data()
{
    QTest::addColumn<QByteArray>("change");
    QTest::newRow("map not a map") << QByteArray("chunks = x'ffffffffffffffffffffff'");
    QTest::newRow("map beyond the end") << QByteArray("chunks = x'0004'");
    QTest::newRow("no chunks") << QByteArray("chunks = x''");
    QTest::newRow("no first chunk") << QByteArray("chunks = x'0102'");
    QTest::newRow("no last chunk") << QByteArray("chunks = x'0002'");
    QTest::newRow("more than are kept") << QByteArray("chunks = x'0003'");
    QTest::newRow("no extent") << QByteArray("size_bytes = 0");
    QTest::newRow("negative extent") << QByteArray("size_bytes = -1");
    QTest::newRow("negative job") << QByteArray("job = -1");
}

void TestCatalogOpening::aWrongUndoRowIsRefused()
{
    QFETCH(QByteArray, change);
    const CatalogBench bench;
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, bench.backup("root", "backup-a")); // Of 3 chunks.
        NewUndo undo;
        undo.area = bench.region("spare");
        undo.sizeBytes = 3 * kMiB;
        undo.chunks.add(0);
        undo.chunks.add(2);
        require(catalog->beginRestore(1, bench.region("root"), &undo));
        QVERIFY(require(catalog->generation(2)).undo.has_value());
    }
    bench.tamper("UPDATE undo SET " + change.toStdString());
    const auto catalog = bench.read();
    QCOMPARE(codeOf(catalog->generation(2)), std::string("CatalogDamaged"));
    QVERIFY(catalog->generation(1).has_value());
}

void TestCatalogOpening::unknownStatesAreShownAndKept()
{
    const CatalogBench bench;
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    }
    bench.tamper("UPDATE generation SET state = 99");
    const auto catalog = bench.write();
    require(catalog->setSetting("a", "b"));
    const auto found = require(catalog->generation(1));
    QCOMPARE(static_cast<int>(found.state), 99);
    QCOMPARE(std::string(stateName(found.state)), std::string("unknown"));
}

void TestCatalogOpening::anOlderFormatIsReadAsItIs()
{
    const CatalogBench bench;
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    }
    bench.tamper(kToVersion1);
    const auto before = bench.bytesOf(0);
    const auto counts = readEverything(bench);
    QCOMPARE(counts.writes + counts.flushes, std::uint64_t{0});
    (void)bench.write(); // No verb wrote: nor does the opening.
    QVERIFY(bench.bytesOf(0) == before);
    QCOMPARE(bench.ask("PRAGMA user_version"), std::int64_t{1});
    QVERIFY(!bench.read()->status().newerFormat);
}

void TestCatalogOpening::aFullCatalogRefusesAndStaysReadable()
{
    const CatalogBench bench(2, kMinimumManagementBytes);
    const auto catalog = bench.create();
    const auto first = bench.makeBackup(*catalog, bench.backup("root", "first"));
    bool warned = false;
    Result<GenerationNumber> begun = 0;
    std::size_t made = 1;
    for (int round = 0; round < 2000 && begun; ++round) {
        warned = warned || catalog->status().nearlyFull;
        const auto wanted = bench.backup("root", "target " + std::to_string(round), kGiB);
        begun = catalog->begin(wanted);
        if (!begun)
            break;
        require(catalog->abandon(*begun, {ErrorCode::Canceled, 0, {}, {}, 0}, true));
        const DigestSegment full = CatalogBench::segment(wanted.sizeBytes, 0);
        ++made;
        const auto job = require(catalog->jobs()).back().id;
        require(catalog->recordResumed(job));
        const auto journal = require(catalog->journal(job));
        require(journal->record({}, {&full, 1}));
        require(catalog->complete(*begun, {}));
    }
    QVERIFY(warned);
    QCOMPARE(codeOf(begun), std::string("CatalogFull"));
    QVERIFY(begun.error().amount > 0);
    // What was begun can still be ended, proved, held and forgotten, which makes room again.
    require(catalog->recordVerification(first, {}));
    require(catalog->setHeld(first, true));
    QCOMPARE(require(catalog->generations()).size(), made);
    QVERIFY(require(catalog->ledger()).chainIntact);
    QCOMPARE(require(bench.read()->generations()).size(), made);
    require(catalog->forget(2));
    require(catalog->forget(3));
    QVERIFY(catalog->begin(bench.backup("root", "target 0", kGiB)).has_value());
}

void TestCatalogOpening::aBackupWhoseDigestsDoNotFitIsRefused()
{
    const CatalogBench bench(2, kMinimumManagementBytes);
    const auto catalog = bench.create();
    const auto commits = catalog->status().histories.front().commits;
    const auto refused = catalog->begin(bench.backup("root", "backup-a", kGiB * 1024));
    QCOMPARE(codeOf(refused), std::string("CatalogFull"));
    QVERIFY(refused.error().amount > 8 * kMiB);
    QCOMPARE(catalog->status().histories.front().commits, commits);
    QVERIFY(require(catalog->generations()).empty());
    QCOMPARE(require(catalog->begin(bench.backup("root", "backup-a"))), GenerationNumber{1});
}

void TestCatalogOpening::aDatabaseOfAnotherArrayIsDamaged()
{
    const CatalogBench bench;
    (void)bench.create();
    bench.tamper("UPDATE array SET id = randomblob(16)");
    QCOMPARE(codeOf(Catalog::openForReading(bench.copies(), bench.environment)),
             std::string("CatalogDamaged"));
}

void TestCatalogOpening::whatWasCopiedFromAnotherDiskDecidesNothing_data()
{
    QTest::addColumn<std::uint64_t>("bytes");
    QTest::newRow("the whole management region") << std::uint64_t{8 * kMiB};
    QTest::newRow("the super blocks alone") << std::uint64_t{kSuperSlotOffsets[1] + kPageBytes};
}

// Incident: the disk was taken for one of the array that its super block named, and written; or,
// named first, for an array whose catalog was damaged, though the other member's was whole.
void TestCatalogOpening::whatWasCopiedFromAnotherDiskDecidesNothing()
{
    QFETCH(std::uint64_t, bytes);
    const CatalogBench bench;
    const CatalogBench other(1);
    (void)bench.create();
    (void)other.create();
    auto copied = bench.bytesOf(0);
    const auto theirs = other.bytesOf(0);
    std::ranges::copy(std::span(theirs).first(static_cast<std::size_t>(bytes)), copied.begin());
    bench.setBytesOf(0, copied);

    QCOMPARE(codeOf(Catalog::openForReading(bench.copies({0}), bench.environment)),
             std::string("CatalogForeign"));
    QCOMPARE(codeOf(Catalog::openForWriting(bench.copies({0}), bench.environment)),
             std::string("CatalogForeign"));
    for (const auto& order : {std::vector<std::size_t>{0, 1}, std::vector<std::size_t>{1, 0}}) {
        const CatalogStatus status = bench.read(order)->status();
        QCOMPARE(status.arrayId, bench.record.arrayId);
        for (const CatalogCopyStatus& copy : status.copies)
            QCOMPARE(copy.state, copy.member == bench.members[0] ? CatalogCopyState::Foreign
                                                                 : CatalogCopyState::Current);
        QCOMPARE(codeOf(Catalog::openForWriting(bench.copies(order), bench.environment)),
                 std::string("ForeignMember"));
        // Beside the disk that it is of.
        auto copies = bench.copies({0});
        copies.push_back(std::move(other.copies().front()));
        if (order.front() == 1)
            std::swap(copies.front(), copies.back());
        QCOMPARE(codeOf(Catalog::openForWriting(std::move(copies), bench.environment)),
                 std::string("ForeignMember"));
    }
    QVERIFY(bench.bytesOf(0) == copied);
}

void TestCatalogOpening::ofTwoArraysTheReadableOneIsOpenedInWhateverOrder()
{
    const CatalogBench bench(1);
    const CatalogBench other(1);
    (void)bench.create();
    (void)other.create();
    auto damaged = other.bytesOf(0);
    std::ranges::fill(std::span(damaged).subspan(kAreasOffset), std::byte{0x5a});
    other.setBytesOf(0, damaged);
    for (const bool damagedFirst : {true, false}) {
        auto copies = bench.copies();
        copies.push_back(std::move(other.copies().front()));
        if (damagedFirst)
            std::swap(copies.front(), copies.back());
        const auto catalog = require(Catalog::openForReading(std::move(copies), bench.environment));
        QCOMPARE(catalog->status().arrayId, bench.record.arrayId);
    }
}

void TestCatalogOpening::recordsStayWithinTheirBudget()
{
    const CatalogBench bench(1);
    const auto catalog = bench.create();
    const auto makeMany = [&](int count) {
        for (int i = 0; i < count; ++i) {
            auto wanted = bench.backup("root", i % 2 == 0 ? "backup-a" : "backup-b");
            wanted.label = "nightly";
            wanted.content = {ContentKind::Recognised, "ext4", "home",
                              "6b1c8f6e-1c5d-4b0e-9a53-3f0e2a7d1c11", 123456789012};
            const auto number = bench.makeBackup(*catalog, wanted);
            require(catalog->recordVerification(number, {}));
        }
    };
    makeMany(4);
    const auto linkBytes = [](std::uint64_t commits) { return commits * 40; };
    const auto before = catalog->status();
    constexpr int kRounds = 200;
    makeMany(kRounds);
    const auto after = catalog->status();
    const std::uint64_t links = linkBytes(after.histories[0].commits - before.histories[0].commits);
    const std::uint64_t perGeneration = (after.usedBytes - before.usedBytes - links) / kRounds;
    qInfo("%llu bytes a generation", static_cast<unsigned long long>(perGeneration));
    QVERIFY(perGeneration <= 400);
}

QTEST_GUILESS_MAIN(TestCatalogOpening)
#include "test_catalog_opening.moc"
