// What happens to a generation, from its beginning to its being forgotten.
#include "core/base/printable_text.h"
#include "core/catalog/recovered_record.h"
#include "core/catalog/stored_catalog.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::size_t kLabelLimitBytes = kKiB;
constexpr std::size_t kNoteLimitBytes = 4 * kKiB;

enum class Lines { One, Many };

Result<void> checkText(std::string_view text, std::size_t limitBytes, Lines lines,
                       const char* subject)
{
    if (text.size() > limitBytes)
        return failure(ErrorCode::InvalidArgument, subject, "too long", limitBytes);
    if (utf16Length(text) == SIZE_MAX)
        return failure(ErrorCode::InvalidArgument, subject, "not UTF-8");
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (isControl(text, at) && !(lines == Lines::Many && text[at] == '\n'))
            return failure(ErrorCode::InvalidArgument, subject, "control character");
    }
    return {};
}

Result<void> checkNew(const NewGeneration& wanted)
{
    CAIRN_TRY(checkText(wanted.label, kLabelLimitBytes, Lines::One, "label"));
    CAIRN_TRY(checkText(wanted.note, kNoteLimitBytes, Lines::Many, "note"));
    if (wanted.sizeBytes == 0 || wanted.sizeBytes > INT64_MAX)
        return failure(ErrorCode::InvalidSize, wanted.source.name);
    if (wanted.source.id == wanted.target.id)
        return failure(ErrorCode::SourceIsTarget, wanted.source.name);
    return {};
}

std::unexpected<Error> notUsable(const Generation& generation)
{
    return failure(ErrorCode::BackupNotUsable, generation.target.name, stateName(generation.state),
                   generation.number);
}

// A map that reaches beyond the end would make the row unreadable.
Result<void> checkDamaged(const Generation& generation)
{
    if (generation.damaged.empty())
        return {};
    const ChunkMap::Run& last = generation.damaged.runs().back();
    if (checkedAdd(last.first, last.count).value_or(UINT64_MAX) > chunkCount(generation.sizeBytes))
        return failure(ErrorCode::InvalidArgument, std::to_string(generation.number),
                       "chunks beyond the end", generation.number);
    return {};
}

// Of a copy that is as its digests say.
ErrorCode sourceFailure(const Generation& generation)
{
    return generation.unreadable.empty() ? ErrorCode{} : ErrorCode::ReadFailed;
}

std::string missingText(const SectorMap& unreadable)
{
    return std::to_string(unreadable.bytes()) + " bytes in " + std::to_string(unreadable.count()) +
           " ranges could not be read";
}

std::string describe(const Error& error)
{
    std::string text = errorName(error.code);
    if (!error.detail.empty())
        text += ": " + error.detail;
    return text;
}

std::string usedText(const std::string& usedBy)
{
    return usedBy.empty() ? usedBy : "source in use: " + usedBy;
}

// The generations whose bytes, finished or not, are in the region.
Result<std::vector<GenerationNumber>> generationsIn(RegionDatabase& database,
                                                    const RegionId& region)
{
    auto statement = CAIRN_TRY(Statement::prepare(
        database,
        "SELECT number FROM generation WHERE target IN (SELECT id FROM region WHERE uuid = ?)"
        " AND state BETWEEN 1 AND 5 ORDER BY number",
        region.uuid));
    static_assert(static_cast<int>(GenerationState::Copying) == 1 &&
                  static_cast<int>(GenerationState::Interrupted) == 5);
    return numbersIn(statement);
}

} // namespace

