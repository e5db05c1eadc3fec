// The text of the schema: no version's ever changes, a newer one only adds tables and indexes.
#include "core/catalog/schema.h"

#include "core/catalog/statement.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {
namespace {

struct SchemaObject {
    std::string_view type;
    std::string_view name;
    std::string_view table;
    std::string_view sql; // Empty: SQLite made it for a PRIMARY KEY or UNIQUE, and keeps no text.
    std::uint64_t since = 1; // The version that added it.
};

// Identities are 16-byte blobs, times are milliseconds since 1970 UTC. Hosts and regions are rows
// of their own, because each generation and event names one. Rows of generation and event are
// never deleted: their numbers are never given twice.
constexpr SchemaObject kObjects[] = {
    {"table", "array", "array",
     R"(CREATE TABLE array(
  only INTEGER PRIMARY KEY CHECK(only = 1),
  id BLOB NOT NULL CHECK(length(id) = 16),
  label TEXT NOT NULL,
  created_ms INTEGER NOT NULL
) STRICT)"},
    {"table", "host", "host",
     R"(CREATE TABLE host(
  id INTEGER PRIMARY KEY,
  uuid BLOB NOT NULL CHECK(length(uuid) = 16),
  name TEXT NOT NULL,
  UNIQUE(uuid, name)
) STRICT)"},
    {"index", "sqlite_autoindex_host_1", "host", ""},
    // Stale: the copy of the catalog on this member missed what came after that commit.
    {"table", "member", "member",
     R"(CREATE TABLE member(
  id INTEGER PRIMARY KEY,
  uuid BLOB NOT NULL UNIQUE CHECK(length(uuid) = 16),
  location TEXT NOT NULL,
  model TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  holds_catalog INTEGER NOT NULL,
  removed INTEGER NOT NULL,
  stale_commit INTEGER,
  stale_hash BLOB CHECK(length(stale_hash) = 16)
) STRICT)"},
    {"index", "sqlite_autoindex_member_1", "member", ""},
    // A region as it was when a record named it; renaming or moving it adds a row.
    {"table", "region", "region",
     R"(CREATE TABLE region(
  id INTEGER PRIMARY KEY,
  uuid BLOB NOT NULL CHECK(length(uuid) = 16),
  member BLOB NOT NULL CHECK(length(member) = 16),
  name TEXT NOT NULL,
  UNIQUE(uuid, member, name)
) STRICT)"},
    {"index", "sqlite_autoindex_region_1", "region", ""},
    {"table", "backup_set", "backup_set",
     R"(CREATE TABLE backup_set(
  id INTEGER PRIMARY KEY,
  source BLOB NOT NULL UNIQUE CHECK(length(source) = 16),
  name TEXT NOT NULL
) STRICT)"},
    {"index", "sqlite_autoindex_backup_set_1", "backup_set", ""},
    {"table", "generation", "generation",
     R"(CREATE TABLE generation(
  number INTEGER PRIMARY KEY CHECK(number > 0),
  set_id INTEGER NOT NULL REFERENCES backup_set(id),
  source INTEGER NOT NULL REFERENCES region(id),
  target INTEGER NOT NULL REFERENCES region(id),
  size_bytes INTEGER NOT NULL,
  label TEXT NOT NULL,
  note TEXT NOT NULL,
  content_kind INTEGER NOT NULL,
  content_type TEXT NOT NULL,
  content_label TEXT NOT NULL,
  content_uuid TEXT NOT NULL,
  content_used INTEGER,
  started_ms INTEGER NOT NULL,
  finished_ms INTEGER NOT NULL,
  verified_ms INTEGER NOT NULL,
  host INTEGER NOT NULL REFERENCES host(id),
  state INTEGER NOT NULL,
  held INTEGER NOT NULL,
  recovered INTEGER NOT NULL,
  superseded_by INTEGER NOT NULL,
  read_back INTEGER NOT NULL,
  written_bytes INTEGER NOT NULL,
  digest BLOB CHECK(length(digest) = 16),
  failure TEXT,
  failure_detail TEXT,
  damaged BLOB,
  begun_commit INTEGER NOT NULL
) STRICT)"},
    {"index", "generation_by_set", "generation",
     "CREATE INDEX generation_by_set ON generation(set_id)"},
    {"index", "generation_by_target", "generation",
     "CREATE INDEX generation_by_target ON generation(target)"},
    {"index", "generation_copying", "generation",
     "CREATE INDEX generation_copying ON generation(number) WHERE state = 1"},
    // Where the bytes of a generation are now. Kind 1: in a region. Kind 2: outside of the array;
    // then `region` is the id of an event.
    {"table", "copy", "copy",
     R"(CREATE TABLE copy(
  generation INTEGER NOT NULL REFERENCES generation(number),
  kind INTEGER NOT NULL,
  region INTEGER NOT NULL,
  location TEXT NOT NULL,
  PRIMARY KEY(generation, kind, region)
) STRICT, WITHOUT ROWID)"},
    // 16 bytes a chunk, 1024 chunks a row; the last row of a generation is shorter.
    {"table", "digests", "digests",
     R"(CREATE TABLE digests(
  generation INTEGER NOT NULL REFERENCES generation(number),
  segment INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY(generation, segment)
) STRICT, WITHOUT ROWID)"},
    // The id is that of the event that began the job, so that it is never given twice.
    {"table", "job", "job",
     R"(CREATE TABLE job(
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  generation INTEGER NOT NULL REFERENCES generation(number),
  source INTEGER NOT NULL REFERENCES region(id),
  target INTEGER NOT NULL REFERENCES region(id),
  target_uuid BLOB NOT NULL CHECK(length(target_uuid) = 16),
  running INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  done BLOB NOT NULL,
  started_ms INTEGER NOT NULL,
  saved_ms INTEGER NOT NULL,
  host INTEGER NOT NULL REFERENCES host(id)
) STRICT)"},
    {"index", "job_by_target", "job",
     "CREATE UNIQUE INDEX job_by_target ON job(target_uuid) WHERE running = 1"},
    // core/catalog/ledger.h says what the hash covers.
    {"table", "event", "event",
     R"(CREATE TABLE event(
  id INTEGER PRIMARY KEY CHECK(id > 0),
  kind INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  time_ms INTEGER NOT NULL,
  host INTEGER NOT NULL REFERENCES host(id),
  subject TEXT NOT NULL,
  detail TEXT NOT NULL,
  hash BLOB NOT NULL CHECK(length(hash) = 16)
) STRICT)"},
    {"table", "setting", "setting",
     R"(CREATE TABLE setting(
  key TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
) STRICT, WITHOUT ROWID)"},
    // The newest 4096 commits and every 1024th, by which copies recognise their ancestors.
    {"table", "commit_link", "commit_link",
     R"(CREATE TABLE commit_link(
  id INTEGER PRIMARY KEY CHECK(id > 0),
  hash BLOB NOT NULL CHECK(length(hash) = 16),
  time_ms INTEGER NOT NULL,
  host INTEGER NOT NULL REFERENCES host(id)
) STRICT)"},
    // Of a generation that keeps what a restore overwrites: which chunks of the restored region,
    // and the digest of the region's content before and after. Job: the restore's. Nothing is
    // overwritten before kept_ms is set.
    {"table", "undo", "undo",
     R"(CREATE TABLE undo(
  generation INTEGER PRIMARY KEY REFERENCES generation(number),
  restored INTEGER NOT NULL REFERENCES generation(number),
  job INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  chunks BLOB NOT NULL,
  content_before BLOB NOT NULL CHECK(length(content_before) = 16),
  content_after BLOB NOT NULL CHECK(length(content_after) = 16),
  kept_ms INTEGER NOT NULL,
  undone_ms INTEGER NOT NULL
) STRICT)",
     2},
    {"index", "undo_by_job", "undo", "CREATE INDEX undo_by_job ON undo(job)", 2},
    // What began to overwrite a region and was not ended there. Kept by: the undo copy that holds
    // this content now; 0: the region does.
    {"table", "unfinished", "unfinished",
     R"(CREATE TABLE unfinished(
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  generation INTEGER NOT NULL,
  region INTEGER NOT NULL REFERENCES region(id),
  region_uuid BLOB NOT NULL CHECK(length(region_uuid) = 16),
  size_bytes INTEGER NOT NULL,
  since_ms INTEGER NOT NULL,
  accepted_ms INTEGER NOT NULL,
  kept_by INTEGER NOT NULL
) STRICT)",
     3},
    // Generations whose source was half-written, and accepted as it was.
    {"table", "taken_as_is", "taken_as_is",
     R"(CREATE TABLE taken_as_is(
  generation INTEGER PRIMARY KEY REFERENCES generation(number)
) STRICT)",
     3},
    // What of a generation's source could not be read: a map as those of chunks, of 512 bytes each.
    {"table", "unreadable", "unreadable",
     R"(CREATE TABLE unreadable(
  generation INTEGER PRIMARY KEY REFERENCES generation(number),
  sectors BLOB NOT NULL
) STRICT)",
     4},
    // How the source of a generation was read, where it was in use; no row: it was not.
    {"table", "consistency", "consistency",
     R"(CREATE TABLE consistency(
  generation INTEGER PRIMARY KEY REFERENCES generation(number),
  kind INTEGER NOT NULL
) STRICT)",
     kSchemaWithConsistency},
    // Regions whose signatures are kept here, or come here as they are written. Sealed: when the
    // last of them was surely gone from the region; 0: that is not sure.
    {"table", "sealed", "sealed",
     R"(CREATE TABLE sealed(
  region_uuid BLOB NOT NULL PRIMARY KEY CHECK(length(region_uuid) = 16),
  sealed_ms INTEGER NOT NULL
) STRICT, WITHOUT ROWID)",
     kSchemaWithSeals},
    // What belongs into the region there instead of zeroes.
    {"table", "sealed_bytes", "sealed_bytes",
     R"(CREATE TABLE sealed_bytes(
  region_uuid BLOB NOT NULL CHECK(length(region_uuid) = 16),
  offset_bytes INTEGER NOT NULL,
  bytes BLOB NOT NULL,
  PRIMARY KEY(region_uuid, offset_bytes)
) STRICT, WITHOUT ROWID)",
     kSchemaWithSeals},
    // Exchanges of the extents of two regions that were begun and have not ended; the id is that of
    // the event that began it. Offsets: on the member, before. Undoes: 1 where it is an undo, and
    // the generation is what it undoes. Seals: 1 where what leaves the source is sealed. Damaged:
    // of an undo, chunks of the backup that the source has changed.
    {"table", "swap", "swap",
     R"(CREATE TABLE swap(
  id INTEGER PRIMARY KEY,
  generation INTEGER NOT NULL REFERENCES generation(number),
  undoes INTEGER NOT NULL,
  source INTEGER NOT NULL REFERENCES region(id),
  target INTEGER NOT NULL REFERENCES region(id),
  source_offset_bytes INTEGER NOT NULL,
  target_offset_bytes INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  seals INTEGER NOT NULL,
  damaged BLOB NOT NULL
) STRICT)",
     kSchemaWithSwaps},
    // Generations that keep all that their source held when the backup `restored` took its place.
    {"table", "swapped", "swapped",
     R"(CREATE TABLE swapped(
  generation INTEGER PRIMARY KEY REFERENCES generation(number),
  restored INTEGER NOT NULL REFERENCES generation(number),
  size_bytes INTEGER NOT NULL,
  swapped_ms INTEGER NOT NULL,
  undone_ms INTEGER NOT NULL
) STRICT)",
     kSchemaWithSwaps},
};

