// Filling a catalog with a history, in one transaction.
#include "bench/history.h"

#include "core/catalog/ledger.h"
#include "core/catalog/management_region.h"
#include "core/catalog/region_database.h"
#include "core/catalog/statement.h"
#include "core/io/file_io.h"

#include <cstring>
#include <fmt/format.h>
#include <fstream>
#include <memory>
#include <sqlite3.h>
#include <tuple>

namespace cairn::bench {
namespace {

constexpr std::uint64_t kSources = 100;
constexpr std::uint64_t kTargets = 400;
constexpr std::uint64_t kRegionBytes = 2 * kGiB;

Uuid uuidOf(std::uint64_t number)
{
    Uuid uuid;
    const Digest digest = digestOf(std::as_bytes(std::span(&number, 1)));
    std::memcpy(uuid.bytes.data(), digest.bytes.data(), digest.bytes.size());
    return uuid;
}

std::string nameOf(const char* kind, std::uint64_t number)
{
    return fmt::format("{}-{}", kind, number);
}

// A statement that runs many times over.
class Repeated {
public:
    Repeated(sqlite3* connection, const char* sql) : m_connection(connection)
    {
        sqlite3_prepare_v2(connection, sql, -1, &m_statement, nullptr);
    }
    ~Repeated() { sqlite3_finalize(m_statement); }
    Repeated(const Repeated&) = delete;
    Repeated& operator=(const Repeated&) = delete;

