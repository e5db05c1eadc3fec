// Restores, what they keep, and their undoing.
#include "core/catalog/job_journal.h"
#include "core/catalog/stored_catalog.h"

#include <algorithm>
#include <limits>

namespace cairn {
namespace {

// A restore, or the undoing of one.
Result<Job> readRestore(RegionDatabase& database, std::uint64_t jobId)
{
    auto stored = CAIRN_TRY(readJob(database, jobId));
    if (stored.job.kind != JobKind::Restore && stored.job.kind != JobKind::Undo)
        return noSuchJob("no restore", jobId);
    return std::move(stored.job);
}

Result<Job> readKeepingRestore(RegionDatabase& database, std::uint64_t jobId)
{
    auto stored = CAIRN_TRY(readJob(database, jobId));
    if (!stored.running || stored.job.undo == 0)
        return noSuchJob("keeps nothing", jobId);
    return std::move(stored.job);
}

std::unexpected<Error> notUsable(const Generation& generation, const char* why)
{
    return failure(ErrorCode::BackupNotUsable, generation.target.name, why, generation.number);
}

bool isWhole(const Generation& generation)
{
    return generation.state == GenerationState::Copied || generation.state == GenerationState::Good;
}

// Whether it was begun to keep something, and nothing was overwritten yet.
bool isBeingKept(const Generation& generation)
{
    return generation.undo && generation.undo->keptMs == 0 &&
           (isWhole(generation) || generation.state == GenerationState::Copying ||
            generation.state == GenerationState::Partial ||
            generation.state == GenerationState::Interrupted);
}

// That its chunks are inside the extent is checked with the row.
Result<void> checkNewUndo(const NewUndo& undo, const Job& restore)
{
    if (undo.sizeBytes != restore.sizeBytes)
        return failure(ErrorCode::InvalidSize, restore.target.name);
    if (undo.area.id == restore.target.id || undo.area.id == restore.source.id)
        return failure(ErrorCode::SourceIsTarget, undo.area.name);
    return {};
}

} // namespace

EventKind startedEvent(JobKind kind)
{
    return kind == JobKind::Undo ? EventKind::UndoStarted : EventKind::RestoreStarted;
}

EventKind failedEvent(JobKind kind)
{
    return kind == JobKind::Undo ? EventKind::UndoFailed : EventKind::RestoreFailed;
}

EventKind interruptedEvent(JobKind kind)
{
    return kind == JobKind::Undo ? EventKind::UndoInterrupted : EventKind::RestoreInterrupted;
}

EventKind canceledEvent(JobKind kind)
{
    return kind == JobKind::Undo ? EventKind::UndoCanceled : EventKind::RestoreCanceled;
}

Result<std::uint64_t> StoredCatalog::beginRestore(GenerationNumber number, const RegionRef& target,
                                                  const NewUndo* undo)
{
    return write(Room::Ordinary, [&]() -> Result<std::uint64_t> {
        RegionDatabase& database = *m_parts.database;
        const HostIdentity& host = m_parts.environment.host;
        const auto generation = CAIRN_TRY(readGeneration(database, number));
        if (!isWhole(generation) || generation.undo)
            return notUsable(generation, stateName(generation.state));
        if (generation.target.id == target.id)
            return failure(ErrorCode::SourceIsTarget, target.name);
        const TargetUse use{.target = target, .source = generation.target.id};
        CAIRN_TRY(checkTarget(use));
        Job job;
        job.id = CAIRN_TRY(record(EventKind::RestoreStarted, number, target.name, {}));
        job.kind = JobKind::Restore;
        job.generation = number;
        job.source = generation.target;
        job.target = target;
        job.sizeBytes = generation.sizeBytes;
        job.startedMs = m_parts.environment.clock.nowUnixMs();
        job.savedMs = job.startedMs;
        const auto hostRow = CAIRN_TRY(internHost(database, host.id, host.name));
        CAIRN_TRY(insertJob(database, job, hostRow));
        if (undo != nullptr) {
            CAIRN_TRY(beginKeeping(job, *undo));
            CAIRN_TRY(checkRoomForDigests());
        }
        return job.id;
    });
}

Result<GenerationNumber> StoredCatalog::beginKeeping(const Job& job, const NewUndo& undo)
{
    CAIRN_TRY(checkNewUndo(undo, job));
    RegionDatabase& database = *m_parts.database;
    Generation generation;
    generation.number = CAIRN_TRY(nextGenerationNumber(database));
    CAIRN_TRY(takeTarget(
        {.target = undo.area, .source = job.target.id, .by = generation.number, .jobId = job.id}));
    generation.source = job.target;
    generation.target = undo.area;
    generation.sizeBytes = undo.chunks.count() * kChunkBytes;
    generation.content = undo.content;
    generation.startedMs = m_parts.environment.clock.nowUnixMs();
    generation.hostId = m_parts.environment.host.id;
    generation.hostName = m_parts.environment.host.name;
    generation.undo = UndoCopy{.restored = job.generation,
                               .jobId = job.id,
                               .sizeBytes = undo.sizeBytes,
                               .chunks = undo.chunks,
                               .contentBefore = undo.contentBefore,
                               .contentAfter = undo.contentAfter,
                               .keptMs = 0,
                               .undoneMs = 0};
    CAIRN_TRY(insertGeneration(database, generation, m_parts.head.id + 1));
    CAIRN_TRY(record(EventKind::BackupStarted, generation.number, undo.area.name,
                     "undo of " + std::to_string(job.generation)));
    CAIRN_TRY(beginWrite({.kind = WriteKind::Backup,
                          .generation = generation.number,
                          .region = undo.area,
                          .sizeBytes = generation.sizeBytes}));
    return generation.number;
}

Result<GenerationNumber> StoredCatalog::restartKeeping(std::uint64_t jobId, const NewUndo& undo)
{
    return write(Room::Ordinary, [&]() -> Result<GenerationNumber> {
        RegionDatabase& database = *m_parts.database;
        const Job job = CAIRN_TRY(readKeepingRestore(database, jobId));
        const auto before = CAIRN_TRY(readGeneration(database, job.undo));
        // What is kept may be all that is left of what was overwritten since.
        if (!before.undo || before.undo->keptMs != 0)
            return notUsable(before, "kept already");
        CAIRN_TRY(failKeeping(job.undo));
        CAIRN_TRY(detachUndoCopy(database, job.undo));
        const auto number = CAIRN_TRY(beginKeeping(job, undo));
        CAIRN_TRY(checkRoomForDigests());
        return number;
    });
}

// Nothing was overwritten yet, so that nothing is lost with it.
Result<void> StoredCatalog::failKeeping(GenerationNumber number)
{
    RegionDatabase& database = *m_parts.database;
    auto generation = CAIRN_TRY(readGeneration(database, number));
    if (!isBeingKept(generation))
        return {};
    generation.state = GenerationState::Failed;
    generation.failure = ErrorCode::Canceled;
    generation.failureDetail = "given up";
    generation.finishedMs = m_parts.environment.clock.nowUnixMs();
    CAIRN_TRY(updateGeneration(database, generation));
    CAIRN_TRY(deleteDigests(database, number));
    CAIRN_TRY(record(EventKind::BackupFailed, number, generation.target.name, "given up"));
    return {};
}

Result<std::unique_ptr<CopyJournal>> StoredCatalog::keepJournal(std::uint64_t jobId)
{
    return read([&]() -> Result<std::unique_ptr<CopyJournal>> {
        const Job job = CAIRN_TRY(readKeepingRestore(*m_parts.database, jobId));
        return std::make_unique<JobJournal>(*this, &StoredCatalog::recordKeptDigests, jobId,
                                            job.undo);
    });
}

// Which chunks are done is not kept: the keeping goes on from its beginning.
Result<void> StoredCatalog::recordKeptDigests(std::uint64_t jobId, const ChunkMap&,
                                              std::span<const DigestSegment> segments)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        RegionDatabase& database = *m_parts.database;
        const Job job = CAIRN_TRY(readKeepingRestore(database, jobId));
        const auto generation = CAIRN_TRY(copyingGeneration(job.undo));
        CAIRN_TRY(checkSegments(jobId, generation.sizeBytes, segments));
        for (const DigestSegment& segment : segments)
            CAIRN_TRY(writeSegment(database, job.undo, segment));
        return {};
    });
}

