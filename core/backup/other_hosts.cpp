// Looks for another host's writer lease, and records that one was taken over.
#include "core/backup/other_hosts.h"

#include <string>

namespace cairn {
namespace {

std::optional<Catalog::NewEvent> takeOverOf(const WriterLease& lease)
{
    if (!lease.takenFrom())
        return std::nullopt;
    const LeaseBlock& holder = *lease.takenFrom();
    const bool known = !holder.host.id.isNull();
    return Catalog::NewEvent{.kind = EventKind::LeaseTakenOver,
                             .generation = 0,
                             .subject = holder.host.name,
                             .detail = known ? std::to_string(holder.sinceMs) : std::string()};
}

} // namespace

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

std::vector<CopyPlace> placesOfCopies(const ArrayLayout& layout)
{
    std::vector<CopyPlace> places;
    for (const Region& region : layout.regions) {
        if (region.role == RegionRole::Management)
            places.push_back({region.id, region.member, region.extent});
    }
    return places;
}

Result<void> recordTakeOver(const WriterLease& lease, Catalog& catalog)
{
    const auto event = takeOverOf(lease);
    return event ? catalog.append(*event) : Result<void>();
}

void noteTakeOver(const WriterLease& lease, Catalog& catalog)
{
    if (auto event = takeOverOf(lease))
        catalog.recordFirst(*std::move(event));
}

} // namespace cairn