Result<GenerationNumber> StoredCatalog::begin(const NewGeneration& wanted)
{
    CAIRN_TRY(checkNew(wanted));
    return write(Room::Ordinary, [&]() -> Result<GenerationNumber> {
        RegionDatabase& database = *m_parts.database;
        const HostIdentity& host = m_parts.environment.host;
        Generation generation;
        generation.number = CAIRN_TRY(nextGenerationNumber(database));
        const auto& import = wanted.import;
        const auto reads = import ? std::nullopt : std::optional(wanted.source.id);
        generation.source = wanted.source;
        generation.target = wanted.target;
        CAIRN_TRY(dropBelieved(generation)); // No older record can name it, but a forged one.
        CAIRN_TRY(takeTarget({.target = wanted.target,
                              .source = reads,
                              .by = generation.number,
                              .believed = wanted.believed,
                              .seals = wanted.seal}));
        generation.sizeBytes = wanted.sizeBytes;
        generation.label = wanted.label;
        generation.note = wanted.note;
        generation.content = wanted.content;
        const std::int64_t nowMs = m_parts.environment.clock.nowUnixMs();
        generation.startedMs = import && import->takenMs != 0 ? import->takenMs : nowMs;
        generation.digest = import ? import->content : Digest{};
        generation.unreadable = import ? import->unreadable : SectorMap();
        generation.takenAsIs = import ? import->takenAsIs : CAIRN_TRY(takesAsIs(wanted.source));
        generation.consistency = wanted.consistency;
        generation.hostId = host.id;
        generation.hostName = host.name;
        CAIRN_TRY(insertGeneration(database, generation, m_parts.head.id + 1));
        Job job;
        job.id = CAIRN_TRY(record(import ? EventKind::ImportStarted : EventKind::BackupStarted,
                                  generation.number, generation.target.name,
                                  import ? import->origin : usedText(wanted.usedBy)));
        if (import)
            CAIRN_TRY(insertExport(database, generation.number, job.id, import->location));
        job.kind = import ? JobKind::Import : JobKind::Backup;
        job.generation = generation.number;
        job.source = generation.source;
        job.target = generation.target;
        job.sizeBytes = generation.sizeBytes;
        job.startedMs = nowMs;
        job.savedMs = nowMs;
        const auto hostRow = CAIRN_TRY(internHost(database, host.id, host.name));
        CAIRN_TRY(insertJob(database, job, hostRow));
        CAIRN_TRY(beginWrite({.kind = static_cast<WriteKind>(job.kind),
                              .generation = job.generation,
                              .region = job.target,
                              .sizeBytes = job.sizeBytes}));
        // What is kept only to save work must not be what a backup fails for.
        if (!checkRoomForDigests()) {
            CAIRN_TRY(dropBelieved(generation));
            CAIRN_TRY(checkRoomForDigests());
        }
        return generation.number;
    });
}

Result<void> StoredCatalog::checkTarget(const TargetUse& use)
{
    RegionDatabase& database = *m_parts.database;
    CAIRN_TRY(checkNoSwapOf(use.target));
    for (const StoredJob& stored : CAIRN_TRY(readJobs(database))) {
        const Job& job = stored.job;
        const bool conflict = job.target.id == use.target.id || job.source.id == use.target.id ||
                              (use.source && job.target.id == *use.source);
        if (stored.running && conflict && job.id != use.jobId)
            return failure(ErrorCode::RegionBusy, use.target.name,
                           "job of backup " + std::to_string(job.generation), job.generation);
    }
    for (const GenerationNumber number : CAIRN_TRY(generationsIn(database, use.target.id))) {
        const auto generation = CAIRN_TRY(readGeneration(database, number));
        if (generation.held && hasCopy(generation))
            return failure(ErrorCode::GenerationHeld, use.target.name, {}, number);
    }
    return {};
}

Result<void> StoredCatalog::takeTarget(const TargetUse& use)
{
    RegionDatabase& database = *m_parts.database;
    CAIRN_TRY(checkTarget(use));
    // Whoever writes there what is not sealed has written back first what is kept of it.
    if (use.seals)
        CAIRN_TRY(writeSeal(database, use.target.id, 0));
    else if (CAIRN_TRY(readSealStates(database)).contains(use.target.id))
        return failure(ErrorCode::PlanChanged, use.target.name, "it is sealed");
    for (const GenerationNumber number : CAIRN_TRY(generationsIn(database, use.target.id))) {
        auto generation = CAIRN_TRY(readGeneration(database, number));
        CAIRN_TRY(supersede(std::move(generation), use));
    }
    return giveUpWaiting(use);
}

// What was interrupted on its way into the target.
Result<void> StoredCatalog::giveUpWaiting(const TargetUse& use)
{
    for (const StoredJob& stored : CAIRN_TRY(readJobs(*m_parts.database))) {
        if (!stored.running && stored.job.target.id == use.target.id && stored.job.id != use.jobId)
            CAIRN_TRY(dropJob(stored.job, canceledEvent(stored.job.kind), "given up"));
    }
    return {};
}

Result<void> StoredCatalog::supersede(Generation generation, const TargetUse& use)
{
    RegionDatabase& database = *m_parts.database;
    const bool believed = use.believed == generation.number && isBelievable(generation);
    CAIRN_TRY(dropBelieved(generation));
    generation.state = GenerationState::Superseded;
    generation.supersededBy = use.by;
    CAIRN_TRY(updateGeneration(database, generation));
    if (!believed && !use.kept)
        CAIRN_TRY(deleteDigests(database, generation.number));
    if (!use.kept) // It never comes back; the ledger tells how much was missing.
        CAIRN_TRY(deleteUnreadable(database, generation.number));
    CAIRN_TRY(dropKept(generation));
    CAIRN_TRY(dropJobsOf(generation.number));
    const std::string by = use.by == 0 ? "restore" : std::to_string(use.by);
    CAIRN_TRY(record(EventKind::Superseded, generation.number, generation.target.name, by));
    return {};
}