Result<void> StoredCatalog::recordKept(std::uint64_t jobId, const VerifyOutcome& proof)
{
    CAIRN_ASSERT(proof.good());
    return write(Room::Headroom, [&]() -> Result<void> {
        const Job job = CAIRN_TRY(readKeepingRestore(*m_parts.database, jobId));
        RegionDatabase& database = *m_parts.database;
        auto kept = CAIRN_TRY(readGeneration(database, job.undo));
        kept.finishedMs = m_parts.environment.clock.nowUnixMs();
        CAIRN_TRY(recordProof(std::move(kept), proof));
        CAIRN_TRY(markKept(database, job.undo, m_parts.environment.clock.nowUnixMs()));
        // Where the target was half-written already, what is kept of it is.
        CAIRN_TRY(keepUnfinished(database, job.target.id, job.sizeBytes, job.undo));
        CAIRN_TRY(beginWrite({.kind = WriteKind::Restore,
                              .generation = job.generation,
                              .region = job.target,
                              .sizeBytes = job.sizeBytes}));
        return takeTarget(
            {.target = job.target, .source = job.source.id, .jobId = jobId, .kept = true});
    });
}

Result<void> StoredCatalog::recordOverwriting(std::uint64_t jobId)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        RegionDatabase& database = *m_parts.database;
        const Job job = CAIRN_TRY(readRestore(database, jobId));
        UnfinishedWrite write{.kind = static_cast<WriteKind>(job.kind),
                              .generation = job.generation,
                              .region = job.target,
                              .sizeBytes = job.sizeBytes};
        for (const StoredUnfinished& stored : CAIRN_TRY(readUnfinished(database))) {
            const UnfinishedWrite& known = stored.write;
            if (known.region.id == write.region.id && known.kind == write.kind &&
                known.generation == write.generation && known.acceptedMs == 0 && known.keptBy == 0)
                return {};
        }
        if (job.kind == JobKind::Undo) {
            const auto kept = CAIRN_TRY(readGeneration(database, job.generation));
            if (!kept.undo)
                return notUsable(kept, "it undoes nothing");
            write.sizeBytes = kept.undo->sizeBytes;
        }
        CAIRN_TRY(beginWrite(std::move(write)));
        return takeTarget({.target = job.target, .source = job.source.id, .jobId = jobId});
    });
}

