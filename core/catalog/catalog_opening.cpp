// Creates a catalog, and opens one to read, to write, or to choose between histories.
#include "core/catalog/catalog_rows.h"
#include "core/catalog/divergence.h"
#include "core/catalog/doubtful_copies.h"
#include "core/catalog/ledger.h"
#include "core/catalog/move_database.h"
#include "core/catalog/schema.h"
#include "core/catalog/stored_catalog.h"

#include <algorithm>
#include <chrono>

namespace cairn {
namespace {

using Parts = StoredCatalog::Parts;

Result<void> checkWhole(RegionDatabase& database)
{
    // A whole catalog of the largest size, before somebody's first write, may take its time.
    constexpr std::uint64_t kWholeOperations = 60 * kStatementOperations;
    database.setStatementLimit(kWholeOperations);
    auto checked = checkStructure(database);
    if (checked)
        checked = checkLedger(database);
    database.setStatementLimit(kStatementOperations);
    return checked;
}

Parts describe(std::vector<CatalogCopy> copies, const InspectedMirror& mirror,
               const Environment& environment)
{
    Parts parts{.environment = environment, .copies = std::move(copies)};
    parts.arrayId = mirror.arrayId;
    parts.histories = mirror.histories;
    for (std::size_t i = 0; i < parts.copies.size(); ++i) {
        const InspectedCopy& copy = mirror.copies[i];
        CatalogCopyStatus status{
            parts.copies[i].member, parts.copies[i].memberName, copy.state, copy.head.id, {}};
        if (copy.problem) {
            status.detail = errorName(copy.problem->code);
            if (!copy.problem->detail.empty())
                status.detail += ": " + copy.problem->detail;
        }
        parts.states.push_back(std::move(status));
        parts.found.push_back(copy.head);
    }
    return parts;
}

void release(InspectedMirror& mirror)
{
    for (InspectedCopy& copy : mirror.copies)
        copy.database.reset();
}

std::vector<RegionIo*> regionsOf(const Parts& parts, const std::vector<std::size_t>& indexes)
{
    std::vector<RegionIo*> regions;
    for (const std::size_t index : indexes)
        regions.push_back(parts.copies[index].io.get());
    return regions;
}

Result<void> openLive(Parts& parts)
{
    parts.database.reset();
    parts.database = CAIRN_TRY(RegionDatabase::open(regionsOf(parts, parts.live),
                                                    {DatabaseMode::Live, parts.arrayId, false}));
    parts.head = CAIRN_TRY(readHead(*parts.database));
    return {};
}

// The copies of a history that are whole. Where each is damaged somewhere, all of them: together
// they may still have every page.
std::vector<std::size_t> wholeCopies(Parts& parts, InspectedMirror& mirror, std::size_t history)
{
    std::vector<std::size_t> whole;
    for (const std::size_t index : mirror.holders[history]) {
        RegionDatabase& copy = *mirror.copies[index].database;
        copy.setReadAhead(true); // The writer locks are held, and this writes nothing.
        const auto checked = checkWhole(copy);
        copy.setReadAhead(false);
        if (checked)
            whole.push_back(index);
        else
            parts.states[index].detail = checked.error().detail;
    }
    if (whole.empty())
        return mirror.holders[history];
    for (const std::size_t index : mirror.holders[history]) {
        if (std::ranges::find(whole, index) == whole.end())
            parts.states[index].state = CatalogCopyState::Damaged;
    }
    return whole;
}

Result<void> repairOne(Parts& parts, const InspectedMirror& mirror, std::size_t index)
{
    RegionIo& behind = *parts.copies[index].io;
    if (!mirror.copies[index].super) {
        const SuperBlock super{.arrayId = parts.arrayId,
                               .memberId = parts.copies[index].member,
                               .regionBytes = behind.sizeBytes()};
        CAIRN_TRY(formatManagementRegion(behind, super));
    }
    // What was written apart is given up by the choice that was made and is recorded now: left as
    // it is by a repair that fails, it would call for the same choice again and again.
    const OldState old = mirror.diverged() ? OldState::GivenUp : OldState::Kept;
    CAIRN_TRY(repairCopy(*parts.copies[parts.live.front()].io, behind, parts.arrayId, old));
    return {};
}

// Every copy that is not the live history's becomes equal to it; none is Foreign. One that cannot
// be written stays out, and is recorded as stale with the first commit.
Result<void> repairOthers(Parts& parts, const InspectedMirror& mirror)
{
    std::vector<std::size_t> repaired;
    for (std::size_t index = 0; index < parts.copies.size(); ++index) {
        const bool live = std::ranges::find(parts.live, index) != parts.live.end();
        if (live)
            continue;
        parts.database.reset(); // Whoever copies pages must be alone with them.
        if (auto done = repairOne(parts, mirror, index); !done)
            parts.states[index].unwritten = std::move(done).error();
        else
            repaired.push_back(index);
    }
    for (const std::size_t index : repaired) {
        parts.live.push_back(index);
        parts.repaired.push_back(index);
    }
    return parts.database ? Result<void>() : openLive(parts);
}

void markLive(Parts& parts)
{
    CatalogHistory history;
    history.id = parts.head.historyId();
    history.commits = parts.head.id;
    history.lastCommitMs = parts.head.timeMs;
    history.lastHost = parts.head.host;
    for (const std::size_t index : parts.live) {
        parts.states[index].state = CatalogCopyState::Current;
        parts.states[index].detail.clear();
        history.members.push_back(parts.copies[index].member);
    }
    parts.histories = {std::move(history)};
}

// FormatNewer where a copy must not even be repaired.
Result<void> checkFormats(const InspectedMirror& mirror)
{
    for (const InspectedCopy& copy : mirror.copies) {
        if (copy.newer || (copy.problem && copy.problem->code == ErrorCode::FormatNewer))
            return failure(ErrorCode::FormatNewer);
    }
    return {};
}

// Whoever attached another array's member beside ours does not know which array is written: its
// regions look like ours, and no record of ours protects what they hold.
Result<void> checkForeign(const Parts& parts, const InspectedMirror& mirror)
{
    for (std::size_t i = 0; i < parts.copies.size(); ++i) {
        const InspectedCopy& copy = mirror.copies[i];
        if (copy.state == CatalogCopyState::Foreign)
            return failure(ErrorCode::ForeignMember, parts.copies[i].memberName,
                           copy.problem ? copy.problem->detail : "unknown");
    }
    return {};
}

// A member whose place another one took is no part of the array any more, whatever it holds.
Result<void> checkReplaced(Parts& parts)
{
    for (const StoredMember& stored : CAIRN_TRY(readMembers(*parts.database))) {
        const auto copy = std::ranges::find(parts.copies, stored.member.id, &CatalogCopy::member);
        if (stored.member.removed && copy != parts.copies.end())
            return failure(ErrorCode::ForeignMember, copy->memberName, kHasLeft);
    }
    return {};
}

// A copy that was rebuilt beside a damaged one gets the whole region. Where that fails it stays
// where it is, and is as good there.
void enlargeAll(Parts& parts)
{
    for (RegionIo* copy : regionsOf(parts, parts.live)) {
        if (canBeEnlarged(*copy, parts.arrayId))
            std::ignore = enlarge(*copy, parts.arrayId);
    }
}

// Whether another look may find them equal.
bool mayBeBetweenCommits(const Result<InspectedMirror>& mirror)
{
    if (!mirror)
        return mirror.error().code == ErrorCode::ArrayBusy;
    return std::ranges::any_of(mirror->copies, [](const InspectedCopy& copy) {
        return copy.state == CatalogCopyState::Behind || copy.state == CatalogCopyState::Diverged ||
               (copy.problem && copy.problem->code == ErrorCode::ArrayBusy);
    });
}

bool sameHeads(const Result<InspectedMirror>& one, const Result<InspectedMirror>& other)
{
    return one && other &&
           std::ranges::equal(one->copies, other->copies,
                              [](const InspectedCopy& a, const InspectedCopy& b) {
                                  return a.state == b.state && a.head.sameCommit(b.head);
                              });
}

// A writer changes the copies one after the other: who looks in between sees one behind. Believed
// is what is seen twice while nobody writes, or at last.
Result<InspectedMirror> inspectAtRest(const std::vector<CatalogCopy>& copies, Clock& clock)
{
    constexpr int kLooks = 20;
    constexpr std::chrono::milliseconds kPause(10);
    auto mirror = inspectMirror(copies);
    for (int look = 1; look < kLooks && mayBeBetweenCommits(mirror); ++look) {
        const bool writes = WriterLocks::anyHeld(copies);
        if (writes)
            clock.sleepFor(kPause);
        auto again = inspectMirror(copies);
        const bool settled = !writes && sameHeads(mirror, again);
        mirror = std::move(again);
        if (settled)
            break;
    }
    return mirror;
}

// Opens the history live on its whole copies, checked as a whole.
Result<void> openHistory(Parts& parts, InspectedMirror& mirror, std::size_t history)
{
    const CommitLink head = mirror.copies[mirror.holders[history].front()].head;
    const auto whole = wholeCopies(parts, mirror, history);
    const bool checked = parts.states[whole.front()].detail.empty();
    release(mirror);
    parts.live = whole;
    parts.writable = true;
    enlargeAll(parts);
    CAIRN_TRY(openLive(parts));
    if (!parts.head.sameCommit(head))
        return failure(ErrorCode::CatalogDamaged, {}, "changed while it was opened");
    if (!checked)
        CAIRN_TRY(checkWhole(*parts.database));
    return {};
}

} // namespace

WriterLocks::WriterLocks(WriterLocks&& other) noexcept
    : m_regions(std::exchange(other.m_regions, {}))
{}

WriterLocks& WriterLocks::operator=(WriterLocks&& other) noexcept
{
    std::swap(m_regions, other.m_regions);
    return *this;
}

WriterLocks::~WriterLocks()
{
    release();
}

void WriterLocks::release()
{
    for (RegionIo* region : m_regions)
        std::ignore = region->tryLock(kWriterLock, LockMode::Unlocked);
    m_regions.clear();
}

Result<WriterLocks> WriterLocks::take(const std::vector<CatalogCopy>& copies, Clock& clock)
{
    constexpr int kAttempts = 20;
    constexpr std::chrono::milliseconds kPause(10);
    WriterLocks locks;
    for (const CatalogCopy& copy : copies) {
        bool taken = CAIRN_TRY(copy.io->tryLock(kWriterLock, LockMode::Exclusive));
        for (int attempt = 1; !taken && attempt < kAttempts; ++attempt) {
            clock.sleepFor(kPause);
            taken = CAIRN_TRY(copy.io->tryLock(kWriterLock, LockMode::Exclusive));
        }
        if (!taken)
            return failure(ErrorCode::ArrayBusy, copy.memberName);
        locks.m_regions.push_back(copy.io.get());
    }
    return locks;
}

bool WriterLocks::anyHeld(const std::vector<CatalogCopy>& copies)
{
    for (const CatalogCopy& copy : copies) {
        const auto freeNow = copy.io->tryLock(kWriterLock, LockMode::Shared);
        if (freeNow && *freeNow)
            std::ignore = copy.io->tryLock(kWriterLock, LockMode::Unlocked);
        else if (freeNow)
            return true;
    }
    return false;
}

Result<std::unique_ptr<Catalog>> Catalog::create(std::vector<CatalogCopy> copies,
                                                 const NewArrayRecord& array,
                                                 const Environment& environment)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<Catalog>> {
        if (copies.empty())
            return failure(ErrorCode::InvalidArgument, {}, "no management region");
        Parts parts{.environment = environment, .copies = std::move(copies)};
        parts.locks = CAIRN_TRY(WriterLocks::take(parts.copies, environment.clock));
        parts.arrayId = array.arrayId;
        parts.writable = true;
        for (std::size_t i = 0; i < parts.copies.size(); ++i) {
            const CatalogCopy& copy = parts.copies[i];
            const SuperBlock super{.arrayId = array.arrayId,
                                   .memberId = copy.member,
                                   .regionBytes = copy.io->sizeBytes()};
            CAIRN_TRY(formatManagementRegion(*copy.io, super));
            parts.live.push_back(i);
            parts.states.push_back(
                {copy.member, copy.memberName, CatalogCopyState::Current, 0, {}});
        }
        parts.database = CAIRN_TRY(RegionDatabase::open(regionsOf(parts, parts.live),
                                                        {DatabaseMode::Live, array.arrayId, true}));
        markLive(parts);
        auto catalog = std::make_unique<StoredCatalog>(std::move(parts));
        CAIRN_TRY(catalog->createContent(array));
        return catalog;
    });
}

