// One copy of the database: create, reopen, roll back, read beside a writer, copy out.
#include "core/catalog/region_database.h"
#include "tests/support/test_database.h"

#include <QProcess>
#include <QTemporaryDir>
#include <QtTest>
#include <sqlite3.h>

using namespace cairn;
using namespace cairn::test;

namespace {

std::string count(RegionDatabase& database)
{
    return query(database, "SELECT count(*) FROM item");
}

} // namespace

class TestRegionDatabase final : public QObject {
    Q_OBJECT

private slots:
    void committedRowsAreThereAfterReopening()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        {
            auto database = openDatabase({&io}, DatabaseMode::Live, true);
            QVERIFY(database);
            fillDatabase(**database, 500);
        }
        for (const DatabaseMode mode : {DatabaseMode::Private, DatabaseMode::Live}) {
            auto database = openDatabase({&io}, mode);
            QVERIFY(database);
            QCOMPARE(count(**database), "500");
            QCOMPARE(query(**database, "PRAGMA integrity_check"), "ok");
            QVERIFY((*database)->pageCount() > 10);
        }
        QVERIFY(io.content() == io.durableContent());
    }

    void connectionIsSetUpAsPromised()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        auto database = openDatabase({&io}, DatabaseMode::Live, true);
        QVERIFY(database);
        fillDatabase(**database, 1);
        const std::pair<const char*, const char*> expected[] = {
            {"journal_mode", "persist"}, {"synchronous", "2"},   {"page_size", "4096"},
            {"temp_store", "2"},         {"secure_delete", "1"}, {"cell_size_check", "1"},
            {"foreign_keys", "1"},       {"mmap_size", ""},      {"trusted_schema", "0"},
            {"auto_vacuum", "0"},
        };
        for (const auto& [pragma, value] : expected)
            QCOMPARE(query(**database, std::string("PRAGMA ") + pragma), value);
        QCOMPARE(std::to_string((*database)->pageLimit()),
                 query(**database, "PRAGMA max_page_count"));
        QCOMPARE(execute(**database, "ATTACH ':memory:' AS other"), SQLITE_ERROR);
        QCOMPARE(execute(**database, "PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql=''"),
                 SQLITE_ERROR);
        QCOMPARE(execute(**database, "CREATE VIEW v AS SELECT 1; SELECT * FROM v"), SQLITE_ERROR);
    }

    void rolledBackTransactionLeavesNothing()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        auto database = openDatabase({&io}, DatabaseMode::Live, true);
        QVERIFY(database);
        fillDatabase(**database, 300);
        QCOMPARE(execute(**database, "PRAGMA cache_size=5"), SQLITE_OK); // Pages spill.
        QCOMPARE(execute(**database, "BEGIN IMMEDIATE; UPDATE item SET text = hex(randomblob(300));"
                                     "DELETE FROM item WHERE id % 3 = 0; ROLLBACK"),
                 SQLITE_OK);
        QCOMPARE(count(**database), "300");
        QCOMPARE(query(**database, "PRAGMA integrity_check"), "ok");
        QCOMPARE(query(**database, "SELECT max(length(text)) FROM item"), "200");
        database->reset();
        database = openDatabase({&io}, DatabaseMode::Live);
        QVERIFY(database);
        QCOMPARE(query(**database, "SELECT max(length(text)) FROM item"), "200");
    }

    // Incident: a write that was refused as too large changed the journal's epoch all the same.
    void whatIsRolledBackBeforeItReachedTheDeviceLeavesItUntouched()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        auto database = openDatabase({&io}, DatabaseMode::Live, true);
        QVERIFY(database);
        fillDatabase(**database, 50);
        const char* const given = "BEGIN IMMEDIATE; UPDATE item SET text = 'a'; ROLLBACK";
        for (const bool reopened : {false, true}) {
            if (reopened) {
                database->reset();
                database = openDatabase({&io}, DatabaseMode::Live);
                QVERIFY(database);
            }
            const auto before = io.content();
            QCOMPARE(execute(**database, given), SQLITE_OK);
            QCOMPARE(execute(**database, given), SQLITE_OK);
            QVERIFY(io.content() == before);
            // The transactions after it are durable, and are rolled back, as ever.
            QCOMPARE(execute(**database, "UPDATE item SET text = 'b'"), SQLITE_OK);
            QCOMPARE(execute(**database, "PRAGMA cache_size=5"), SQLITE_OK); // Pages spill.
            QCOMPARE(execute(**database, "BEGIN IMMEDIATE; UPDATE item SET text = "
                                         "hex(randomblob(2000)); ROLLBACK"),
                     SQLITE_OK);
            QCOMPARE(query(**database, "SELECT count(*) FROM item WHERE text = 'b'"), "50");
            QCOMPARE(query(**database, "PRAGMA integrity_check"), "ok");
        }
    }

    void savepointRollsBackWithinATransaction()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        auto database = openDatabase({&io}, DatabaseMode::Live, true);
        QVERIFY(database);
        fillDatabase(**database, 300);
        QCOMPARE(execute(**database, "PRAGMA cache_size=5"), SQLITE_OK);
        QCOMPARE(execute(**database,
                         "BEGIN IMMEDIATE; UPDATE item SET text = 'a'; SAVEPOINT s;"
                         "UPDATE item SET text = hex(randomblob(400)); ROLLBACK TO s; COMMIT"),
                 SQLITE_OK);
        QCOMPARE(query(**database, "SELECT count(*) FROM item WHERE text = 'a'"), "300");
        QCOMPARE(query(**database, "PRAGMA integrity_check"), "ok");
    }

    void openingPrivatelyWritesNothing()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        {
            auto database = openDatabase({&io}, DatabaseMode::Live, true);
            QVERIFY(database);
            fillDatabase(**database, 50);
        }
        MemoryIo reader(medium);
        auto database = openDatabase({&reader}, DatabaseMode::Private);
        QVERIFY(database);
        QCOMPARE(count(**database), "50");
        QVERIFY(execute(**database, "DELETE FROM item") != SQLITE_OK);
        QCOMPARE(reader.observer.count(IoCall::Write).calls, 0U);
        QCOMPARE(reader.observer.count(IoCall::Zero).calls, 0U);
        QCOMPARE(reader.observer.count(IoCall::Flush).calls, 0U);
    }

    void liveOpeningThatWritesNothingWritesNothing()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        {
            auto database = openDatabase({&io}, DatabaseMode::Live, true);
            QVERIFY(database);
            fillDatabase(**database, 50);
        }
        io.observer.reset();
        auto database = openDatabase({&io}, DatabaseMode::Live);
        QVERIFY(database);
        QCOMPARE(count(**database), "50");
        QCOMPARE(io.observer.count(IoCall::Write).calls, 0U);
    }

    void readerBesideALiveWriterSeesTheLastCommit()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        auto writer = openDatabase({&io}, DatabaseMode::Live, true);
        QVERIFY(writer);
        fillDatabase(**writer, 50);
        QCOMPARE(execute(**writer, "BEGIN IMMEDIATE; DELETE FROM item WHERE id > 10"), SQLITE_OK);

        MemoryIo other(medium);
        auto reader = openDatabase({&other}, DatabaseMode::Private);
        QVERIFY(reader);
        QCOMPARE(count(**reader), "50");
        QCOMPARE(execute(**writer, "COMMIT"), SQLITE_OK);
        QCOMPARE(count(**reader), "10");
    }

    void everyAccessIsOfWholeAlignedBlocks()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        bool aligned = true;
        io.observer.setHook([&](IoCall call, ByteRange range, std::uint64_t) {
            if (call == IoCall::Read || call == IoCall::Write)
                aligned = aligned && range.offsetBytes % 4096 == 0 && range.lengthBytes % 4096 == 0;
            return std::optional<Error>();
        });
        auto database = openDatabase({&io}, DatabaseMode::Live, true);
        QVERIFY(database);
        fillDatabase(**database, 500);
        QCOMPARE(execute(**database, "PRAGMA cache_size=5; UPDATE item SET text='b'"), SQLITE_OK);
        QCOMPARE(execute(**database, "BEGIN; UPDATE item SET text='c'; ROLLBACK"), SQLITE_OK);
        QCOMPARE(query(**database, "PRAGMA integrity_check"), "ok");
        QVERIFY(aligned);
    }

    void fullMainAreaIsACleanError()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        auto database = openDatabase({&io}, DatabaseMode::Live, true);
        QVERIFY(database);
        fillDatabase(**database, 500);
        QCOMPARE(execute(**database,
                         "WITH RECURSIVE n(i) AS (SELECT 1000 UNION ALL SELECT i + 1 FROM n) "
                         "INSERT INTO item SELECT i, hex(randomblob(1000)) FROM n"),
                 SQLITE_FULL);
        QCOMPARE(count(**database), "500");
        QCOMPARE(query(**database, "PRAGMA integrity_check"), "ok");
        QCOMPARE(execute(**database, "DELETE FROM item WHERE id > 100"), SQLITE_OK);
    }

    void everyPageOfAFullDatabaseFitsTheJournal()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        auto database = openDatabase({&io}, DatabaseMode::Live, true);
        QVERIFY(database);
        fillDatabase(**database, 1);
        int id = 2;
        const auto insert = [&] {
            return execute(**database, "INSERT INTO item VALUES (" + std::to_string(id++) +
                                           ", hex(randomblob(9000)))");
        };
        int code = SQLITE_OK;
        while (code == SQLITE_OK)
            code = insert();
        QCOMPARE(code, SQLITE_FULL);
        QVERIFY((*database)->pageCount() + 6 > (*database)->pageLimit());
        QCOMPARE(execute(**database, "BEGIN IMMEDIATE;"
                                     "UPDATE item SET text = replace(text, '7', '8'); ROLLBACK;"
                                     "UPDATE item SET text = replace(text, '7', '8')"),
                 SQLITE_OK);
        QCOMPARE(query(**database, "PRAGMA integrity_check"), "ok");
    }

    void statementThatNeverEndsIsEnded()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        auto database = openDatabase({&io}, DatabaseMode::Live, true);
        QVERIFY(database);
        (*database)->setStatementLimit(1'000'000);
        const char* endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) "
                              "SELECT count(*) FROM n";
        QCOMPARE(query(**database, endless), "error 9"); // SQLITE_INTERRUPT
        QCOMPARE(query(**database, "SELECT 1"), "1");
    }

    // Incident: on a busy host a whole catalog that took two seconds to read was called damaged.
    void statementsAreLimitedByTheirWorkAlone()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        auto database = openDatabase({&io}, DatabaseMode::Live, true);
        QVERIFY(database);
        const auto countTo = [&](int most) {
            return query(**database, ("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 "
                                      "FROM n LIMIT " +
                                      std::to_string(most) + ") SELECT count(*) FROM n")
                                         .c_str());
        };
        (*database)->setStatementLimit(100'000);
        QCOMPARE(countTo(1'000), "1000");
        QCOMPARE(countTo(1'000'000), "error 9");
        (*database)->setStatementLimit(0);
        QCOMPARE(countTo(1'000'000), "1000000");
    }

    void foreignAndEmptyRegionsAreToldApart()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        QCOMPARE(openDatabase({&io}, DatabaseMode::Private).error().code,
                 ErrorCode::CatalogDamaged);
        RegionDatabase::Options options{.arrayId = Uuid{}};
        QCOMPARE(RegionDatabase::open({&io}, options).error().code, ErrorCode::CatalogForeign);
        MemoryIo blank(4 * kMiB);
        QCOMPARE(openDatabase({&blank}, DatabaseMode::Live).error().code,
                 ErrorCode::CatalogForeign);
    }

    void mainAreaCopiedOutOpensInStockSqlite()
    {
        const auto medium = formattedMedium();
        MemoryIo io(medium);
        {
            auto database = openDatabase({&io}, DatabaseMode::Live, true);
            QVERIFY(database);
            fillDatabase(**database, 700);
            QCOMPARE(execute(**database, "DELETE FROM item WHERE id % 2 = 0"), SQLITE_OK);
        }
        QTemporaryDir folder;
        const QString path = folder.filePath("catalog.sqlite");
        const auto areas = managementAreas(io.sizeBytes());
        const auto content = io.durableContent();
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(reinterpret_cast<const char*>(&content[areas->main.offsetBytes]),
                   static_cast<qint64>(areas->main.lengthBytes));
        file.close();
        QProcess sqlite;
        sqlite.start("sqlite3",
                     {"-readonly", path, "PRAGMA integrity_check; SELECT count(*) FROM item"});
        QVERIFY(sqlite.waitForFinished());
        QCOMPARE(sqlite.readAllStandardOutput().trimmed(), QByteArray("ok\n350"));
        QCOMPARE(sqlite.readAllStandardError(), QByteArray());
    }
};

QTEST_GUILESS_MAIN(TestRegionDatabase)
#include "test_region_database.moc"
