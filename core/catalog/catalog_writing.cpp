// How a write begins, ends, and is recorded on every copy.
#include "core/catalog/ledger.h"
#include "core/catalog/schema.h"
#include "core/catalog/stored_catalog.h"

#include <algorithm>

namespace cairn {
namespace {

// Ordinary writes leave as much free, so that what was begun can be ended and recorded.
constexpr std::uint64_t kHeadroomPages = 64;
constexpr std::uint64_t kHeadroomDivisor = 20;

// Pages that the digests of one segment take: the row's own, and those it overflows to.
constexpr std::uint64_t segmentPages(std::uint64_t chunks)
{
    return divideUp(chunks * sizeof(Digest), kPageBytes - kPageReservedBytes - 64) + 1;
}

// What is still to be written for a source of that size.
std::uint64_t digestPages(std::uint64_t sizeBytes, std::uint64_t segmentsWritten)
{
    const std::uint64_t segments = segmentCount(sizeBytes);
    if (segmentsWritten >= segments)
        return 0;
    const std::uint64_t full = segments - segmentsWritten - 1;
    return full * segmentPages(kChunksPerSegment) +
           segmentPages(segmentChunks(sizeBytes, segments - 1));
}

Result<void> setStale(RegionDatabase& database, const Uuid& member, const CommitLink& has)
{
    auto mark = CAIRN_TRY(Statement::prepare(
        database, "UPDATE member SET stale_commit = ?, stale_hash = ? WHERE uuid = ?", has.id,
        has.hash, member));
    return mark.run();
}

} // namespace

StoredCatalog::StoredCatalog(Parts parts) : m_parts(std::move(parts)), m_common(m_parts.head) {}

StoredCatalog::~StoredCatalog() = default;

// Once another host writes, what is read here is a mixture of two states: it is not even begun.
Result<void> StoredCatalog::requireLease() const
{
    std::optional<Error> fenced;
    for (const std::size_t index : m_parts.live) {
        const auto named = m_parts.copies[index].io->checkNamed();
        if (named || named.error().code != ErrorCode::Fenced)
            return {};
        fenced = named.error();
    }
    return fenced ? Result<void>(std::unexpected(*std::move(fenced))) : Result<void>();
}

Result<Transaction> StoredCatalog::startWriting()
{
    if (!m_parts.writable)
        return failure(ErrorCode::ReadOnlyArray, {}, "the catalog is open for reading");
    if (m_broken)
        return std::unexpected(*m_broken);
    CAIRN_TRY(requireLease());
    auto transaction = CAIRN_TRY(Transaction::write(*m_parts.database));
    if (!m_settled)
        CAIRN_TRY(settleOpening());
    return transaction;
}

Result<void> StoredCatalog::finishWriting(Transaction& transaction, Room room)
{
    if (room == Room::Ordinary) {
        const std::uint64_t freeNow = CAIRN_TRY(freeBytes());
        if (freeNow < headroomBytes())
            return failure(ErrorCode::CatalogFull, {}, {}, headroomBytes() - freeNow);
    }
    CAIRN_TRY(commitOnce(transaction));
    m_settled = true;
    return recordFailedCopies();
}

Result<void> StoredCatalog::commitOnce(Transaction& transaction)
{
    CommitLink next = CAIRN_TRY(addLink(*m_parts.database, m_parts.head, m_parts.environment));
    if (auto committed = transaction.commit(); !committed) {
        if (committed.error().code == ErrorCode::FlushFailed)
            m_broken = committed.error();
        return committed;
    }
    m_parts.head = std::move(next);
    const bool onAll =
        std::ranges::all_of(m_parts.database->failedCopies(), [this](std::size_t position) {
            return m_failed.contains(m_parts.live[position]);
        });
    if (onAll)
        m_common = m_parts.head;
    return {};
}

Result<void> StoredCatalog::recordFailedCopies()
{
    for (;;) {
        std::vector<std::size_t> failed;
        for (const std::size_t position : m_parts.database->failedCopies()) {
            const std::size_t index = m_parts.live[position];
            if (m_failed.insert(index).second)
                failed.push_back(index);
            m_parts.states[index].unwritten = m_parts.database->copyError(position);
        }
        if (failed.empty())
            return {};
        // It has at least the commit before the one at which it failed. Had it a later one as
        // well, that would be found among the links.
        auto transaction = CAIRN_TRY(Transaction::write(*m_parts.database));
        for (const StoredMember& stored : CAIRN_TRY(readMembers(*m_parts.database))) {
            const bool lost = std::ranges::any_of(failed, [&](std::size_t index) {
                return m_parts.copies[index].member == stored.member.id;
            });
            if (lost && !stored.member.stale)
                CAIRN_TRY(markStale(stored, m_common));
        }
        CAIRN_TRY(commitOnce(transaction));
    }
}

Result<void> StoredCatalog::upgrade()
{
    // Older schemas tell by their jobs alone what is half-written.
    const auto unfinished = CAIRN_TRY(readUnfinished(*m_parts.database));
    CAIRN_TRY(upgradeSchema(*m_parts.database));
    for (const StoredUnfinished& stored : unfinished) {
        if (stored.id == 0)
            CAIRN_TRY(insertUnfinished(*m_parts.database, stored.write));
    }
    return {};
}

Result<void> StoredCatalog::settleOpening()
{
    CAIRN_TRY(upgrade());
    CAIRN_TRY(settleInterrupted());
    if (m_first)
        CAIRN_TRY(record(m_first->kind, m_first->generation, m_first->subject, m_first->detail));
    for (const std::size_t index : m_parts.repaired) {
        CAIRN_TRY(record(EventKind::MirrorRepaired, 0, m_parts.copies[index].memberName, {}));
    }
    return settleMembers();
}

Result<void> StoredCatalog::settleInterrupted()
{
    RegionDatabase& database = *m_parts.database;
    for (const StoredJob& stored : CAIRN_TRY(readJobs(database))) {
        if (!stored.running)
            continue;
        CAIRN_TRY(setJobRunning(database, stored.job.id, false));
        if (!makesGeneration(stored.job.kind))
            CAIRN_TRY(record(interruptedEvent(stored.job.kind), stored.job.generation,
                             stored.job.target.name, kWriterEnded));
    }
    std::vector<GenerationNumber> torn;
    {
        auto statement = CAIRN_TRY(Statement::prepare(
            database, "SELECT number FROM generation WHERE state = 1 ORDER BY number"));
        torn = CAIRN_TRY(numbersIn(statement));
    }
    for (const GenerationNumber number : torn) {
        Generation generation = CAIRN_TRY(readGeneration(database, number));
        CAIRN_TRY(dropBelieved(generation));
        generation.state = GenerationState::Interrupted;
        generation.failureDetail = kWriterEnded;
        CAIRN_TRY(updateGeneration(database, generation));
        CAIRN_TRY(record(EventKind::BackupInterrupted, number, generation.target.name,
                         generation.failureDetail));
    }
    return {};
}

Result<void> StoredCatalog::settleMembers()
{
    for (const StoredMember& stored : CAIRN_TRY(readMembers(*m_parts.database))) {
        const KnownMember& member = stored.member;
        const bool live = isLive(member.id);
        if (live && member.stale) {
            auto clear = CAIRN_TRY(Statement::prepare(
                *m_parts.database,
                "UPDATE member SET stale_commit = NULL, stale_hash = NULL WHERE uuid = ?",
                member.id));
            CAIRN_TRY(clear.run());
        } else if (!live && !member.stale && member.holdsCatalog && !member.removed) {
            CAIRN_TRY(markStale(stored, lastCommitOn(member.id)));
        }
    }
    return {};
}

// One that was not repaired stopped earlier than one that is not attached.
const CommitLink& StoredCatalog::lastCommitOn(const Uuid& member) const
{
    for (std::size_t i = 0; i < m_parts.found.size(); ++i) {
        if (m_parts.copies[i].member == member && m_parts.found[i].id != 0)
            return m_parts.found[i];
    }
    return m_parts.head;
}

Result<void> StoredCatalog::markStale(const StoredMember& member, const CommitLink& common)
{
    CAIRN_TRY(setStale(*m_parts.database, member.member.id, common));
    CAIRN_TRY(
        record(EventKind::MemberStale, 0, member.member.location, member.member.id.toString()));
    return {};
}

bool StoredCatalog::isLive(const Uuid& member) const
{
    return std::ranges::any_of(m_parts.live, [&](std::size_t index) {
        return m_parts.copies[index].member == member && !m_failed.contains(index);
    });
}

std::uint64_t StoredCatalog::headroomBytes() const
{
    return std::max(kHeadroomPages, m_parts.database->pageLimit() / kHeadroomDivisor) * kPageBytes;
}

Result<void> StoredCatalog::checkRoomForDigests()
{
    RegionDatabase& database = *m_parts.database;
    std::uint64_t wantedBytes = headroomBytes();
    for (const StoredJob& stored : CAIRN_TRY(readJobs(database))) {
        const Job& job = stored.job;
        const GenerationNumber number = makesGeneration(job.kind) ? job.generation : job.undo;
        if (number == 0)
            continue;
        const std::uint64_t sizeBytes = CAIRN_TRY(readGeneration(database, number)).sizeBytes;
        const std::uint64_t written = CAIRN_TRY(countSegments(database, number));
        wantedBytes += digestPages(sizeBytes, written) * kPageBytes;
    }
    const std::uint64_t freeNow = CAIRN_TRY(freeBytes());
    if (freeNow < wantedBytes)
        return failure(ErrorCode::CatalogFull, {}, {}, wantedBytes - freeNow);
    return {};
}

Result<std::uint64_t> StoredCatalog::record(EventKind kind, GenerationNumber generation,
                                            const std::string& subject, const std::string& detail)
{
    const HostIdentity& host = m_parts.environment.host;
    Event event;
    event.kind = kind;
    event.generation = generation;
    event.timeMs = m_parts.environment.clock.nowUnixMs();
    event.hostId = host.id;
    event.hostName = storable(host.name);
    event.subject = storable(subject);
    event.detail = storable(detail);
    const auto hostRow = CAIRN_TRY(internHost(*m_parts.database, host.id, host.name));
    return appendToLedger(*m_parts.database, std::move(event), hostRow);
}

Result<void> StoredCatalog::createContent(const NewArrayRecord& array)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const std::lock_guard lock(m_mutex);
        RegionDatabase& database = *m_parts.database;
        auto transaction = CAIRN_TRY(Transaction::write(database));
        CAIRN_TRY(upgradeSchema(database));
        auto insert = CAIRN_TRY(Statement::prepare(
            database, "INSERT INTO array(only, id, label, created_ms) VALUES(1, ?, ?, ?)",
            array.arrayId, storable(array.label), m_parts.environment.clock.nowUnixMs()));
        CAIRN_TRY(insert.run());
        for (const KnownMember& member : array.members)
            CAIRN_TRY(writeMember(database, member));
        const auto kind = array.adopted ? EventKind::ArrayAdopted : EventKind::ArrayCreated;
        CAIRN_TRY(record(kind, 0, array.label, array.arrayId.toString()));
        return finishWriting(transaction, Room::Headroom);
    });
}

