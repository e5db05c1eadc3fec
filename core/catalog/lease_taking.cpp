// Takes a writer lease with the first write.
//
// Two hosts may come at the same time. Each writes its claim before it looks for those of others,
// so that at least one of the two sees the other's and stands back: no clock decides.
#include "core/catalog/lease_guard.h"

#include <algorithm>
#include <span>
#include <tuple>
#include <utility>

namespace cairn {
namespace {

using std::chrono::milliseconds;

// Between two tries of who comes at the same time as others: at random up to a range that doubles,
// so that slow devices are soon out of step; and how long they try.
constexpr milliseconds kShortestPause{20};
constexpr milliseconds kPauseRange{200};
constexpr unsigned kMostDoublings = 5;
constexpr milliseconds kMostTrying = 5 * kLeaseDuration;

using ClaimArea = std::array<std::byte, kClaimBlocks * kPageBytes>;
constexpr std::uint64_t kClaimsOffset = kLeaseOffset + kPageBytes;

LeaseBytes claimIn(const ClaimArea& area, std::uint64_t number)
{
    LeaseBytes bytes{};
    std::copy_n(area.begin() + static_cast<std::ptrdiff_t>(number * kPageBytes), kPageBytes,
                bytes.begin());
    return bytes;
}

milliseconds somePause(RandomSource& random, unsigned tries)
{
    std::array<std::byte, 1> byte{};
    random.fill(byte);
    const milliseconds range = kPauseRange * (1U << std::min(tries, kMostDoublings));
    return kShortestPause + range * std::to_integer<int>(byte[0]) / 256;
}

// What stands there in place of what was judged, or was written.
Error takenBy(const LeaseBytes& now, const std::string& member)
{
    const FoundLease found = decodeLease(now);
    if (found.kind != FoundLease::Kind::Valid)
        return {ErrorCode::LeaseDamaged, 0, member, {}, 0};
    // Whoever it was has ended already, and what was read before it is not what there is.
    if (found.block.state == LeaseState::Free)
        return {ErrorCode::PlanChanged, 0, member, "another host has written", 0};
    const auto since = std::max<std::int64_t>(found.block.sinceMs, 0);
    return {ErrorCode::LeaseHeld, 0, found.block.host.name, {}, static_cast<std::uint64_t>(since)};
}

} // namespace

Result<void> WriterLease::takeOnce()
{
    const std::scoped_lock lock(m_takeMutex);
    if (m_phase == Phase::Held)
        return {};
    if (m_phase == Phase::Ended)
        return failure(ErrorCode::ReadOnlyArray, {}, "not open for writing");
    if (m_phase == Phase::Refused)
        return std::unexpected(*m_refused);
    auto taken = catchOutOfMemory([this] { return take(); });
    if (taken) {
        m_phase = Phase::Held;
        return {};
    }
    m_renewals.clear();
    freeBlocks();
    m_refused = std::move(taken).error();
    m_phase = Phase::Refused;
    return std::unexpected(*m_refused);
}

Result<void> WriterLease::take()
{
    m_sinceMs = m_environment.clock.nowUnixMs();
    const auto left = claim();
    const auto taken = left ? writeBlocks() : std::unexpected(left.error());
    eraseClaims();
    CAIRN_TRY(taken);
    CAIRN_TRY(readBack());
    eraseLeft(*left);
    for (const auto& guard : m_guards) {
        if (!guard->lost)
            m_renewals.push_back(CAIRN_TRY(
                m_environment.clock.every(kLeaseRenewal, [this, &one = *guard] { renew(one); })));
    }
    return {};
}

// On what was judged, the reading of the tables and of the catalog since then relies.
Result<void> WriterLease::checkUnchanged()
{
    for (const auto& guard : m_guards) {
        LeaseBytes now{};
        if (!guard->seen || !guard->copy.io->readMedium(kLeaseOffset, now))
            guard->seen.reset();
        else if (now != *guard->seen)
            return std::unexpected(takenBy(now, guard->copy.memberName));
    }
    return requireAnyCopy();
}

Result<void> WriterLease::requireAnyCopy() const
{
    if (std::ranges::any_of(m_guards, [](const auto& guard) { return guard->seen.has_value(); }))
        return {};
    return failure(ErrorCode::ReadFailed, m_guards.front()->copy.memberName,
                   "its writer lease cannot be read or written");
}

// Waits for those who came at the same time. A claim that stays as it is was left by somebody who
// failed there: one who takes the lease does it within kLeaseSelfFence, or claims it anew.
Result<std::vector<WriterLease::SeenClaim>> WriterLease::claim()
{
    Clock& clock = m_environment.clock;
    const auto begun = clock.sinceBoot();
    std::vector<SeenClaim> seen;
    for (unsigned tries = 0;; ++tries) {
        LeaseBlock own = block(LeaseState::Claimed);
        // Another one each time, so that nobody takes it for one that was left.
        m_environment.random.fill(std::as_writable_bytes(std::span(&own.counter, 1)));
        m_claim = encodeLease(own);
        for (const auto& guard : m_guards) {
            if (!guard->seen)
                continue;
            guard->claimedNs = clock.sinceBoot().count();
            guard->claimed = true;
            // Where others cannot see the claim, they are not kept away.
            if (!guard->copy.io->writeShared(claimOffset(m_environment.host), m_claim))
                guard->seen.reset();
        }
        seen = claimsOfOthers(seen);
        const auto now = clock.sinceBoot();
        const bool alone = std::ranges::all_of(
            seen, [now](const SeenClaim& one) { return now - one.first >= kLeaseDuration; });
        CAIRN_TRY(checkUnchanged());
        if (alone && claimsStand()) {
            CAIRN_TRY(requireAnyCopy());
            return seen;
        }
        eraseClaims();
        if (now - begun > kMostTrying)
            return seen.empty() ? failure(ErrorCode::LeaseHeld)
                                : std::unexpected(takenBy(seen.front().bytes, {}));
        clock.sleepFor(somePause(m_environment.random, tries));
        CAIRN_TRY(checkUnchanged());
    }
}

// Another host may share the block: whose claim was written over has to come again.
bool WriterLease::claimsStand()
{
    for (const auto& guard : m_guards) {
        LeaseBytes now{};
        if (!guard->seen)
            continue;
        if (!guard->copy.io->readMedium(claimOffset(m_environment.host), now))
            guard->seen.reset();
        else if (now != m_claim)
            return false;
    }
    return true;
}

// What is no claim is none: one that is being written now will see ours. In the place of ours,
// anything else is one. A copy on which they cannot be read guards nothing.
std::vector<WriterLease::SeenClaim>
WriterLease::claimsOfOthers(const std::vector<SeenClaim>& before)
{
    const std::uint64_t ownNumber = (claimOffset(m_environment.host) - kClaimsOffset) / kPageBytes;
    std::vector<SeenClaim> found;
    for (const auto& guard : m_guards) {
        ClaimArea area{};
        if (!guard->seen)
            continue;
        if (!guard->copy.io->readMedium(kClaimsOffset, area)) {
            guard->seen.reset();
            continue;
        }
        for (std::uint64_t number = 0; number < kClaimBlocks; ++number) {
            const LeaseBytes bytes = claimIn(area, number);
            const FoundLease claim = decodeLease(bytes);
            const bool claims =
                claim.kind == FoundLease::Kind::Valid && claim.block.state == LeaseState::Claimed;
            if (bytes == m_claim || (!claims && number != ownNumber))
                continue;
            const auto known = std::ranges::find(before, bytes, &SeenClaim::bytes);
            found.push_back(
                {bytes, known != before.end() ? known->first : m_environment.clock.sinceBoot()});
        }
    }
    return found;
}

void WriterLease::eraseClaims()
{
    const std::uint64_t place = claimOffset(m_environment.host);
    for (const auto& guard : m_guards) {
        LeaseBytes now{};
        // One that stays is waited for by the next host, which erases it then. What another host
        // has put in its place is not ours to erase.
        if (std::exchange(guard->claimed, false) && guard->copy.io->readMedium(place, now) &&
            now == m_claim)
            std::ignore = guard->copy.io->writeShared(place, LeaseBytes{});
    }
}

// So that nobody waits for them again. Who left one, and comes back, has to claim anew: it has
// stood for longer than a claim is good for.
void WriterLease::eraseLeft(const std::vector<SeenClaim>& left)
{
    for (const SeenClaim& claim : left) {
        const std::uint64_t place = claimOffset(decodeLease(claim.bytes).block.host);
        for (const auto& guard : m_guards) {
            LeaseBytes now{};
            if (!guard->lost && guard->copy.io->readMedium(place, now) && now == claim.bytes)
                std::ignore = guard->copy.io->writeShared(place, LeaseBytes{});
        }
    }
}

// A copy that cannot be written is not guarded: its member is not written either.
Result<void> WriterLease::writeBlocks()
{
    const auto slowest = std::chrono::nanoseconds(kLeaseSelfFence).count();
    for (const auto& guard : m_guards) {
        // Others may have stopped waiting for the claim.
        if (guard->seen && m_environment.clock.sinceBoot().count() - guard->claimedNs > slowest)
            return failure(ErrorCode::Fenced, guard->copy.memberName);
    }
    std::optional<Error> problem;
    bool any = false;
    const LeaseBlock held = block(LeaseState::Held);
    for (const auto& guard : m_guards) {
        if (!guard->seen)
            continue;
        const std::scoped_lock lock(guard->mutex);
        guard->held = held;
        guard->ours = encodeLease(held);
        const auto begun = m_environment.clock.sinceBoot();
        if (begun.count() - guard->claimedNs > slowest)
            continue;
        if (auto written = guard->copy.io->writeShared(kLeaseOffset, guard->ours); !written) {
            problem = problem ? problem : std::move(written).error();
            continue;
        }
        guard->deadlineNs = (begun + kLeaseSelfFence).count();
        guard->lost = false;
        any = true;
    }
    if (any)
        return {};
    return problem ? std::unexpected(*std::move(problem))
                   : failure(ErrorCode::Fenced, m_guards.front()->copy.memberName);
}

Result<void> WriterLease::readBack()
{
    for (const auto& guard : m_guards) {
        LeaseBytes now{};
        if (guard->lost)
            continue;
        if (!guard->copy.io->readMedium(kLeaseOffset, now))
            guard->lost = true;
        else if (now != guard->ours)
            return std::unexpected(takenBy(now, guard->copy.memberName));
    }
    const bool any = std::ranges::any_of(m_guards, [](const auto& guard) { return !guard->lost; });
    if (!any)
        return failure(ErrorCode::ReadFailed, m_guards.front()->copy.memberName, "lease");
    return {};
}

} // namespace cairn
