// After a cut of power at any write, the last acknowledged commit is there and nothing is broken.
#include "core/catalog/region_database.h"
#include "tests/support/recording_io.h"
#include "tests/support/state_stride.h"
#include "tests/support/test_database.h"

#include <QtTest>
#include <fmt/format.h>
#include <set>

using namespace cairn;
using namespace cairn::test;

namespace {

// Transactions of every kind on recorded devices; commit n leaves n in the table "state".
struct Workload {
    std::vector<std::shared_ptr<MemoryMedium>> media;
    std::vector<std::vector<std::byte>> before;
    std::shared_ptr<WriteLog> log = std::make_shared<WriteLog>();
    // acknowledged[n] is the number of log entries when commit n was acknowledged.
    std::vector<std::size_t> acknowledged;
    std::vector<std::string> contents; // Of commit n.
};

constexpr const char* kContent =
    "SELECT count(*) || ':' || coalesce(sum(id * length(text)), 0) FROM item";

std::string statementOf(std::uint64_t number)
{
    switch (number % 5) {
    case 0:
        return "INSERT INTO item(text) SELECT hex(randomblob(150)) FROM item LIMIT 60";
    case 1:
        return "UPDATE item SET text = text || 'x'";
    case 2:
        return "DELETE FROM item WHERE id % 4 = 1";
    case 3:
        return "INSERT INTO item(text) VALUES (hex(randomblob(20000)))";
    default:
        return "UPDATE item SET text = hex(randomblob(90)) WHERE id % 7 = 0";
    }
}

void runTransactions(Workload& work, RegionDatabase& database, std::uint64_t transactions)
{
    const auto acknowledge = [&] {
        work.acknowledged.push_back(work.log->entries.size());
        work.contents.push_back(query(database, kContent));
    };
    CAIRN_ASSERT(execute(database, "BEGIN IMMEDIATE; CREATE TABLE state(n INTEGER);"
                                   "CREATE TABLE item(id INTEGER PRIMARY KEY, text TEXT);"
                                   "INSERT INTO state VALUES (0);"
                                   "INSERT INTO item(text) VALUES ('a'), ('b'), ('c');"
                                   "COMMIT") == 0);
    acknowledge();
    // Small enough to spill pages within a transaction: several journal headers.
    CAIRN_ASSERT(execute(database, "PRAGMA cache_size=6") == 0);
    for (std::uint64_t number = 1; number <= transactions; ++number) {
        if (number % 4 == 0)
            CAIRN_ASSERT(execute(database, "BEGIN IMMEDIATE; UPDATE item SET text = 'gone';"
                                           "DELETE FROM item WHERE id % 2; ROLLBACK") == 0);
        CAIRN_ASSERT(execute(database, fmt::format("BEGIN IMMEDIATE; {}; UPDATE state SET n = {};"
                                                   "COMMIT",
                                                   statementOf(number), number)) == 0);
        acknowledge();
    }
}

Workload recordedWork(std::size_t copies, std::uint64_t transactions, const char* pragma)
{
    Workload work;
    std::vector<std::unique_ptr<RecordingIo>> devices;
    std::vector<RegionIo*> regions;
    for (std::size_t i = 0; i < copies; ++i) {
        work.media.push_back(formattedMedium());
        work.before.push_back(work.media.back()->bytes);
        devices.push_back(std::make_unique<RecordingIo>(work.media.back(), i, work.log));
        regions.push_back(devices.back().get());
    }
    auto database = openDatabase(regions, DatabaseMode::Live, true);
    CAIRN_ASSERT(database);
    CAIRN_ASSERT(execute(**database, pragma) == 0);
    runTransactions(work, **database, transactions);
    return work;
}

// Acknowledged commits at a position; 0: not even the first.
std::size_t acknowledgedAt(const Workload& work, std::size_t position)
{
    return static_cast<std::size_t>(std::ranges::count_if(
        work.acknowledged, [position](std::size_t entries) { return entries <= position; }));
}

// Which commit a database is at, whole and sound; or what is wrong with it.
std::string soundness(const Workload& work, RegionDatabase& database, std::size_t& commit)
{
    if (const auto checked = query(database, "PRAGMA integrity_check"); checked != "ok")
        return "integrity: " + checked;
    const std::string number = query(database, "SELECT n FROM state");
    if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos)
        return "state: " + number;
    commit = std::stoul(number);
    if (commit >= work.contents.size() || query(database, kContent) != work.contents[commit])
        return "content of commit " + number;
    return {};
}

// Opens a crashed copy, privately and then for writing; "" if it is at the acknowledged commit or
// at the one that was under way.
std::string recovered(const Workload& work, const std::shared_ptr<MemoryMedium>& medium,
                      std::size_t acknowledged, std::size_t* commit = nullptr)
{
    std::size_t seen[2] = {0, 0};
    for (const DatabaseMode mode : {DatabaseMode::Private, DatabaseMode::Live}) {
        const auto log = std::make_shared<WriteLog>();
        RecordingIo io(medium, 0, log);
        auto database = openDatabase({&io}, mode);
        if (!database) {
            const bool empty = database.error().detail == "no database";
            if (empty && acknowledged == 0)
                return {};
            return "open: " + database.error().detail;
        }
        std::size_t& number = seen[mode == DatabaseMode::Live ? 1 : 0];
        if (auto wrong = soundness(work, **database, number); !wrong.empty())
            return wrong;
        if (mode == DatabaseMode::Private && !log->entries.empty())
            return "the private opening wrote";
    }
    if (seen[0] != seen[1])
        return "private and live recovery differ";
    if (seen[1] + 1 < acknowledged || seen[1] > acknowledged)
        return fmt::format("commit {} after {} acknowledged", seen[1], acknowledged);
    if (commit != nullptr)
        *commit = seen[1];
    return {};
}

