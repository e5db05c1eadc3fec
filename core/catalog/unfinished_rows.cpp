// The rows that say what was begun to be written and not ended.
#include "core/catalog/catalog_rows.h"

#include "core/catalog/schema.h"
#include "core/catalog/statement.h"

#include <algorithm>

namespace cairn {
namespace {

Result<StoredUnfinished> readUnfinishedRow(const Statement& statement)
{
    Row row(statement, "unfinished");
    StoredUnfinished stored;
    UnfinishedWrite& write = stored.write;
    stored.id = row.number(0);
    write.kind = static_cast<WriteKind>(row.number(1, UINT8_MAX));
    write.generation = row.number(2, kLargestNumber);
    write.region = {{row.uuid(3)}, row.text(4), row.uuid(5)};
    write.sizeBytes = row.number(6);
    write.sinceMs = row.timeMs(7);
    write.acceptedMs = row.timeMs(8);
    write.keptBy = row.number(9, kLargestNumber);
    CAIRN_TRY(row.valid());
    return stored;
}

// Whether the job may have written to its target already.
Result<bool> mayHaveWritten(RegionDatabase& database, const Job& job)
{
    if (job.kind != JobKind::Restore || job.undo == 0)
        return true;
    const auto kept = CAIRN_TRY(readUndoCopies(database, job.undo, job.undo));
    return kept.empty() || kept.front().undo.keptMs != 0;
}

// Before there were rows for it, only a job told of it.
Result<std::vector<StoredUnfinished>> unfinishedByJobs(RegionDatabase& database)
{
    std::vector<StoredUnfinished> found;
    for (const StoredJob& stored : CAIRN_TRY(readJobs(database))) {
        const Job& job = stored.job;
        if (!CAIRN_TRY(mayHaveWritten(database, job)))
            continue;
        std::uint64_t sizeBytes = job.sizeBytes;
        if (job.kind == JobKind::Undo) {
            const auto kept = CAIRN_TRY(readUndoCopies(database, job.generation, job.generation));
            if (!kept.empty())
                sizeBytes = kept.front().undo.sizeBytes;
        }
        found.push_back({.id = 0,
                         .write = {.kind = static_cast<WriteKind>(job.kind),
                                   .generation = job.generation,
                                   .region = job.target,
                                   .sizeBytes = sizeBytes,
                                   .sinceMs = job.startedMs}});
    }
    return found;
}

} // namespace

Result<std::vector<StoredUnfinished>> readUnfinished(RegionDatabase& database)
{
    if (!CAIRN_TRY(hasSchema(database, kSchemaWithUnfinished)))
        return unfinishedByJobs(database);
    auto statement = CAIRN_TRY(Statement::prepare(
        database,
        "SELECT u.id, u.kind, u.generation, r.uuid, r.name, r.member, u.size_bytes, u.since_ms,"
        " u.accepted_ms, u.kept_by FROM unfinished u LEFT JOIN region r ON r.id = u.region"
        " ORDER BY u.id"));
    std::vector<StoredUnfinished> found;
    while (CAIRN_TRY(statement.step()))
        found.push_back(CAIRN_TRY(readUnfinishedRow(statement)));
    return found;
}

Result<std::uint64_t> insertUnfinished(RegionDatabase& database, const UnfinishedWrite& write)
{
    const auto region = CAIRN_TRY(internRegion(database, write.region));
    auto last = CAIRN_TRY(Statement::prepare(database, "SELECT max(id) FROM unfinished"));
    const std::uint64_t id = CAIRN_TRY(firstNumber(last, "unfinished")).value_or(0) + 1;
    auto insert = CAIRN_TRY(Statement::prepare(
        database,
        "INSERT INTO unfinished(id, kind, generation, region, region_uuid, size_bytes, since_ms,"
        " accepted_ms, kept_by) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
        id, static_cast<int>(write.kind), write.generation, region, write.region.id.uuid,
        write.sizeBytes, write.sinceMs, write.acceptedMs, write.keptBy));
    CAIRN_TRY(insert.run());
    return id;
}

Result<void> deleteUnfinished(RegionDatabase& database, std::uint64_t id)
{
    auto statement =
        CAIRN_TRY(Statement::prepare(database, "DELETE FROM unfinished WHERE id = ?", id));
    return statement.run();
}

Result<void> limitUnfinished(RegionDatabase& database, std::uint64_t id, std::uint64_t sizeBytes)
{
    auto statement = CAIRN_TRY(Statement::prepare(
        database, "UPDATE unfinished SET size_bytes = ? WHERE id = ?", sizeBytes, id));
    return statement.run();
}

Result<void> deleteUnfinishedOf(RegionDatabase& database, const RegionId& region)
{
    auto statement = CAIRN_TRY(
        Statement::prepare(database, "DELETE FROM unfinished WHERE region_uuid = ?", region.uuid));
    return statement.run();
}

Result<void> endUnfinished(RegionDatabase& database, const RegionId& region,
                           std::uint64_t sizeBytes)
{
    auto statement = CAIRN_TRY(Statement::prepare(
        database,
        "DELETE FROM unfinished WHERE region_uuid = ? AND size_bytes <= ? AND kept_by = 0",
        region.uuid, sizeBytes));
    return statement.run();
}

Result<void> keepUnfinished(RegionDatabase& database, const RegionId& region,
                            std::uint64_t sizeBytes, GenerationNumber keptBy)
{
    auto statement =
        CAIRN_TRY(Statement::prepare(database,
                                     "UPDATE unfinished SET kept_by = ? WHERE region_uuid = ?"
                                     " AND size_bytes <= ? AND kept_by = 0",
                                     keptBy, region.uuid, sizeBytes));
    return statement.run();
}

Result<void> bringBackUnfinished(RegionDatabase& database, GenerationNumber keptBy)
{
    auto statement = CAIRN_TRY(Statement::prepare(
        database, "UPDATE unfinished SET kept_by = 0 WHERE kept_by = ?", keptBy));
    return statement.run();
}

Result<void> deleteKeptUnfinished(RegionDatabase& database, GenerationNumber keptBy)
{
    auto statement =
        CAIRN_TRY(Statement::prepare(database, "DELETE FROM unfinished WHERE kept_by = ?", keptBy));
    return statement.run();
}

Result<void> acceptUnfinished(RegionDatabase& database, const RegionId& region, std::int64_t timeMs)
{
    auto statement =
        CAIRN_TRY(Statement::prepare(database,
                                     "UPDATE unfinished SET accepted_ms = ? WHERE region_uuid = ?"
                                     " AND accepted_ms = 0 AND kept_by = 0",
                                     timeMs, region.uuid));
    return statement.run();
}

Result<std::vector<GenerationNumber>> readTakenAsIs(RegionDatabase& database,
                                                    GenerationNumber first, GenerationNumber last)
{
    std::vector<GenerationNumber> found;
    if (!CAIRN_TRY(hasSchema(database, kSchemaWithUnfinished)))
        return found;
    auto statement = CAIRN_TRY(Statement::prepare(
        database,
        "SELECT generation FROM taken_as_is WHERE generation BETWEEN ? AND ? ORDER BY generation",
        first, std::min<std::uint64_t>(last, INT64_MAX)));
    while (CAIRN_TRY(statement.step())) {
        Row row(statement, "taken_as_is");
        found.push_back(row.number(0, kLargestNumber));
        CAIRN_TRY(row.valid());
    }
    return found;
}

Result<void> insertTakenAsIs(RegionDatabase& database, GenerationNumber number)
{
    auto statement = CAIRN_TRY(Statement::prepare(
        database, "INSERT OR IGNORE INTO taken_as_is(generation) VALUES(?)", number));
    return statement.run();
}

} // namespace cairn
