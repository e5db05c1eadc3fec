// Commits, by which copies of one catalog recognise which is newer, or that they grew apart.
//
// Each commit has an id, one more than the last, and a hash: XXH3-128 over the hash before it
// (16 bytes), the id (8 bytes, little-endian), the host's identity (16 bytes) and 16 random bytes.
// The random bytes make two commits on top of one another's ancestor differ, whatever they hold.
#pragma once

#include "core/base/environment.h"
#include "core/catalog/catalog.h"
#include "core/catalog/management_region.h"
#include "core/catalog/region_database.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

inline constexpr std::uint64_t kLinksKept = 4096;     // The newest,
inline constexpr std::uint64_t kLinkMilestone = 1024; // and every one of these.

struct CommitLink {
    std::uint64_t id = 0; // 0: before the first commit.
    Digest hash;
    std::int64_t timeMs = 0;
    std::string host;

    // How the history that ends with it is named: the first 12 hexadecimal digits of the hash.
    [[nodiscard]] std::string historyId() const { return hash.toHex().substr(0, 12); }
    [[nodiscard]] bool sameCommit(const CommitLink& other) const
    {
        return id == other.id && hash == other.hash;
    }
};

// CatalogDamaged where there is none.
[[nodiscard]] Result<CommitLink> readHead(RegionDatabase& database);
// Within the caller's transaction; returns the new head.
[[nodiscard]] Result<CommitLink> addLink(RegionDatabase& database, const CommitLink& head,
                                         const Environment& environment);

// What one copy of the catalog was found to hold.
struct InspectedCopy {
    CatalogCopyState state = CatalogCopyState::Foreign;
    std::optional<SuperBlock> super;          // That was written for the disk it lies on.
    bool misplaced = false;                   // The one that is there was not.
    CommitLink head;                          // Where database is set.
    std::unique_ptr<RegionDatabase> database; // Private; null where it cannot be read.
    bool newer = false;                       // Of a newer format, but readable.
    std::optional<Error> problem;             // Why it cannot be read.
};

// All copies, told apart; nothing is written.
struct InspectedMirror {
    Uuid arrayId;
    std::vector<InspectedCopy> copies;     // In the order of the copies that were given.
    std::vector<CatalogHistory> histories; // The one with the most commits first.
    // Of each history, the indexes of the copies at its head; none is empty.
    std::vector<std::vector<std::size_t>> holders;

    [[nodiscard]] bool diverged() const { return histories.size() > 1; }
};

// The first copies' error where none can be read: FormatNewer before CatalogDamaged before
// CatalogForeign.
[[nodiscard]] Result<InspectedMirror> inspectMirror(const std::vector<CatalogCopy>& copies);

} // namespace cairn
