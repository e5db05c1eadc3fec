// The exchange of two regions' extents as a step of a verb: what it asks, and how it is made.
#pragma once

#include "core/backup/attachment.h"
#include "core/backup/guards.h"
#include "core/backup/settle_swaps.h"
#include "core/catalog/region_swap.h"

namespace cairn {

// The details of a CannotSwap, beside kSwapUnfinished: why the two cannot be exchanged.
inline constexpr const char* kAnotherMember = "another member";
inline constexpr const char* kAnotherSize = "another size";
inline constexpr const char* kDamagedTable = "damaged table";
inline constexpr const char* kSourceHoldsBackup = "holds a backup"; // amount: its number.
inline constexpr const char* kSourceIsSealed = "sealed";
inline constexpr const char* kLaterSwap = "a later swap"; // amount: what undoes that one.

// Reads only. CannotSwap; RegionInUse, RegionBusy, GenerationHeld, MemberFailed … and whatever else
// speaks against a change of either region and no typed name sets aside.
[[nodiscard]] Result<void> requireExchangeable(Attachment& attachment, Catalog& catalog,
                                               const Records& records, const Region& source,
                                               const Region& kept);

// What the two regions are to each other now; the rest is the caller's to fill in.
[[nodiscard]] Result<RegionSwap> plannedSwap(Attachment& attachment, Catalog& catalog,
                                             const Region& source, const Region& kept);

// With the right to write, neither region being open: makes the swap durable in the catalog, then
// in the table, and ends it. An error where it was not made, and taken back; FlushFailed and
// whatever keeps it from being taken back leave it to the next verb that writes. KernelNotTold: it
// is made and recorded.
[[nodiscard]] Result<SettledSwap> exchangeRegions(Attachment& attachment, Catalog& catalog,
                                                  const RegionSwap& wanted);

} // namespace cairn
