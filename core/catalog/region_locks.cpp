// Takes and gives back the byte locks that stand for SQLite's lock levels.
#include "core/catalog/region_locks.h"

#include <tuple>

namespace cairn {
namespace {

constexpr std::uint64_t kPendingByte = kDatabaseLockOffset;
constexpr std::uint64_t kReservedByte = kDatabaseLockOffset + 1;
constexpr std::uint64_t kSharedByte = kDatabaseLockOffset + 2;

} // namespace

Result<bool> RegionLocks::tryOnEach(std::uint64_t byte, LockMode mode)
{
    bool taken = true;
    const auto step = [&](StoredCopy& copy) -> Result<void> {
        if (taken)
            taken = CAIRN_TRY(copy.io->tryLock({byte, 1}, mode));
        return {};
    };
    CAIRN_TRY(m_copies.onEach(step));
    return taken;
}

// Back to a mode that nobody can object to; an error leaves the lock to the closing of the device.
void RegionLocks::setOnEach(std::uint64_t byte, LockMode mode)
{
    for (std::size_t i = 0; i < m_copies.count(); ++i)
        std::ignore = m_copies.copy(i).io->tryLock({byte, 1}, mode);
}

Result<bool> RegionLocks::lockShared()
{
    auto taken = tryOnEach(kPendingByte, LockMode::Shared);
    if (taken && *taken)
        taken = tryOnEach(kSharedByte, LockMode::Shared);
    setOnEach(kPendingByte, LockMode::Unlocked);
    if (!taken || !*taken)
        setOnEach(kSharedByte, LockMode::Unlocked);
    else
        m_level = LockLevel::Shared;
    return taken;
}

Result<bool> RegionLocks::lockExclusive()
{
    if (m_level < LockLevel::Pending) {
        auto pending = tryOnEach(kPendingByte, LockMode::Exclusive);
        if (!pending || !*pending) {
            setOnEach(kPendingByte, LockMode::Unlocked);
            return pending;
        }
        m_level = LockLevel::Pending;
    }
    auto alone = tryOnEach(kSharedByte, LockMode::Exclusive);
    if (!alone || !*alone)
        setOnEach(kSharedByte, LockMode::Shared);
    else
        m_level = LockLevel::Exclusive;
    return alone;
}

Result<bool> RegionLocks::lock(LockLevel wanted)
{
    if (wanted <= m_level)
        return true;
    if (wanted == LockLevel::Shared)
        return lockShared();
    CAIRN_ASSERT(m_level >= LockLevel::Shared);
    if (m_pretend) {
        // A journal that looks hot may be that of a writer who has begun since we looked.
        if (CAIRN_TRY(reservedByAny()))
            return false;
        m_level = wanted;
        return true;
    }
    if (wanted != LockLevel::Reserved)
        return lockExclusive();
    auto taken = tryOnEach(kReservedByte, LockMode::Exclusive);
    if (!taken || !*taken)
        setOnEach(kReservedByte, LockMode::Unlocked);
    else
        m_level = LockLevel::Reserved;
    return taken;
}

void RegionLocks::unlock(LockLevel wanted)
{
    if (m_level <= wanted)
        return;
    if (!m_pretend && m_level > LockLevel::Shared) {
        setOnEach(kSharedByte, LockMode::Shared);
        setOnEach(kPendingByte, LockMode::Unlocked);
        setOnEach(kReservedByte, LockMode::Unlocked);
    }
    if (wanted == LockLevel::None)
        setOnEach(kSharedByte, LockMode::Unlocked);
    m_level = wanted;
}

Result<bool> RegionLocks::reservedByAny()
{
    if (!m_pretend && m_level >= LockLevel::Reserved)
        return true;
    const auto free = tryOnEach(kReservedByte, LockMode::Shared);
    setOnEach(kReservedByte, LockMode::Unlocked);
    return !CAIRN_TRY(free);
}

} // namespace cairn