    void bind(int column, std::uint64_t value)
    {
        sqlite3_bind_int64(m_statement, column, static_cast<sqlite3_int64>(value));
    }
    void bind(int column, std::string_view text)
    {
        sqlite3_bind_text(m_statement, column, text.data(), static_cast<int>(text.size()),
                          SQLITE_TRANSIENT);
    }
    void bind(int column, std::span<const std::byte> blob)
    {
        sqlite3_bind_blob(m_statement, column, blob.data(), static_cast<int>(blob.size()),
                          SQLITE_TRANSIENT);
    }
    [[nodiscard]] Result<void> run()
    {
        const int code = sqlite3_step(m_statement);
        sqlite3_reset(m_statement);
        if (code != SQLITE_DONE)
            return failure(ErrorCode::Unsupported, sqlite3_errmsg(m_connection));
        return {};
    }

private:
    sqlite3* m_connection;
    sqlite3_stmt* m_statement = nullptr;
};

constexpr const char* kInsertEvent =
    "INSERT INTO event(id, kind, generation, time_ms, host, subject, detail, hash)"
    " VALUES(?, ?, ?, ?, 1, ?, ?, ?)";

// Appends to the ledger as core/catalog/ledger.cpp does, without asking for the last entry anew.
class LedgerWriter {
public:
    LedgerWriter(sqlite3* connection, Event last, Digest lastHash)
        : m_insert(connection, kInsertEvent), m_event(std::move(last)), m_hash(lastHash)
    {}
    [[nodiscard]] Result<void> append(EventKind kind, std::uint64_t generation,
                                      const std::string& subject, const std::string& detail)
    {
        m_event.id += 1;
        m_event.kind = kind;
        m_event.generation = generation;
        m_event.timeMs += 1000;
        m_event.subject = subject;
        m_event.detail = detail;
        m_hash = ledgerHash(m_hash, m_event);
        m_insert.bind(1, m_event.id);
        m_insert.bind(2, static_cast<std::uint64_t>(kind));
        m_insert.bind(3, generation);
        m_insert.bind(4, static_cast<std::uint64_t>(m_event.timeMs));
        m_insert.bind(5, subject);
        m_insert.bind(6, detail);
        m_insert.bind(7, m_hash.bytes);
        return m_insert.run();
    }
    [[nodiscard]] std::uint64_t timeMs() const
    {
        return static_cast<std::uint64_t>(m_event.timeMs);
    }

private:
    Repeated m_insert;
    Event m_event;
    Digest m_hash;
};

Result<LedgerWriter*> openLedger(RegionDatabase& database, std::unique_ptr<LedgerWriter>& writer)
{
    Ledger ledger = CAIRN_TRY(readLedger(database));
    if (ledger.events.empty())
        return failure(ErrorCode::CatalogDamaged, "ledger");
    Event last = ledger.events.back();
    const Digest hash = last.hash;
    writer = std::make_unique<LedgerWriter>(database.connection(), std::move(last), hash);
    return writer.get();
}

Result<void> insertNames(sqlite3* connection)
{
    Repeated region(connection, "INSERT INTO region(id, uuid, member, name) VALUES(?, ?, ?, ?)");
    Repeated set(connection, "INSERT INTO backup_set(id, source, name) VALUES(?, ?, ?)");
    const Uuid member = uuidOf(1'000'000);
    for (std::uint64_t id = 1; id <= kSources + kTargets; ++id) {
        const std::string name =
            id <= kSources ? nameOf("source", id) : nameOf("target", id - kSources);
        const Uuid uuid = uuidOf(id);
        region.bind(1, id);
        region.bind(2, std::as_bytes(std::span(uuid.bytes)));
        region.bind(3, std::as_bytes(std::span(member.bytes)));
        region.bind(4, name);
        CAIRN_TRY(region.run());
        if (id > kSources)
            continue;
        set.bind(1, id);
        set.bind(2, std::as_bytes(std::span(uuid.bytes)));
        set.bind(3, name);
        CAIRN_TRY(set.run());
    }
    return {};
}

Result<void> insertGenerations(sqlite3* connection, LedgerWriter& ledger, std::uint64_t count)
{
    Repeated insert(
        connection,
        "INSERT INTO generation(number, set_id, source, target, size_bytes, label, note,"
        " content_kind, content_type, content_label, content_uuid, content_used, started_ms, host,"
        " recovered, begun_commit, finished_ms, verified_ms, state, held, superseded_by, read_back,"
        " written_bytes, digest) VALUES(?1, ?2, ?2, ?3, 68719476736, ?4, '', 3, 'ext4', ?5, ?6,"
        " 41231686041, ?7, 1, 0, ?8, ?9, ?10, ?11, 0, ?12, 0, 41231686041, ?13)");
    for (std::uint64_t number = 1; number <= count; ++number) {
        const std::uint64_t source = (number - 1) % kSources + 1;
        const std::uint64_t place = (number - 1) % kTargets;
        const std::uint64_t next = number + kTargets;
        const std::string target = nameOf("target", place + 1);
        const Digest digest = digestOf(std::as_bytes(std::span(&number, 1)));
        if (number > kTargets)
            CAIRN_TRY(ledger.append(EventKind::Superseded, number - kTargets, target,
                                    std::to_string(number)));
        const std::uint64_t started = ledger.timeMs();
        CAIRN_TRY(ledger.append(EventKind::BackupStarted, number, target, {}));
        CAIRN_TRY(ledger.append(EventKind::BackupCopied, number, target, {}));
        CAIRN_TRY(ledger.append(EventKind::Verified, number, target, {}));
        insert.bind(1, number);
        insert.bind(2, source);
        insert.bind(3, kSources + place + 1);
        insert.bind(4, fmt::format("nightly {}", number / kSources));
        insert.bind(5, nameOf("fs", source));
        insert.bind(6, uuidOf(source).toString());
        insert.bind(7, started);
        insert.bind(8, number);
        insert.bind(9, started + 600'000);
        insert.bind(10, started + 1'200'000);
        const bool superseded = next <= count;
        insert.bind(11, static_cast<std::uint64_t>(superseded ? GenerationState::Superseded
                                                              : GenerationState::Good));
        insert.bind(12, superseded ? next : std::uint64_t{0});
        insert.bind(13, digest.bytes);
        CAIRN_TRY(insert.run());
    }
    Repeated places(connection, "INSERT INTO copy(generation, kind, region, location)"
                                " SELECT number, 1, target, '' FROM generation WHERE state = 3");
    return places.run();
}

Result<void> run(sqlite3* connection, const char* sql)
{
    if (sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
        return failure(ErrorCode::Unsupported, sqlite3_errmsg(connection), sql);
    return {};
}

struct CloseStock {
    void operator()(sqlite3* connection) const noexcept { std::ignore = sqlite3_close(connection); }
};
using Stock = std::unique_ptr<sqlite3, CloseStock>;

Result<Stock> openStock(const std::string& path)
{
    sqlite3* connection = nullptr;
    const int code = sqlite3_open(path.c_str(), &connection);
    Stock stock(connection);
    if (code != SQLITE_OK)
        return failure(ErrorCode::OpenFailed, path);
    for (const char* pragma : {"PRAGMA journal_mode=PERSIST", "PRAGMA synchronous=FULL"})
        CAIRN_TRY(run(stock.get(), pragma));
    return stock;
}

// As many ledger entries as the catalog has, for a tree as deep.
Result<void> fillStock(const std::string& path, std::uint64_t events)
{
    const Stock stock = CAIRN_TRY(openStock(path));
    CAIRN_TRY(run(stock.get(),
                  "CREATE TABLE event(id INTEGER PRIMARY KEY, kind INTEGER, generation INTEGER,"
                  " time_ms INTEGER, host INTEGER, subject TEXT, detail TEXT, hash BLOB)"));
    CAIRN_TRY(run(stock.get(), "BEGIN"));
    const std::string fill =
        fmt::format("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {})"
                    " INSERT INTO event SELECT i, 11, i / 4, i * 1000, 1, 'target-' || i % 400, '',"
                    " zeroblob(16) FROM n",
                    events);
    CAIRN_TRY(run(stock.get(), fill.c_str()));
    return run(stock.get(), "COMMIT");
}

} // namespace

Result<History> History::create(const std::string& directory, std::uint64_t generations)
{
    History history;
    history.m_regionPath = directory + "/management.img";
    history.m_stockPath = directory + "/stock.sqlite";
    history.m_arrayId = uuidOf(2'000'000);
    history.m_memberId = uuidOf(1'000'000);
    history.m_generations = generations;
    CAIRN_TRY(FileIo::create(history.m_regionPath, kRegionBytes));
    {
        auto copies = CAIRN_TRY(history.copies(Access::Write));
        const auto catalog = CAIRN_TRY(Catalog::create(
            std::move(copies), {.arrayId = history.m_arrayId, .label = "bench", .members = {}},
            systemEnvironment()));
        CAIRN_TRY(catalog->setSetting("bench", "history"));
    }
    const auto file = CAIRN_TRY(FileIo::open(history.m_regionPath, {.access = Access::Write}));
    const auto database = CAIRN_TRY(
        RegionDatabase::open({file.get()}, {DatabaseMode::Live, history.m_arrayId, false}));
    database->setStatementLimit(0);
    history.m_emptyPages = database->pageCount();
    std::unique_ptr<LedgerWriter> writer;
    LedgerWriter* ledger = CAIRN_TRY(openLedger(*database, writer));
    auto transaction = CAIRN_TRY(Transaction::write(*database));
    CAIRN_TRY(insertNames(database->connection()));
    CAIRN_TRY(insertGenerations(database->connection(), *ledger, generations));
    CAIRN_TRY(transaction.commit());
    writer.reset();
    CAIRN_TRY(fillStock(history.m_stockPath, 4 * generations));
    return history;
}

Result<std::vector<CatalogCopy>> History::copies(Access access) const
{
    std::vector<CatalogCopy> found;
    found.push_back(
        {m_memberId, m_regionPath, CAIRN_TRY(FileIo::open(m_regionPath, {.access = access}))});
    return found;
}

RegionId History::oneSource() const
{
    return {uuidOf(1)};
}

std::uint64_t History::generationsOfOneSource() const
{
    return m_generations / kSources;
}

Result<double> History::bytesPerGeneration() const
{
    const auto file = CAIRN_TRY(FileIo::open(m_regionPath, {}));
    const auto database =
        CAIRN_TRY(RegionDatabase::open({file.get()}, {DatabaseMode::Private, m_arrayId, false}));
    const auto pages = static_cast<double>(database->pageCount() - m_emptyPages);
    return pages * static_cast<double>(kPageBytes) / static_cast<double>(m_generations);
}

Job History::stockCommitsJob(int commits) const
{
    return [path = m_stockPath, commits](Stopwatch& watch) -> Result<void> {
        const Stock stock = CAIRN_TRY(openStock(path));
        Repeated insert(stock.get(), "INSERT INTO event VALUES(NULL, 27, 0, ?, 1, 'bench', '', ?)");
        const Digest hash = digestOf({});
        watch.start();
        for (int commit = 0; commit < commits; ++commit) {
            insert.bind(1, static_cast<std::uint64_t>(commit));
            insert.bind(2, hash.bytes);
            CAIRN_TRY(insert.run());
        }
        watch.stop();
        return {};
    };
}

} // namespace cairn::bench
