// What a hot journal brings back, and what it must never bring back.
#include "core/catalog/region_database.h"
#include "tests/support/recording_io.h"
#include "tests/support/test_database.h"

#include <QtTest>
#include <fmt/format.h>
#include <sqlite3.h>

using namespace cairn;
using namespace cairn::test;

namespace {

constexpr const char* kSum = "SELECT count(*) || ':' || sum(length(text)) FROM item";

// A device on which a process was killed while it wrote pages of a transaction.
struct Killed {
    std::shared_ptr<MemoryMedium> medium;
    std::string sum; // Of the last commit.
    ManagementAreas areas;
    std::vector<std::uint64_t> journalHeaders; // Offsets in the region of those with records.
};

void noteHeader(Killed& killed, const WriteLog::Entry& entry)
{
    if (!killed.areas.journal.contains({entry.offsetBytes, 1}))
        return;
    for (std::size_t at = 0; at < entry.bytes.size(); at += kPageBytes) {
        const std::uint64_t offset = entry.offsetBytes + at;
        const bool magic =
            entry.bytes[at] == std::byte{0xd9} && entry.bytes[at + 1] == std::byte{0xd5};
        if (magic &&
            std::ranges::find(killed.journalHeaders, offset) == killed.journalHeaders.end())
            killed.journalHeaders.push_back(offset);
    }
}

// Runs `sql` on a database of `rows` rows and "kills" it after its last write to the main area.
Killed killedIn(const std::string& sql, int rows = 300, const char* setUp = "")
{
    Killed killed;
    killed.medium = formattedMedium();
    killed.areas = *managementAreas(killed.medium->bytes.size());
    const auto log = std::make_shared<WriteLog>();
    std::vector<std::byte> before;
    {
        RecordingIo io(killed.medium, 0, log);
        auto database = openDatabase({&io}, DatabaseMode::Live, true);
        CAIRN_ASSERT(database);
        if (rows > 0) {
            fillDatabase(**database, rows);
            CAIRN_ASSERT(execute(**database, setUp) == 0);
            killed.sum = query(**database, kSum);
        }
        sqlite3_limit((*database)->connection(), SQLITE_LIMIT_ATTACHED, 2); // VACUUM attaches.
        before = killed.medium->bytes;
        log->entries.clear();
        CAIRN_ASSERT(execute(**database, sql) == 0);
    }
    std::size_t last = 0;
    for (std::size_t i = 0; i < log->entries.size(); ++i) {
        if (killed.areas.main.contains({log->entries[i].offsetBytes, 1}))
            last = i + 1;
    }
    CAIRN_ASSERT(last > 0);
    CrashStates crash(*log, {before});
    while (crash.position() < last) {
        noteHeader(killed, log->entries[crash.position()]);
        crash.advance();
    }
    SeededRandom unused(0);
    killed.medium = std::make_shared<MemoryMedium>(before.size());
    killed.medium->bytes = crash.medium(0, Unflushed::Kept, unused)->bytes;
    killed.medium->durable = killed.medium->bytes;
    return killed;
}

const std::string kBigUpdate = "UPDATE item SET text = hex(randomblob(120))";
const std::string kSpillingUpdate = "PRAGMA cache_size=6; " + kBigUpdate;

std::string openedSum(const std::shared_ptr<MemoryMedium>& medium, DatabaseMode mode)
{
    MemoryIo io(medium);
    auto database = openDatabase({&io}, mode);
    if (!database)
        return errorName(database.error().code);
    if (const auto checked = query(**database, "PRAGMA integrity_check"); checked != "ok")
        return checked;
    return query(**database, kSum);
}

std::string stockSqliteSize(const Killed& killed)
{
    return std::to_string(std::to_integer<int>(
        killed.medium->bytes[static_cast<std::size_t>(killed.areas.main.offsetBytes) + 31]));
}

} // namespace

class TestRegionDatabaseRecovery final : public QObject {
    Q_OBJECT

private slots:
    void privateOpeningOfAHotJournalWritesNothingAndSeesTheLastCommit()
    {
        for (const std::string& sql : {kBigUpdate, kSpillingUpdate}) {
            const Killed killed = killedIn(sql);
            const auto before = killed.medium->bytes;
            MemoryIo io(killed.medium);
            auto database = openDatabase({&io}, DatabaseMode::Private);
            QVERIFY(database);
            QCOMPARE(query(**database, kSum), killed.sum);
            QCOMPARE(query(**database, "PRAGMA integrity_check"), "ok");
            QCOMPARE(io.observer.count(IoCall::Write).calls, 0U);
            QCOMPARE(io.observer.count(IoCall::Flush).calls, 0U);
            QVERIFY(killed.medium->bytes == before);
        }
    }