Result<void> StoredCatalog::recordAncestors(const std::vector<Ancestor>& ancestors)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const std::lock_guard lock(m_mutex);
        auto transaction = CAIRN_TRY(Transaction::write(*m_parts.database));
        for (const Ancestor& ancestor : ancestors) {
            CAIRN_TRY(setStale(*m_parts.database, ancestor.member, ancestor.head));
        }
        return commitOnce(transaction);
    });
}

Result<void> StoredCatalog::doubt(const std::vector<GenerationNumber>& numbers, EventKind why,
                                  const std::string& detail)
{
    for (const GenerationNumber number : numbers) {
        Generation generation = CAIRN_TRY(readGeneration(*m_parts.database, number));
        if (generation.state != GenerationState::Good)
            continue;
        generation.state = GenerationState::Copied;
        CAIRN_TRY(updateGeneration(*m_parts.database, generation));
        CAIRN_TRY(record(why, number, generation.target.name, detail));
    }
    return {};
}

Result<void> StoredCatalog::recordDoubt(const std::vector<GenerationNumber>& doubtful)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const std::lock_guard lock(m_mutex);
        auto transaction = CAIRN_TRY(Transaction::write(*m_parts.database));
        CAIRN_TRY(
            doubt(doubtful, EventKind::MemberStale, "in doubt: its member is an earlier one"));
        return commitOnce(transaction);
    });
}

