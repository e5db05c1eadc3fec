// The rows of jobs, chunk digests and members.
#include "core/catalog/catalog_rows.h"

#include "core/catalog/schema.h"
#include "core/catalog/statement.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view kSelectJob =
    "SELECT j.id, j.kind, j.generation, s.uuid, s.name, s.member, t.uuid, t.name, t.member,"
    " j.running, j.size_bytes, j.done, j.started_ms, j.saved_ms, h.name FROM job j"
    " LEFT JOIN region s ON s.id = j.source LEFT JOIN region t ON t.id = j.target"
    " LEFT JOIN host h ON h.id = j.host";
constexpr std::size_t kMapLimitBytes = 8 * kMiB;

Result<StoredJob> readJobRow(const Statement& statement)
{
    Row row(statement, "job");
    StoredJob stored;
    Job& job = stored.job;
    job.id = row.number(0);
    job.kind = static_cast<JobKind>(row.number(1, UINT8_MAX));
    job.generation = row.number(2, kLargestNumber);
    job.source = {{row.uuid(3)}, row.text(4), row.uuid(5)};
    job.target = {{row.uuid(6)}, row.text(7), row.uuid(8)};
    stored.running = row.flag(9);
    job.sizeBytes = row.number(10);
    const auto encoded = row.blob(11, kMapLimitBytes);
    job.startedMs = row.timeMs(12);
    job.savedMs = row.timeMs(13);
    job.hostName = row.text(14);
    auto done = ChunkMap::decode(encoded, chunkCount(job.sizeBytes));
    if (done)
        job.done = *std::move(done);
    else
        row.reject(11, "not a chunk map");
    CAIRN_TRY(row.valid());
    return stored;
}

// What a restore keeps is in rows of its own.
Result<void> addUndo(RegionDatabase& database, Job& job)
{
    if (job.kind != JobKind::Restore || !CAIRN_TRY(hasSchema(database, kSchemaWithUndo)))
        return {};
    auto statement = CAIRN_TRY(Statement::prepare(
        database, "SELECT generation FROM undo WHERE job = ? ORDER BY generation DESC", job.id));
    job.undo = CAIRN_TRY(firstNumber(statement, "undo")).value_or(0);
    return {};
}

} // namespace

Result<std::vector<StoredJob>> readJobs(RegionDatabase& database)
{
    auto statement =
        CAIRN_TRY(Statement::prepare(database, std::string(kSelectJob) + " ORDER BY j.id"));
    std::vector<StoredJob> jobs;
    while (CAIRN_TRY(statement.step()))
        jobs.push_back(CAIRN_TRY(readJobRow(statement)));
    for (StoredJob& stored : jobs)
        CAIRN_TRY(addUndo(database, stored.job));
    return jobs;
}

Result<StoredJob> readJob(RegionDatabase& database, std::uint64_t id)
{
    if (id <= INT64_MAX) {
        auto statement = CAIRN_TRY(
            Statement::prepare(database, std::string(kSelectJob) + " WHERE j.id = ?", id));
        if (CAIRN_TRY(statement.step())) {
            auto stored = CAIRN_TRY(readJobRow(statement));
            CAIRN_TRY(addUndo(database, stored.job));
            return stored;
        }
    }
    return failure(ErrorCode::InvalidArgument, std::to_string(id), "no such job");
}

Result<void> insertJob(RegionDatabase& database, const Job& job, std::uint64_t hostRow)
{
    const auto source = CAIRN_TRY(internRegion(database, job.source));
    const auto target = CAIRN_TRY(internRegion(database, job.target));
    auto insert = CAIRN_TRY(Statement::prepare(
        database,
        "INSERT INTO job(id, kind, generation, source, target, target_uuid, running, size_bytes,"
        " done, started_ms, saved_ms, host) VALUES(?, ?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?)",
        job.id, static_cast<int>(job.kind), job.generation, source, target, job.target.id.uuid,
        job.sizeBytes, job.done.encode(), job.startedMs, job.savedMs, hostRow));
    return insert.run();
}

Result<void> setJobRunning(RegionDatabase& database, std::uint64_t id, bool running)
{
    auto update = CAIRN_TRY(
        Statement::prepare(database, "UPDATE job SET running = ? WHERE id = ?", running, id));
    return update.run();
}

Result<void> deleteJob(RegionDatabase& database, std::uint64_t id)
{
    auto statement = CAIRN_TRY(Statement::prepare(database, "DELETE FROM job WHERE id = ?", id));
    return statement.run();
}

std::uint64_t segmentCount(std::uint64_t sizeBytes)
{
    return divideUp(chunkCount(sizeBytes), kChunksPerSegment);
}