Result<void> StoredCatalog::dropJobsOf(GenerationNumber number)
{
    for (const StoredJob& stored : CAIRN_TRY(readJobs(*m_parts.database))) {
        const Job& job = stored.job;
        if (stored.running && (job.generation == number || job.undo == number))
            return failure(ErrorCode::RegionBusy, job.target.name,
                           "job of backup " + std::to_string(number), number);
        if (job.generation == number)
            CAIRN_TRY(dropJob(job, canceledEvent(job.kind), "given up"));
    }
    return {};
}

Result<Generation> StoredCatalog::copyingGeneration(GenerationNumber number)
{
    auto generation = CAIRN_TRY(readGeneration(*m_parts.database, number));
    if (generation.state != GenerationState::Copying)
        return notUsable(generation);
    return generation;
}

Result<void> StoredCatalog::complete(GenerationNumber number, const CopyOutcome& outcome,
                                     const SourceReading* reading)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        RegionDatabase& database = *m_parts.database;
        auto generation = CAIRN_TRY(copyingGeneration(number));
        // A copy whose digests are not all kept could never be verified; those of a clone are taken
        // when it is read.
        if (outcome.clonedBytes > 0)
            CAIRN_TRY(deleteDigests(database, number));
        else if (CAIRN_TRY(countSegments(database, number)) != segmentCount(generation.sizeBytes))
            return failure(ErrorCode::InvalidArgument, std::to_string(number),
                           "digests are missing", number);
        generation.state = GenerationState::Copied;
        generation.finishedMs = m_parts.environment.clock.nowUnixMs();
        generation.writtenBytes = std::min<std::uint64_t>(outcome.writtenBytes, INT64_MAX);
        generation.digest = outcome.content;
        generation.unreadable = outcome.unreadable;
        generation.failure = sourceFailure(generation);
        generation.failureDetail.clear();
        CAIRN_TRY(writeUnreadable(database, generation));
        CAIRN_TRY(updateGeneration(database, generation));
        if (reading != nullptr)
            CAIRN_TRY(recordReading(generation, *reading));
        CAIRN_TRY(dropBelieved(generation));
        auto end = CAIRN_TRY(Statement::prepare(
            database, "DELETE FROM job WHERE generation = ? AND kind IN (1, 4)", number));
        static_assert(static_cast<int>(JobKind::Backup) == 1 &&
                      static_cast<int>(JobKind::Import) == 4);
        CAIRN_TRY(end.run());
        CAIRN_TRY(record(EventKind::BackupCopied, number, generation.target.name,
                         outcome.clonedBytes > 0 ? "cloned" : ""));
        if (!generation.unreadable.empty())
            CAIRN_TRY(record(EventKind::SourceUnreadable, number, generation.source.name,
                             missingText(generation.unreadable)));
        CAIRN_TRY(finishSeal(generation));
        return endWrite(generation, generation.target);
    });
}

Result<void> StoredCatalog::recordReading(Generation& generation, const SourceReading& reading)
{
    generation.consistency = reading.consistency;
    CAIRN_TRY(setConsistency(*m_parts.database, generation.number, reading.consistency));
    if (!reading.frozen && reading.detail.empty())
        return {};
    const bool torn = reading.consistency == Consistency::Inconsistent;
    const EventKind kind = !reading.frozen ? EventKind::SourceUsed
                           : torn          ? EventKind::SourceThawedEarly
                                           : EventKind::SourceFrozen;
    CAIRN_TRY(record(kind, generation.number, generation.source.name, reading.detail));
    return {};
}

Result<void> StoredCatalog::recordVerification(GenerationNumber number,
                                               const VerifyOutcome& outcome)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        auto generation = CAIRN_TRY(readGeneration(*m_parts.database, number));
        return recordProof(std::move(generation), outcome);
    });
}

Result<void> StoredCatalog::recordOwnProof(GenerationNumber number, const VerifyOutcome& outcome)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        auto generation = CAIRN_TRY(readGeneration(*m_parts.database, number));
        generation.finishedMs = m_parts.environment.clock.nowUnixMs();
        return recordProof(std::move(generation), outcome);
    });
}

