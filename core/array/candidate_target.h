// The array's own answer to "where may this source be copied now?".
#pragma once

#include "core/array/region.h"

#include <cstdint>
#include <string>
#include <vector>

namespace cairn {

enum class RefusalReason : std::uint8_t {
    IsSource,
    TooSmall,     // amount: bytes missing.
    InUse,        // detail: by whom.
    HoldsCatalog, // The management region.
    BeingWritten, // amount: number of the generation that a job is writing there.
    // A job that is planned will write it, or may. detail: what the operator knows the job by.
    ToBeWritten,
    // What it holds is needed as it is: a backup of it has not ended (amount: its number), or a job
    // reads it or will (detail: what the operator knows the job by).
    BeingRead,
    // A restore into it was interrupted: it holds neither the old nor the restored content. amount:
    // number of the generation.
    RestoreUnfinished,
    RestoreWaiting, // The same, but it has overwritten nothing yet.
    // An interrupted restore reads from it. amount: number of the generation; detail: name of the
    // region that is half restored.
    NeededByRestore,
    // It and another one were to exchange their extents, and that has not ended. amount: number of
    // the generation.
    SwapUnfinished,
    Held,          // amount: number of the held generation.
    ForeignMember, // Its disk is no member of the array. detail: the path of that disk.
    MemberFailed,  // detail: the member's problem.
    // Another host's writer lease on the array. detail: that host's name; amount: since when, in
    // ms since 1970.
    LeaseHeld,
    LastGoodCopy, // amount: its number; detail: nameOrUuid() of its source.
    // Its source has other good copies, but no newer one holds anything that is recognised. The
    // same, and content: what it holds, as 'ext4 "home"'.
    LastRecognised,
    KeepsUndo, // amount: number of what undoes a restore; detail: name of the restored region.
    // What was begun to be written there was given up half-way. amount: number of the generation,
    // or 0; detail: writeKindName().
    HalfWritten,
    ContentUnknown,
    ContentRecognised, // detail: what was found, as 'ext4 "home"'.
};

struct Refusal {
    RefusalReason reason = RefusalReason::IsSource;
    std::uint64_t amount = 0;
    std::string detail; // Unescaped.
    // Of LastGoodCopy and LastRecognised: it is what is left of a damaged one.
    bool partial = false;
    bool unverified = false;   // Of LastGoodCopy: nobody has read the copy back.
    bool inconsistent = false; // As partial: its source was in use when it was copied.
    std::string content = {};  // Unescaped.
    friend bool operator==(const Refusal&, const Refusal&) = default;
};

// Whether the operator may set the reason aside by typing the region's name.
[[nodiscard]] constexpr bool confirmable(RefusalReason reason)
{
    return reason == RefusalReason::LastGoodCopy || reason == RefusalReason::LastRecognised ||
           reason == RefusalReason::KeepsUndo || reason == RefusalReason::HalfWritten ||
           reason == RefusalReason::ContentUnknown || reason == RefusalReason::ContentRecognised;
}

struct CandidateTarget {
    RegionId region;
    std::vector<Refusal> refusals; // Every one that applies, in the order of the enumeration.
    bool sameMember = false;       // As the source: no protection from that member's failure.
    std::uint64_t replaces = 0;    // The generation that would be superseded, or 0.
    std::uint64_t spareBytes = 0;  // By how much the target is larger than the source.

    [[nodiscard]] bool allowed() const { return refusals.empty(); }
    // Not allowed, but every reason can be set aside by typing the region's name.
    [[nodiscard]] bool allowedIfConfirmed() const;
};

// 'ext4 "home"', or 'ext4' where there is no label; unescaped.
[[nodiscard]] std::string contentDetail(const Content& content);

// Every region of the layout, best first: allowed, confirmable, refused; then another member than
// the source's, empty, the least spare space, and name.
[[nodiscard]] std::vector<CandidateTarget> candidatesOf(const ArrayLayout& layout,
                                                        const Region& source);

} // namespace cairn