struct FoundObject {
    std::string type;
    std::string table;
    std::string sql;
    friend bool operator==(const FoundObject&, const FoundObject&) = default;
};

std::unexpected<Error> damaged(std::string detail)
{
    return failure(ErrorCode::CatalogDamaged, {}, std::move(detail));
}

Result<std::uint64_t> readVersion(RegionDatabase& database)
{
    auto statement = CAIRN_TRY(Statement::prepare(database, "PRAGMA user_version"));
    return CAIRN_TRY(firstNumber(statement, "schema")).value_or(0);
}

Result<std::map<std::string, FoundObject>> readSchema(RegionDatabase& database)
{
    // A stranger's schema with a million tables must not be read into memory whole.
    constexpr std::size_t kMostObjects = 256;
    std::map<std::string, FoundObject> found;
    auto statement = CAIRN_TRY(
        Statement::prepare(database, "SELECT type, name, tbl_name, sql FROM sqlite_schema"));
    while (CAIRN_TRY(statement.step())) {
        Row row(statement, "schema");
        FoundObject object{row.text(0), row.text(2), row.isNull(3) ? "" : row.text(3)};
        std::string name = row.text(1);
        CAIRN_TRY(row.valid());
        if (found.size() == kMostObjects || !found.emplace(std::move(name), object).second)
            return damaged("schema");
    }
    return found;
}

} // namespace