// For the sake of time, where that is short.
bool isLeftOut(const CrashStates& crash)
{
    return crash.position() % stateStride() != 0 && !crash.atEnd();
}

constexpr Unflushed kVariants[] = {Unflushed::Lost, Unflushed::Kept, Unflushed::BySector,
                                   Unflushed::BySector};

} // namespace

class TestRegionDatabaseCrash final : public QObject {
    Q_OBJECT

private slots:
    void everyCutOfPowerLeavesTheLastAcknowledgedCommit()
    {
        SeededRandom random(testSeed());
        const Workload work = recordedWork(1, 12, "PRAGMA synchronous=FULL");
        std::size_t states = 0;
        for (CrashStates crash(*work.log, work.before);; crash.advance()) {
            if (isLeftOut(crash))
                continue;
            const std::size_t acknowledged = acknowledgedAt(work, crash.position());
            for (const Unflushed variant : kVariants) {
                const auto wrong = recovered(work, crash.medium(0, variant, random), acknowledged);
                QVERIFY2(wrong.empty(),
                         fmt::format("cut after {} entries: {}", crash.position(), wrong).c_str());
                ++states;
            }
            if (crash.atEnd())
                break;
        }
        qInfo("%zu states", states);
        QVERIFY(states > 500 / stateStride());
    }

    // The control: without flushes the same checks do find lost commits and broken databases.
    void withoutFlushesTheSameChecksFail()
    {
        SeededRandom random(testSeed());
        const Workload work = recordedWork(1, 12, "PRAGMA synchronous=OFF");
        std::size_t broken = 0;
        for (CrashStates crash(*work.log, work.before);; crash.advance()) {
            if (isLeftOut(crash))
                continue;
            const std::size_t acknowledged = acknowledgedAt(work, crash.position());
            for (const Unflushed variant : {Unflushed::Lost, Unflushed::BySector})
                broken += recovered(work, crash.medium(0, variant, random), acknowledged).empty()
                              ? 0U
                              : 1U;
            if (crash.atEnd())
                break;
        }
        QVERIFY(broken > 10 / stateStride());
    }

    // Each copy recovers by its own journal; the newer then repairs the older, and both are equal.
    void everyCutOfPowerLeavesAMirrorThatCanBeMadeEqual()
    {
        SeededRandom random(testSeed());
        const Workload work = recordedWork(2, 7, "PRAGMA synchronous=FULL");
        for (CrashStates crash(*work.log, work.before);; crash.advance()) {
            if (isLeftOut(crash))
                continue;
            const std::size_t acknowledged = acknowledgedAt(work, crash.position());
            std::size_t commits[2] = {0, 0};
            std::shared_ptr<MemoryMedium> media[2];
            for (const std::size_t i : {0U, 1U}) {
                media[i] = crash.medium(i, Unflushed::BySector, random);
                const auto wrong = recovered(work, media[i], acknowledged, &commits[i]);
                QVERIFY2(wrong.empty(), fmt::format("cut after {} entries, copy {}: {}",
                                                    crash.position(), i, wrong)
                                            .c_str());
            }
            if (acknowledged > 0)
                makeEqual(media, commits);
            if (crash.atEnd())
                break;
        }
    }

private:
    static void makeEqual(const std::shared_ptr<MemoryMedium> (&media)[2],
                          const std::size_t (&commits)[2])
    {
        const auto log = std::make_shared<WriteLog>();
        RecordingIo first(media[0], 0, log);
        RecordingIo second(media[1], 1, log);
        RecordingIo& newest = commits[0] >= commits[1] ? first : second;
        RecordingIo& behind = commits[0] >= commits[1] ? second : first;
        const auto repaired = repairCopy(newest, behind, testArrayId());
        QVERIFY(repaired);
        QCOMPARE(*repaired > 0, commits[0] != commits[1]);
        auto database = openDatabase({&first, &second}, DatabaseMode::Live);
        QVERIFY(database);
        QCOMPARE(query(**database, "PRAGMA integrity_check"), "ok");
        QCOMPARE(execute(**database, "UPDATE state SET n = n + 1"), 0);
        QCOMPARE((*database)->repairs(), 0U);
        const auto areas = managementAreas(first.sizeBytes());
        const auto pages = (*database)->pageCount();
        const auto main = [&](std::size_t i) {
            const auto begin =
                media[i]->bytes.begin() + static_cast<std::ptrdiff_t>(areas->main.offsetBytes);
            return std::span(begin, pages * kPageBytes);
        };
        QVERIFY(std::ranges::equal(main(0), main(1)));
    }
};

QTEST_GUILESS_MAIN(TestRegionDatabaseCrash)
#include "test_region_database_crash.moc"
