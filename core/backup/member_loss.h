// What goes with a member: the backups on it, and the sources that lose their last copy.
#pragma once

#include "core/backup/guards.h"

#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct LostSource {
    std::string name;            // Or its PARTUUID; empty where nobody knows what was backed up.
    GenerationNumber number = 0; // The best of its copies that go; of equal ones the newest.
    bool unverified = false;     // Nobody has read it back.
    bool partial = false;        // Nothing better than what is left of a damaged one.
    // What it holds, where others are left, but none that is newer and holds anything recognised.
    std::string content = {};
    bool inconsistent = false; // Nothing better than a copy of a source that was in use.
    friend bool operator==(const LostSource&, const LostSource&) = default;
};

struct MemberLoss {
    std::vector<GenerationNumber> backups; // That lie on it; newest first.
    // Those of which no other attached member has a copy that stands for theirs, or none with
    // anything recognised (Records::missedWith()); newest first.
    std::vector<LostSource> lastCopies;
};

// Missing or failed: nothing can be changed on it, and another may take its place.
[[nodiscard]] bool isAway(const Member& member);

// Of a member that is attached, or is away.
[[nodiscard]] MemberLoss lossWith(const Records& records, const Uuid& member);

// Of what goes with a member the region with the first of the last copies, where one does: the
// operator types its name.
[[nodiscard]] std::optional<Region> losingRegion(const Records& records, const MemberLoss& loss);
// ConfirmationNeeded, ConfirmationMismatch.
[[nodiscard]] Result<void> checkLossConfirmed(const Records& records, const MemberLoss& loss,
                                              const std::string& confirmedName);

// GenerationHeld where one of the backups on it is held.
[[nodiscard]] Result<void> requireNoneHeld(const Records& records, const Uuid& member);

} // namespace cairn
