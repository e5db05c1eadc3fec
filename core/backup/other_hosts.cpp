// Looks for another host's writer lease, and records that one was taken over.
#include "core/backup/other_hosts.h"

#include <string>

namespace cairn {

std::optional<LeaseBlock> findLeaseHolder(const std::vector<CatalogCopy>& copies,
                                          const HostIdentity& self)
{
    std::optional<LeaseBlock> holder;
    for (const CatalogCopy& copy : copies) {
        LeaseBytes bytes{};
        if (!copy.io->readMedium(kLeaseOffset, bytes))
            continue;
        FoundLease found = decodeLease(bytes);
        if (found.held() && found.block.host.id != self.id &&
            (!holder || found.block.counter > holder->counter))
            holder = std::move(found.block);
    }
    return holder;
}

Result<void> recordTakeOver(const WriterLease& lease, Catalog& catalog)
{
    if (!lease.takenFrom())
        return {};
    const LeaseBlock& holder = *lease.takenFrom();
    const bool known = !holder.host.id.isNull();
    return catalog.append({.kind = EventKind::LeaseTakenOver,
                           .generation = 0,
                           .subject = holder.host.name,
                           .detail = known ? std::to_string(holder.sinceMs) : std::string()});
}

} // namespace cairn
