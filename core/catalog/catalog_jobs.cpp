// Jobs that run and are resumed, and what else is recorded.
#include "core/base/printable_text.h"
#include "core/catalog/job_journal.h"
#include "core/catalog/stored_catalog.h"

#include <algorithm>

namespace cairn {
namespace {

Result<void> checkJournal(const Job& job, const ChunkMap& done,
                          std::span<const DigestSegment> segments)
{
    if (!done.empty()) {
        const ChunkMap::Run& last = done.runs().back();
        if (checkedAdd(last.first, last.count).value_or(UINT64_MAX) > chunkCount(job.sizeBytes))
            return noSuchJob("chunks beyond the end", job.id);
    }
    return checkSegments(job.id, job.sizeBytes, segments);
}

} // namespace

Result<std::unique_ptr<CopyJournal>> StoredCatalog::journal(std::uint64_t jobId)
{
    return read([&]() -> Result<std::unique_ptr<CopyJournal>> {
        const auto stored = CAIRN_TRY(readJob(*m_parts.database, jobId));
        return std::make_unique<JobJournal>(*this, &StoredCatalog::recordJournal, jobId,
                                            stored.job.generation);
    });
}

Result<void> StoredCatalog::recordJournal(std::uint64_t jobId, const ChunkMap& done,
                                          std::span<const DigestSegment> segments)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        RegionDatabase& database = *m_parts.database;
        const auto stored = CAIRN_TRY(readJob(database, jobId));
        if (!stored.running)
            return noSuchJob("the job does not run", jobId);
        CAIRN_TRY(checkJournal(stored.job, done, segments));
        // A restore or undo compares with the digests of its generation; it never changes them.
        for (const DigestSegment& segment : segments) {
            if (makesGeneration(stored.job.kind))
                CAIRN_TRY(writeSegment(database, stored.job.generation, segment));
        }
        auto save = CAIRN_TRY(
            Statement::prepare(database, "UPDATE job SET done = ?, saved_ms = ? WHERE id = ?",
                               done.encode(), m_parts.environment.clock.nowUnixMs(), jobId));
        return save.run();
    });
}

Result<std::unique_ptr<CopyJournal>> StoredCatalog::digestsJournal(GenerationNumber number)
{
    return std::make_unique<JobJournal>(*this, &StoredCatalog::recordTakenDigests, number, number);
}

Result<void> StoredCatalog::recordTakenDigests(GenerationNumber number, const ChunkMap&,
                                               std::span<const DigestSegment> segments)
{
    return write(Room::Ordinary, [&]() -> Result<void> {
        RegionDatabase& database = *m_parts.database;
        const auto generation = CAIRN_TRY(readGeneration(database, number));
        if (!lacksDigests(generation))
            return failure(ErrorCode::BackupNotUsable, generation.target.name,
                           stateName(generation.state), number);
        CAIRN_TRY(checkSegments(number, generation.sizeBytes, segments));
        for (const DigestSegment& segment : segments) {
            const auto kept = CAIRN_TRY(readSegment(database, number, segment.index));
            for (std::size_t chunk = 0; chunk < kept.size(); ++chunk) {
                // What was read once is what the chunk must be from then on.
                if (kept[chunk] != Digest{} && kept[chunk] != segment.digests[chunk])
                    return failure(ErrorCode::InvalidArgument, std::to_string(number),
                                   "another digest", number);
            }
            CAIRN_TRY(writeSegment(database, number, segment));
        }
        return {};
    });
}

Result<void> StoredCatalog::recordResumed(std::uint64_t jobId)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        RegionDatabase& database = *m_parts.database;
        const auto resumed = CAIRN_TRY(readJob(database, jobId));
        const Job& job = resumed.job;
        for (const StoredJob& other : CAIRN_TRY(readJobs(database))) {
            if (other.running &&
                (other.job.target.id == job.target.id || other.job.source.id == job.target.id ||
                 other.job.target.id == job.source.id))
                return failure(ErrorCode::RegionBusy, job.target.name,
                               "job of backup " + std::to_string(other.job.generation),
                               other.job.generation);
        }
        const HostIdentity& host = m_parts.environment.host;
        const auto hostRow = CAIRN_TRY(internHost(database, host.id, host.name));
        auto run = CAIRN_TRY(Statement::prepare(
            database, "UPDATE job SET running = 1, host = ? WHERE id = ?", hostRow, jobId));
        CAIRN_TRY(run.run());
        if (!makesGeneration(job.kind)) {
            CAIRN_TRY(record(startedEvent(job.kind), job.generation, job.target.name, "resumed"));
            return {};
        }
        if (job.kind == JobKind::Backup && CAIRN_TRY(takesAsIs(job.source)))
            CAIRN_TRY(insertTakenAsIs(database, job.generation));
        auto generation = CAIRN_TRY(readGeneration(database, job.generation));
        if (generation.state != GenerationState::Interrupted)
            return failure(ErrorCode::BackupNotUsable, generation.target.name,
                           stateName(generation.state), generation.number);
        CAIRN_TRY(dropBelieved(generation));
        generation.state = GenerationState::Copying;
        generation.failure = {};
        generation.failureDetail.clear();
        CAIRN_TRY(updateGeneration(database, generation));
        CAIRN_TRY(record(EventKind::BackupResumed, job.generation, job.target.name, {}));
        return {};
    });
}

Result<void> StoredCatalog::setMembers(const std::vector<KnownMember>& members)
{
    for (const KnownMember& member : members) {
        if (member.sizeBytes > INT64_MAX)
            return failure(ErrorCode::InvalidSize, member.location);
    }
    if (m_parts.writable) {
        // Attaching tells the members each time; what is known already costs no write.
        const auto known = CAIRN_TRY(this->members());
        const bool same = std::ranges::all_of(members, [&](KnownMember member) {
            const auto at = std::ranges::find(known, member.id, &KnownMember::id);
            if (at == known.end())
                return false;
            member.location = storable(member.location);
            member.model = storable(member.model);
            member.stale = at->stale; // Not the caller's to say.
            return member == *at;
        });
        if (same)
            return {};
    }
    return write(Room::Headroom, [&]() -> Result<void> {
        for (const KnownMember& member : members) {
            CAIRN_TRY(writeMember(*m_parts.database, member));
            if (member.removed)
                CAIRN_TRY(dropSwapsOn(member.id));
        }
        return settleMembers();
    });
}

Result<void> StoredCatalog::setSetting(const std::string& key, const std::string& value)
{
    if (key.empty() || key.size() > kKiB || value.size() > kTextLimitBytes ||
        utf16Length(key) == SIZE_MAX || utf16Length(value) == SIZE_MAX)
        return failure(ErrorCode::InvalidArgument, storable(key), "setting");
    return write(Room::Ordinary, [&]() -> Result<void> {
        auto set =
            CAIRN_TRY(Statement::prepare(*m_parts.database,
                                         "INSERT INTO setting(key, value) VALUES(?, ?)"
                                         " ON CONFLICT(key) DO UPDATE SET value = excluded.value",
                                         key, value));
        return set.run();
    });
}

Result<void> StoredCatalog::append(const NewEvent& event)
{
    if (event.generation > kLargestNumber)
        return failure(ErrorCode::InvalidArgument, std::to_string(event.generation), "number");
    return write(Room::Headroom, [&]() -> Result<void> {
        CAIRN_TRY(record(event.kind, event.generation, event.subject, event.detail));
        return {};
    });
}

} // namespace cairn
