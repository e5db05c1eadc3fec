// The rows that tell how consistent a copy is: none of a source that nobody used.
#include "core/catalog/catalog_rows.h"
#include "core/catalog/schema.h"
#include "core/catalog/statement.h"

#include <algorithm>

namespace cairn {

Result<std::map<GenerationNumber, Consistency>>
readConsistencies(RegionDatabase& database, GenerationNumber first, GenerationNumber last)
{
    std::map<GenerationNumber, Consistency> found;
    if (!CAIRN_TRY(hasSchema(database, kSchemaWithConsistency)))
        return found;
    auto statement = CAIRN_TRY(Statement::prepare(
        database, "SELECT generation, kind FROM consistency WHERE generation BETWEEN ? AND ?",
        first, std::min<std::uint64_t>(last, INT64_MAX)));
    while (CAIRN_TRY(statement.step())) {
        Row row(statement, "consistency");
        const GenerationNumber number = row.number(0, kLargestNumber);
        const std::uint64_t kind = row.number(1);
        CAIRN_TRY(row.valid());
        auto consistency = Consistency::Inconsistent; // Of a kind that a newer Cairn may know.
        for (const auto known : {Consistency::Frozen, Consistency::Cloned}) {
            if (kind == static_cast<std::uint64_t>(known))
                consistency = known;
        }
        found.emplace(number, consistency);
    }
    return found;
}

Result<void> setConsistency(RegionDatabase& database, GenerationNumber number,
                            Consistency consistency)
{
    if (consistency == Consistency::Offline) {
        auto drop = CAIRN_TRY(
            Statement::prepare(database, "DELETE FROM consistency WHERE generation = ?", number));
        return drop.run();
    }
    auto set = CAIRN_TRY(Statement::prepare(
        database, "INSERT OR REPLACE INTO consistency(generation, kind) VALUES(?, ?)", number,
        static_cast<int>(consistency)));
    return set.run();
}

} // namespace cairn
