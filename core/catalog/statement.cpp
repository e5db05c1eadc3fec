// Binds, steps and reads SQLite statements.
#include "core/catalog/statement.h"

#include "core/base/printable_text.h"
#include "core/catalog/management_region.h"

#include <algorithm>
#include <sqlite3.h>

namespace cairn {

Error databaseError(const RegionDatabase& database, sqlite3* connection, int sqliteResult)
{
    const int primary = sqliteResult & 0xff;
    const Error* last = database.lastError();
    if (last != nullptr && (primary == SQLITE_IOERR || primary == SQLITE_FULL ||
                            primary == SQLITE_CORRUPT || primary == SQLITE_CANTOPEN))
        return *last;
    std::string detail = connection != nullptr ? sqlite3_errmsg(connection) : "";
    switch (primary) {
    case SQLITE_NOMEM:
        return {ErrorCode::OutOfMemory, 0, {}, {}, 0};
    case SQLITE_FULL:
        return {ErrorCode::CatalogFull, 0, {}, {}, kPageBytes};
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return {ErrorCode::ArrayBusy, 0, {}, std::move(detail), 0};
    case SQLITE_IOERR:
        return {ErrorCode::ReadFailed, 0, {}, std::move(detail), 0};
    case SQLITE_READONLY:
        return {ErrorCode::ReadOnlyArray, 0, {}, std::move(detail), 0};
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return {ErrorCode::CatalogDamaged, 0, {}, "structure", 0};
    case SQLITE_INTERRUPT:
        return {ErrorCode::CatalogDamaged, 0, {}, "a statement does not end", 0};
    default:
        return {ErrorCode::CatalogDamaged, 0, {}, std::move(detail), 0};
    }
}

void Statement::Finalize::operator()(sqlite3_stmt* statement) const noexcept
{
    sqlite3_finalize(statement);
}

Statement::Statement(RegionDatabase& database, sqlite3_stmt* statement)
    : m_database(&database), m_statement(statement)
{}

Result<Statement> Statement::compile(RegionDatabase& database, std::string_view sql)
{
    sqlite3_stmt* handle = nullptr;
    const int result = sqlite3_prepare_v2(database.connection(), sql.data(),
                                          static_cast<int>(sql.size()), &handle, nullptr);
    if (result != SQLITE_OK)
        return std::unexpected(databaseError(database, database.connection(), result));
    CAIRN_ASSERT(handle != nullptr);
    return Statement(database, handle);
}

void Statement::note(int sqliteResult)
{
    if (m_bindResult == SQLITE_OK)
        m_bindResult = sqliteResult;
}

void Statement::bind(std::uint64_t value)
{
    CAIRN_ASSERT(value <= INT64_MAX);
    bind(static_cast<std::int64_t>(value));
}

void Statement::bind(std::int64_t value)
{
    note(sqlite3_bind_int64(m_statement.get(), ++m_bound, value));
}

void Statement::bind(std::string_view text)
{
    // A null pointer would bind NULL instead of the empty text.
    const char* data = text.empty() ? "" : text.data();
    note(sqlite3_bind_text64(m_statement.get(), ++m_bound, data, text.size(), SQLITE_TRANSIENT,
                             SQLITE_UTF8));
}

void Statement::bind(std::span<const std::byte> blob)
{
    if (blob.empty()) {
        note(sqlite3_bind_zeroblob(m_statement.get(), ++m_bound, 0));
        return;
    }
    note(sqlite3_bind_blob64(m_statement.get(), ++m_bound, blob.data(), blob.size(),
                             SQLITE_TRANSIENT));
}

void Statement::bind(std::nullopt_t)
{
    note(sqlite3_bind_null(m_statement.get(), ++m_bound));
}

Result<bool> Statement::step()
{
    if (m_bindResult != SQLITE_OK)
        return std::unexpected(databaseError(*m_database, m_database->connection(), m_bindResult));
    const int result = sqlite3_step(m_statement.get());
    if (result == SQLITE_ROW)
        return true;
    if (result == SQLITE_DONE)
        return false;
    return std::unexpected(databaseError(*m_database, m_database->connection(), result));
}

Result<void> Statement::run()
{
    while (CAIRN_TRY(step())) {
        // A PRAGMA may give a row that nobody asked for.
    }
    return {};
}

Row::Row(const Statement& statement, const char* table)
    : m_statement(statement.handle()), m_table(table)
{}

void Row::reject(int column, const char* why)
{
    if (m_error)
        return;
    std::string detail = m_table;
    if (sqlite3_column_type(m_statement, 0) == SQLITE_INTEGER)
        detail += " " + std::to_string(sqlite3_column_int64(m_statement, 0));
    const char* name = sqlite3_column_name(m_statement, column);
    detail += std::string(", ") + (name != nullptr ? name : "?") + ": " + why;
    m_error = Error{ErrorCode::CatalogDamaged, 0, {}, std::move(detail), 0};
}

Result<void> Row::valid() const
{
    if (m_error)
        return std::unexpected(*m_error);
    return {};
}

bool Row::isNull(int column) const
{
    return sqlite3_column_type(m_statement, column) == SQLITE_NULL;
}

std::uint64_t Row::number(int column, std::uint64_t most)
{
    if (sqlite3_column_type(m_statement, column) != SQLITE_INTEGER) {
        reject(column, "not a number");
        return 0;
    }
    const std::int64_t value = sqlite3_column_int64(m_statement, column);
    if (value < 0 || static_cast<std::uint64_t>(value) > most) {
        reject(column, "out of range");
        return 0;
    }
    return static_cast<std::uint64_t>(value);
}

std::int64_t Row::timeMs(int column)
{
    if (sqlite3_column_type(m_statement, column) != SQLITE_INTEGER) {
        reject(column, "not a time");
        return 0;
    }
    return sqlite3_column_int64(m_statement, column);
}

std::string Row::text(int column, std::size_t mostBytes)
{
    if (sqlite3_column_type(m_statement, column) != SQLITE_TEXT) {
        reject(column, "not a text");
        return {};
    }
    const auto* data = sqlite3_column_text(m_statement, column);
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column));
    if (data == nullptr || size > mostBytes) {
        reject(column, "too long");
        return {};
    }
    std::string text(size, '\0');
    std::copy_n(data, size, text.begin());
    if (utf16Length(text) == SIZE_MAX) {
        reject(column, "not UTF-8");
        return {};
    }
    return text;
}