Result<void> StoredCatalog::recordProof(Generation generation, const VerifyOutcome& outcome)
{
    if (!hasCopy(generation))
        return notUsable(generation);
    generation.readBack = outcome.readBack;
    generation.damaged = outcome.different;
    for (const ChunkMap::Run& run : outcome.unreadable.runs()) {
        for (std::uint64_t chunk = run.first; chunk < run.first + run.count; ++chunk)
            generation.damaged.add(chunk);
    }
    CAIRN_TRY(checkDamaged(generation));
    generation.failureDetail.clear();
    if (outcome.good() && lacksDigests(generation)) {
        if (CAIRN_TRY(countSegments(*m_parts.database, generation.number)) !=
            segmentCount(generation.sizeBytes))
            return failure(ErrorCode::InvalidArgument, std::to_string(generation.number),
                           "digests are missing", generation.number);
        generation.digest = outcome.content;
    }
    if (outcome.good()) {
        generation.state = isUnwitnessed(generation) || isInconsistent(generation)
                               ? GenerationState::Copied
                               : GenerationState::Good;
        generation.verifiedMs = m_parts.environment.clock.nowUnixMs();
        generation.failure = sourceFailure(generation);
    } else {
        generation.state = GenerationState::Partial;
        generation.failure =
            outcome.unreadable.empty() ? ErrorCode::DigestMismatch : ErrorCode::Unreadable;
    }
    CAIRN_TRY(updateGeneration(*m_parts.database, generation));
    const std::string detail = outcome.good()
                                   ? std::string()
                                   : std::to_string(outcome.different.count()) + " different, " +
                                         std::to_string(outcome.unreadable.count()) + " unreadable";
    CAIRN_TRY(record(outcome.good() ? EventKind::Verified : EventKind::VerifyFailed,
                     generation.number, generation.target.name, detail));
    return {};
}

Result<void> StoredCatalog::recordReread(GenerationNumber number, const RereadChunks& reread)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        RegionDatabase& database = *m_parts.database;
        auto generation = CAIRN_TRY(readGeneration(database, number));
        if (generation.state != GenerationState::Partial || generation.unreadable.empty())
            return notUsable(generation);
        const std::uint64_t before = generation.unreadable.bytes();
        RunningDigest content;
        for (std::uint64_t index = 0; index < segmentCount(generation.sizeBytes); ++index) {
            DigestSegment segment{index, CAIRN_TRY(readSegment(database, number, index))};
            const std::uint64_t first = index * kChunksPerSegment;
            const auto from = reread.digests.lower_bound(first);
            const auto to = reread.digests.lower_bound(first + segment.digests.size());
            for (auto changed = from; changed != to; ++changed)
                segment.digests[static_cast<std::size_t>(changed->first - first)] = changed->second;
            if (from != to)
                CAIRN_TRY(writeSegment(database, number, segment));
            for (const Digest& digest : segment.digests)
                content.add(digest);
        }
        generation.digest = content.digest();
        generation.unreadable = reread.left;
        generation.verifiedMs = 0; // Not as it is now.
        if (generation.damaged.empty()) {
            generation.state = GenerationState::Copied;
            generation.failure = sourceFailure(generation);
        }
        CAIRN_TRY(writeUnreadable(database, generation));
        CAIRN_TRY(updateGeneration(database, generation));
        const std::uint64_t after = reread.left.bytes();
        std::string text =
            std::to_string(before - std::min(before, after)) + " bytes were read after all";
        if (after != 0)
            text += "; " + missingText(reread.left);
        CAIRN_TRY(record(EventKind::SourceUnreadable, number, generation.source.name, text));
        return {};
    });
}

Result<void> StoredCatalog::abandon(GenerationNumber number, const Error& why, bool resumable)
{
    return write(Room::Headroom, [&] { return endBackup(number, why, resumable); });
}

Result<void> StoredCatalog::endBackup(GenerationNumber number, const Error& why, bool resumable)
{
    RegionDatabase& database = *m_parts.database;
    auto generation = CAIRN_TRY(readGeneration(database, number));
    const bool waiting = generation.state == GenerationState::Interrupted;
    if (generation.state != GenerationState::Copying && !waiting)
        return notUsable(generation);
    CAIRN_TRY(dropBelieved(generation));
    generation.failure = why.code;
    generation.failureDetail = why.detail;
    generation.state = resumable ? GenerationState::Interrupted : GenerationState::Failed;
    for (const StoredJob& stored : CAIRN_TRY(readJobs(database))) {
        if (stored.job.generation == number && makesGeneration(stored.job.kind))
            CAIRN_TRY(setJobRunning(database, stored.job.id, false));
    }
    if (!resumable) {
        generation.finishedMs = m_parts.environment.clock.nowUnixMs();
        CAIRN_TRY(dropJobsOf(number));
        CAIRN_TRY(deleteDigests(database, number));
        CAIRN_TRY(deleteUnreadable(database, number));
    }
    CAIRN_TRY(updateGeneration(database, generation));
    CAIRN_TRY(record(resumable ? EventKind::BackupInterrupted : EventKind::BackupFailed, number,
                     generation.target.name, describe(why)));
    return {};
}