Result<std::uint64_t> StoredCatalog::beginUndo(GenerationNumber number)
{
    return write(Room::Headroom, [&]() -> Result<std::uint64_t> {
        RegionDatabase& database = *m_parts.database;
        const HostIdentity& host = m_parts.environment.host;
        const auto generation = CAIRN_TRY(readGeneration(database, number));
        if (!isWhole(generation) || !generation.undo || generation.undo->keptMs == 0)
            return notUsable(generation, stateName(generation.state));
        if (generation.undo->undoneMs != 0)
            return notUsable(generation, "undone");
        const TargetUse use{.target = generation.source, .source = generation.target.id};
        CAIRN_TRY(checkTarget(use));
        CAIRN_TRY(giveUpWaiting(use));
        Job job;
        job.id = CAIRN_TRY(record(EventKind::UndoStarted, number, generation.source.name, {}));
        job.kind = JobKind::Undo;
        job.generation = number;
        job.source = generation.target;
        job.target = generation.source;
        job.sizeBytes = generation.sizeBytes;
        job.startedMs = m_parts.environment.clock.nowUnixMs();
        job.savedMs = job.startedMs;
        const auto hostRow = CAIRN_TRY(internHost(database, host.id, host.name));
        CAIRN_TRY(insertJob(database, job, hostRow));
        return job.id;
    });
}