    void liveOpeningRollsBackForGood()
    {
        const Killed killed = killedIn(kSpillingUpdate);
        QVERIFY(killed.journalHeaders.size() > 2);
        QCOMPARE(openedSum(killed.medium, DatabaseMode::Live), killed.sum);
        QCOMPARE(openedSum(killed.medium, DatabaseMode::Private), killed.sum);
        killed.medium->bytes = killed.medium->durable;
        QCOMPARE(openedSum(killed.medium, DatabaseMode::Private), killed.sum);
    }

    void privateReaderFollowsARecoveryByAnother()
    {
        const Killed killed = killedIn(kBigUpdate);
        MemoryIo io(killed.medium);
        auto reader = openDatabase({&io}, DatabaseMode::Private);
        QVERIFY(reader);
        QCOMPARE(query(**reader, kSum), killed.sum);
        {
            MemoryIo other(killed.medium);
            auto writer = openDatabase({&other}, DatabaseMode::Live);
            QVERIFY(writer);
            QCOMPARE(execute(**writer, "DELETE FROM item WHERE id > 7"), 0);
        }
        QCOMPARE(query(**reader, "SELECT count(*) FROM item"), "7");
    }

    // SQLite's own checksum looks at every 200th byte: a rollback would restamp the rest as good.
    void everyDamagedByteOfAJournalRecordStopsTheRollback()
    {
        SeededRandom random(testSeed());
        const Killed killed = killedIn(kBigUpdate);
        const std::uint64_t records = killed.areas.journal.offsetBytes + kPageBytes;
        constexpr std::uint64_t kRecordBytes = kPageBytes + 8;
        for (int round = 0; round < 150; ++round) {
            const std::uint64_t offset = records + random.below(5 * kRecordBytes);
            auto& byte = killed.medium->bytes[static_cast<std::size_t>(offset)];
            byte ^= std::byte{16};
            const auto damaged = killed.medium->bytes;
            QCOMPARE(openedSum(killed.medium, DatabaseMode::Private), "CatalogDamaged");
            QVERIFY(killed.medium->bytes == damaged);
            byte ^= std::byte{16};
        }
        QCOMPARE(openedSum(killed.medium, DatabaseMode::Live), killed.sum);
    }

    void liveRollbackStopsAtADamagedRecordAndKeepsTheJournal()
    {
        const Killed killed = killedIn(kBigUpdate);
        const auto at = static_cast<std::size_t>(killed.areas.journal.offsetBytes + 3 * kPageBytes);
        killed.medium->bytes[at] ^= std::byte{1};
        QCOMPARE(openedSum(killed.medium, DatabaseMode::Live), "CatalogDamaged");
        QCOMPARE(openedSum(killed.medium, DatabaseMode::Private), "CatalogDamaged");
        killed.medium->bytes[at] ^= std::byte{1};
        QCOMPARE(openedSum(killed.medium, DatabaseMode::Private), killed.sum);
        QCOMPARE(openedSum(killed.medium, DatabaseMode::Live), killed.sum);
    }

    // SQLite takes a header without its magic for the journal's end and rolls back only a part.
    void everyDamagedJournalHeaderIsNoticed()
    {
        const Killed killed = killedIn(kSpillingUpdate);
        QVERIFY(killed.journalHeaders.size() > 2);
        for (const std::uint64_t header : killed.journalHeaders) {
            for (std::uint64_t byte = 0; byte < 64; ++byte) {
                auto& damaged = killed.medium->bytes[static_cast<std::size_t>(header + byte)];
                damaged ^= std::byte{2};
                QCOMPARE(openedSum(killed.medium, DatabaseMode::Private), "CatalogDamaged");
                damaged ^= std::byte{2};
            }
        }
        QCOMPARE(openedSum(killed.medium, DatabaseMode::Private), killed.sum);
    }

    // A killed VACUUM has written a smaller page count; taken for the file's size, SQLite "grew"
    // the database again by a page of zeroes, over live data.
    void killedVacuumLosesNoPage()
    {
        const Killed killed = killedIn("VACUUM", 400, "DELETE FROM item WHERE id % 10 < 9");
        const auto pages = std::stoul(stockSqliteSize(killed));
        QVERIFY2(pages < 10, "page 1 was written with the smaller count");
        QCOMPARE(openedSum(killed.medium, DatabaseMode::Private), killed.sum);
        QCOMPARE(openedSum(killed.medium, DatabaseMode::Live), killed.sum);
    }

