// The rows of swaps, and of what came where it is by one.
#include "core/catalog/catalog_rows.h"

#include "core/catalog/schema.h"
#include "core/catalog/statement.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t kMapLimitBytes = 8 * kMiB;

Result<RegionSwap> readSwapRow(const Statement& statement)
{
    Row row(statement, "swap");
    RegionSwap swap;
    swap.id = row.number(0);
    swap.generation = row.number(1, kLargestNumber);
    swap.undoes = row.flag(2);
    swap.source = {{row.uuid(3)}, row.text(4), row.uuid(5)};
    swap.target = {{row.uuid(6)}, row.text(7), row.uuid(8)};
    swap.sourceOffsetBytes = row.number(9);
    swap.targetOffsetBytes = row.number(10);
    swap.sizeBytes = row.number(11);
    swap.seals = row.flag(12);
    const auto encoded = row.blob(13, kMapLimitBytes);
    if (auto damaged = ChunkMap::decode(encoded, chunkCount(swap.sizeBytes)))
        swap.damaged = *std::move(damaged);
    else
        row.reject(13, "not a chunk map");
    CAIRN_TRY(row.valid());
    return swap;
}

} // namespace

Result<std::vector<RegionSwap>> readSwaps(RegionDatabase& database)
{
    std::vector<RegionSwap> found;
    if (!CAIRN_TRY(hasSchema(database, kSchemaWithSwaps)))
        return found;
    auto statement = CAIRN_TRY(Statement::prepare(
        database,
        "SELECT w.id, w.generation, w.undoes, s.uuid, s.name, s.member, t.uuid, t.name, t.member,"
        " w.source_offset_bytes, w.target_offset_bytes, w.size_bytes, w.seals, w.damaged"
        " FROM swap w LEFT JOIN region s ON s.id = w.source LEFT JOIN region t ON t.id = w.target"
        " ORDER BY w.id"));
    while (CAIRN_TRY(statement.step()))
        found.push_back(CAIRN_TRY(readSwapRow(statement)));
    return found;
}

Result<void> insertSwap(RegionDatabase& database, const RegionSwap& swap)
{
    const auto source = CAIRN_TRY(internRegion(database, swap.source));
    const auto target = CAIRN_TRY(internRegion(database, swap.target));
    auto insert = CAIRN_TRY(Statement::prepare(
        database,
        "INSERT INTO swap(id, generation, undoes, source, target, source_offset_bytes,"
        " target_offset_bytes, size_bytes, seals, damaged) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        swap.id, swap.generation, swap.undoes, source, target, swap.sourceOffsetBytes,
        swap.targetOffsetBytes, swap.sizeBytes, swap.seals, swap.damaged.encode()));
    return insert.run();
}

Result<void> deleteSwap(RegionDatabase& database, std::uint64_t id)
{
    auto statement = CAIRN_TRY(Statement::prepare(database, "DELETE FROM swap WHERE id = ?", id));
    return statement.run();
}

Result<void> moveSeal(RegionDatabase& database, const RegionId& from, const RegionId& to)
{
    CAIRN_TRY(deleteSeal(database, to));
    for (const char* sql : {"UPDATE sealed SET region_uuid = ? WHERE region_uuid = ?",
                            "UPDATE sealed_bytes SET region_uuid = ? WHERE region_uuid = ?"}) {
        auto statement = CAIRN_TRY(Statement::prepare(database, sql, to.uuid, from.uuid));
        CAIRN_TRY(statement.run());
    }
    return {};
}

Result<std::vector<StoredUndo>> readSwapped(RegionDatabase& database, GenerationNumber first,
                                            GenerationNumber last)
{
    std::vector<StoredUndo> found;
    if (!CAIRN_TRY(hasSchema(database, kSchemaWithSwaps)))
        return found;
    auto statement = CAIRN_TRY(Statement::prepare(
        database,
        "SELECT w.generation, w.restored, w.size_bytes, w.swapped_ms, w.undone_ms, g.size_bytes"
        " FROM swapped w LEFT JOIN generation g ON g.number = w.generation"
        " WHERE w.generation BETWEEN ? AND ? ORDER BY w.generation",
        first, std::min<std::uint64_t>(last, INT64_MAX)));
    while (CAIRN_TRY(statement.step())) {
        Row row(statement, "swapped");
        StoredUndo& stored = found.emplace_back();
        stored.generation = row.number(0, kLargestNumber);
        stored.undo.restored = row.number(1, kLargestNumber);
        stored.undo.sizeBytes = row.number(2);
        stored.undo.keptMs = row.timeMs(3);
        stored.undo.undoneMs = row.timeMs(4);
        stored.undo.swapped = true;
        if (row.number(5) != stored.undo.sizeBytes)
            row.reject(2, "not the size of the generation");
        CAIRN_TRY(row.valid());
    }
    return found;
}

Result<void> insertSwapped(RegionDatabase& database, const Generation& generation)
{
    const UndoCopy& undo = *generation.undo;
    auto insert = CAIRN_TRY(Statement::prepare(
        database,
        "INSERT INTO swapped(generation, restored, size_bytes, swapped_ms, undone_ms)"
        " VALUES(?, ?, ?, ?, ?)",
        generation.number, undo.restored, undo.sizeBytes, undo.keptMs, undo.undoneMs));
    return insert.run();
}

} // namespace cairn
