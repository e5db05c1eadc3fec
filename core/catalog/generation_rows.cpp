// The rows of generations, and of the hosts, regions and sets that they name.
#include "core/catalog/catalog_rows.h"

#include "core/base/printable_text.h"
#include "core/catalog/statement.h"

#include <algorithm>
#include <iterator>

namespace cairn {
namespace {

constexpr std::string_view kSelect =
    "SELECT g.number, s.uuid, s.name, s.member, t.uuid, t.name, t.member, g.size_bytes, g.label,"
    " g.note, g.content_kind, g.content_type, g.content_label, g.content_uuid, g.content_used,"
    " g.started_ms, g.finished_ms, g.verified_ms, h.uuid, h.name, g.state, g.held, g.recovered,"
    " g.superseded_by, g.read_back, g.written_bytes, g.digest, g.failure, g.failure_detail,"
    " g.damaged FROM generation g LEFT JOIN region s ON s.id = g.source"
    " LEFT JOIN region t ON t.id = g.target LEFT JOIN ";
constexpr std::string_view kHosts = "host h ON h.id = g.host";
// Where the page with their names is damaged.
constexpr std::string_view kNoHost = "(SELECT zeroblob(16) AS uuid, '' AS name) h ON 1";

// The longest encoded map that is believed: 2 million separate runs.
constexpr std::size_t kMapLimitBytes = 8 * kMiB;

// These two enumerations are stored by value.
static_assert(static_cast<int>(ContentKind::Unread) == 0 &&
              static_cast<int>(ContentKind::Recognised) == 3);
static_assert(static_cast<int>(ReadBack::Direct) == 0 && static_cast<int>(ReadBack::Cached) == 2);

ErrorCode errorFromName(std::string_view name)
{
    for (int code = 0; code <= static_cast<int>(ErrorCode::Unsupported); ++code) {
        if (errorName(static_cast<ErrorCode>(code)) == name)
            return static_cast<ErrorCode>(code);
    }
    return ErrorCode::Unsupported; // A newer Cairn's.
}

bool hasFailure(const Generation& generation)
{
    return generation.failure != ErrorCode{} || !generation.failureDetail.empty();
}

std::optional<std::string> failureText(const Generation& generation)
{
    if (!hasFailure(generation))
        return std::nullopt;
    return errorName(generation.failure);
}

std::optional<std::string> failureDetailText(const Generation& generation)
{
    if (!hasFailure(generation))
        return std::nullopt;
    return storable(generation.failureDetail);
}

std::optional<Digest> knownDigest(const Generation& generation)
{
    return generation.digest == Digest{} ? std::nullopt : std::optional(generation.digest);
}

// A stranger's superblock may say anything.
std::optional<std::uint64_t> usedBytes(const Content& content)
{
    if (!content.usedBytes)
        return std::nullopt;
    return std::min<std::uint64_t>(*content.usedBytes, INT64_MAX);
}

std::optional<std::vector<std::byte>> damagedMap(const Generation& generation)
{
    if (generation.damaged.empty())
        return std::nullopt;
    return generation.damaged.encode();
}

RegionRef readRegion(Row& row, int firstColumn)
{
    RegionRef region;
    region.id.uuid = row.uuid(firstColumn);
    region.name = row.text(firstColumn + 1);
    region.member = row.uuid(firstColumn + 2);
    return region;
}

Content readContent(Row& row, int firstColumn)
{
    Content content;
    const auto kind = row.number(firstColumn);
    content.kind = kind <= static_cast<std::uint64_t>(ContentKind::Recognised)
                       ? static_cast<ContentKind>(kind)
                       : ContentKind::Unknown;
    content.type = row.text(firstColumn + 1);
    content.label = row.text(firstColumn + 2);
    content.uuid = row.text(firstColumn + 3);
    if (!row.isNull(firstColumn + 4))
        content.usedBytes = row.number(firstColumn + 4);
    return content;
}

Result<Generation> readRow(const Statement& statement)
{
    Row row(statement, "generation");
    Generation generation;
    generation.number = row.number(0, kLargestNumber);
    generation.source = readRegion(row, 1);
    generation.target = readRegion(row, 4);
    generation.sizeBytes = row.number(7);
    generation.label = row.text(8);
    generation.note = row.text(9);
    generation.content = readContent(row, 10);
    generation.startedMs = row.timeMs(15);
    generation.finishedMs = row.timeMs(16);
    generation.verifiedMs = row.timeMs(17);
    generation.hostId = row.uuid(18);
    generation.hostName = row.text(19);
    generation.state = static_cast<GenerationState>(row.number(20, UINT8_MAX));
    generation.held = row.flag(21);
    generation.recovered = row.flag(22);
    generation.supersededBy = row.number(23, kLargestNumber);
    const auto readBack = row.number(24);
    generation.readBack = readBack <= static_cast<std::uint64_t>(ReadBack::Cached)
                              ? static_cast<ReadBack>(readBack)
                              : ReadBack::Cached;
    generation.writtenBytes = row.number(25);
    if (!row.isNull(26))
        generation.digest = row.digest(26);
    if (!row.isNull(27))
        generation.failure = errorFromName(row.text(27));
    if (!row.isNull(28))
        generation.failureDetail = row.text(28);
    if (!row.isNull(29)) {
        const auto encoded = row.blob(29, kMapLimitBytes);
        auto damaged = ChunkMap::decode(encoded, chunkCount(generation.sizeBytes));
        if (damaged)
            generation.damaged = *std::move(damaged);
        else
            row.reject(29, "not a chunk map");
    }
    CAIRN_TRY(row.valid());
    return generation;
}

// The id of the only row that `find` selects; where there is none, `insert` is run with the same
// values, and its row's id returned.
template<typename... Values>
Result<std::uint64_t> intern(RegionDatabase& database, const char* table, std::string_view find,
                             std::string_view insert, const Values&... values)
{
    auto finding = CAIRN_TRY(Statement::prepare(database, find, values...));
    if (const auto id = CAIRN_TRY(firstNumber(finding, table)))
        return *id;
    auto inserting = CAIRN_TRY(Statement::prepare(database, insert, values...));
    CAIRN_TRY(inserting.run());
    auto again = CAIRN_TRY(Statement::prepare(database, find, values...));
    const auto made = CAIRN_TRY(firstNumber(again, table));
    CAIRN_ASSERT(made.has_value());
    return *made;
}

// Whatever a row says: without all of its source it is not whole.
GenerationState honestState(const Generation& generation)
{
    const bool whole =
        generation.state == GenerationState::Copied || generation.state == GenerationState::Good;
    return whole && !generation.unreadable.empty() ? GenerationState::Partial : generation.state;
}

Result<void> addUnreadable(RegionDatabase& database, std::vector<Generation>& generations)
{
    const auto stored =
        CAIRN_TRY(readUnreadable(database, generations.back().number, generations.front().number));
    for (Generation& generation : generations) {
        const auto at =
            std::ranges::lower_bound(stored, generation.number, {}, &StoredUnreadable::generation);
        if (at == stored.end() || at->generation != generation.number)
            continue;
        auto sectors = SectorMap::decode(at->sectors, generation.sizeBytes);
        if (!sectors)
            return failure(ErrorCode::CatalogDamaged, "unreadable", "not a sector map");
        generation.unreadable = *std::move(sectors);
        generation.state = honestState(generation);
    }
    return {};
}

// Newest first. What they keep, what of their source is missing, and how it was taken, is in rows
// of its own.
Result<void> addOwnRows(RegionDatabase& database, std::vector<Generation>& generations)
{
    if (generations.empty())
        return {};
    const GenerationNumber first = generations.back().number;
    const GenerationNumber last = generations.front().number;
    auto stored = CAIRN_TRY(readUndoCopies(database, first, last));
    const auto takenAsIs = CAIRN_TRY(readTakenAsIs(database, first, last));
    const auto consistencies = CAIRN_TRY(readConsistencies(database, first, last));
    const auto seals = CAIRN_TRY(readSealStates(database));
    for (Generation& generation : generations) {
        const auto at =
            std::ranges::lower_bound(stored, generation.number, {}, &StoredUndo::generation);
        if (at != stored.end() && at->generation == generation.number)
            generation.undo = std::move(at->undo);
        generation.takenAsIs = std::ranges::binary_search(takenAsIs, generation.number);
        const auto other = consistencies.find(generation.number);
        if (other != consistencies.end())
            generation.consistency = other->second;
        const auto seal = seals.find(generation.target.id);
        if (seal != seals.end() && generation.state <= GenerationState::Interrupted)
            generation.seal = seal->second;
    }
    return addUnreadable(database, generations);
}

} // namespace

std::string storable(std::string_view text)
{
    constexpr std::size_t kMostBytes = 4 * kKiB;
    if (text.size() <= kMostBytes && utf16Length(text) != SIZE_MAX)
        return std::string(text);
    // Escapes make bytes longer, code points at most four: 4 KiB in the end.
    return printableShort(text.substr(0, kMostBytes), kMostBytes / 4);
}

Result<std::uint64_t> internHost(RegionDatabase& database, const Uuid& id, std::string_view name)
{
    return intern(database, "host", "SELECT id FROM host WHERE uuid = ? AND name = ?",
                  "INSERT INTO host(uuid, name) VALUES(?, ?)", id, storable(name));
}

Result<std::uint64_t> internRegion(RegionDatabase& database, const RegionRef& region)
{
    return intern(database, "region",
                  "SELECT id FROM region WHERE uuid = ? AND member = ? AND name = ?",
                  "INSERT INTO region(uuid, member, name) VALUES(?, ?, ?)", region.id.uuid,
                  region.member, storable(region.name));
}

Result<std::uint64_t> internBackupSet(RegionDatabase& database, const RegionRef& source)
{
    auto naming = CAIRN_TRY(Statement::prepare(
        database,
        "INSERT INTO backup_set(source, name) VALUES(?, ?)"
        " ON CONFLICT(source) DO UPDATE SET name = excluded.name WHERE name <> excluded.name",
        source.id.uuid, storable(source.name)));
    CAIRN_TRY(naming.run());
    auto finding = CAIRN_TRY(
        Statement::prepare(database, "SELECT id FROM backup_set WHERE source = ?", source.id.uuid));
    const auto id = CAIRN_TRY(firstNumber(finding, "backup_set"));
    CAIRN_ASSERT(id.has_value());
    return *id;
}

Result<std::vector<Generation>> readGenerations(RegionDatabase& database,
                                                const GenerationFilter& filter)
{
    std::string sql(kSelect);
    sql += kHosts;
    sql += " WHERE g.number < ?";
    if (filter.source)
        sql += " AND g.set_id = (SELECT id FROM backup_set WHERE source = ?)";
    if (filter.target)
        sql += " AND g.target IN (SELECT id FROM region WHERE uuid = ?)";
    // Two indexes answer it: a long history must not be walked for the few rows that are current.
    if (filter.currentOnly)
        sql += " AND g.number IN (SELECT generation FROM copy WHERE kind = 1 UNION"
               " SELECT (SELECT max(number) FROM generation WHERE target = r.id) FROM region r)";
    if (!filter.withForgotten)
        sql += " AND g.state <> 8";
    sql += " ORDER BY g.number DESC LIMIT ?";
    const std::uint64_t below = filter.below == 0 ? INT64_MAX : filter.below;
    static_assert(static_cast<int>(GenerationState::Forgotten) == 8);
    auto statement =
        CAIRN_TRY(Statement::prepare(database, sql, std::min<std::uint64_t>(below, INT64_MAX)));
    if (filter.source)
        statement.bind(filter.source->uuid);
    if (filter.target)
        statement.bind(filter.target->uuid);
    statement.bind(std::min<std::uint64_t>(filter.limit, INT64_MAX));
    std::vector<Generation> generations;
    while (CAIRN_TRY(statement.step()))
        generations.push_back(CAIRN_TRY(readRow(statement)));
    CAIRN_TRY(addOwnRows(database, generations));
    return generations;
}

namespace {

Result<Generation> readGenerationBy(RegionDatabase& database, GenerationNumber number,
                                    std::string_view hosts)
{
    const std::string sql = std::string(kSelect).append(hosts).append(" WHERE g.number = ?");
    auto statement = CAIRN_TRY(Statement::prepare(database, sql, number));
    if (!CAIRN_TRY(statement.step()))
        return failure(ErrorCode::UnknownGeneration, std::to_string(number), {}, number);
    std::vector<Generation> only = {CAIRN_TRY(readRow(statement))};
    CAIRN_TRY(addOwnRows(database, only));
    return std::move(only.front());
}

} // namespace

Result<Generation> readGeneration(RegionDatabase& database, GenerationNumber number)
{
    if (number > kLargestNumber)
        return failure(ErrorCode::UnknownGeneration, std::to_string(number), {}, number);
    auto found = readGenerationBy(database, number, kHosts);
    if (!found && found.error().code == ErrorCode::CatalogDamaged)
        found = readGenerationBy(database, number, kNoHost);
    return found;
}

Result<void> insertGeneration(RegionDatabase& database, const Generation& generation,
                              std::uint64_t commit)
{
    const auto set = CAIRN_TRY(internBackupSet(database, generation.source));
    const auto source = CAIRN_TRY(internRegion(database, generation.source));
    const auto target = CAIRN_TRY(internRegion(database, generation.target));
    const auto host = CAIRN_TRY(internHost(database, generation.hostId, generation.hostName));
    auto insert = CAIRN_TRY(Statement::prepare(
        database,
        "INSERT INTO generation(number, set_id, source, target, size_bytes, label, note,"
        " content_kind, content_type, content_label, content_uuid, content_used, started_ms,"
        " host, recovered, begun_commit, finished_ms, verified_ms, state, held, superseded_by,"
        " read_back, written_bytes)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0, 0, 0)",
        generation.number, set, source, target, generation.sizeBytes, generation.label,
        generation.note, static_cast<int>(generation.content.kind),
        storable(generation.content.type), storable(generation.content.label),
        storable(generation.content.uuid), usedBytes(generation.content), generation.startedMs,
        host, generation.recovered, commit));
    CAIRN_TRY(insert.run());
    auto place = CAIRN_TRY(Statement::prepare(
        database, "INSERT INTO copy(generation, kind, region, location) VALUES(?, 1, ?, '')",
        generation.number, target));
    CAIRN_TRY(place.run());
    if (generation.undo)
        CAIRN_TRY(insertUndoCopy(database, generation));
    if (generation.takenAsIs)
        CAIRN_TRY(insertTakenAsIs(database, generation.number));
    if (!generation.unreadable.empty())
        CAIRN_TRY(writeUnreadable(database, generation));
    if (generation.consistency != Consistency::Offline)
        CAIRN_TRY(setConsistency(database, generation.number, generation.consistency));
    return updateGeneration(database, generation);
}

Result<void> updateGeneration(RegionDatabase& database, const Generation& generation)
{
    auto update = CAIRN_TRY(Statement::prepare(
        database,
        "UPDATE generation SET finished_ms = ?2, verified_ms = ?3, state = ?4, held = ?5,"
        " superseded_by = ?6, read_back = ?7, written_bytes = ?8, digest = ?9, failure = ?10,"
        " failure_detail = ?11, damaged = ?12 WHERE number = ?1",
        generation.number, generation.finishedMs, generation.verifiedMs,
        static_cast<int>(honestState(generation)), generation.held, generation.supersededBy,
        static_cast<int>(generation.readBack), generation.writtenBytes, knownDigest(generation),
        failureText(generation), failureDetailText(generation), damagedMap(generation)));
    CAIRN_TRY(update.run());
    const bool gone = generation.state == GenerationState::Failed ||
                      generation.state == GenerationState::Superseded ||
                      generation.state == GenerationState::Forgotten;
    if (!gone)
        return {};
    auto place = CAIRN_TRY(Statement::prepare(
        database, "DELETE FROM copy WHERE generation = ? AND kind = 1", generation.number));
    return place.run();
}

Result<std::vector<GenerationNumber>> numbersIn(Statement& statement)
{
    std::vector<GenerationNumber> numbers;
    while (CAIRN_TRY(statement.step())) {
        Row row(statement, "generation");
        numbers.push_back(row.number(0, kLargestNumber));
        CAIRN_TRY(row.valid());
    }
    return numbers;
}

Result<std::vector<GenerationNumber>> supersededByRestore(RegionDatabase& database,
                                                          const RegionId& region)
{
    static_assert(static_cast<int>(GenerationState::Superseded) == 7);
    auto statement = CAIRN_TRY(Statement::prepare(
        database,
        "SELECT number FROM generation WHERE target IN (SELECT id FROM region WHERE uuid = ?)"
        " AND state = 7 AND superseded_by = 0 ORDER BY number DESC",
        region.uuid));
    return numbersIn(statement);
}

Result<void> placeAgain(RegionDatabase& database, GenerationNumber number)
{
    auto place = CAIRN_TRY(
        Statement::prepare(database,
                           "INSERT OR IGNORE INTO copy(generation, kind, region, location)"
                           " SELECT number, 1, target, '' FROM generation WHERE number = ?",
                           number));
    return place.run();
}

Result<void> insertExport(RegionDatabase& database, GenerationNumber number, std::uint64_t eventId,
                          const std::string& location)
{
    auto place = CAIRN_TRY(Statement::prepare(
        database, "INSERT INTO copy(generation, kind, region, location) VALUES(?, 2, ?, ?)", number,
        eventId, storable(location)));
    return place.run();
}

Result<std::vector<ExportedCopy>> readExports(RegionDatabase& database, GenerationNumber number)
{
    auto statement = CAIRN_TRY(
        Statement::prepare(database,
                           "SELECT c.generation, c.location, e.time_ms, h.name, e.kind FROM copy c"
                           " LEFT JOIN event e ON e.id = c.region LEFT JOIN host h ON h.id = e.host"
                           " WHERE c.generation = ? AND c.kind = 2 ORDER BY c.region",
                           std::min(number, kLargestNumber)));
    std::vector<ExportedCopy> copies;
    while (CAIRN_TRY(statement.step())) {
        Row row(statement, "copy");
        ExportedCopy copy;
        copy.location = row.text(1);
        copy.timeMs = row.timeMs(2);
        copy.hostName = row.text(3);
        copy.imported =
            row.number(4, UINT8_MAX) == static_cast<std::uint64_t>(EventKind::ImportStarted);
        CAIRN_TRY(row.valid());
        copies.push_back(std::move(copy));
    }
    return copies;
}

Result<GenerationNumber> nextGenerationNumber(RegionDatabase& database)
{
    auto statement = CAIRN_TRY(Statement::prepare(database, "SELECT max(number) FROM generation"));
    const auto last = CAIRN_TRY(firstNumber(statement, "generation")).value_or(0);
    if (last >= kLargestNumber)
        return failure(ErrorCode::CatalogFull, {}, "generation numbers");
    return last + 1;
}

} // namespace cairn
