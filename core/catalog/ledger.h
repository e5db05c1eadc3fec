// The append-only ledger, each entry holding the hash of the one before.
//
// The hash of an entry is XXH3-128 (seed 0, canonical byte order) over
//   16 bytes  the hash of the entry before; zero for the first
//    8 bytes  id
//    4 bytes  kind
//    8 bytes  generation
//    8 bytes  time in milliseconds, two's complement
//   16 bytes  host identity
//   3 times   4 bytes length in bytes, then that many: host name, subject, detail
// with all numbers little-endian. It shows a changed, inserted or missing entry to everyone but
// a forger who computes all later hashes anew.
#pragma once

#include "core/catalog/records.h"
#include "core/catalog/region_database.h"

#include <functional>

namespace cairn {

[[nodiscard]] Digest ledgerHash(const Digest& before, const Event& event);

// Appends within the caller's transaction; id and hash are given here. Returns the id. `hostRow`
// is the row that holds event.hostId and event.hostName.
[[nodiscard]] Result<std::uint64_t> appendToLedger(RegionDatabase& database, Event event,
                                                   std::uint64_t hostRow);

// Hands on the entries after that one, oldest first; the chain is not checked.
[[nodiscard]] Result<void> readLedgerAfter(RegionDatabase& database, std::uint64_t id,
                                           const std::function<void(Event&&)>& take);

[[nodiscard]] Result<Ledger> readLedger(RegionDatabase& database);

// As readLedger(), but keeps nothing: CatalogDamaged at the first entry that breaks the chain.
[[nodiscard]] Result<void> checkLedger(RegionDatabase& database);

} // namespace cairn
