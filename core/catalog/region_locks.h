// SQLite's lock levels as byte locks on every copy, as its own Unix VFS has them.
//
// kDatabaseLockOffset + 0 is PENDING, + 1 RESERVED, + 2 SHARED. A reader takes PENDING shared for
// the moment in which it takes SHARED shared; a writer RESERVED exclusively; whoever changes pages
// PENDING, then SHARED exclusively.
#pragma once

#include "core/catalog/region_copies.h"

#include <cstdint>

namespace cairn {

enum class LockLevel : std::uint8_t { None, Shared, Reserved, Pending, Exclusive }; // As SQLite.

// For one thread at a time.
class RegionLocks {
public:
    // With `pretend`, levels above Shared are only noted: for a connection that writes nothing.
    RegionLocks(RegionCopies& copies, bool pretend) : m_copies(copies), m_pretend(pretend) {}
    ~RegionLocks() { unlock(LockLevel::None); }
    RegionLocks(const RegionLocks&) = delete;
    RegionLocks& operator=(const RegionLocks&) = delete;

    [[nodiscard]] LockLevel level() const { return m_level; }
    // false: someone else is in the way; a level that was asked for as Exclusive stays at Pending.
    [[nodiscard]] Result<bool> lock(LockLevel wanted);
    // To Shared or None.
    void unlock(LockLevel wanted);
    // Whether this or another connection holds Reserved or more.
    [[nodiscard]] Result<bool> reservedByAny();

private:
    [[nodiscard]] Result<bool> tryOnEach(std::uint64_t byte, LockMode mode);
    void setOnEach(std::uint64_t byte, LockMode mode);
    [[nodiscard]] Result<bool> lockShared();
    [[nodiscard]] Result<bool> lockExclusive();

    RegionCopies& m_copies;
    bool m_pretend;
    LockLevel m_level = LockLevel::None;
};

} // namespace cairn
