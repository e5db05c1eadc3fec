// What an attachment tells of other hosts that write, or wrote, its array.
#pragma once

#include "core/catalog/catalog.h"
#include "core/catalog/lease_block.h"
#include "core/catalog/writer_lease.h"

#include <optional>
#include <vector>

namespace cairn {

// The lease of another host in the copies; of several, the one that was written last.
[[nodiscard]] std::optional<LeaseBlock> findLeaseHolder(const std::vector<CatalogCopy>& copies,
                                                        const HostIdentity& self);

// Where each copy of the catalog lies.
struct CopyPlace {
    RegionId region;
    Uuid member;
    ByteRange extent;
    friend bool operator==(const CopyPlace&, const CopyPlace&) = default;
};
[[nodiscard]] std::vector<CopyPlace> placesOfCopies(const ArrayLayout& layout);

// In the ledger, where the operator's word took the lease from another host: at once, or with the
// first commit, so that a verb which is refused changes nothing.
[[nodiscard]] Result<void> recordTakeOver(const WriterLease& lease, Catalog& catalog);
void noteTakeOver(const WriterLease& lease, Catalog& catalog);

} // namespace cairn
