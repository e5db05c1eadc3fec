// Runs the copies of backups and restores, and keeps their records true.
#include "core/backup/copy_job.h"

#include "core/backup/guards.h"
#include "core/backup/seal.h"
#include "core/backup/written_since.h"
#include "core/copy/chunk_view.h"

#include <algorithm>
#include <functional>
#include <optional>
#include <tuple>

namespace cairn {
namespace {

ArrayCopy copyOf(const Job& job)
{
    return {.source = job.source.id,
            .target = job.target.id,
            .sizeBytes = job.sizeBytes,
            .done = job.done};
}

ArrayCopy copyOf(const Job& job, const Region& source)
{
    ArrayCopy copy = copyOf(job);
    copy.sourceInUse = source.use.inUse;
    return copy;
}

Result<CopyOutcome> runCopy(Attachment& attachment, Catalog& catalog, const Job& job,
                            const ArrayCopy& copy, CopyControl& control)
{
    const auto journal = CAIRN_TRY(catalog.journal(job.id));
    return attachment.array().copy(copy, *journal, control);
}

using BackupBody = std::function<Result<CopyOutcome>(CopyJournal& journal)>;

Result<CopyOutcome> markAndCopy(Attachment& attachment, Catalog& catalog, const Job& job,
                                const BackupBody& copy)
{
    // Before the first byte: a half-written filesystem must not be mounted by itself.
    CAIRN_TRY(attachment.array().markRegion(job.target.id, RegionRole::Backup));
    if (CAIRN_TRY(isSealed(catalog, job.target.id)))
        CAIRN_TRY(attachment.array().markSealed(job.target.id, true));
    const auto journal = CAIRN_TRY(catalog.journal(job.id));
    return copy(*journal);
}

// Copies chunks of a target that is not what was copied there, as it turned out.
using Mending =
    std::function<Result<CopyOutcome>(const ChunkMap& wrong, const CopyOutcome& before)>;

struct ProofWanted {
    const Region& target;
    bool verifyToo = true;
    Mending mend = {};                      // For a copy that may have believed something.
    const SourceReading* reading = nullptr; // Of the last run that copied.
};

ChunkMap unionOf(ChunkMap chunks, const ChunkMap& more)
{
    for (const ChunkMap::Run& run : more.runs())
        chunks.add(run);
    return chunks;
}

// What was copied of an import stays true where another file was named: its own one goes on.
bool keepsJob(const Job& job, const Error& error)
{
    return isResumable(error) ||
           (job.kind == JobKind::Import && error.code == ErrorCode::PlanChanged);
}

// The steps of runBackup(), for bytes that come from wherever `copy` takes them.
Result<CopyOutcome> copyAndProve(Attachment& attachment, Catalog& catalog, const Job& job,
                                 const ProofWanted& wanted, CopyControl& control,
                                 const BackupBody& copy)
{
    const auto prove = [&]() -> Result<VerifyOutcome> {
        const Generation generation = CAIRN_TRY(catalog.generation(job.generation));
        return readBack(attachment, wanted.target, generation, catalog, control);
    };
    auto copied = markAndCopy(attachment, catalog, job, copy);
    std::optional<Result<VerifyOutcome>> proof;
    if (copied && wanted.verifyToo && wanted.mend && copied->unchangedBytes > 0) {
        // The target may hold something else than was believed, which is mended before the copy is
        // called complete. Where it cannot be read back now, the copy is what it is without that.
        proof = prove();
        if (*proof && !(*proof)->good()) {
            copied = wanted.mend(unionOf((*proof)->different, (*proof)->unreadable), *copied);
            proof.reset();
        }
    }
    if (copied && CAIRN_TRY(isSealed(catalog, job.target.id))) {
        // What the copy left alone may have been there before it was to be sealed.
        if (const auto erased = attachment.array().eraseSignatures(job.target.id); !erased)
            copied = std::unexpected(erased.error());
    }
    if (!copied) {
        // The copy's own error is the one to report. Should abandon() fail too, the record stays
        // "copying", and the next open of the catalog finds it and marks it interrupted.
        std::ignore =
            catalog.abandon(job.generation, copied.error(), keepsJob(job, copied.error()));
        return copied;
    }
    CAIRN_TRY(catalog.complete(job.generation, *copied, wanted.reading));
    if (!wanted.verifyToo)
        return copied;
    const VerifyOutcome proved = CAIRN_TRY(proof ? *std::move(proof) : prove());
    CAIRN_TRY(catalog.recordOwnProof(job.generation, proved));
    CAIRN_TRY(requireGood(proved, wanted.target.name));
    return copied;
}

ChunkMap allChunksBut(const ChunkMap& left, std::uint64_t sizeBytes)
{
    ChunkMap chunks;
    for (std::uint64_t chunk = 0; chunk < chunkCount(sizeBytes); ++chunk) {
        if (!left.contains(chunk))
            chunks.add(chunk);
    }
    return chunks;
}

// Goes on with the copy as if these chunks alone were missing: the others were just read back.
// Whether those are still equal to their source is looked at again, as in any copy that goes on.
// So is whether what was skipped can be read now: the outcome tells of all that cannot.
Result<CopyOutcome> copyAgain(Attachment& attachment, Catalog& catalog, const Job& job,
                              const BackupRun& run, const ChunkMap& wrong,
                              const CopyOutcome& before, CopyControl& control)
{
    ArrayCopy copy = copyOf(job, run.regions.source);
    copy.onUnreadable = run.onUnreadable;
    copy.done = allChunksBut(unionOf(wrong, before.unreadable.chunks()), job.sizeBytes);
    auto outcome = CAIRN_TRY(runCopy(attachment, catalog, job, copy, control));
    outcome.copiedBytes = before.copiedBytes;
    outcome.writtenBytes += before.writtenBytes;
    outcome.zeroBytes += before.zeroBytes;
    // An edge that is copied a second time was written already, or is counted here.
    const std::uint64_t taken = outcome.writtenBytes + outcome.zeroBytes;
    outcome.unchangedBytes = outcome.copiedBytes - std::min(taken, outcome.copiedBytes);
    return outcome;
}

// Which chunks the restore may change; all of them where it keeps nothing.
Result<std::optional<ChunkMap>> changingChunks(Catalog& catalog, const Job& job)
{
    if (job.undo == 0)
        return std::optional<ChunkMap>();
    const Generation kept = CAIRN_TRY(catalog.generation(job.undo));
    CAIRN_ASSERT(kept.undo.has_value());
    if (kept.undo->sizeBytes != job.sizeBytes)
        return failure(ErrorCode::CatalogDamaged, job.target.name, "undo", job.undo);
    return std::optional(kept.undo->chunks);
}

// What is kept of the target makes up for these chunks alone.
Result<void> checkChanging(const Region& target, const ChunkMap& different,
                           const std::optional<ChunkMap>& changing)
{
    if (!changing || unionOf(*changing, different) == *changing)
        return {};
    return failure(ErrorCode::PlanChanged, target.name, "other chunks have changed meanwhile");
}

// What is restored is data again, and the backups that lay in the target are superseded: whatever
// fails before has left everything as it was.
Result<void> beginOverwriting(Attachment& attachment, Catalog& catalog, const Job& job,
                              const RestoreStart& start)
{
    CAIRN_TRY(attachment.array().markRegion(job.target.id, RegionRole::Data));
    auto recorded =
        start.kept ? catalog.recordKept(job.id, *start.kept) : catalog.recordOverwriting(job.id);
    if (!recorded && start.target.role == RegionRole::Backup)
        std::ignore = attachment.array().markRegion(job.target.id, RegionRole::Backup);
    return recorded;
}

Result<CopyOutcome> unmarkCopyAndProve(Attachment& attachment, Catalog& catalog, const Job& job,
                                       const RestoreStart& start, CopyControl& control)
{
    const Region& target = start.target;
    const auto digests = CAIRN_TRY(catalog.digests(job.generation));
    const auto changing = CAIRN_TRY(changingChunks(catalog, job));
    CAIRN_TRY(checkChanging(target, start.different, changing));
    ArrayCopy copy = copyOf(job);
    copy.done = allChunksBut(start.different, job.sizeBytes);
    copy.expected = digests.get();
    copy.changing = changing ? &*changing : nullptr;
    copy.beforeFirstWrite = [&] { return beginOverwriting(attachment, catalog, job, start); };
    auto copied = CAIRN_TRY(runCopy(attachment, catalog, job, copy, control));
    CAIRN_TRY(attachment.array().markRegion(job.target.id, RegionRole::Data));
    copied.copiedBytes = job.sizeBytes;
    copied.unchangedBytes = job.sizeBytes - copied.writtenBytes - copied.zeroBytes;
    const auto proof = CAIRN_TRY(readBack(attachment, target, job.sizeBytes, *digests, control));
    CAIRN_TRY(checkChanging(target, proof.different, changing));
    CAIRN_TRY(requireGood(proof, target.name));
    return copied;
}

Result<CopyOutcome> bringBackAndProve(Attachment& attachment, Catalog& catalog, const Job& job,
                                      CopyControl& control)
{
    const Generation kept = CAIRN_TRY(catalog.generation(job.generation));
    CAIRN_ASSERT(keepsOverwritten(kept));
    if (kept.sizeBytes != job.sizeBytes)
        return failure(ErrorCode::CatalogDamaged, job.target.name, "undo", job.generation);
    const ChunkSelection selection(kept.undo->chunks, kept.undo->sizeBytes);
    const auto digests = CAIRN_TRY(catalog.digests(job.generation));
    ArrayCopy copy = copyOf(job);
    copy.expected = digests.get();
    copy.targetChunks = &selection;
    copy.beforeFirstWrite = [&] { return catalog.recordOverwriting(job.id); };
    const auto copied = CAIRN_TRY(runCopy(attachment, catalog, job, copy, control));
    const auto io = CAIRN_TRY(attachment.array().openRegion(job.target.id, Access::Read));
    ChunkView view(*io, selection);
    const auto proof =
        CAIRN_TRY(verifyChunks(view, job.sizeBytes, *digests, control, attachment.environment()));
    CAIRN_TRY(io->checkNamed());
    CAIRN_TRY(requireGood(proof, job.target.name));
    return copied;
}

// As for a backup: the first error counts, and a job without an end is found again.
Result<CopyOutcome> endOrFail(Catalog& catalog, const Job& job, Result<CopyOutcome> copied)
{
    if (copied)
        CAIRN_TRY(catalog.endRestore(job.id, *copied));
    else
        std::ignore = catalog.failRestore(job.id, copied.error(), !isResumable(copied.error()));
    return copied;
}

} // namespace

Result<std::unique_ptr<RegionIo>> claimUnused(Attachment& attachment, const Region& source)
{
    if (source.use.inUse)
        return nullptr;
    return attachment.array().claimSource(source.id);
}

Result<VerifyOutcome> readBack(Attachment& attachment, const Region& region,
                               std::uint64_t sizeBytes, DigestSource& expected,
                               CopyControl& control)
{
    const auto io = CAIRN_TRY(attachment.array().openRegion(region.id, Access::Read));
    auto outcome =
        CAIRN_TRY(verifyChunks(*io, sizeBytes, expected, control, attachment.environment()));
    CAIRN_TRY(io->checkNamed());
    return outcome;
}

Result<VerifyOutcome> readBack(Attachment& attachment, const Region& region,
                               const Generation& generation, Catalog& catalog, CopyControl& control)
{
    const auto digests = CAIRN_TRY(catalog.digests(generation.number));
    if (!lacksDigests(generation))
        return readBack(attachment, region, generation.sizeBytes, *digests, control);
    const auto taken = CAIRN_TRY(catalog.digestsJournal(generation.number));
    const auto io = CAIRN_TRY(attachment.array().openRegion(region.id, Access::Read));
    auto outcome = CAIRN_TRY(takeDigests(*io, generation.sizeBytes, *digests, *taken, control,
                                         attachment.environment()));
    CAIRN_TRY(io->checkNamed());
    return outcome;
}

Result<void> requireGood(const VerifyOutcome& outcome, const std::string& subject)
{
    if (!outcome.different.empty())
        return failure(ErrorCode::DigestMismatch, subject, {}, outcome.different.count());
    if (!outcome.unreadable.empty())
        return failure(ErrorCode::Unreadable, subject, {}, outcome.unreadable.count());
    return {};
}

bool isResumable(const Error& error)
{
    // A guard that said no, or bytes that are not what they were: the same again would not help.
    return errorClass(error.code) == ErrorClass::Canceled ||
           (errorClass(error.code) == ErrorClass::Failed &&
            error.code != ErrorCode::DigestMismatch);
}

Result<Job> findJob(Catalog& catalog, GenerationNumber number, JobKind kind, std::uint64_t jobId)
{
    for (Job& job : CAIRN_TRY(catalog.jobs())) {
        if (job.generation == number && job.kind == kind && (jobId == 0 || job.id == jobId))
            return std::move(job);
    }
    return failure(ErrorCode::UnknownGeneration, {}, {}, number);
}

Result<CopyOutcome> runBackup(Attachment& attachment, Catalog& catalog, const Job& job,
                              BackupRun run, CopyControl& control)
{
    const Region& source = run.regions.source;
    SourceReading reading;
    // A source that is read as it changes is torn by its nature; one that cannot be read everywhere
    // is to be known to the sector.
    const auto mayBeCloned = [](const Job& begun, const BackupRun& how) {
        return begun.done.empty() && how.onUnreadable == OnUnreadable::Fail && how.hold.isStill();
    };
    const auto copy = [&](CopyJournal& journal) -> Result<CopyOutcome> {
        const auto believed = CAIRN_TRY(catalog.believedDigests(job.id));
        ArrayCopy plan = copyOf(job, source);
        plan.believed = believed.get();
        plan.onUnreadable = run.onUnreadable;
        plan.clone = run.clone && mayBeCloned(job, run);
        run.hold.watch(attachment.environment().clock);
        auto outcome = attachment.array().copy(plan, journal, control);
        reading = run.hold.release();
        if (!outcome || outcome->clonedBytes == 0)
            return outcome;
        if (reading.consistency != Consistency::Inconsistent) {
            reading.consistency = Consistency::Cloned;
            return outcome;
        }
        // Let go too early, or in use by now: it is copied as any other that is of no one time.
        plan.clone = false;
        plan.sourceInUse = true;
        return attachment.array().copy(plan, journal, control);
    };
    // All of the source is read once more, so that this run alone says how consistent the copy is.
    const auto mend = [&](const ChunkMap& wrong, const CopyOutcome& before) {
        auto hold = SourceHold::take(attachment.array(), source, run.policy);
        if (!hold)
            hold = SourceHold::torn("it could not be frozen again");
        hold->watch(attachment.environment().clock);
        auto outcome = copyAgain(attachment, catalog, job, run, wrong, before, control);
        reading = hold->release();
        return outcome;
    };
    return copyAndProve(attachment, catalog, job,
                        {run.regions.target, run.verifyToo, mend, &reading}, control, copy);
}

Result<CopyOutcome> runImport(Attachment& attachment, Catalog& catalog, const Job& job,
                              const Region& target, const StreamedImage& image, bool verifyToo,
                              CopyControl& control)
{
    const auto copy = [&](CopyJournal& journal) -> Result<CopyOutcome> {
        const auto io = CAIRN_TRY(attachment.array().openRegion(target.id, Access::Write));
        StreamRequest request{
            .source = image.chunks, .target = *io, .sizeBytes = job.sizeBytes, .done = job.done};
        if (image.content != Digest{})
            request.content = image.content;
        auto outcome = CAIRN_TRY(copyStream(request, journal, control, attachment.environment()));
        // What it was begun with: the stream has zeroes there, and cannot tell.
        outcome.unreadable = CAIRN_TRY(catalog.generation(job.generation)).unreadable;
        return outcome;
    };
    return copyAndProve(attachment, catalog, job, {target, verifyToo, {}}, control, copy);
}

Result<VerifyOutcome> proveBackup(Attachment& attachment, const Generation& generation,
                                  const Region& backup, CopyControl& control)
{
    const HistoryMark mark = CAIRN_TRY(ledgerMark(attachment));
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const auto digests = CAIRN_TRY(catalog->digests(generation.number));
    auto proof = CAIRN_TRY(readBack(attachment, backup, generation.sizeBytes, *digests, control));
    if (const auto good = requireGood(proof, backup.name); !good) {
        // That the backup is damaged is the error to report, whether or not it could be recorded.
        if (const auto writing = WriteAccess::take(attachment)) {
            CAIRN_TRY(
                requireNotWrittenSince(writing->catalog(), mark, {backup}, Sealing::IsAChange));
            std::ignore = writing->catalog().recordVerification(generation.number, proof);
        }
        return std::unexpected(good.error());
    }
    return proof;
}

Result<ChunkMap> findDifferent(Attachment& attachment, const Generation& backup,
                               const Region& target, CopyControl& control)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const auto digests = CAIRN_TRY(catalog->digests(backup.number));
    const auto seen = CAIRN_TRY(readBack(attachment, target, backup.sizeBytes, *digests, control));
    return unionOf(seen.different, seen.unreadable);
}

Result<CopyOutcome> runRestore(Attachment& attachment, Catalog& catalog, const Job& job,
                               const RestoreStart& start, CopyControl& control)
{
    const auto restored = [&]() -> Result<CopyOutcome> {
        // What is not written again must be what it seems to be. Where nothing was overwritten the
        // backup is there still, and was not to be seen.
        UnsealedForNow unsealed(attachment, catalog,
                                CAIRN_TRY(unsealForWriting(attachment, catalog, start.target)));
        auto copied = CAIRN_TRY(unmarkCopyAndProve(attachment, catalog, job, start, control));
        unsealed.letGo();
        return copied;
    }();
    return endOrFail(catalog, job, restored);
}

Result<CopyOutcome> runUndo(Attachment& attachment, Catalog& catalog, const Job& job,
                            CopyControl& control)
{
    return endOrFail(catalog, job, bringBackAndProve(attachment, catalog, job, control));
}

} // namespace cairn