std::vector<std::byte> Row::blob(int column, std::size_t mostBytes)
{
    if (sqlite3_column_type(m_statement, column) != SQLITE_BLOB) {
        reject(column, "not a blob");
        return {};
    }
    const auto* data = static_cast<const std::byte*>(sqlite3_column_blob(m_statement, column));
    const auto size = static_cast<std::size_t>(sqlite3_column_bytes(m_statement, column));
    if (size > mostBytes) {
        reject(column, "too long");
        return {};
    }
    // An empty blob's pointer is null.
    return data == nullptr ? std::vector<std::byte>() : std::vector<std::byte>(data, data + size);
}

Uuid Row::uuid(int column)
{
    Uuid uuid;
    const auto bytes = blob(column, uuid.bytes.size());
    if (bytes.size() != uuid.bytes.size())
        reject(column, "not an identity");
    else
        std::ranges::copy(bytes, std::as_writable_bytes(std::span(uuid.bytes)).begin());
    return uuid;
}

Digest Row::digest(int column)
{
    Digest digest;
    const auto bytes = blob(column, digest.bytes.size());
    if (bytes.size() != digest.bytes.size())
        reject(column, "not a digest");
    else
        std::ranges::copy(bytes, digest.bytes.begin());
    return digest;
}

Result<std::optional<std::uint64_t>> firstNumber(Statement& statement, const char* table)
{
    if (!CAIRN_TRY(statement.step()))
        return std::optional<std::uint64_t>();
    Row row(statement, table);
    if (row.isNull(0))
        return std::optional<std::uint64_t>();
    const std::uint64_t value = row.number(0);
    CAIRN_TRY(row.valid());
    return std::optional(value);
}

Result<Transaction> Transaction::read(RegionDatabase& database)
{
    CAIRN_TRY(execute(database, "BEGIN"));
    return Transaction(database);
}

Result<Transaction> Transaction::write(RegionDatabase& database)
{
    CAIRN_TRY(execute(database, "BEGIN IMMEDIATE"));
    return Transaction(database);
}

Transaction::Transaction(Transaction&& other) noexcept : m_database(other.m_database)
{
    other.m_database = nullptr;
}

Transaction::~Transaction()
{
    // Some errors have rolled back already; an own ROLLBACK would then be one more error.
    if (m_database != nullptr && sqlite3_get_autocommit(m_database->connection()) == 0)
        std::ignore = execute(*m_database, "ROLLBACK");
}

Result<void> Transaction::commit()
{
    return execute(*m_database, "COMMIT");
}

Result<void> execute(RegionDatabase& database, std::string_view sql)
{
    auto statement = CAIRN_TRY(Statement::prepare(database, sql));
    return statement.run();
}

} // namespace cairn
