// Brings a copy of the database that is behind or damaged up to the newest one.
#include "core/catalog/region_attach.h"
#include "core/catalog/region_connection.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <fmt/format.h>
#include <ranges>
#include <thread>
#include <tuple>

namespace cairn {
namespace {

constexpr std::uint32_t kChunkPages = 64;
constexpr std::chrono::seconds kLockTimeout{10};
constexpr std::chrono::milliseconds kLockRetry{10};

// One copy alone, locked against readers and writers of other processes.
struct LockedCopy {
    LockedCopy(const StoredCopy& copy, const Uuid& arrayId)
        : copies({copy}, arrayId), locks(copies, false), journal(copies, false)
    {}

    [[nodiscard]] const StoredCopy& stored() const { return copies.copy(0); }
    [[nodiscard]] RegionIo& io() const { return *stored().io; }
    [[nodiscard]] std::uint64_t pageOffset(std::uint32_t number) const
    {
        return stored().areas.main.offsetBytes + (std::uint64_t{number} - 1) * kPageBytes;
    }

    RegionCopies copies;
    RegionLocks locks;
    RegionJournal journal;
};

Result<void> lockWithin(LockedCopy& copy, LockLevel level)
{
    const auto end = std::chrono::steady_clock::now() + kLockTimeout;
    while (!CAIRN_TRY(copy.locks.lock(level))) {
        if (std::chrono::steady_clock::now() > end)
            return failure(ErrorCode::ArrayBusy, copy.io().name(), "catalog");
        std::this_thread::sleep_for(kLockRetry);
    }
    return {};
}

// Numbers of pages that are not the same in both; every page of `newest` is proved on the way.
Result<std::vector<std::uint32_t>> differingPages(LockedCopy& newest, LockedCopy& behind,
                                                  std::uint32_t pages)
{
    std::vector<std::uint32_t> differing;
    std::vector<std::byte> good(kChunkPages * kPageBytes);
    std::vector<std::byte> old(good.size());
    for (std::uint32_t first = 1; first <= pages; first += kChunkPages) {
        const std::uint32_t count = std::min(kChunkPages, pages - first + 1);
        const auto goodBytes = std::span(good).first(count * kPageBytes);
        const auto oldBytes = std::span(old).first(count * kPageBytes);
        CAIRN_TRY(newest.io().read(newest.pageOffset(first), goodBytes));
        const bool oldRead = behind.io().read(behind.pageOffset(first), oldBytes).has_value();
        for (std::uint32_t i = 0; i < count; ++i) {
            const auto page = goodBytes.subspan(i * kPageBytes).first<kPageBytes>();
            if (!stampedGeneration(page, first + i, newest.copies.key()))
                return failure(ErrorCode::CatalogDamaged, newest.io().name(),
                               fmt::format("page {}", first + i));
            if (!oldRead || !std::ranges::equal(page, oldBytes.subspan(i * kPageBytes, kPageBytes)))
                differing.push_back(first + i);
        }
    }
    return differing;
}

Result<void> copyPage(LockedCopy& newest, LockedCopy& behind, std::uint32_t number)
{
    std::array<std::byte, kPageBytes> page{};
    CAIRN_TRY(newest.io().read(newest.pageOffset(number), page));
    // Checked once more: what is written must be what was proved.
    if (!stampedGeneration(page, number, newest.copies.key()))
        return failure(ErrorCode::CatalogDamaged, newest.io().name(),
                       fmt::format("page {}", number));
    return behind.io().write(behind.pageOffset(number), page);
}

Result<void> markRepairing(RegionIo& io, SuperBlock& super, bool repairing)
{
    super.repairing = repairing;
    return writeSuperBlock(io, super);
}

// Of a copy that holds no whole database that anybody may still want: while it is written, it is
// known to be no catalog.
Result<void> replace(LockedCopy& newest, LockedCopy& behind,
                     const std::vector<std::uint32_t>& differing, std::uint64_t epoch)
{
    const std::array<std::byte, kPageBytes> zeroes{};
    CAIRN_TRY(behind.io().write(behind.pageOffset(1), zeroes));
    CAIRN_TRY(behind.journal.reset(epoch));
    for (const std::uint32_t number : differing) {
        if (number != 1)
            CAIRN_TRY(copyPage(newest, behind, number));
    }
    CAIRN_TRY(behind.io().flush());
    CAIRN_TRY(copyPage(newest, behind, 1));
    return behind.io().flush();
}

// Puts what will be overwritten into the journal. False, and nothing else was written: it is not
// whole as it is, so that there is no state to return to.
Result<bool> keepOld(LockedCopy& behind, const std::vector<std::uint32_t>& differing,
                     std::uint64_t epoch)
{
    const auto pages = behind.copies.pagesByHeader();
    if (!pages)
        return false;
    std::array<std::byte, kPageBytes> page{};
    const auto isKept = [&](std::uint32_t number) { return number <= *pages; };
    for (const std::uint32_t number : differing | std::views::filter(isKept)) {
        const auto state = behind.copies.readPage(number, page, false);
        if (!state || *state != PageState::Valid)
            return false;
    }
    CAIRN_TRY(behind.journal.begin(epoch, *pages));
    for (const std::uint32_t number : differing | std::views::filter(isKept)) {
        if (CAIRN_TRY(behind.copies.readPage(number, page, false)) != PageState::Valid)
            return failure(ErrorCode::CatalogDamaged, behind.io().name(),
                           fmt::format("page {}", number));
        CAIRN_TRY(behind.journal.keep(number, page));
    }
    CAIRN_TRY(behind.journal.seal());
    return true;
}

// An unreadable or damaged journal of the copy that is behind counts for nothing.
std::uint64_t newestEpoch(LockedCopy& newest, LockedCopy& behind)
{
    return std::max(newest.journal.newestEpoch().value_or(0),
                    behind.journal.newestEpoch().value_or(0));
}

bool journalIsClean(LockedCopy& copy)
{
    const auto header = copy.journal.firstHeader();
    return header && !header->live;
}

Result<std::uint64_t> repair(const AttachedCopy& from, const AttachedCopy& to, const Uuid& arrayId,
                             OldState old)
{
    LockedCopy newest(from.copy, arrayId);
    LockedCopy behind(to.copy, arrayId);
    CAIRN_TRY(lockWithin(newest, LockLevel::Shared));
    CAIRN_TRY(lockWithin(behind, LockLevel::Shared));
    CAIRN_TRY(lockWithin(behind, LockLevel::Exclusive));
    const std::uint32_t pages = CAIRN_TRY(newest.copies.pagesByHeader());
    if (pages > behind.copies.pageLimit())
        return failure(ErrorCode::CatalogFull, behind.io().name(), "database");
    const auto differing = CAIRN_TRY(differingPages(newest, behind, pages));
    const bool clean = journalIsClean(behind) && !to.super.repairing;
    if (differing.empty() && clean)
        return std::uint64_t{0};
    const std::uint64_t epoch = newestEpoch(newest, behind);
    SuperBlock super = to.super;
    if (clean && old == OldState::Kept && CAIRN_TRY(keepOld(behind, differing, epoch))) {
        for (const std::uint32_t number : differing)
            CAIRN_TRY(copyPage(newest, behind, number));
        CAIRN_TRY(behind.io().flush());
        CAIRN_TRY(behind.journal.erase());
    } else {
        CAIRN_TRY(markRepairing(behind.io(), super, true));
        CAIRN_TRY(replace(newest, behind, differing, epoch));
    }
    super.commitId = from.super.commitId;
    CAIRN_TRY(markRepairing(behind.io(), super, false));
    return differing.size();
}

// Brings back what a hot journal holds, if that can be done: it is the copy's last whole state.
Result<void> settle(const AttachedCopy& copy, const RegionDatabase::Options& live)
{
    {
        RegionCopies alone({copy.copy}, live.arrayId);
        const auto header = RegionJournal(alone, false).firstHeader();
        if (copy.super.repairing || !header || !header->live)
            return {};
    }
    auto opened = RegionConnection::open({copy.copy}, live, true);
    const bool damaged = !opened && (opened.error().code == ErrorCode::CatalogDamaged ||
                                     opened.error().code == ErrorCode::ReadFailed);
    return opened || damaged ? Result<void>() : std::unexpected(std::move(opened).error());
}

} // namespace

Result<std::uint64_t> repairCopy(RegionIo& newest, RegionIo& behind, const Uuid& arrayId,
                                 OldState old)
{
    return catchOutOfMemory([&]() -> Result<std::uint64_t> {
        const AttachedCopy from = CAIRN_TRY(attachCopy(newest, arrayId));
        const AttachedCopy to = CAIRN_TRY(attachCopy(behind, arrayId));
        if (from.super.repairing)
            return failure(ErrorCode::CatalogDamaged, newest.name(), "repair interrupted");
        const RegionDatabase::Options live{.mode = DatabaseMode::Live, .arrayId = arrayId};
        std::ignore = CAIRN_TRY(RegionConnection::open({from.copy}, live, false));
        CAIRN_TRY(settle(to, live));
        return repair(from, to, arrayId, old);
    });
}

} // namespace cairn
