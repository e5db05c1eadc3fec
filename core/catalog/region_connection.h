// A SQLite connection over a region store, set up to distrust what it reads.
#pragma once

#include "core/catalog/region_database.h"
#include "core/catalog/region_store.h"
#include "core/catalog/region_vfs.h"

#include <cstdint>
#include <memory>
#include <vector>

namespace cairn {

class RegionConnection final : public RegionDatabase {
public:
    // Reads once, which rolls a hot journal back. `mayBeEmpty`: no database is not an error.
    [[nodiscard]] static Result<std::unique_ptr<RegionConnection>>
    open(std::vector<StoredCopy> copies, const Options& options, bool mayBeEmpty);
    ~RegionConnection() override;

    sqlite3* connection() override { return m_connection; }
    std::vector<std::size_t> failedCopies() const override { return m_store.copies().failed(); }
    std::optional<Error> copyError(std::size_t copy) const override
    {
        return m_store.copies().copy(copy).why;
    }
    std::uint64_t repairs() const override { return m_store.copies().repairs(); }
    std::uint64_t pageCount() const override;
    std::uint64_t pageLimit() const override { return m_store.copies().pageLimit(); }
    const Error* lastError() const override;
    void setReadAhead(bool on) override { m_store.setReadAhead(on); }
    void setStatementLimit(std::uint64_t operations) override { m_limit = operations; }

private:
    RegionConnection(std::vector<StoredCopy> copies, const Options& options);

    [[nodiscard]] Result<void> connect();
    [[nodiscard]] Result<void> restrict();
    [[nodiscard]] Result<void> configure(const Options& options);
    [[nodiscard]] Result<void> run(const char* sql);
    [[nodiscard]] Error errorOf(int code) const;
    void limitStatements();
    static int statementStarts(unsigned, void* self, void*, void*);
    static int statementProgresses(void* self);

    RegionStore m_store;
    std::unique_ptr<RegionVfs> m_vfs;
    sqlite3* m_connection = nullptr;
    std::uint64_t m_limit = kStatementOperations;
    std::uint64_t m_operations = 0; // Of the statement that runs.
};

} // namespace cairn