    // Without its header erased too, the first page would bring back what was rolled back.
    void rollbackToAnEmptyDatabaseErasesTheHeader()
    {
        const Killed killed = killedIn("CREATE TABLE item(id INTEGER PRIMARY KEY, text TEXT)", 0);
        QCOMPARE(openedSum(killed.medium, DatabaseMode::Private), "CatalogDamaged");
        {
            MemoryIo io(killed.medium);
            auto database = openDatabase({&io}, DatabaseMode::Live, true);
            QVERIFY(database);
            QCOMPARE((*database)->pageCount(), 0U);
        }
        killed.medium->bytes = killed.medium->durable;
        const auto main =
            std::span(killed.medium->bytes)
                .subspan(static_cast<std::size_t>(killed.areas.main.offsetBytes), kPageBytes);
        QVERIFY(std::ranges::all_of(main, [](std::byte byte) { return byte == std::byte{0}; }));
        MemoryIo io(killed.medium);
        auto database = openDatabase({&io}, DatabaseMode::Live, true);
        QVERIFY(database);
        fillDatabase(**database, 5);
        QCOMPARE(query(**database, "PRAGMA integrity_check"), "ok");
    }

    void anyFailingCallLeavesTheLastCommitReadable()
    {
        for (const ErrorCode code : {ErrorCode::WriteFailed, ErrorCode::NoSpace}) {
            std::uint64_t calls = UINT64_MAX;
            std::size_t failures = 0;
            std::size_t unsure = 0;
            for (std::uint64_t nth = 1; nth <= calls; ++nth) {
                const auto medium = formattedMedium();
                const bool done = updateWithFailureAt(medium, nth, code, calls);
                const std::string sum = openedSum(medium, DatabaseMode::Private);
                QVERIFY2(sum == kUpdatedSum || (!done && sum == "60:12000"), sum.c_str());
                QCOMPARE(openedSum(medium, DatabaseMode::Live), sum);
                failures += done ? 0U : 1U;
                unsure += !done && sum == kUpdatedSum ? 1U : 0U;
            }
            QVERIFY(failures > 20);
            QCOMPARE(unsure, 1U); // Only the flush of the journal's end leaves it open.
        }
    }

    // Whether its writes arrived is unknown, and a later flush that succeeds does not tell.
    void failedFlushIsFinal()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        auto database = openDatabase({&io}, DatabaseMode::Live, true);
        QVERIFY(database);
        fillDatabase(**database, 60);
        bool failed = false;
        io.observer.setHook([&failed](IoCall call, ByteRange, std::uint64_t) {
            if (call != IoCall::Flush || failed)
                return std::optional<Error>();
            failed = true;
            return std::optional(Error{ErrorCode::FlushFailed, 5, {}, {}, 0});
        });
        QVERIFY(execute(**database, "DELETE FROM item") != 0);
        QVERIFY(execute(**database, "DELETE FROM item WHERE id = 1") != 0);
        QVERIFY((*database)->lastError() != nullptr);
        QCOMPARE((*database)->lastError()->code, ErrorCode::FlushFailed);
        database->reset();
        QVERIFY(openedSum(medium, DatabaseMode::Private).starts_with("60:"));
    }

private:
    static constexpr const char* kUpdatedSum = "60:14400";

    // Whether an update of 60 rows succeeded although the nth call failed.
    static bool updateWithFailureAt(const std::shared_ptr<MemoryMedium>& medium, std::uint64_t nth,
                                    ErrorCode code, std::uint64_t& calls)
    {
        MemoryIo io(medium);
        auto database = openDatabase({&io}, DatabaseMode::Live, true);
        CAIRN_ASSERT(database);
        fillDatabase(**database, 60);
        CAIRN_ASSERT(execute(**database, "PRAGMA cache_size=6") == 0);
        io.observer.reset();
        io.observer.setHook([&](IoCall, ByteRange, std::uint64_t index) {
            return index + 1 == nth ? std::optional(Error{code, 5, {}, {}, 0}) : std::nullopt;
        });
        const bool done = execute(**database, kBigUpdate) == 0;
        calls = io.observer.totalCalls();
        return done;
    }
};

QTEST_GUILESS_MAIN(TestRegionDatabaseRecovery)
#include "test_region_database_recovery.moc"
