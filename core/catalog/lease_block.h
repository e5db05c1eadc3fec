// The block of a management region that tells which host may write the array.
#pragma once

#include "core/base/environment.h"
#include "core/catalog/management_region.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace cairn {

using LeaseBytes = std::array<std::byte, kPageBytes>;

enum class LeaseState : std::uint8_t {
    Free = 0,
    Held = 1,
    Claimed = 2, // In a claim block only: that host is about to take the lease.
};

struct LeaseBlock {
    LeaseState state = LeaseState::Free;
    Uuid arrayId;
    HostIdentity host;            // Of the last holder, unescaped; of the name, 255 bytes.
    std::uint64_t counter = 0;    // Grows with every writing, whoever writes.
    std::int64_t sinceMs = 0;     // When that host took it, by its clock: for people.
    std::uint32_t durationMs = 0; // Not renewed for so long, it may be given up.
};

// What a lease block turns out to hold.
struct FoundLease {
    enum class Kind : std::uint8_t {
        Never, // Zeroes: nobody ever held it.
        Valid,
        Damaged, // Anything else, a later format's too.
    };
    Kind kind = Kind::Never;
    LeaseBlock block; // Of a valid one.

    [[nodiscard]] bool held() const
    {
        return kind == Kind::Valid && block.state == LeaseState::Held;
    }
};

[[nodiscard]] LeaseBytes encodeLease(const LeaseBlock& block);
[[nodiscard]] FoundLease decodeLease(const LeaseBytes& bytes);

// The claim blocks follow the lease block. A host writes the one that its id and boot id lead to.
inline constexpr std::uint64_t kClaimBlocks = 15;
[[nodiscard]] std::uint64_t claimOffset(const HostIdentity& host);

// Of a new copy of that array's catalog: whatever was there before, but for a lease of the array.
[[nodiscard]] Result<void> clearLease(RegionIo& region, const Uuid& arrayId);

} // namespace cairn
