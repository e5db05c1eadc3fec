// The tables of a catalog, and whether a database has exactly these.
#pragma once

#include "core/base/error.h"
#include "core/catalog/region_database.h"

#include <cstdint>

namespace cairn {

inline constexpr std::uint64_t kSchemaVersion = 7; // PRAGMA user_version of what is written.
inline constexpr std::uint64_t kSchemaWithUndo = 2;
inline constexpr std::uint64_t kSchemaWithUnfinished = 3;
inline constexpr std::uint64_t kSchemaWithUnreadable = 4;
inline constexpr std::uint64_t kSchemaWithConsistency = 5;
inline constexpr std::uint64_t kSchemaWithSeals = 6;
inline constexpr std::uint64_t kSchemaWithSwaps = 7;

// Whether the tables that came with that version are there: a reader meets catalogs that nobody has
// written to since.
[[nodiscard]] Result<bool> hasSchema(RegionDatabase& database, std::uint64_t version);

// Within the caller's transaction: adds what an older or empty database has not; writes nothing
// where it has all.
[[nodiscard]] Result<void> upgradeSchema(RegionDatabase& database);

struct SchemaFinding {
    bool newer = false; // Has what this version needs, and more: to be read, never written.
};

// Runs no SQL that touches a table of the database's own before sqlite_schema is found to equal,
// byte for byte, the text of its user_version: a trigger, view, default or generated column of a
// stranger's would otherwise run. FormatNewer: our tables look different there; CatalogDamaged.
[[nodiscard]] Result<SchemaFinding> checkSchema(RegionDatabase& database);

// SQLite's own check of the whole file; the caller checks the ledger. CatalogDamaged.
[[nodiscard]] Result<void> checkStructure(RegionDatabase& database);

} // namespace cairn
