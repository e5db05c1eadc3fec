// The lease under which one host at a time writes an array, kept in each copy's lease block.
#pragma once

#include "core/base/environment.h"
#include "core/catalog/catalog.h"
#include "core/catalog/lease_block.h"
#include "core/io/write_fence.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

namespace cairn {

// Written into the block, and what a lease that is not renewed has to be watched for.
inline constexpr std::chrono::milliseconds kLeaseDuration{12'000};
inline constexpr std::chrono::milliseconds kLeaseRenewal{2'000};
// Counted from before the last renewal that succeeded. What is left of the duration is for writes
// that were given to a device before, and for clocks that do not run alike.
inline constexpr std::chrono::milliseconds kLeaseSelfFence{9'000};

// Why somebody waits before a lease is taken.
struct LeaseWait {
    LeaseBlock holder;
    std::chrono::milliseconds mostMs{};
    bool ownHost = false; // Of an earlier boot, if it is not another computer of the same id.
};

// What the operator says to a lease of another host.
struct LeaseTerms {
    // Nobody writes there any more: it is taken if it is not renewed. One that is damaged, too.
    bool takeOver = false;
    std::function<void(const LeaseWait&)> onWait = {}; // Before it waits.
};

// What is known of the copies whose lease is taken.
struct LeaseSubject {
    Uuid arrayId;
    bool isNew = false; // Nothing was there before: whatever the blocks hold means nothing.
};

// Safe to call from any thread. Taken by the first write that asks, so that a verb which writes
// nothing leaves no trace; between judge() and that write nobody else can have held it, or the
// write is refused. From then on it is renewed, on every copy by itself.
//
// A member that holds a copy may be written while that copy's block is renewed in time; any other,
// while one of them is. A block that another host has written ends it all.
class WriterLease final : public WriteFence {
public:
    // The array's locks are held: nobody else of this host, in this boot, holds the lease. Reads
    // the blocks past caches and waits where a lease has to be watched; writes nothing. LeaseHeld:
    // another host renews it. LeaseNotRenewed: another host's, that does not. LeaseDamaged. (Each:
    // subject is the host's name, amount since when in ms since 1970.)
    [[nodiscard]] static Result<std::shared_ptr<WriterLease>> judge(std::vector<CatalogCopy> copies,
                                                                    const LeaseTerms& terms,
                                                                    const LeaseSubject& subject,
                                                                    const Environment& environment);
    ~WriterLease() override;

    // The operator's word took it from another host: that one's block. Of a damaged one, empty.
    [[nodiscard]] const std::optional<LeaseBlock>& takenFrom() const { return m_takenFrom; }
    // Another host may have written since this one did: what it has cached is not to be believed.
    [[nodiscard]] bool othersWrote() const { return m_othersWrote; }

    Result<void> admit(const Uuid& member) override;
    Result<void> confirm(const Uuid& member) override;
    void retire(const Uuid& member) override;
    void keep(const Uuid& member) override;

    // Gives it back where it was taken and is not lost, and lets go of the copies. Nothing may be
    // written any more.
    void release();

private:
    struct Guard;
    enum class Phase : std::uint8_t { Judged, Held, Refused, Ended };

    WriterLease(std::vector<CatalogCopy> copies, const LeaseSubject& subject,
                const Environment& environment);
    void readBlocks();
    [[nodiscard]] Result<void> settle(const LeaseTerms& terms);
    [[nodiscard]] Result<void> checkReadable(const LeaseTerms& terms);
    [[nodiscard]] bool isOwn(const LeaseBlock& block) const;
    [[nodiscard]] bool watch(std::chrono::milliseconds duration);
    // ReadFailed: none of the copies on which that host holds it could be read all the time.
    [[nodiscard]] Result<void> requireWatched(const LeaseBlock& holder) const;
    [[nodiscard]] const LeaseBlock* newestHeldByOthers() const;

    [[nodiscard]] Result<void> takeOnce();
    [[nodiscard]] Result<void> take();
    [[nodiscard]] Result<void> checkUnchanged();
    struct SeenClaim {
        LeaseBytes bytes;
        std::chrono::nanoseconds first; // When it was seen first.
    };
    // Those that were waited for in vain: whoever left them does not go on.
    [[nodiscard]] Result<std::vector<SeenClaim>> claim();
    void eraseLeft(const std::vector<SeenClaim>& left);
    [[nodiscard]] std::vector<SeenClaim> claimsOfOthers(const std::vector<SeenClaim>& before);
    [[nodiscard]] bool claimsStand();
    void eraseClaims();
    [[nodiscard]] Result<void> writeBlocks();
    [[nodiscard]] Result<void> readBack();

    [[nodiscard]] Result<void> requireAnyCopy() const;
    void freeBlocks();

    void renew(Guard& guard);
    void loseTo(Guard& guard, const LeaseBytes& now);
    [[nodiscard]] Result<void> check(const Uuid& member);
    [[nodiscard]] bool isGuarded(Guard& guard, std::chrono::nanoseconds now);
    [[nodiscard]] LeaseBlock block(LeaseState state) const;

    Environment m_environment;
    LeaseSubject m_subject;
    std::vector<std::unique_ptr<Guard>> m_guards;
    std::optional<LeaseBlock> m_takenFrom;
    bool m_othersWrote = false;
    std::int64_t m_sinceMs = 0; // When it was taken.
    LeaseBytes m_claim{};

    std::atomic<Phase> m_phase{Phase::Judged};
    std::mutex m_takeMutex; // Held while it is taken and given back; guards both below.
    std::optional<Error> m_refused;
    std::vector<std::unique_ptr<Repetition>> m_renewals;

    std::mutex m_lostMutex; // Guards the name.
    std::string m_lostTo;
    std::atomic<bool> m_lost{false}; // To another host, for ever.
};

} // namespace cairn
