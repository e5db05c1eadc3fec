// What one connection sees of its two files: the database's pages and the rollback journal.
#pragma once

#include "core/catalog/region_copies.h"
#include "core/catalog/region_database.h"
#include "core/catalog/region_journal.h"
#include "core/catalog/region_locks.h"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace cairn {

// The semantics behind the VFS, without SQLite's types. Live writes to the copies; Private keeps
// what a hot journal's roll-back writes as references into that journal, and drops them with the
// lock, so that the next transaction sees the device anew. For one thread at a time.
class RegionStore {
public:
    RegionStore(std::vector<StoredCopy> copies, const Uuid& arrayId, DatabaseMode mode);

    [[nodiscard]] const RegionCopies& copies() const { return m_copies; }
    void setReadAhead(bool on) { m_copies.setReadAhead(on); }
    [[nodiscard]] RegionJournal& journal() { return m_journal; }

    // --- locks; as RegionLocks
    [[nodiscard]] Result<bool> lock(LockLevel wanted);
    void unlock(LockLevel wanted);
    [[nodiscard]] Result<bool> reservedByAny() { return m_locks.reservedByAny(); }

    // --- the database
    // The most of: the header's page count, a live journal's original count, and own writes. Taken
    // from the header alone, SQLite would "grow" a database that a killed VACUUM had begun to
    // shrink, by a zero page over live data.
    [[nodiscard]] Result<std::uint64_t> mainBytes();
    // Bytes that are there; the rest is zeroed. Without a lock nothing is checked: 0 where the
    // page does not hold just now. CatalogDamaged.
    [[nodiscard]] Result<std::size_t> readMain(std::uint64_t offset, std::span<std::byte> into);
    // One page, stamped where it lies: its image in a later journal is then stamped too.
    [[nodiscard]] Result<void> writeMain(std::uint64_t offset, std::span<std::byte> page);
    // To nothing: the first page is zeroed durably, or its header would bring the database back.
    [[nodiscard]] Result<void> truncateMain(std::uint64_t sizeBytes);
    [[nodiscard]] Result<void> syncMain();

    // --- the journal
    [[nodiscard]] Result<bool> journalExists();
    [[nodiscard]] Result<void> writeJournal(std::uint64_t offset, std::span<const std::byte> from);
    [[nodiscard]] Result<void> syncJournal();
    [[nodiscard]] Result<void> eraseJournal();

    // Of the last call that failed in this transaction.
    [[nodiscard]] const std::optional<Error>& lastError() const { return m_lastError; }
    void setLastError(Error error) { m_lastError = std::move(error); }

private:
    [[nodiscard]] bool live() const { return m_mode == DatabaseMode::Live; }
    [[nodiscard]] Result<PageState> loadPage(std::uint32_t number, PageBytes into);
    [[nodiscard]] Result<std::uint32_t> storedPages();
    [[nodiscard]] Result<void> beginTransaction();
    [[nodiscard]] Result<void> rememberReplayed(std::uint32_t number);
    [[nodiscard]] std::unexpected<Error> damagedPage(std::uint32_t number);

    DatabaseMode m_mode;
    RegionCopies m_copies;
    RegionLocks m_locks;
    RegionJournal m_journal;
    std::optional<std::uint32_t> m_pages; // While locked: pages of the database.
    std::map<std::uint32_t, RegionJournal::Record> m_replayed; // Private: where pages really are.
    std::optional<std::uint64_t> m_epoch; // Of the last transaction; unset before the first.
    std::uint64_t m_generation = 0;
    std::optional<Error> m_lastError;
};

} // namespace cairn