std::uint64_t segmentChunks(std::uint64_t sizeBytes, std::uint64_t segment)
{
    const std::uint64_t chunks = chunkCount(sizeBytes);
    if (segment >= divideUp(chunks, kChunksPerSegment))
        return 0;
    return std::min(kChunksPerSegment, chunks - segment * kChunksPerSegment);
}

Result<std::vector<Digest>> readSegment(RegionDatabase& database, GenerationNumber number,
                                        std::uint64_t segment)
{
    if (number > kLargestNumber || segment > INT64_MAX)
        return std::vector<Digest>();
    // The size is read in the same statement, so that the row's length can be checked.
    auto statement =
        CAIRN_TRY(Statement::prepare(database,
                                     "SELECT d.generation, d.bytes, g.size_bytes FROM digests d"
                                     " LEFT JOIN generation g ON g.number = d.generation"
                                     " WHERE d.generation = ? AND d.segment = ?",
                                     number, segment));
    if (!CAIRN_TRY(statement.step()))
        return std::vector<Digest>();
    Row row(statement, "digests");
    const auto bytes = row.blob(1, kChunksPerSegment * sizeof(Digest));
    const auto chunks = segmentChunks(row.number(2), segment);
    if (bytes.size() != chunks * sizeof(Digest))
        row.reject(1, "not one digest for each chunk");
    CAIRN_TRY(row.valid());
    std::vector<Digest> digests(static_cast<std::size_t>(chunks));
    std::ranges::copy(bytes, std::as_writable_bytes(std::span(digests)).begin());
    return digests;
}

Result<void> writeSegment(RegionDatabase& database, GenerationNumber number,
                          const DigestSegment& segment)
{
    auto statement = CAIRN_TRY(
        Statement::prepare(database,
                           "INSERT INTO digests(generation, segment, bytes) VALUES(?, ?, ?)"
                           " ON CONFLICT(generation, segment) DO UPDATE SET bytes = excluded.bytes",
                           number, segment.index, std::as_bytes(std::span(segment.digests))));
    return statement.run();
}

Result<void> deleteDigests(RegionDatabase& database, GenerationNumber number)
{
    auto statement =
        CAIRN_TRY(Statement::prepare(database, "DELETE FROM digests WHERE generation = ?", number));
    return statement.run();
}

Result<void> deleteSupersededDigests(RegionDatabase& database, const RegionId& region)
{
    auto statement = CAIRN_TRY(Statement::prepare(
        database,
        "DELETE FROM digests WHERE generation IN (SELECT number FROM generation WHERE state = 7"
        " AND target IN (SELECT id FROM region WHERE uuid = ?))",
        region.uuid));
    return statement.run();
}

Result<std::uint64_t> countSegments(RegionDatabase& database, GenerationNumber number)
{
    auto statement = CAIRN_TRY(
        Statement::prepare(database, "SELECT count(*) FROM digests WHERE generation = ?", number));
    return CAIRN_TRY(firstNumber(statement, "digests")).value_or(0);
}

Result<std::vector<StoredMember>> readMembers(RegionDatabase& database)
{
    auto statement = CAIRN_TRY(Statement::prepare(
        database, "SELECT id, uuid, location, model, size_bytes, holds_catalog, removed,"
                  " stale_commit, stale_hash FROM member ORDER BY id"));
    std::vector<StoredMember> members;
    while (CAIRN_TRY(statement.step())) {
        Row row(statement, "member");
        StoredMember stored;
        stored.member.id = row.uuid(1);
        stored.member.location = row.text(2);
        stored.member.model = row.text(3);
        stored.member.sizeBytes = row.number(4);
        stored.member.holdsCatalog = row.flag(5);
        stored.member.removed = row.flag(6);
        stored.member.stale = !row.isNull(7);
        if (stored.member.stale) {
            stored.staleCommit = row.number(7);
            stored.staleHash = row.digest(8);
        }
        CAIRN_TRY(row.valid());
        members.push_back(std::move(stored));
    }
    return members;
}

Result<void> writeMember(RegionDatabase& database, const KnownMember& member)
{
    auto statement = CAIRN_TRY(Statement::prepare(
        database,
        "INSERT INTO member(uuid, location, model, size_bytes, holds_catalog, removed)"
        " VALUES(?, ?, ?, ?, ?, ?) ON CONFLICT(uuid) DO UPDATE SET location = excluded.location,"
        " model = excluded.model, size_bytes = excluded.size_bytes,"
        " holds_catalog = excluded.holds_catalog, removed = excluded.removed",
        member.id, storable(member.location), storable(member.model), member.sizeBytes,
        member.holdsCatalog, member.removed));
    return statement.run();
}

} // namespace cairn
