// Judges a writer lease before it is taken.
#include "core/catalog/writer_lease.h"

#include "core/catalog/lease_guard.h"

#include <algorithm>
#include <tuple>

namespace cairn {
namespace {

// What a block may ask to be watched for: it may come from a stranger.
constexpr std::chrono::milliseconds kShortestWatch = kLeaseDuration;
constexpr std::chrono::milliseconds kLongestWatch{60'000};
constexpr std::chrono::milliseconds kWatchPause{500};
// How often somebody may have given it back and another taken it while it was watched.
constexpr int kMostWatches = 3;

bool sameHolding(const LeaseBlock& one, const LeaseBlock& other)
{
    return one.host.id == other.host.id && one.host.bootId == other.host.bootId &&
           one.sinceMs == other.sinceMs;
}

std::unexpected<Error> heldBy(ErrorCode code, const LeaseBlock& holder)
{
    const std::int64_t since = std::max<std::int64_t>(holder.sinceMs, 0);
    return failure(code, holder.host.name, {}, static_cast<std::uint64_t>(since));
}

} // namespace

WriterLease::WriterLease(std::vector<CatalogCopy> copies, const LeaseSubject& subject,
                         const Environment& environment)
    : m_environment(environment), m_subject(subject)
{
    for (CatalogCopy& copy : copies)
        m_guards.push_back(std::make_unique<Guard>(std::move(copy)));
}

WriterLease::~WriterLease()
{
    release();
}

Result<std::shared_ptr<WriterLease>> WriterLease::judge(std::vector<CatalogCopy> copies,
                                                        const LeaseTerms& terms,
                                                        const LeaseSubject& subject,
                                                        const Environment& environment)
{
    CAIRN_ASSERT(!copies.empty());
    const std::shared_ptr<WriterLease> lease(
        new WriterLease(std::move(copies), subject, environment));
    lease->readBlocks();
    if (!subject.isNew) {
        CAIRN_TRY(lease->settle(terms));
        CAIRN_TRY(lease->checkReadable(terms));
    }
    return lease;
}

// Two computers may have one id, by a cloned disk; they have not one boot.
bool WriterLease::isOwn(const LeaseBlock& block) const
{
    return block.host.id == m_environment.host.id && block.host.bootId == m_environment.host.bootId;
}

void WriterLease::readBlocks()
{
    m_othersWrote = false;
    for (const auto& guard : m_guards) {
        LeaseBytes bytes{};
        guard->seen.reset();
        guard->found = {FoundLease::Kind::Damaged, {}};
        if (!guard->copy.io->readMedium(kLeaseOffset, bytes))
            continue;
        guard->seen = bytes;
        guard->found = decodeLease(bytes);
        FoundLease& found = guard->found;
        if (found.kind != FoundLease::Kind::Valid)
            continue;
        // On a disk that was in another array before, it is that one's. A claim has its own block.
        const bool strange =
            !m_subject.arrayId.isNull() && found.block.arrayId != m_subject.arrayId;
        if (strange || found.block.state == LeaseState::Claimed)
            found = {FoundLease::Kind::Damaged, {}};
        else
            m_othersWrote = m_othersWrote || !isOwn(found.block);
    }
}

// Of several, the one that was written last. One that its holder has given back on another copy is
// none: this copy was away meanwhile.
const LeaseBlock* WriterLease::newestHeldByOthers() const
{
    const LeaseBlock* newest = nullptr;
    for (const auto& guard : m_guards) {
        const LeaseBlock& block = guard->found.block;
        // A peer on this host, in this boot, would hold the locks.
        if (!guard->found.held() || isOwn(block))
            continue;
        const bool outlived = std::ranges::any_of(m_guards, [&block](const auto& other) {
            return other->found.kind == FoundLease::Kind::Valid &&
                   sameHolding(other->found.block, block) &&
                   other->found.block.counter > block.counter;
        });
        if (!outlived && (newest == nullptr || block.counter > newest->counter))
            newest = &block;
    }
    return newest;
}

// Whether any block was written meanwhile. One that cannot be read for once tells nothing any more.
bool WriterLease::watch(std::chrono::milliseconds duration)
{
    const auto end = m_environment.clock.sinceBoot() + duration;
    while (m_environment.clock.sinceBoot() < end) {
        m_environment.clock.sleepFor(kWatchPause);
        for (const auto& guard : m_guards) {
            LeaseBytes now{};
            if (!guard->seen)
                continue;
            if (!guard->copy.io->readMedium(kLeaseOffset, now))
                guard->seen.reset();
            else if (now != *guard->seen)
                return true;
        }
    }
    return false;
}

Result<void> WriterLease::requireWatched(const LeaseBlock& holder) const
{
    const bool watched = std::ranges::any_of(m_guards, [&holder](const auto& guard) {
        return guard->seen && guard->found.held() && sameHolding(guard->found.block, holder);
    });
    if (watched)
        return {};
    return failure(ErrorCode::ReadFailed, m_guards.front()->copy.memberName,
                   "its writer lease cannot be read");
}

Result<void> WriterLease::settle(const LeaseTerms& terms)
{
    for (int watches = 0;; ++watches) {
        const LeaseBlock* newest = newestHeldByOthers();
        if (newest == nullptr)
            return {};
        const LeaseBlock holder = *newest;
        if (watches == kMostWatches)
            return heldBy(ErrorCode::LeaseHeld, holder);
        const bool ownHost = std::ranges::all_of(m_guards, [this](const auto& guard) {
            return !guard->found.held() || guard->found.block.host.id == m_environment.host.id;
        });
        const auto duration =
            std::clamp(std::chrono::milliseconds(holder.durationMs), kShortestWatch, kLongestWatch);
        if (terms.onWait)
            terms.onWait({.holder = holder, .mostMs = duration, .ownHost = ownHost});
        if (!watch(duration)) {
            CAIRN_TRY(requireWatched(holder));
            if (!ownHost && !terms.takeOver)
                return heldBy(ErrorCode::LeaseNotRenewed, holder);
            if (!ownHost)
                m_takenFrom = holder;
            return {};
        }
        readBlocks();
        const LeaseBlock* renewed = newestHeldByOthers();
        if (renewed != nullptr && sameHolding(*renewed, holder))
            return heldBy(ErrorCode::LeaseHeld, *renewed);
    }
}

// Where no block says anything, whoever holds it cannot be known. A region that is no catalog's any
// more has none: a writer elsewhere would have lost its own by that.
Result<void> WriterLease::checkReadable(const LeaseTerms& terms)
{
    const bool any = std::ranges::any_of(
        m_guards, [](const auto& guard) { return guard->found.kind != FoundLease::Kind::Damaged; });
    const bool catalogs = std::ranges::any_of(
        m_guards, [](const auto& guard) { return readSuperBlock(*guard->copy.io).has_value(); });
    if (any || !catalogs)
        return {};
    const std::string& member = m_guards.front()->copy.memberName;
    if (!terms.takeOver)
        return failure(ErrorCode::LeaseDamaged, member);
    // Whoever writes all the same would write here, too.
    if (terms.onWait)
        terms.onWait({.holder = {}, .mostMs = kLeaseDuration});
    if (watch(kLeaseDuration))
        return failure(ErrorCode::LeaseHeld);
    if (std::ranges::none_of(m_guards, [](const auto& guard) { return guard->seen.has_value(); }))
        return failure(ErrorCode::ReadFailed, member, "its writer lease cannot be read");
    m_takenFrom = LeaseBlock{};
    m_othersWrote = true;
    return {};
}

LeaseBlock WriterLease::block(LeaseState state) const
{
    std::uint64_t counter = 0;
    for (const auto& guard : m_guards) {
        if (guard->found.kind == FoundLease::Kind::Valid)
            counter = std::max(counter, guard->found.block.counter);
    }
    return {.state = state,
            .arrayId = m_subject.arrayId,
            .host = m_environment.host,
            .counter = counter + 1,
            .sinceMs = m_sinceMs,
            .durationMs = static_cast<std::uint32_t>(kLeaseDuration.count())};
}

} // namespace cairn
