// Takes a writer lease with the first write.
//
// Two hosts may come at the same time. Each writes its claim before it looks for those of others,
// so that at least one of the two sees the other's and stands back: no clock decides.
#include "core/catalog/lease_guard.h"

#include <algorithm>
#include <span>
#include <tuple>

namespace cairn {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kShortestPause{20};
constexpr milliseconds kPauseRange{200};

using ClaimArea = std::array<std::byte, kClaimBlocks * kPageBytes>;
constexpr std::uint64_t kClaimsOffset = kLeaseOffset + kPageBytes;

LeaseBytes claimIn(const ClaimArea& area, std::uint64_t number)
{
    LeaseBytes bytes{};
    std::copy_n(area.begin() + static_cast<std::ptrdiff_t>(number * kPageBytes), kPageBytes,
                bytes.begin());
    return bytes;
}

milliseconds somePause(RandomSource& random)
{
    std::array<std::byte, 1> byte{};
    random.fill(byte);
    return kShortestPause + kPauseRange * std::to_integer<int>(byte[0]) / 256;
}

Error takenBy(const LeaseBytes& now)
{
    const FoundLease found = decodeLease(now);
    const auto since = std::max<std::int64_t>(found.block.sinceMs, 0);
    return {found.kind == FoundLease::Kind::Valid ? ErrorCode::LeaseHeld : ErrorCode::LeaseDamaged,
            0,
            found.block.host.name,
            {},
            static_cast<std::uint64_t>(since)};
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
    m_refused = std::move(taken).error();
    m_phase = Phase::Refused;
    return std::unexpected(*m_refused);
}

Result<void> WriterLease::take()
{
    m_sinceMs = m_environment.clock.nowUnixMs();
    auto taken = claim();
    if (taken)
        taken = checkUnchanged();
    if (taken)
        taken = writeBlocks();
    eraseClaims();
    CAIRN_TRY(taken);
    CAIRN_TRY(readBack());
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
            return std::unexpected(takenBy(now));
    }
    return {};
}

// Waits for those who came at the same time. A claim that stays as it is was left by somebody who
// failed there: one who takes the lease does it within kLeaseSelfFence, or claims it anew.
Result<void> WriterLease::claim()
{
    Clock& clock = m_environment.clock;
    std::vector<SeenClaim> seen;
    for (;;) {
        LeaseBlock own = block(LeaseState::Claimed);
        // Another one each time, so that nobody takes it for one that was left.
        m_environment.random.fill(std::as_writable_bytes(std::span(&own.counter, 1)));
        m_claim = encodeLease(own);
        for (const auto& guard : m_guards) {
            guard->claimedNs = clock.sinceBoot().count();
            guard->claimed =
                guard->copy.io->writeShared(claimOffset(m_environment.host.id), m_claim)
                    .has_value();
        }
        seen = claimsOfOthers(seen);
        const auto now = clock.sinceBoot();
        if (std::ranges::all_of(
                seen, [now](const SeenClaim& one) { return now - one.first >= kLeaseDuration; }))
            return {};
        eraseClaims();
        clock.sleepFor(somePause(m_environment.random));
        CAIRN_TRY(checkUnchanged());
    }
}

// What cannot be read or is no claim is none: one that is being written now will see ours. In the
// place of ours, anything else is one.
std::vector<WriterLease::SeenClaim>
WriterLease::claimsOfOthers(const std::vector<SeenClaim>& before)
{
    const std::uint64_t ownNumber =
        (claimOffset(m_environment.host.id) - kClaimsOffset) / kPageBytes;
    std::vector<SeenClaim> found;
    for (const auto& guard : m_guards) {
        ClaimArea area{};
        if (!guard->claimed || !guard->copy.io->readMedium(kClaimsOffset, area))
            continue;
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
    const LeaseBytes zeroes{};
    for (const auto& guard : m_guards) {
        // One that stays is waited for by the next host, once, and then written over.
        if (guard->claimed)
            std::ignore = guard->copy.io->writeShared(claimOffset(m_environment.host.id), zeroes);
        guard->claimed = false;
    }
}

// A copy that cannot be written is not guarded: its member is not written either.
Result<void> WriterLease::writeBlocks()
{
    std::optional<Error> problem;
    bool any = false;
    const LeaseBlock held = block(LeaseState::Held);
    for (const auto& guard : m_guards) {
        const std::scoped_lock lock(guard->mutex);
        guard->held = held;
        guard->ours = encodeLease(held);
        const auto begun = m_environment.clock.sinceBoot();
        if (guard->claimed &&
            begun.count() - guard->claimedNs > std::chrono::nanoseconds(kLeaseSelfFence).count())
            return failure(ErrorCode::Fenced, guard->copy.memberName, "slow");
        if (auto written = guard->copy.io->writeShared(kLeaseOffset, guard->ours); !written) {
            problem = problem ? problem : std::move(written).error();
            continue;
        }
        guard->deadlineNs = (begun + kLeaseSelfFence).count();
        guard->lost = false;
        any = true;
    }
    return any ? Result<void>() : std::unexpected(*problem);
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
            return std::unexpected(takenBy(now));
    }
    const bool any = std::ranges::any_of(m_guards, [](const auto& guard) { return !guard->lost; });
    if (!any)
        return failure(ErrorCode::ReadFailed, m_guards.front()->copy.memberName, "lease");
    return {};
}

} // namespace cairn
