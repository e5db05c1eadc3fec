// Feeds a region from a stream of bytes, and the other way round.
#include "core/backup/administer.h"

#include "core/backup/guards.h"
#include "core/backup/half_written.h"
#include "core/backup/one_history.h"
#include "core/backup/seal.h"
#include "core/backup/written_since.h"

#include <algorithm>
#include <tuple>

namespace cairn {
namespace {

Result<void> checkImport(Attachment& attachment, const Records& records, const Region& region,
                         const ImportPlan& plan)
{
    const auto refusals = targetRefusals(attachment, records, region, plan.sizeBytes);
    if (const auto refused = firstFinal(refusals, region))
        return std::unexpected(*refused);
    // A backup that waits to be resumed would go on with other bytes than it began with.
    for (const Job& job : records.jobs) {
        if (job.source.id == region.id || job.target.id == region.id)
            return failure(ErrorCode::RegionBusy, region.name, {}, job.generation);
    }
    // No record would tell that the backup is gone, so that must be said first.
    const Generation* occupant = records.occupant(region.id);
    if (occupant != nullptr && occupant->state != GenerationState::Failed)
        return failure(ErrorCode::RegionHoldsBackup, region.name, {}, occupant->number);
    return checkConfirmation(records.layout, region, plan.confirmedName, !refusals.empty(),
                             refusals.empty() ? nullptr : &refusals.front());
}

// Fills the buffer as far as the stream goes.
Result<std::size_t> readFull(const ByteSource& read, std::span<std::byte> into)
{
    std::size_t filled = 0;
    while (filled < into.size()) {
        const std::size_t got = CAIRN_TRY(read(into.subspan(filled)));
        CAIRN_ASSERT(got <= into.size() - filled);
        if (got == 0)
            break;
        filled += got;
    }
    return filled;
}

Result<void> writeChunk(RegionIo& io, std::uint64_t offset, std::span<const std::byte> bytes)
{
    if (isZero(bytes))
        return io.zero({offset, bytes.size()});
    return io.write(offset, bytes);
}

Result<std::vector<std::byte>> readFirst(const ByteSource& read, const Region& region)
{
    std::vector<std::byte> first(kChunkBytes);
    first.resize(CAIRN_TRY(readFull(read, first)));
    if (first.empty())
        return failure(ErrorCode::InvalidArgument, region.name, "nothing to import");
    if (first.size() > region.extent.lengthBytes)
        return failure(ErrorCode::TargetTooSmall, region.name);
    return first;
}

// Writes the first chunk last, so that a half-written filesystem has no signature.
Result<std::uint64_t> feed(RegionIo& io, std::span<const std::byte> first, const ByteSource& read,
                           CopyControl& control, CopyProgress& progress)
{
    CAIRN_TRY(io.zero({0, first.size()}));
    CAIRN_TRY(io.flush());

    std::vector<std::byte> chunk(kChunkBytes);
    progress.doneBytes = first.size();
    bool tooLong = false;
    for (std::size_t got = first.size(); got == kChunkBytes && !tooLong;) {
        if (!control.checkpoint(progress))
            return failure(ErrorCode::Canceled, io.name());
        got = CAIRN_TRY(readFull(read, chunk));
        const std::uint64_t room = io.sizeBytes() - progress.doneBytes;
        tooLong = got > room;
        const auto fits = static_cast<std::size_t>(std::min<std::uint64_t>(got, room));
        if (fits > 0)
            CAIRN_TRY(writeChunk(io, progress.doneBytes, std::span(chunk).first(fits)));
        progress.doneBytes += fits;
        progress.writtenBytes = progress.doneBytes;
    }
    CAIRN_TRY(io.flush());
    if (tooLong)
        return failure(ErrorCode::NoSpace, io.name(), "the stream is longer than the region");
    CAIRN_TRY(writeChunk(io, 0, first));
    CAIRN_TRY(io.flush());
    return progress.doneBytes;
}

Result<RegionExport> drain(RegionIo& io, const ByteSink& write, CopyControl& control,
                           OnUnreadable onUnreadable)
{
    std::vector<std::byte> chunk(kChunkBytes);
    RegionExport exported;
    CopyProgress progress{.phase = CopyPhase::Copying, .totalBytes = io.sizeBytes()};
    const auto checkpoint = [&]() -> Result<void> {
        if (!control.checkpoint(progress))
            return failure(ErrorCode::Canceled, io.name());
        return {};
    };
    while (progress.doneBytes < io.sizeBytes()) {
        CAIRN_TRY(checkpoint());
        const auto bytes = std::span(chunk).first(static_cast<std::size_t>(
            std::min<std::uint64_t>(kChunkBytes, io.sizeBytes() - progress.doneBytes)));
        const auto got = io.read(progress.doneBytes, bytes);
        if (!got && (onUnreadable == OnUnreadable::Fail || !isUnreadable(got.error())))
            return std::unexpected(got.error());
        if (!got)
            CAIRN_TRY(readAround(io, progress.doneBytes, bytes, exported.unreadable, checkpoint));
        CAIRN_TRY(write(bytes));
        progress.doneBytes += bytes.size();
    }
    std::ignore = control.checkpoint(progress);
    exported.sizeBytes = progress.doneBytes;
    return exported;
}

// What was checked, and where the ledger stood before.
struct AskedFor {
    HistoryMark mark;
    Region region;
};

Result<std::uint64_t> importChecked(Attachment& attachment, const AskedFor& asked,
                                    const ImportPlan& plan, std::span<const std::byte> first,
                                    const ByteSource& read, CopyControl& control)
{
    const Region& region = asked.region;
    const auto claim = CAIRN_TRY(RegionClaim::take(attachment, std::nullopt, region));
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment, {region.id}));
    // Now that no other process can write: whoever came first has won.
    CAIRN_TRY(requireNotWrittenSince(writing.catalog(), asked.mark, {region}));
    const Records now = CAIRN_TRY(readRecordsAgain(attachment, writing.catalog(), {region}));
    CAIRN_TRY(checkImport(attachment, now, region, plan));
    CAIRN_TRY(unsealForWriting(attachment, writing.catalog(), region));
    const auto io = CAIRN_TRY(attachment.array().openRegion(region.id, Access::Write));
    RegionImport import{
        .region = refTo(region),
        .sizeBytes = plan.sizeBytes > 0 ? plan.sizeBytes : region.extent.lengthBytes,
        .detail = plan.sizeBytes > 0 ? std::to_string(plan.sizeBytes) + " bytes" : "a stream"};
    // Durable before the first byte, as a backup's record is.
    const auto id = CAIRN_TRY(writing.catalog().beginRegionImport(import));
    if (const auto marked = attachment.array().markRegion(region.id, RegionRole::Data); !marked) {
        import.sizeBytes = 0;
        import.detail = errorName(marked.error().code);
        std::ignore = writing.catalog().failRegionImport(id, import);
        return std::unexpected(marked.error());
    }
    CopyProgress progress{.phase = CopyPhase::Copying, .totalBytes = plan.sizeBytes};
    if (plan.begins)
        plan.begins();
    auto written = feed(*io, first, read, control, progress);
    if (written) {
        import.sizeBytes = *written;
        import.detail = std::to_string(*written) + " bytes";
        CAIRN_TRY(writing.catalog().endRegionImport(id, import));
        return written;
    }
    // The stream's own error is the one to report; that it ended early stands in the ledger if
    // anything does. The chunk at which it ended may have been written.
    import.sizeBytes = std::min(progress.doneBytes + kChunkBytes, region.extent.lengthBytes);
    import.detail = std::string(errorName(written.error().code)) + " after " +
                    std::to_string(progress.doneBytes) + " bytes";
    std::ignore = writing.catalog().failRegionImport(id, import);
    return written;
}

} // namespace

