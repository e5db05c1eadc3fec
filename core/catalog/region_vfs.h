// The SQLite VFS through which one connection reaches its management regions.
#pragma once

#include "core/base/error.h"
#include "core/catalog/region_store.h"

#include <memory>
#include <string>

struct sqlite3_vfs;

namespace cairn {

// Registered with SQLite under a name of its own from create() to destruction, which comes after
// the connection was closed. It knows two files, kDatabaseName and its journal, both of the
// store; every other file is refused (temporary ones stay in memory: PRAGMA temp_store).
class RegionVfs {
public:
    static constexpr const char* kDatabaseName = "catalog";
    static constexpr const char* kJournalName = "catalog-journal";

    // The store outlives the result.
    [[nodiscard]] static Result<std::unique_ptr<RegionVfs>> create(RegionStore& store);
    ~RegionVfs();
    RegionVfs(const RegionVfs&) = delete;
    RegionVfs& operator=(const RegionVfs&) = delete;

    [[nodiscard]] const char* name() const { return m_name.c_str(); }

private:
    explicit RegionVfs(RegionStore& store);

    std::string m_name;
    std::unique_ptr<sqlite3_vfs> m_vfs;
};

} // namespace cairn