Result<std::unique_ptr<Catalog>> Catalog::openForReading(std::vector<CatalogCopy> copies,
                                                         const Environment& environment)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<Catalog>> {
        auto mirror = CAIRN_TRY(inspectAtRest(copies, environment.clock));
        auto doubtful = findDoubtful(mirror, copies, 0);
        auto halfWrittenApart = findHalfWrittenApart(mirror, 0);
        Parts parts = describe(std::move(copies), mirror, environment);
        parts.doubtful = std::move(doubtful);
        parts.halfWrittenApart = std::move(halfWrittenApart);
        const auto& holders = mirror.holders.front();
        InspectedCopy& chosen = mirror.copies[holders.front()];
        parts.head = chosen.head;
        parts.newerFormat = chosen.newer;
        parts.live = {holders.front()};
        parts.spare.assign(holders.begin() + 1, holders.end());
        parts.database = std::move(chosen.database);
        release(mirror);
        return std::make_unique<StoredCatalog>(std::move(parts));
    });
}

Result<std::unique_ptr<Catalog>> Catalog::openForWriting(std::vector<CatalogCopy> copies,
                                                         const Environment& environment)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<Catalog>> {
        auto locks = CAIRN_TRY(WriterLocks::take(copies, environment.clock));
        auto mirror = CAIRN_TRY(inspectMirror(copies));
        CAIRN_TRY(checkFormats(mirror));
        if (mirror.diverged())
            return failure(ErrorCode::HistoriesDiverged);
        const auto doubtful = findDoubtful(mirror, copies, 0);
        Parts parts = describe(std::move(copies), mirror, environment);
        parts.locks = std::move(locks);
        CAIRN_TRY(checkForeign(parts, mirror));
        CAIRN_TRY(openHistory(parts, mirror, 0));
        CAIRN_TRY(checkReplaced(parts));
        auto catalog = std::make_unique<StoredCatalog>(std::move(parts));
        if (!doubtful.empty())
            CAIRN_TRY(catalog->recordDoubt(doubtful));
        CAIRN_TRY(repairOthers(catalog->parts(), mirror));
        markLive(catalog->parts());
        return catalog;
    });
}