Result<std::uint64_t> importRegion(Attachment& attachment, const ImportPlan& plan,
                                   const ByteSource& read, CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<std::uint64_t> {
        const auto checkNow = [&]() -> Result<AskedFor> {
            CAIRN_TRY(attachment.refresh());
            CAIRN_TRY(requireOneHistory(attachment));
            const HistoryMark mark = CAIRN_TRY(ledgerMark(attachment));
            const Records records = CAIRN_TRY(readRecords(attachment));
            const Region region = CAIRN_TRY(requireRegion(records.layout, plan.region));
            if (plan.seen)
                CAIRN_TRY(requireUnchanged(records.layout, *plan.seen, false));
            CAIRN_TRY(checkImport(attachment, records, region, plan));
            return AskedFor{mark, region};
        };
        const Region asked = CAIRN_TRY(checkNow()).region;
        if (!control.checkpoint({.totalBytes = plan.sizeBytes}))
            return failure(ErrorCode::Canceled, asked.name);
        const auto first = CAIRN_TRY(readFirst(read, asked));
        // The stream may have taken its time.
        const AskedFor now = CAIRN_TRY(checkNow());
        CAIRN_TRY(requireNothingLost(attachment, now.region, plan.confirmedName, control));
        const auto written = importChecked(attachment, now, plan, first, read, control);
        // What the region holds now is read again, whatever became of it.
        CAIRN_TRY(attachment.array().refresh());
        return written;
    });
}

Result<RegionExport> exportRegion(Attachment& attachment, const RegionId& region,
                                  const ByteSink& write, CopyControl& control,
                                  OnUnreadable onUnreadable)
{
    return catchOutOfMemory([&]() -> Result<RegionExport> {
        CAIRN_TRY(attachment.refresh());
        const Region from = CAIRN_TRY(requireRegion(attachment.array().layout(), region));
        if (from.role == RegionRole::Management)
            return failure(ErrorCode::RegionHoldsCatalog, from.name);
        if (from.use.inUse)
            return failure(ErrorCode::RegionInUse, from.name, from.use.by);
        const auto claim = CAIRN_TRY(RegionClaim::takeToRead(attachment, from));
        const auto all = halfWrittenRegions(attachment).value_or(std::vector<HalfWritten>());
        const bool half = findHalfWritten(all, region) != nullptr;
        const auto records = readRecords(attachment);
        const Generation* occupant = records ? records->occupant(region) : nullptr;
        const bool damaged = occupant != nullptr && !occupant->damaged.empty();
        const auto io = CAIRN_TRY(attachment.array().openRegion(region, Access::Read));
        auto exported = CAIRN_TRY(drain(*io, write, control, onUnreadable));
        std::string detail = std::to_string(exported.sizeBytes) + " bytes";
        if (half)
            detail += ", half-written";
        if (damaged)
            detail += ", of a damaged backup";
        if (occupant != nullptr && !occupant->unreadable.empty())
            detail += ", of a backup without all of its source";
        if (!exported.unreadable.empty())
            detail += ", without what could not be read";
        // An array that cannot be written now can be exported all the same.
        if (const auto writing = WriteAccess::take(attachment))
            std::ignore = writing->catalog().append({.kind = EventKind::RegionExported,
                                                     .generation = 0,
                                                     .subject = from.name,
                                                     .detail = detail});
        return exported;
    });
}

} // namespace cairn