Result<void> StoredCatalog::takeOver(const GivenUpHistory& history)
{
    for (const Event& event : history.events)
        CAIRN_TRY(record(event.kind, event.generation, event.subject, event.detail));
    for (const GenerationNumber number : history.holds) {
        // Not every number need be one of this history's, where the ledgers tell no more.
        auto generation = readGeneration(*m_parts.database, number);
        if (!generation || generation->held || !hasCopy(*generation))
            continue;
        generation->held = true;
        CAIRN_TRY(updateGeneration(*m_parts.database, *generation));
        CAIRN_TRY(record(EventKind::Held, number, generation->target.name,
                         "as in history " + history.id));
    }
    return {};
}

Result<void> StoredCatalog::endJobsOn(const std::vector<RegionRef>& written)
{
    const auto wrote = [&](const RegionRef& region) {
        return std::ranges::find(written, region.id, &RegionRef::id) != written.end();
    };
    for (const StoredJob& stored : CAIRN_TRY(readJobs(*m_parts.database))) {
        const Job& job = stored.job;
        const bool target = wrote(job.target);
        if (!target && (job.kind != JobKind::Backup || !wrote(job.source)))
            continue;
        const Error why{ErrorCode::PlanChanged, 0, target ? job.target.name : job.source.name,
                        "another history wrote the region since", 0};
        if (makesGeneration(job.kind))
            CAIRN_TRY(endBackup(job.generation, why, false));
        else
            CAIRN_TRY(dropJob(job, failedEvent(job.kind), why.detail));
    }
    return {};
}

