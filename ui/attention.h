// What in an array waits for the operator: interrupted jobs, regions that are half-written, and
// backups that prove nothing yet.
#pragma once

#include "ui/array_snapshot.h"

#include <QString>
#include <optional>
#include <vector>

namespace cairn {

// Plain text, safe to show.
struct Attention {
    QString subject;                // "Backup 3 of db", "db".
    QString word;                   // "interrupted", "half-written".
    QString state;                  // What is so now.
    QString remedy;                 // What to do.
    std::optional<RegionId> region; // That is selected to do it; none: it is not attached.
    bool unusable = false;          // The region's content can be used for nothing.
    friend bool operator==(const Attention&, const Attention&) = default;
};

// Jobs first, in the catalog's order, then regions in the order of the table.
[[nodiscard]] std::vector<Attention> unfinishedOf(const ArraySnapshot& snapshot);

// The same, and after them backups that lie in a region and are partial, newest first, and in one
// what was never read back.
[[nodiscard]] std::vector<Attention> attentionOf(const ArraySnapshot& snapshot);

// "#1, 2026-11-18 11:06; newer, not verified: #6, …": the newest good backup of a region whose copy
// is there now, and what is newer without being good, or without being there.
[[nodiscard]] QString lastGoodText(const ArraySnapshot& snapshot, const RegionId& source);

} // namespace cairn
