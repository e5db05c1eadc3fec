// Finds what a restore will overwrite and a place for it, and copies it there.
#include "core/backup/undo_area.h"

#include "core/backup/copy_job.h"
#include "core/copy/chunk_view.h"
#include "core/copy/segment_cache.h"

#include <algorithm>
#include <tuple>

namespace cairn {
namespace {

// The digests of the chunks that are kept, in ascending order, put into that of their slots.
Digest digestInSlots(std::vector<Digest> digests)
{
    std::swap(digests.front(), digests.back());
    RunningDigest running;
    for (const Digest& digest : digests)
        running.add(digest);
    return running.digest();
}

bool concernsContent(const Refusal& refusal)
{
    return refusal.reason == RefusalReason::ContentUnknown ||
           refusal.reason == RefusalReason::ContentRecognised;
}

bool isFree(const Records& records, const Region& region)
{
    const Generation* occupant = records.occupant(region.id);
    // What somebody backs up is data, also while there is nothing in it.
    const bool isSource =
        std::ranges::any_of(records.generations, [&](const Generation& generation) {
            return generation.source.id == region.id;
        });
    if (occupant == nullptr)
        return region.content.kind == ContentKind::Empty && !isSource;
    if (!occupant->undo)
        return false;
    const bool neverNeeded =
        occupant->state == GenerationState::Failed && !keepsOverwritten(*occupant);
    return neverNeeded || occupant->undo->undoneMs != 0;
}

// Chunks as they lie in the slots: the edge that ends the extent may be shorter than its slot, and
// the rest of it counts as zeroes.
Result<Digest> digestInSlot(RegionIo& io, std::uint64_t chunk, std::uint64_t sizeBytes,
                            const Digest& digest)
{
    const ByteRange range = chunkRange(chunk, sizeBytes);
    if (range.lengthBytes == kChunkBytes)
        return digest;
    std::vector<std::byte> slot(kChunkBytes);
    CAIRN_TRY(io.read(range.offsetBytes,
                      std::span(slot).first(static_cast<std::size_t>(range.lengthBytes))));
    return digestOf(slot);
}

Result<VerifyOutcome> copyAndProve(Attachment& attachment, Catalog& catalog, const Job& restore,
                                   const Overwritten& overwritten, CopyControl& control)
{
    const Generation generation = CAIRN_TRY(catalog.generation(restore.undo));
    const Region area = CAIRN_TRY(requireRegion(attachment.layout(), generation.target));
    CAIRN_TRY(attachment.array().markRegion(area.id, RegionRole::Backup));
    const ChunkSelection selection(overwritten.chunks, restore.sizeBytes);
    const auto journal = CAIRN_TRY(catalog.keepJournal(restore.id));
    const ArrayCopy copy{.source = restore.target.id,
                         .target = area.id,
                         .sizeBytes = selection.viewBytes(),
                         .sourceChunks = &selection};
    const auto copied = CAIRN_TRY(attachment.array().copy(copy, *journal, control));
    if (copied.content != overwritten.kept)
        return failure(ErrorCode::PlanChanged, restore.target.name, "content");
    CAIRN_TRY(catalog.complete(generation.number, copied));
    const auto digests = CAIRN_TRY(catalog.digests(generation.number));
    auto proof = CAIRN_TRY(readBack(attachment, area, generation.sizeBytes, *digests, control));
    CAIRN_TRY(requireGood(proof, area.name));
    return proof;
}

} // namespace

Result<Overwritten> findOverwritten(Attachment& attachment, const Generation& restored,
                                    const Region& target, CopyControl& control)
{
    const auto io = CAIRN_TRY(attachment.array().openRegion(target.id, Access::Read));
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const auto expected = CAIRN_TRY(catalog->digests(restored.number));
    const std::uint64_t sizeBytes = restored.sizeBytes;
    const std::uint64_t chunks = chunkCount(sizeBytes);
    SegmentCache after([&](std::uint64_t index) { return expected->segment(index); });
    Overwritten found;
    RunningDigest contentBefore;
    RunningDigest contentAfter;
    std::vector<Digest> kept;
    const auto look = [&](std::uint64_t chunk, const Digest& digest) -> Result<void> {
        const auto wanted = CAIRN_TRY(after.find(chunk));
        if (!wanted)
            return failure(ErrorCode::CatalogDamaged, target.name, "digests");
        contentBefore.add(digest);
        contentAfter.add(*wanted);
        if (digest != *wanted || chunk == 0 || chunk == chunks - 1) {
            found.chunks.add(chunk);
            kept.push_back(CAIRN_TRY(digestInSlot(*io, chunk, sizeBytes, digest)));
        }
        return {};
    };
    CAIRN_TRY(readChunks(*io, sizeBytes, look, control, attachment.environment()));
    found.contentBefore = contentBefore.digest();
    found.contentAfter = contentAfter.digest();
    found.kept = digestInSlots(std::move(kept));
    return found;
}

std::vector<Refusal> areaRefusals(Attachment& attachment, const Records& records,
                                  const Region& area, const RestoreRegions& restore,
                                  std::uint64_t bytes)
{
    auto refusals = targetRefusals(attachment, records, area, bytes);
    // The content of a region that holds a generation of this array is known.
    const Generation* occupant = records.occupant(area.id);
    if (occupant != nullptr && holdsContentOf(area, *occupant))
        std::erase_if(refusals, concernsContent);
    if (area.id == restore.target || area.id == restore.backup)
        refusals.push_back(
            {RefusalReason::IsSource, 0, area.id == restore.target ? kIsRestored : kIsRead});
    std::ranges::stable_sort(refusals, {}, &Refusal::reason);
    return refusals;
}

std::optional<Region> chooseArea(Attachment& attachment, const Records& records,
                                 const RestoreRegions& restore, std::uint64_t bytes)
{
    const Region* target = records.layout.find(restore.target);
    const auto rank = [&](const Region& region) {
        const bool sameMember = target != nullptr && region.member == target->member;
        return std::tuple(sameMember, region.extent.lengthBytes, region.name, region.id);
    };
    const Region* best = nullptr;
    for (const Region& region : records.layout.regions) {
        if (isFree(records, region) &&
            areaRefusals(attachment, records, region, restore, bytes).empty() &&
            (best == nullptr || rank(region) < rank(*best)))
            best = &region;
    }
    return best == nullptr ? std::nullopt : std::optional(*best);
}

Result<Region> requireArea(Attachment& attachment, const Records& records, const RegionId& area,
                           const RestoreRegions& restore, std::uint64_t bytes,
                           const std::string& confirmedName)
{
    const Region region = CAIRN_TRY(requireRegion(records.layout, area));
    const auto refusals = areaRefusals(attachment, records, region, restore, bytes);
    if (const auto refused = firstFinal(refusals, region))
        return std::unexpected(*refused);
    CAIRN_TRY(checkConfirmation(records.layout, region, confirmedName, !refusals.empty(),
                                refusals.empty() ? nullptr : &refusals.front()));
    return region;
}

NewUndo newUndo(const Region& area, const Region& target, std::uint64_t sizeBytes,
                const Overwritten& overwritten)
{
    return NewUndo{.area = refTo(area),
                   .content = target.content,
                   .sizeBytes = sizeBytes,
                   .chunks = overwritten.chunks,
                   .contentBefore = overwritten.contentBefore,
                   .contentAfter = overwritten.contentAfter};
}

Result<VerifyOutcome> keepOverwritten(Attachment& attachment, Catalog& catalog, const Job& restore,
                                      const Overwritten& overwritten, CopyControl& control)
{
    auto kept = copyAndProve(attachment, catalog, restore, overwritten, control);
    if (!kept) {
        // The first error counts; without an end both are found again, and the keeping begins anew.
        std::ignore = catalog.abandon(restore.undo, kept.error(), true);
        std::ignore = catalog.failRestore(restore.id, kept.error(), !isResumable(kept.error()));
    }
    return kept;
}

} // namespace cairn