Result<void> StoredCatalog::recordChoice(const std::string& historyId,
                                         const std::vector<GivenUpHistory>& givenUp,
                                         const std::vector<UnfinishedWrite>& halfWritten,
                                         const std::vector<GenerationNumber>& doubtful)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const std::lock_guard lock(m_mutex);
        // settleOpening() waits for a later commit: the others will be up to date by then.
        auto transaction = CAIRN_TRY(Transaction::write(*m_parts.database));
        std::string summaries;
        for (const GivenUpHistory& history : givenUp)
            summaries += history.summary + ";";
        CAIRN_TRY(record(EventKind::HistoryChosen, 0, historyId, summaries));
        for (const GivenUpHistory& history : givenUp) {
            CAIRN_TRY(takeOver(history));
            CAIRN_TRY(takeOverSeals(history.seals));
            CAIRN_TRY(endJobsOn(history.written));
        }
        if (!halfWritten.empty())
            CAIRN_TRY(upgrade());
        for (const UnfinishedWrite& write : halfWritten)
            CAIRN_TRY(insertUnfinished(*m_parts.database, write));
        CAIRN_TRY(
            doubt(doubtful, EventKind::HistoryChosen, "in doubt: its member was written apart"));
        return commitOnce(transaction);
    });
}

} // namespace cairn
