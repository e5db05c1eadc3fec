// The exchange of two regions' extents as a step of a verb: what it asks, and how it is made.
#pragma once

#include "core/backup/attachment.h"
#include "core/backup/guards.h"
#include "core/backup/settle_swaps.h"
#include "core/catalog/region_swap.h"

#include <functional>
#include <optional>

namespace cairn {

// The details of a CannotSwap, beside kSwapUnfinished: why the two cannot be exchanged.
inline constexpr const char* kAnotherMember = "another member";
inline constexpr const char* kAnotherSize = "another size";
inline constexpr const char* kDamagedTable = "damaged table";
inline constexpr const char* kStaleCatalog = "catalog not current"; // On their disk.
inline constexpr const char* kSourceHoldsBackup = "holds a backup"; // amount: its number.
inline constexpr const char* kSourceIsSealed = "sealed";
inline constexpr const char* kHalfSealed = "half sealed"; // Sealing or unsealing was cut short.
inline constexpr const char* kLaterSwap = "a later swap"; // amount: what undoes that one.

// Reads only. CannotSwap; RegionInUse, RegionBusy, GenerationHeld, MemberFailed … and whatever else
// speaks against a change of either region and no typed name sets aside.
[[nodiscard]] Result<void> requireExchangeable(Attachment& attachment, Catalog& catalog,
                                               const Records& records, const Region& source,
                                               const Region& kept);

// With the right to write: what the two regions are to each other now; the rest is the caller's to
// fill in. CannotSwap where opening for writing did not bring their disk's copy of the catalog up
// to date.
[[nodiscard]] Result<RegionSwap> plannedSwap(Attachment& attachment, Catalog& catalog,
                                             const Region& source, const Region& kept);

// With the right to write: makes the swap durable in the catalog, then in the table, and ends it.
// Both nodes may stay claimed until they are let go, right before the kernel is to take them away.
// An error where it was not made, and taken back; FlushFailed, KernelNotTold and whatever else
// keeps it from being ended leave it to the next verb that writes.
[[nodiscard]] Result<SettledSwap> exchangeRegions(Attachment& attachment, Catalog& catalog,
                                                  const RegionSwap& wanted,
                                                  const std::function<void()>& letGo);

// Where a swap of the region is open, takes the right to write, which ends what can be ended, and
// gives it back: how that swap ended, or why it stays. Nothing where none was open.
[[nodiscard]] Result<std::optional<FoundSwap>> endSwapOf(Attachment& attachment,
                                                         const RegionId& region);

} // namespace cairn
