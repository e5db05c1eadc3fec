// An SQLite connection whose database lives in one or several management regions.
#pragma once

#include "core/base/error.h"
#include "core/base/uuid.h"
#include "core/io/region_io.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct sqlite3;

namespace cairn {

enum class DatabaseMode : std::uint8_t {
    // Writes nothing to the region: whatever SQLite writes, a hot journal's roll-back included,
    // stays in private memory. For one copy.
    Private,
    // Writes go to every copy in order; a page is read from all, the newest valid one counts.
    Live,
};

// Some seconds of computing; a statement that reads a million generations takes a third of it.
inline constexpr std::uint64_t kStatementOperations = 250'000'000;

// One connection, for one thread at a time. Its RegionIo are its own while it lives: locks belong
// to the open device, so two databases over one descriptor would not see each other. Every page
// read is checked against its stamp (page number, array, write generation, XXH3-128): a page that
// is damaged, misdirected or stale in one copy is taken from another and counted in repairs();
// damaged in all, SQLite gets SQLITE_CORRUPT.
class RegionDatabase {
public:
    struct Options {
        DatabaseMode mode = DatabaseMode::Private;
        Uuid arrayId;        // Stamped into, and expected in, every page.
        bool create = false; // The regions were formatted just now: there is no database yet.
    };

    // Connection opened with DEFENSIVE, trusted_schema off, triggers and views disabled, ATTACH 0,
    // cell_size_check, tight limits, a progress handler that ends a statement without end, page
    // size and reserve set, journal_mode=PERSIST and synchronous=FULL. The first read happens here:
    // a hot journal has been rolled back. CatalogDamaged, ArrayBusy (a commit is under way for over
    // 10 s), ReadFailed … Live, with several copies: each is first rolled back by its own journal;
    // one that cannot be is in failedCopies() from the beginning. The caller has found them equal.
    [[nodiscard]] static Result<std::unique_ptr<RegionDatabase>> open(std::vector<RegionIo*> copies,
                                                                      const Options& options);

    virtual ~RegionDatabase() = default;

    [[nodiscard]] virtual sqlite3* connection() = 0;
    // Live: indexes of copies that failed a write or flush since the opening. They get no more
    // writes; the caller records them as stale before it acknowledges the commit.
    [[nodiscard]] virtual std::vector<std::size_t> failedCopies() const = 0;
    // Why that one failed.
    [[nodiscard]] virtual std::optional<Error> copyError(std::size_t copy) const = 0;
    // Pages that were bad in one copy and good in another, and were written back (Live).
    [[nodiscard]] virtual std::uint64_t repairs() const = 0;
    // Pages the database has now, and may have at most (the size of the main area).
    [[nodiscard]] virtual std::uint64_t pageCount() const = 0;
    [[nodiscard]] virtual std::uint64_t pageLimit() const = 0;
    // The error of the last failed I/O call, for the statement that just failed with SQLITE_IOERR,
    // SQLITE_FULL or SQLITE_CORRUPT.
    [[nodiscard]] virtual const Error* lastError() const = 0;
    // For a check of all of one copy while the caller keeps every writer out, himself included:
    // pages are read many at once. Each is checked as ever.
    virtual void setReadAhead(bool on) = 0;
    // How many operations of its virtual machine SQLite may take for one statement,
    // kStatementOperations at first; 0: any number. Unlike a time, no slow device, busy host or
    // caller who thinks between two rows uses them up.
    virtual void setStatementLimit(std::uint64_t operations) = 0;

protected:
    RegionDatabase() = default;
};

// Of the library that runs, for support reports.
[[nodiscard]] const char* sqliteVersion() noexcept;

// Of a copy that repairCopy() overwrites.
enum class OldState : std::uint8_t {
    Kept,    // Should the repair end early, the copy is what it was before, if that was whole.
    GivenUp, // It is known then to be no catalog.
};

// Makes `behind`, a formatted region of the same array, a copy of the database in `newest`, equal
// in every page; returns how many pages it wrote. Both are closed, and the caller is the array's
// only writer. Each is rolled back if it has to be. The pages of `behind` that will be overwritten
// are put into its journal first, which counts until all are written: whatever write fails or is
// cut, opening it shows the old state or the new one. Where the old one is not whole or given up,
// its super block says that a repair is under way, and page 1 is zeroed, until all are written.
// Ready for the same call again. CatalogDamaged, and nothing written: a page of `newest` is bad.
[[nodiscard]] Result<std::uint64_t> repairCopy(RegionIo& newest, RegionIo& behind,
                                               const Uuid& arrayId, OldState old = OldState::Kept);

} // namespace cairn
