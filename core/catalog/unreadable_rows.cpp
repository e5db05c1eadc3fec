// The rows that tell what of a generation's source could not be read.
#include "core/catalog/catalog_rows.h"
#include "core/catalog/schema.h"
#include "core/catalog/statement.h"

#include <algorithm>

namespace cairn {
namespace {

// Each range takes two numbers of at most ten bytes.
constexpr std::size_t kSectorsLimitBytes = SectorMap::kMostRanges * 20;

} // namespace

Result<std::vector<StoredUnreadable>> readUnreadable(RegionDatabase& database,
                                                     GenerationNumber first, GenerationNumber last)
{
    std::vector<StoredUnreadable> found;
    if (!CAIRN_TRY(hasSchema(database, kSchemaWithUnreadable)))
        return found;
    auto statement = CAIRN_TRY(Statement::prepare(
        database,
        "SELECT generation, sectors FROM unreadable WHERE generation BETWEEN ? AND ?"
        " ORDER BY generation",
        first, std::min<std::uint64_t>(last, INT64_MAX)));
    while (CAIRN_TRY(statement.step())) {
        Row row(statement, "unreadable");
        StoredUnreadable stored;
        stored.generation = row.number(0, kLargestNumber);
        const auto sectors = row.blob(1, kSectorsLimitBytes);
        stored.sectors.assign(sectors.begin(), sectors.end());
        CAIRN_TRY(row.valid());
        found.push_back(std::move(stored));
    }
    return found;
}

Result<void> writeUnreadable(RegionDatabase& database, const Generation& generation)
{
    if (generation.unreadable.empty())
        return deleteUnreadable(database, generation.number);
    auto statement =
        CAIRN_TRY(Statement::prepare(database, "INSERT OR REPLACE INTO unreadable VALUES(?, ?)",
                                     generation.number, generation.unreadable.encode()));
    return statement.run();
}

Result<void> deleteUnreadable(RegionDatabase& database, GenerationNumber number)
{
    auto statement = CAIRN_TRY(
        Statement::prepare(database, "DELETE FROM unreadable WHERE generation = ?", number));
    return statement.run();
}

} // namespace cairn
