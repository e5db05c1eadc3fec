// Plans an import, and carries the plan out.
#include "core/backup/import_generation.h"

#include "core/backup/candidates.h"
#include "core/backup/copy_job.h"
#include "core/backup/guards.h"
#include "core/backup/image_chunks.h"
#include "core/backup/one_history.h"
#include "core/backup/resume.h"
#include "core/backup/seal.h"
#include "core/backup/tape_record.h"
#include "core/backup/written_since.h"

#include <algorithm>
#include <filesystem>
#include <fmt/format.h>

namespace cairn {
namespace {

// A version 8 UUID (RFC 9562) made of the file's path.
RegionId identityOf(const std::string& path)
{
    std::error_code failed;
    const auto absolute = std::filesystem::absolute(path, failed);
    const std::string text = failed ? path : absolute.lexically_normal().string();
    const Digest digest = digestOf(std::as_bytes(std::span(text)));
    RegionId id;
    std::ranges::transform(digest.bytes, id.uuid.bytes.begin(),
                           [](std::byte byte) { return std::to_integer<std::uint8_t>(byte); });
    id.uuid.bytes[6] = static_cast<std::uint8_t>((id.uuid.bytes[6] & 0x0fU) | 0x80U);
    id.uuid.bytes[8] = static_cast<std::uint8_t>((id.uuid.bytes[8] & 0x3fU) | 0x80U);
    return id;
}

// The interrupted import of that very image onto that target.
std::optional<Job> interruptedImport(Attachment& attachment, const Records& records,
                                     const NewGeneration& record, const RegionId& target)
{
    const auto isSame = [&](const Job& job) {
        const Generation* generation = records.find(job.generation);
        return job.kind == JobKind::Import && job.target.id == target && generation != nullptr &&
               generation->source.id == record.source.id &&
               generation->sizeBytes == record.sizeBytes &&
               generation->digest == record.import->content &&
               generation->unreadable == record.import->unreadable && attachment.isInterrupted(job);
    };
    const auto found = std::ranges::find_if(records.jobs, isSame);
    return found == records.jobs.end() ? std::nullopt : std::optional(*found);
}

Result<CandidateTarget> checkTarget(Attachment& attachment, const Records& records,
                                    const GenerationImport& plan)
{
    auto candidate = candidateFor(attachment, records, plan.target, plan.record.sizeBytes);
    CAIRN_TRY(checkCandidate(attachment, candidate, plan.target, plan.confirmedName));
    return candidate;
}

Result<void> checkAgain(Attachment& attachment, const GenerationImport& plan)
{
    const ArrayLayout layout = attachment.array().layout();
    CAIRN_TRY(requireUnchanged(layout, plan.target, true));
    const Records records = CAIRN_TRY(readRecords(attachment));
    const auto candidate = CAIRN_TRY(checkTarget(attachment, records, plan));
    return requireAsPlanned(candidate, plan.candidate, plan.target);
}

// Now that no other process can write, and before the record: whoever came first has won.
Result<void> checkLast(Attachment& attachment, Catalog& catalog, const GenerationImport& plan,
                       const HistoryMark& mark)
{
    CAIRN_TRY(requireNotWrittenSince(catalog, mark, {plan.target}));
    const Records records = CAIRN_TRY(readRecordsAgain(attachment, catalog, {plan.target}));
    const auto candidate = CAIRN_TRY(checkTarget(attachment, records, plan));
    CAIRN_TRY(requireAsPlanned(candidate, plan.candidate, plan.target));
    return requireNoBackupOf(attachment, records, plan.target);
}

Result<BackupOutcome> copyPlanned(Attachment& attachment, const GenerationImport& plan,
                                  const HistoryMark& mark, ChunkStream& chunks,
                                  CopyControl& control)
{
    // A target that cannot be opened must not cost the backup that it holds its record.
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment, {plan.target.id}));
    Catalog& catalog = writing.catalog();
    CAIRN_TRY(checkLast(attachment, catalog, plan, mark));
    UnsealedForNow unsealed(
        attachment, catalog,
        plan.record.seal ? 0 : CAIRN_TRY(unsealForWriting(attachment, catalog, plan.target)));

    NewGeneration record = plan.record;
    record.target = refTo(plan.target);
    BackupOutcome outcome;
    outcome.number = CAIRN_TRY(catalog.begin(record));
    unsealed.letGo();
    if (record.seal)
        CAIRN_TRY(attachment.followSeals());
    const Job job = CAIRN_TRY(findJob(catalog, outcome.number, JobKind::Import));
    outcome.copy = CAIRN_TRY(runImport(attachment, catalog, job, plan.target,
                                       {chunks, record.import->content}, plan.verify, control));
    outcome.state = CAIRN_TRY(catalog.generation(outcome.number)).state;
    return outcome;
}

