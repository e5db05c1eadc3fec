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

// In the ledger, where the operator's word took the lease from another host.
[[nodiscard]] Result<void> recordTakeOver(const WriterLease& lease, Catalog& catalog);

} // namespace cairn