Result<void> StoredCatalog::endRestore(std::uint64_t jobId, const CopyOutcome& outcome)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        RegionDatabase& database = *m_parts.database;
        const auto job = CAIRN_TRY(readRestore(database, jobId));
        // Where nothing differed nothing was overwritten: the target is the restore's all the same.
        CAIRN_TRY(takeTarget({.target = job.target, .source = job.source.id, .jobId = jobId}));
        CAIRN_TRY(deleteJob(database, jobId));
        if (job.undo != 0) // Only if nothing was overwritten: then it is not needed.
            CAIRN_TRY(failKeeping(job.undo));
        const auto generation = CAIRN_TRY(readGeneration(database, job.generation));
        if (job.kind == JobKind::Undo)
            CAIRN_TRY(endUndo(generation));
        else
            CAIRN_TRY(endWrite(generation, job.target));
        const auto kind =
            job.kind == JobKind::Undo ? EventKind::UndoFinished : EventKind::RestoreFinished;
        CAIRN_TRY(record(kind, job.generation, job.target.name,
                         std::to_string(outcome.writtenBytes + outcome.zeroBytes) +
                             " bytes written, " + std::to_string(outcome.unchangedBytes) +
                             " unchanged"));
        return {};
    });
}

Result<void> StoredCatalog::endUndo(const Generation& generation)
{
    RegionDatabase& database = *m_parts.database;
    if (!generation.undo)
        return notUsable(generation, "it undoes nothing");
    CAIRN_TRY(markUndone(database, generation, m_parts.environment.clock.nowUnixMs()));
    CAIRN_TRY(endUnfinished(database, generation.source.id, generation.undo->sizeBytes));
    CAIRN_TRY(bringBackUnfinished(database, generation.number));
    CAIRN_TRY(reinstate(generation));
    return deleteSupersededDigests(database, generation.source.id);
}

// The digest of the whole extent proves it; of a backup that was larger or smaller than the extent
// there is no such proof, and it stays superseded.
Result<void> StoredCatalog::reinstate(const Generation& kept)
{
    RegionDatabase& database = *m_parts.database;
    for (const GenerationNumber number : CAIRN_TRY(supersededByRestore(database, kept.source.id))) {
        auto generation = CAIRN_TRY(readGeneration(database, number));
        if (generation.undo || generation.sizeBytes != kept.undo->sizeBytes ||
            generation.digest != kept.undo->contentBefore ||
            CAIRN_TRY(countSegments(database, number)) != segmentCount(generation.sizeBytes))
            continue;
        // Nobody has read it back since.
        generation.state = GenerationState::Copied;
        CAIRN_TRY(updateGeneration(database, generation));
        CAIRN_TRY(placeAgain(database, number));
        CAIRN_TRY(record(EventKind::Reinstated, number, generation.target.name,
                         "by undo " + std::to_string(kept.number)));
        break;
    }
    return {};
}

// What waits to come back with an undo copy never will.
Result<void> StoredCatalog::dropKept(const Generation& generation)
{
    if (!generation.undo)
        return {};
    RegionDatabase& database = *m_parts.database;
    CAIRN_TRY(deleteKeptUnfinished(database, generation.number));
    if (generation.undo->swapped) {
        const auto restored = CAIRN_TRY(readGeneration(database, generation.undo->restored));
        if (restored.state == GenerationState::Superseded)
            CAIRN_TRY(deleteDigests(database, restored.number));
        return {};
    }
    return deleteSupersededDigests(database, generation.source.id);
}

Result<void> StoredCatalog::failRestore(std::uint64_t jobId, const Error& why, bool dropJob)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        const auto job = CAIRN_TRY(readRestore(*m_parts.database, jobId));
        const std::string detail =
            why.detail.empty() ? errorName(why.code) : errorName(why.code) + (": " + why.detail);
        const EventKind end = why.code == ErrorCode::Canceled ? canceledEvent(job.kind)
                              : dropJob                       ? failedEvent(job.kind)
                                                              : interruptedEvent(job.kind);
        if (dropJob)
            return this->dropJob(job, end, detail);
        CAIRN_TRY(setJobRunning(*m_parts.database, jobId, false));
        CAIRN_TRY(record(end, job.generation, job.target.name, detail));
        return {};
    });
}

Result<void> StoredCatalog::dropJob(const Job& job, EventKind end, const std::string& why)
{
    CAIRN_TRY(deleteJob(*m_parts.database, job.id));
    if (makesGeneration(job.kind))
        return {};
    CAIRN_TRY(record(end, job.generation, job.target.name, why));
    return job.undo != 0 ? failKeeping(job.undo) : Result<void>();
}

} // namespace cairn
