// The rows that say what a generation keeps of a restored region.
#include "core/catalog/catalog_rows.h"

#include "core/catalog/schema.h"
#include "core/catalog/statement.h"
#include "core/catalog/undo_copy.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t kMapLimitBytes = 8 * kMiB;

Result<StoredUndo> readUndoRow(const Statement& statement)
{
    Row row(statement, "undo");
    StoredUndo stored;
    UndoCopy& undo = stored.undo;
    stored.generation = row.number(0, kLargestNumber);
    undo.restored = row.number(1, kLargestNumber);
    undo.jobId = row.number(2);
    undo.sizeBytes = row.number(3);
    const auto encoded = row.blob(4, kMapLimitBytes);
    undo.contentBefore = row.digest(5);
    undo.contentAfter = row.digest(6);
    undo.keptMs = row.timeMs(7);
    undo.undoneMs = row.timeMs(8);
    const std::uint64_t generationBytes = row.number(9);
    // A map that cannot be decoded leaves none, which is not consistent either.
    if (auto chunks = ChunkMap::decode(encoded, chunkCount(undo.sizeBytes)))
        undo.chunks = *std::move(chunks);
    if (!isConsistent(undo, generationBytes))
        row.reject(4, "not the chunks of an undo copy");
    CAIRN_TRY(row.valid());
    return stored;
}

} // namespace

bool isConsistent(const UndoCopy& undo, std::uint64_t generationBytes)
{
    if (undo.swapped)
        return undo.sizeBytes == generationBytes && undo.chunks.empty();
    const std::uint64_t chunks = chunkCount(undo.sizeBytes);
    if (undo.chunks.empty() || !undo.chunks.contains(0) || !undo.chunks.contains(chunks - 1))
        return false;
    const ChunkMap::Run& last = undo.chunks.runs().back();
    return last.first + last.count == chunks &&
           undo.chunks.count() * kChunkBytes == generationBytes;
}

Result<std::vector<StoredUndo>> readUndoCopies(RegionDatabase& database, GenerationNumber first,
                                               GenerationNumber last)
{
    std::vector<StoredUndo> found;
    if (!CAIRN_TRY(hasSchema(database, kSchemaWithUndo)))
        return found;
    auto statement = CAIRN_TRY(Statement::prepare(
        database,
        "SELECT u.generation, u.restored, u.job, u.size_bytes, u.chunks, u.content_before,"
        " u.content_after, u.kept_ms, u.undone_ms, g.size_bytes FROM undo u"
        " LEFT JOIN generation g ON g.number = u.generation"
        " WHERE u.generation BETWEEN ? AND ? ORDER BY u.generation",
        first, std::min<std::uint64_t>(last, INT64_MAX)));
    while (CAIRN_TRY(statement.step()))
        found.push_back(CAIRN_TRY(readUndoRow(statement)));
    const auto swapped = CAIRN_TRY(readSwapped(database, first, last));
    found.insert(found.end(), swapped.begin(), swapped.end());
    std::ranges::stable_sort(found, {}, &StoredUndo::generation);
    return found;
}

Result<void> insertUndoCopy(RegionDatabase& database, const Generation& generation)
{
    const UndoCopy& undo = *generation.undo;
    if (!isConsistent(undo, generation.sizeBytes))
        return failure(ErrorCode::InvalidArgument, std::to_string(generation.number), "chunks");
    if (undo.swapped)
        return insertSwapped(database, generation);
    auto insert = CAIRN_TRY(Statement::prepare(
        database,
        "INSERT INTO undo(generation, restored, job, size_bytes, chunks, content_before,"
        " content_after, kept_ms, undone_ms) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)",
        generation.number, undo.restored, undo.jobId, undo.sizeBytes, undo.chunks.encode(),
        undo.contentBefore, undo.contentAfter, undo.keptMs, undo.undoneMs));
    return insert.run();
}

Result<void> detachUndoCopy(RegionDatabase& database, GenerationNumber generation)
{
    auto update = CAIRN_TRY(
        Statement::prepare(database, "UPDATE undo SET job = 0 WHERE generation = ?", generation));
    return update.run();
}

Result<void> markKept(RegionDatabase& database, GenerationNumber generation, std::int64_t timeMs)
{
    auto update = CAIRN_TRY(Statement::prepare(
        database, "UPDATE undo SET kept_ms = ? WHERE generation = ?", timeMs, generation));
    return update.run();
}

Result<void> markUndone(RegionDatabase& database, const Generation& kept, std::int64_t timeMs)
{
    const char* sql = kept.undo && kept.undo->swapped
                          ? "UPDATE swapped SET undone_ms = ? WHERE generation = ?"
                          : "UPDATE undo SET undone_ms = ? WHERE generation = ?";
    auto update = CAIRN_TRY(Statement::prepare(database, sql, timeMs, kept.number));
    return update.run();
}

} // namespace cairn