Result<BackupOutcome> importPlanned(Attachment& attachment, const GenerationImport& plan,
                                    ChunkStream& chunks, CopyControl& control)
{
    CAIRN_TRY(attachment.refresh());
    const HistoryMark mark = CAIRN_TRY(ledgerMark(attachment));
    CAIRN_TRY(checkAgain(attachment, plan));
    // Nothing has been written so far, the catalog included.
    if (!control.checkpoint({.totalBytes = plan.record.sizeBytes}))
        return failure(ErrorCode::Canceled, plan.target.name);
    const auto claim = CAIRN_TRY(RegionClaim::take(attachment, std::nullopt, plan.target));
    CAIRN_TRY(requireNothingLost(attachment, plan.target, plan.confirmedName, control));
    return copyPlanned(attachment, plan, mark, chunks, control);
}

Result<BackupOutcome> resumePlanned(Attachment& attachment, const GenerationImport& plan,
                                    ChunkStream& chunks, CopyControl& control)
{
    BackupOutcome outcome;
    outcome.number = plan.interrupted->generation;
    outcome.copy =
        CAIRN_TRY(resumeImport(attachment, plan.interrupted->id, chunks, plan.verify, control));
    const auto catalog = CAIRN_TRY(attachment.catalog());
    outcome.state = CAIRN_TRY(catalog->generation(outcome.number)).state;
    return outcome;
}

} // namespace

Result<ImportedImage> openExport(ArchiveInput input, const std::string& location)
{
    return catchOutOfMemory([&]() -> Result<ImportedImage> {
        const std::string name = input.name;
        auto reader = CAIRN_TRY(TapeReader::open(std::move(input)));
        TapeRecord tape = CAIRN_TRY(parseTapeRecord(reader->record(), name));
        Generation& original = tape.generation;
        reader->setSize(original.sizeBytes);
        SectorMap unreadable;
        if (original.state == GenerationState::Partial)
            unreadable = CAIRN_TRY(reader->readUnreadable());
        ImportedImage image;
        image.record =
            NewGeneration{.source = original.source,
                          .target = {},
                          .sizeBytes = original.sizeBytes,
                          .label = original.label,
                          .note = original.note,
                          .content = original.content,
                          .consistency = original.consistency,
                          .import = NewGeneration::Import{
                              .location = location,
                              .origin = fmt::format("backup #{} of array {} ({})", original.number,
                                                    tape.arrayLabel, tape.arrayId.toString()),
                              .takenMs = original.startedMs,
                              .content = original.digest,
                              .takenAsIs = original.takenAsIs,
                              .unreadable = std::move(unreadable)}};
        image.chunks = std::move(reader);
        return image;
    });
}

Result<ImportedImage> openImage(const ImageFile& file, const RegionRef& source)
{
    return catchOutOfMemory([&]() -> Result<ImportedImage> {
        auto chunks = CAIRN_TRY(ImageChunks::open(file));
        ImportedImage image;
        image.record =
            NewGeneration{.source = source,
                          .target = {},
                          .sizeBytes = chunks->sizeBytes(),
                          .label = {},
                          .note = {},
                          .content = chunks->content(),
                          .import = NewGeneration::Import{
                              .location = file.path,
                              .origin = file.mapfile.empty() ? "image" : "image of a rescue",
                              .takenMs = 0,
                              .content = {},
                              .unreadable = chunks->unreadable()}};
        if (image.record.source.id.uuid.isNull())
            image.record.source = {identityOf(file.path), chunks->fileName(), {}};
        image.chunks = std::move(chunks);
        return image;
    });
}

Result<GenerationImport> planImport(Attachment& attachment, const NewGeneration& record,
                                    const RegionId& target, const ImportOptions& options)
{
    CAIRN_ASSERT(record.import.has_value());
    return catchOutOfMemory([&]() -> Result<GenerationImport> {
        CAIRN_TRY(requireOneHistory(attachment));
        const Records records = CAIRN_TRY(readRecords(attachment));
        GenerationImport plan;
        plan.record = record;
        plan.target = CAIRN_TRY(requireRegion(records.layout, target));
        plan.record.seal = options.seal.value_or(sealsByDefault(records.layout, plan.target));
        plan.verify = options.verify;
        plan.confirmedName = options.confirmedName;
        if (record.source.id == target)
            return failure(ErrorCode::SourceIsTarget, plan.target.name);
        plan.interrupted = interruptedImport(attachment, records, record, target);
        if (!plan.interrupted)
            plan.candidate = CAIRN_TRY(checkTarget(attachment, records, plan));
        return plan;
    });
}

Result<void> checkImport(const GenerationImport& plan, ChunkStream& chunks, CopyControl& control)
{
    std::optional<Digest> content;
    if (plan.record.import->content != Digest{})
        content = plan.record.import->content;
    return checkStream(chunks, plan.record.sizeBytes, content, control);
}

Result<BackupOutcome> importGeneration(Attachment& attachment, const GenerationImport& plan,
                                       ChunkStream& chunks, CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<BackupOutcome> {
        auto outcome = plan.interrupted ? resumePlanned(attachment, plan, chunks, control)
                                        : importPlanned(attachment, plan, chunks, control);
        // What the region holds now is read again, whatever became of it.
        CAIRN_TRY(attachment.array().refresh());
        return outcome;
    });
}

} // namespace cairn