Result<std::unique_ptr<Catalog>> Catalog::chooseHistory(std::vector<CatalogCopy> copies,
                                                        const std::string& historyId,
                                                        const Environment& environment)
{
    return catchOutOfMemory([&]() -> Result<std::unique_ptr<Catalog>> {
        auto locks = CAIRN_TRY(WriterLocks::take(copies, environment.clock));
        auto mirror = CAIRN_TRY(inspectMirror(copies));
        CAIRN_TRY(checkFormats(mirror));
        const auto at = std::ranges::find(mirror.histories, historyId, &CatalogHistory::id);
        if (at == mirror.histories.end())
            return failure(ErrorCode::UnknownHistory, historyId);
        const auto chosen = static_cast<std::size_t>(at - mirror.histories.begin());
        const auto givenUp = findGivenUp(mirror, chosen);
        // What it was to exchange, and what is kept of it, only its own catalog tells apart.
        for (const GivenUpHistory& history : givenUp) {
            if (!history.swaps.empty())
                return failure(ErrorCode::CannotSwap, history.swaps.front().source.name,
                               kSwapUnfinished, history.swaps.front().generation);
        }
        const auto doubtful = findDoubtful(mirror, copies, chosen);
        const auto halfWritten = findHalfWrittenApart(mirror, chosen);
        Parts parts = describe(std::move(copies), mirror, environment);
        parts.locks = std::move(locks);
        CAIRN_TRY(checkForeign(parts, mirror));
        CAIRN_TRY(openHistory(parts, mirror, chosen));
        CAIRN_TRY(checkReplaced(parts));
        // The ledger learns what is given up before any of it is overwritten. A crash in between
        // leaves the histories apart, to be chosen from again.
        auto catalog = std::make_unique<StoredCatalog>(std::move(parts));
        CAIRN_TRY(catalog->recordChoice(historyId, givenUp, halfWritten, doubtful));
        CAIRN_TRY(repairOthers(catalog->parts(), mirror));
        markLive(catalog->parts());
        return catalog;
    });
}

} // namespace cairn
