// What a writer lease knows of one copy of it; private to its implementation.
#pragma once

#include "core/catalog/catalog.h"
#include "core/catalog/writer_lease.h"

namespace cairn {

struct WriterLease::Guard {
    explicit Guard(CatalogCopy guarded) : copy(std::move(guarded)) {}

    CatalogCopy copy;
    // As judged; not set: it could not be read, or not be claimed. Then it is never written, and
    // guards nothing.
    std::optional<LeaseBytes> seen = {};
    FoundLease found = {};
    bool claimed = false; // While it is taken: a claim of ours stands there, or may.
    std::int64_t claimedNs = 0;

    std::mutex mutex;     // Held over a renewal; guards the next four.
    bool retired = false; // Not renewed any more, nor given back.
    LeaseBlock held = {};
    LeaseBytes ours = {};                     // As it was written last,
    std::optional<LeaseBytes> attempted = {}; // and as it may be instead: that write failed.
    std::atomic<std::int64_t> deadlineNs{0};  // By Clock::sinceBoot().
    std::atomic<bool> lost{true};             // For ever, once it was taken.
};

} // namespace cairn
