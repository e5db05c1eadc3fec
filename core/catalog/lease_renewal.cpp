// Renews a writer lease, stops who has lost it, and gives it back.
#include "core/catalog/lease_guard.h"

#include <algorithm>
#include <tuple>

namespace cairn {

// An error of the device leaves it to the next renewal, or to the deadline.
void WriterLease::renew(Guard& guard)
{
    const std::scoped_lock lock(guard.mutex);
    Clock& clock = m_environment.clock;
    const auto begun = clock.sinceBoot();
    if (m_lost || guard.retired || !isGuarded(guard, begun))
        return;
    LeaseBytes now{};
    if (!guard.copy.io->readMedium(kLeaseOffset, now))
        return;
    if (guard.attempted && now == *guard.attempted)
        guard.ours = now;
    if (now != guard.ours)
        return loseTo(guard, now);
    // Whoever may take it by now must not be written over.
    if (!isGuarded(guard, clock.sinceBoot()))
        return;
    ++guard.held.counter;
    const LeaseBytes next = encodeLease(guard.held);
    guard.attempted = next;
    if (!guard.copy.io->writeShared(kLeaseOffset, next) || !isGuarded(guard, clock.sinceBoot()))
        return;
    guard.ours = next;
    guard.attempted.reset();
    guard.deadlineNs = (begun + kLeaseSelfFence).count();
}

// A block that is damaged is lost by itself; another host's ends the writing everywhere.
void WriterLease::loseTo(Guard& guard, const LeaseBytes& now)
{
    guard.lost = true;
    const FoundLease found = decodeLease(now);
    if (found.kind != FoundLease::Kind::Valid)
        return;
    const std::scoped_lock lock(m_lostMutex);
    m_lostTo = found.block.host.name;
    m_lost = true;
}

bool WriterLease::isGuarded(Guard& guard, std::chrono::nanoseconds now)
{
    if (!guard.lost && now.count() >= guard.deadlineNs)
        guard.lost = true;
    return !guard.lost;
}

Result<void> WriterLease::check(const Uuid& member)
{
    const auto now = m_environment.clock.sinceBoot();
    if (m_lost) {
        const std::scoped_lock lock(m_lostMutex);
        return failure(ErrorCode::Fenced, m_guards.front()->copy.memberName, m_lostTo);
    }
    bool any = false;
    for (const auto& guard : m_guards) {
        const bool guarded = isGuarded(*guard, now);
        any = any || guarded;
        if (!guarded && guard->copy.member == member)
            return failure(ErrorCode::Fenced, guard->copy.memberName);
    }
    if (!any)
        return failure(ErrorCode::Fenced, m_guards.front()->copy.memberName);
    return {};
}

Result<void> WriterLease::admit(const Uuid& member)
{
    if (m_phase != Phase::Held)
        CAIRN_TRY(takeOnce());
    return check(member);
}

Result<void> WriterLease::confirm(const Uuid& member)
{
    // Nothing was written where it was never taken.
    return m_phase == Phase::Held ? check(member) : Result<void>();
}

void WriterLease::retire(const Uuid& member)
{
    for (const auto& guard : m_guards) {
        if (guard->copy.member != member)
            continue;
        renew(*guard);
        const std::scoped_lock lock(guard->mutex);
        guard->retired = true;
    }
}

void WriterLease::keep(const Uuid& member)
{
    for (const auto& guard : m_guards) {
        if (guard->copy.member != member)
            continue;
        {
            const std::scoped_lock lock(guard->mutex);
            guard->retired = false;
        }
        renew(*guard);
    }
}

void WriterLease::release()
{
    const std::scoped_lock lock(m_takeMutex);
    m_renewals.clear();
    const bool taken = m_phase == Phase::Held;
    m_phase = Phase::Ended;
    if (taken && !m_lost)
        freeBlocks();
    // Nodes that are to go with their partitions must not be open here.
    for (const auto& guard : m_guards) {
        const std::scoped_lock renewal(guard->mutex);
        guard->lost = true;
        guard->copy.io.reset();
    }
}

// Those that are this one's still, and nobody else's by now.
void WriterLease::freeBlocks()
{
    for (const auto& guard : m_guards) {
        const std::scoped_lock renewal(guard->mutex);
        LeaseBytes now{};
        if (guard->retired || !isGuarded(*guard, m_environment.clock.sinceBoot()) ||
            !guard->copy.io->readMedium(kLeaseOffset, now) ||
            (now != guard->ours && now != guard->attempted) ||
            !isGuarded(*guard, m_environment.clock.sinceBoot()))
            continue;
        guard->held.state = LeaseState::Free;
        ++guard->held.counter;
        // Should it fail, this host takes it at once all the same, and another one asks.
        std::ignore = guard->copy.io->writeShared(kLeaseOffset, encodeLease(guard->held));
        guard->lost = true;
    }
}

} // namespace cairn
