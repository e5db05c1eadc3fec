// A prepared SQL statement, and the checked reading of its rows.
#pragma once

#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/catalog/region_database.h"
#include "core/copy/chunk_digest.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

struct sqlite3_stmt;

namespace cairn {

inline constexpr std::size_t kTextLimitBytes = 64 * kKiB; // Of any text in a catalog.

// What a failed call of SQLite means; the database's own last I/O error, where it has one.
[[nodiscard]] Error databaseError(const RegionDatabase& database, sqlite3* connection,
                                  int sqliteResult);

// Values are bound by position, from 1. The statement must not outlive its database.
class Statement {
public:
    // Prepares, and binds the values in order.
    template<typename... Values>
    [[nodiscard]] static Result<Statement> prepare(RegionDatabase& database, std::string_view sql,
                                                   const Values&... values)
    {
        auto statement = compile(database, sql);
        if (statement)
            (statement->bind(values), ...);
        return statement;
    }

    // Each binds the next value; a failure is reported by step(). Numbers beyond 2^63 - 1 are a
    // programmer's error. Texts and blobs are copied.
    void bind(std::uint64_t value);
    void bind(std::int64_t value);
    void bind(int value) { bind(static_cast<std::int64_t>(value)); }
    void bind(bool value) { bind(static_cast<std::int64_t>(value ? 1 : 0)); }
    void bind(std::string_view text);
    void bind(const std::string& text) { bind(std::string_view(text)); }
    void bind(const char* text) { bind(std::string_view(text)); }
    void bind(std::span<const std::byte> blob);
    void bind(const std::vector<std::byte>& blob) { bind(std::span(blob)); }
    void bind(const Uuid& uuid) { bind(std::as_bytes(std::span(uuid.bytes))); }
    void bind(const Digest& digest) { bind(std::span<const std::byte>(digest.bytes)); }
    void bind(std::nullopt_t);
    template<typename Value>
    void bind(const std::optional<Value>& value)
    {
        if (value)
            bind(*value);
        else
            bind(std::nullopt);
    }

    // True: there is a row. False: done.
    [[nodiscard]] Result<bool> step();
    // step() for statements that give no rows.
    [[nodiscard]] Result<void> run();

    [[nodiscard]] sqlite3_stmt* handle() const { return m_statement.get(); }

private:
    struct Finalize {
        void operator()(sqlite3_stmt* statement) const noexcept;
    };
    Statement(RegionDatabase& database, sqlite3_stmt* statement);
    [[nodiscard]] static Result<Statement> compile(RegionDatabase& database, std::string_view sql);
    void note(int sqliteResult);

    RegionDatabase* m_database;
    std::unique_ptr<sqlite3_stmt, Finalize> m_statement;
    int m_bound = 0;
    int m_bindResult = 0;
};

// The current row of a statement over a catalog that may come from a stranger: every value is
// checked as it is read, and the first wrong one makes valid() an error that names the row.
class Row {
public:
    Row(const Statement& statement, const char* table);

    // An integer in [0, most].
    [[nodiscard]] std::uint64_t number(int column, std::uint64_t most = INT64_MAX);
    [[nodiscard]] std::int64_t timeMs(int column);
    [[nodiscard]] bool flag(int column) { return number(column, 1) == 1; }
    [[nodiscard]] std::string text(int column, std::size_t mostBytes = kTextLimitBytes);
    [[nodiscard]] std::vector<std::byte> blob(int column, std::size_t mostBytes);
    [[nodiscard]] Uuid uuid(int column);
    [[nodiscard]] Digest digest(int column);
    [[nodiscard]] bool isNull(int column) const;

    void reject(int column, const char* why);
    [[nodiscard]] Result<void> valid() const;

private:
    sqlite3_stmt* m_statement;
    const char* m_table;
    std::optional<Error> m_error;
};

// The first column of the first row; nothing where there is no row.
[[nodiscard]] Result<std::optional<std::uint64_t>> firstNumber(Statement& statement,
                                                               const char* table);

// Ends by rolling back unless commit() succeeded.
class Transaction {
public:
    [[nodiscard]] static Result<Transaction> read(RegionDatabase& database);
    [[nodiscard]] static Result<Transaction> write(RegionDatabase& database);

    Transaction(Transaction&& other) noexcept;
    Transaction& operator=(Transaction&&) = delete;
    ~Transaction();

    [[nodiscard]] Result<void> commit();

private:
    explicit Transaction(RegionDatabase& database) : m_database(&database) {}
    RegionDatabase* m_database;
};

// Runs one statement without values and rows.
[[nodiscard]] Result<void> execute(RegionDatabase& database, std::string_view sql);

} // namespace cairn
