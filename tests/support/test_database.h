// Small steps on a RegionDatabase in a test: a formatted device, SQL in, numbers out.
#pragma once

#include "core/catalog/management_region.h"
#include "core/catalog/region_database.h"
#include "tests/support/memory_io.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn::test {

// Of every database that these tests make.
[[nodiscard]] Uuid testArrayId();

// A formatted management region in memory, without a database.
[[nodiscard]] std::shared_ptr<MemoryMedium> formattedMedium(std::uint64_t sizeBytes = 4 * kMiB);

[[nodiscard]] Result<std::unique_ptr<RegionDatabase>>
openDatabase(std::vector<RegionIo*> copies, DatabaseMode mode, bool create = false);

// Runs statements; returns SQLite's extended result code.
int execute(RegionDatabase& database, const std::string& sql);
// The first column of the first row as text; "error N" for an SQLite error.
[[nodiscard]] std::string query(RegionDatabase& database, const std::string& sql);

// A table "item(id, text)" with that many rows of about `bytes` each.
void fillDatabase(RegionDatabase& database, int rows, int bytes = 200);

// Where page `number` lies in the region.
[[nodiscard]] std::uint64_t pageOffset(std::uint64_t regionBytes, std::uint32_t number);

} // namespace cairn::test