Result<bool> hasSchema(RegionDatabase& database, std::uint64_t version)
{
    return CAIRN_TRY(readVersion(database)) >= version;
}

Result<void> upgradeSchema(RegionDatabase& database)
{
    const auto version = CAIRN_TRY(readVersion(database));
    if (version >= kSchemaVersion)
        return {};
    for (const SchemaObject& object : kObjects) {
        if (object.since > version && !object.sql.empty())
            CAIRN_TRY(execute(database, object.sql));
    }
    return execute(database, "PRAGMA user_version = " + std::to_string(kSchemaVersion));
}

Result<SchemaFinding> checkSchema(RegionDatabase& database)
{
    const auto version = CAIRN_TRY(readVersion(database));
    if (version == 0)
        return damaged("no catalog in the database");
    const bool newer = version > kSchemaVersion;
    auto found = CAIRN_TRY(readSchema(database));
    for (const SchemaObject& object : kObjects) {
        if (object.since > version)
            continue;
        const auto at = found.find(std::string(object.name));
        const FoundObject expected{std::string(object.type), std::string(object.table),
                                   std::string(object.sql)};
        if (at == found.end() || !(at->second == expected)) {
            if (newer)
                return failure(ErrorCode::FormatNewer, {}, {}, version);
            return damaged("schema of " + std::string(object.name));
        }
        found.erase(at);
    }
    for (const auto& [name, object] : found) {
        // A newer format may have more tables; nothing that runs by itself belongs in any.
        if (!newer || (object.type != "table" && object.type != "index"))
            return damaged("foreign object in the schema: " + object.type + " " + name);
    }
    return SchemaFinding{newer};
}

Result<void> checkStructure(RegionDatabase& database)
{
    auto statement = CAIRN_TRY(Statement::prepare(database, "PRAGMA quick_check(1)"));
    if (!CAIRN_TRY(statement.step()))
        return damaged("structure");
    Row row(statement, "structure");
    const std::string finding = row.text(0);
    CAIRN_TRY(row.valid());
    if (finding == "ok")
        return {};
    // Its words are about rows and trees; the page that it could not get is known better here.
    const Error* page = database.lastError();
    return damaged(page != nullptr && !page->detail.empty() ? page->detail : "structure");
}

} // namespace cairn
