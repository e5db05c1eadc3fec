// Small steps on a RegionDatabase in a test.
#include "tests/support/test_database.h"

#include <fmt/format.h>
#include <sqlite3.h>

namespace cairn::test {

Uuid testArrayId()
{
    return *Uuid::parse("6ba7b810-9dad-41d1-80b4-00c04fd430c8");
}

std::shared_ptr<MemoryMedium> formattedMedium(std::uint64_t sizeBytes)
{
    auto medium = std::make_shared<MemoryMedium>(sizeBytes);
    MemoryIo io(medium);
    SuperBlock super;
    super.arrayId = testArrayId();
    const auto formatted = formatManagementRegion(io, super);
    CAIRN_ASSERT(formatted);
    return medium;
}

Result<std::unique_ptr<RegionDatabase>> openDatabase(std::vector<RegionIo*> copies,
                                                     DatabaseMode mode, bool create)
{
    return RegionDatabase::open(std::move(copies),
                                {.mode = mode, .arrayId = testArrayId(), .create = create});
}

int execute(RegionDatabase& database, const std::string& sql)
{
    return sqlite3_exec(database.connection(), sql.c_str(), nullptr, nullptr, nullptr);
}

std::string query(RegionDatabase& database, const std::string& sql)
{
    sqlite3_stmt* statement = nullptr;
    int code = sqlite3_prepare_v2(database.connection(), sql.c_str(), -1, &statement, nullptr);
    std::string value;
    if (code == SQLITE_OK) {
        code = sqlite3_step(statement);
        if (code == SQLITE_ROW) {
            const void* text = sqlite3_column_text(statement, 0);
            value = text != nullptr ? static_cast<const char*>(text) : "null";
        }
    }
    sqlite3_finalize(statement);
    if (code == SQLITE_ROW || code == SQLITE_DONE)
        return value;
    return fmt::format("error {}", code);
}

void fillDatabase(RegionDatabase& database, int rows, int bytes)
{
    const int code = execute(
        database, fmt::format("BEGIN IMMEDIATE;"
                              "CREATE TABLE item(id INTEGER PRIMARY KEY, text TEXT NOT NULL);"
                              "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
                              "WHERE i < {}) "
                              "INSERT INTO item SELECT i, hex(randomblob({})) FROM n;"
                              "COMMIT",
                              rows, bytes / 2));
    CAIRN_ASSERT(code == SQLITE_OK);
}

std::uint64_t pageOffset(std::uint64_t regionBytes, std::uint32_t number)
{
    const auto areas = managementAreas(regionBytes);
    CAIRN_ASSERT(areas);
    return areas->main.offsetBytes + (std::uint64_t{number} - 1) * kPageBytes;
}

} // namespace cairn::test
