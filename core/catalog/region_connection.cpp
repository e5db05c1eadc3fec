// Opens SQLite on the store with every limit that an untrusted catalog calls for.
#include "core/catalog/region_connection.h"

#include <algorithm>
#include <fmt/format.h>
#include <sqlite3.h>

namespace cairn {
namespace {

constexpr int kBusyTimeoutMs = 10'000;
constexpr int kProgressOperations = 1000;

struct Limit {
    int id;
    int value;
};
constexpr Limit kLimits[] = {
    {SQLITE_LIMIT_LENGTH, 64 * 1024 * 1024},
    {SQLITE_LIMIT_SQL_LENGTH, 1024 * 1024},
    {SQLITE_LIMIT_COLUMN, 100},
    {SQLITE_LIMIT_EXPR_DEPTH, 100},
    {SQLITE_LIMIT_COMPOUND_SELECT, 20},
    {SQLITE_LIMIT_VDBE_OP, 100'000},
    {SQLITE_LIMIT_FUNCTION_ARG, 32},
    {SQLITE_LIMIT_ATTACHED, 0},
    {SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 1000},
    {SQLITE_LIMIT_VARIABLE_NUMBER, 1000},
    {SQLITE_LIMIT_TRIGGER_DEPTH, 1},
    {SQLITE_LIMIT_WORKER_THREADS, 0},
};

struct Switch {
    int id;
    int value;
};
constexpr Switch kSwitches[] = {
    {SQLITE_DBCONFIG_DEFENSIVE, 1},
    {SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
    {SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
    {SQLITE_DBCONFIG_ENABLE_VIEW, 0},
    {SQLITE_DBCONFIG_DQS_DML, 0},
    {SQLITE_DBCONFIG_DQS_DDL, 0},
    {SQLITE_DBCONFIG_ENABLE_FKEY, 1},
    {SQLITE_DBCONFIG_WRITABLE_SCHEMA, 0},
    {SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
};

} // namespace

RegionConnection::RegionConnection(std::vector<StoredCopy> copies, const Options& options)
    : m_store(std::move(copies), options.arrayId, options.mode)
{}

RegionConnection::~RegionConnection()
{
    // A statement that outlives its connection is its owner's mistake.
    const int closed = sqlite3_close(m_connection);
    CAIRN_ASSERT(closed == SQLITE_OK);
}

Error RegionConnection::errorOf(int code) const
{
    if (const Error* error = lastError())
        return *error;
    const std::string name = m_store.copies().name();
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {ErrorCode::ArrayBusy, 0, name, "catalog", 0};
    case SQLITE_FULL:
        return {ErrorCode::CatalogFull, 0, name, "database", 0};
    case SQLITE_NOMEM:
        return {ErrorCode::OutOfMemory, 0, name, {}, 0};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return {ErrorCode::CatalogDamaged, 0, name, "structure", 0};
    default:
        return {ErrorCode::CatalogDamaged, 0, name, sqlite3_errmsg(m_connection), 0};
    }
}

const Error* RegionConnection::lastError() const
{
    const auto& error = m_store.lastError();
    return error ? &*error : nullptr;
}

Result<void> RegionConnection::run(const char* sql)
{
    const int code = sqlite3_exec(m_connection, sql, nullptr, nullptr, nullptr);
    if (code != SQLITE_OK)
        return std::unexpected(errorOf(code));
    return {};
}

Result<void> RegionConnection::connect()
{
    m_vfs = CAIRN_TRY(RegionVfs::create(m_store));
    const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    const int code = sqlite3_open_v2(RegionVfs::kDatabaseName, &m_connection, flags, m_vfs->name());
    if (code != SQLITE_OK)
        return std::unexpected(errorOf(code));
    sqlite3_extended_result_codes(m_connection, 1);
    sqlite3_busy_timeout(m_connection, kBusyTimeoutMs);
    return {};
}

Result<void> RegionConnection::restrict()
{
    for (const Switch& one : kSwitches) {
        if (sqlite3_db_config(m_connection, one.id, one.value, nullptr) != SQLITE_OK)
            return failure(ErrorCode::Unsupported, {}, "SQLite");
    }
    for (const Limit& limit : kLimits)
        sqlite3_limit(m_connection, limit.id, limit.value);
    int reserved = kPageReservedBytes;
    if (sqlite3_file_control(m_connection, nullptr, SQLITE_FCNTL_RESERVE_BYTES, &reserved) !=
        SQLITE_OK)
        return failure(ErrorCode::Unsupported, {}, "SQLite");
    limitStatements();
    return {};
}

Result<void> RegionConnection::configure(const Options& options)
{
    CAIRN_TRY(run("PRAGMA temp_store=MEMORY"));
    CAIRN_TRY(run("PRAGMA mmap_size=0"));
    CAIRN_TRY(run("PRAGMA cell_size_check=ON"));
    CAIRN_TRY(run("PRAGMA page_size=4096"));
    CAIRN_TRY(run("PRAGMA synchronous=FULL"));
    // Freed pages are written too, so that every page of the database carries a stamp.
    CAIRN_TRY(run("PRAGMA secure_delete=ON"));
    CAIRN_TRY(run("PRAGMA cache_size=-8192"));
    CAIRN_TRY(run("SELECT count(*) FROM sqlite_schema"));
    CAIRN_TRY(run("PRAGMA journal_mode=PERSIST"));
    CAIRN_TRY(run(fmt::format("PRAGMA max_page_count={}", pageLimit()).c_str()));
    if (options.mode == DatabaseMode::Private)
        CAIRN_TRY(run("PRAGMA query_only=ON"));
    return {};
}

void RegionConnection::limitStatements()
{
    sqlite3_trace_v2(m_connection, SQLITE_TRACE_STMT, statementStarts, this);
    sqlite3_progress_handler(m_connection, kProgressOperations, statementProgresses, this);
}

int RegionConnection::statementStarts(unsigned, void* self, void*, void*)
{
    static_cast<RegionConnection*>(self)->m_operations = 0;
    return 0;
}

int RegionConnection::statementProgresses(void* self)
{
    auto& connection = *static_cast<RegionConnection*>(self);
    connection.m_operations += kProgressOperations;
    return connection.m_limit > 0 && connection.m_operations > connection.m_limit ? 1 : 0;
}

std::uint64_t RegionConnection::pageCount() const
{
    sqlite3_stmt* statement = nullptr;
    std::uint64_t pages = 0;
    if (sqlite3_prepare_v2(m_connection, "PRAGMA page_count", -1, &statement, nullptr) ==
            SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        pages = static_cast<std::uint64_t>(sqlite3_column_int64(statement, 0));
    sqlite3_finalize(statement);
    return pages;
}

Result<std::unique_ptr<RegionConnection>>
RegionConnection::open(std::vector<StoredCopy> copies, const Options& options, bool mayBeEmpty)
{
    std::unique_ptr<RegionConnection> opened(new RegionConnection(std::move(copies), options));
    CAIRN_TRY(opened->connect());
    CAIRN_TRY(opened->restrict());
    CAIRN_TRY(opened->configure(options));
    const std::uint64_t pages = opened->pageCount();
    const std::string name = opened->m_store.copies().name();
    if (options.create && pages > 0)
        return failure(ErrorCode::AlreadyAnArray, name);
    if (!options.create && !mayBeEmpty && pages == 0)
        return failure(ErrorCode::CatalogDamaged, name, "no database");
    return opened;
}

} // namespace cairn