Result<void> StoredCatalog::recordExport(GenerationNumber number, const std::string& location)
{
    return write(Room::Ordinary, [&]() -> Result<void> {
        const auto generation = CAIRN_TRY(readGeneration(*m_parts.database, number));
        if (!hasCopy(generation))
            return notUsable(generation);
        const auto eventId =
            CAIRN_TRY(record(EventKind::BackupExported, number, generation.target.name, location));
        return insertExport(*m_parts.database, number, eventId, location);
    });
}

Result<void> StoredCatalog::setHeld(GenerationNumber number, bool held)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        auto generation = CAIRN_TRY(readGeneration(*m_parts.database, number));
        if (held && !hasCopy(generation))
            return notUsable(generation);
        if (generation.held == held)
            return {};
        CAIRN_TRY(checkNoSwapOf(generation.target));
        generation.held = held;
        CAIRN_TRY(updateGeneration(*m_parts.database, generation));
        CAIRN_TRY(record(held ? EventKind::Held : EventKind::Released, number,
                         generation.target.name, {}));
        return {};
    });
}

Result<void> StoredCatalog::forget(GenerationNumber number)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        RegionDatabase& database = *m_parts.database;
        auto generation = CAIRN_TRY(readGeneration(database, number));
        if (generation.held)
            return failure(ErrorCode::GenerationHeld, generation.target.name, {}, number);
        if (generation.state == GenerationState::Forgotten)
            return notUsable(generation);
        CAIRN_TRY(dropJobsOf(number)); // RegionBusy while one runs.
        CAIRN_TRY(checkNoSwapOf(generation.target));
        CAIRN_TRY(dropBelieved(generation));
        generation.state = GenerationState::Forgotten;
        CAIRN_TRY(updateGeneration(database, generation));
        CAIRN_TRY(deleteDigests(database, number));
        CAIRN_TRY(deleteUnreadable(database, number));
        CAIRN_TRY(dropKept(generation));
        CAIRN_TRY(record(EventKind::Forgotten, number, generation.target.name, {}));
        return {};
    });
}

Result<void> StoredCatalog::insertRecovered(const Generation& generation,
                                            std::span<const DigestSegment> digests)
{
    CAIRN_TRY(checkText(generation.label, kTextLimitBytes, Lines::Many, "label"));
    CAIRN_TRY(checkText(generation.note, kTextLimitBytes, Lines::Many, "note"));
    if (generation.number == 0 || generation.number >= kLargestNumber ||
        generation.supersededBy > kLargestNumber || generation.writtenBytes > INT64_MAX)
        return failure(ErrorCode::InvalidArgument, std::to_string(generation.number), "number");
    if (generation.sizeBytes == 0 || generation.sizeBytes > INT64_MAX)
        return failure(ErrorCode::InvalidSize, std::to_string(generation.number));
    CAIRN_TRY(checkDamaged(generation));
    return write(Room::Ordinary, [&]() -> Result<void> {
        RegionDatabase& database = *m_parts.database;
        if (readGeneration(database, generation.number))
            return failure(ErrorCode::InvalidArgument, std::to_string(generation.number),
                           "number is in use", generation.number);
        Generation recovered = generation;
        recovered.recovered = true;
        if (recovered.undo)
            recovered.undo->jobId = 0; // Numbers of jobs begin anew.
        // Its job is not among what was recovered.
        if (recovered.state == GenerationState::Copying)
            recovered.state = GenerationState::Interrupted;
        CAIRN_TRY(insertGeneration(database, recovered, m_parts.head.id + 1));
        for (const DigestSegment& segment : digests) {
            if (segment.digests.size() != segmentChunks(recovered.sizeBytes, segment.index) ||
                segment.digests.empty())
                return failure(ErrorCode::InvalidArgument, std::to_string(generation.number),
                               "digests of segment " + std::to_string(segment.index));
            CAIRN_TRY(writeSegment(database, recovered.number, segment));
        }
        return {};
    });
}

} // namespace cairn
