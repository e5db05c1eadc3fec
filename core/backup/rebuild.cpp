// Makes a new catalog from what the regions themselves show.
#include "core/backup/rebuild.h"

#include "core/array/gpt/gpt_types.h"
#include "core/array/superblock_use.h"
#include "core/backup/guards.h"
#include "core/catalog/management_region.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace cairn {
namespace {

// The array's own identity, where a super block of it can still be read.
std::optional<Uuid> arrayIdOnDisk(Attachment& attachment)
{
    for (const Region& region : attachment.array().layout().regions) {
        if (region.role != RegionRole::Management)
            continue;
        const auto io = attachment.array().openRegion(region.id, Access::Read);
        if (!io)
            continue;
        const auto super = readSuperBlock(**io);
        if (super && whyOfAnotherDisk(*super, region.member).empty())
            return super->arrayId;
    }
    return std::nullopt;
}

Result<void> requireSameArray(const std::optional<Uuid>& found, const std::optional<Uuid>& wanted)
{
    if (found && wanted && *found != *wanted)
        return failure(ErrorCode::InvalidArgument, "catalog export",
                       "it is of the array " + wanted->toString() + ", and this one is " +
                           found->toString());
    return {};
}

Catalog::NewArrayRecord newRecord(Attachment& attachment, const std::string& label,
                                  const std::vector<KnownMember>& members)
{
    Catalog::NewArrayRecord record{.arrayId = {}, .label = label, .members = members};
    for (const Member& member : attachment.array().layout().members) {
        if (member.id.isNull())
            continue;
        std::erase_if(record.members,
                      [&](const KnownMember& known) { return known.id == member.id; });
        record.members.push_back(KnownMember{.id = member.id,
                                             .location = member.location,
                                             .model = member.model,
                                             .sizeBytes = member.sizeBytes,
                                             .holdsCatalog = member.holdsCatalog});
    }
    return record;
}

struct OldCatalog {
    Uuid arrayId;
    std::string label;
    std::vector<KnownMember> members;
    Salvage salvaged;
};

Result<OldCatalog> readOld(Attachment& attachment, Catalog& catalog, const CatalogStatus& status)
{
    OldCatalog old{.arrayId = status.arrayId,
                   .label = status.arrayLabel,
                   .members = {},
                   .salvaged = CAIRN_TRY(salvage(catalog))};
    old.members = old.salvaged.members;
    const ArrayLayout layout = attachment.array().layout();
    for (const KnownMember& known : old.members) {
        const Member* attached = layout.findMember(known.id);
        if (known.removed && attached != nullptr)
            return failure(ErrorCode::ForeignMember, attached->location, kHasLeft);
    }
    return old;
}

struct ReadDigests {
    std::vector<DigestSegment> segments;
    ChunkMap unreadable;
    Digest content;
};

Result<ReadDigests> readDigests(RegionIo& io, std::uint64_t sizeBytes, CopyControl& control)
{
    ReadDigests read;
    std::vector<std::byte> buffer(kChunkBytes);
    std::vector<Digest> all;
    CopyProgress progress{.phase = CopyPhase::Verifying, .totalBytes = sizeBytes};
    for (std::uint64_t chunk = 0; chunk < chunkCount(sizeBytes); ++chunk) {
        if (!control.checkpoint(progress))
            return failure(ErrorCode::Canceled, io.name());
        const ByteRange range = chunkRange(chunk, sizeBytes);
        const auto bytes = std::span(buffer).first(static_cast<std::size_t>(range.lengthBytes));
        const auto got = io.read(range.offsetBytes, bytes);
        if (!got && got.error().code != ErrorCode::ReadFailed)
            return std::unexpected(got.error());
        if (!got)
            read.unreadable.add(chunk);
        if (chunk % kChunksPerSegment == 0)
            read.segments.push_back({chunk / kChunksPerSegment, {}});
        read.segments.back().digests.push_back(got ? digestOf(bytes) : Digest{});
        all.push_back(read.segments.back().digests.back());
        progress.doneBytes += range.lengthBytes;
    }
    if (read.unreadable.empty())
        read.content = digestOf(std::as_bytes(std::span(all)));
    return read;
}

// While a copy runs, its first MiB is zeroes, and is written last.
Result<bool> isUnfinished(RegionIo& io)
{
    std::vector<std::byte> first(
        static_cast<std::size_t>(std::min<std::uint64_t>(kMiB, io.sizeBytes())));
    const auto got = io.read(0, first);
    if (!got && got.error().code != ErrorCode::ReadFailed)
        return std::unexpected(got.error());
    return got && isZero(first);
}

// Though it is marked as one.
Result<bool> holdsNoBackup(const Region& region, RegionIo& io)
{
    return region.type == kUndoAreaType || CAIRN_TRY(isUnfinished(io));
}

// As far as the filesystem reaches: its source was at least as large, and what lies behind it in a
// larger region is none of the copy's, as far as anybody knows. Rounded up to what every disk can
// write. Without one that tells, or that fits, the whole region is the copy.
std::uint64_t copyBytes(const Region& region, RegionIo& io)
{
    constexpr std::array<std::string_view, 5> kKnown{"ext2", "ext3", "ext4", "xfs", "btrfs"};
    constexpr std::uint64_t kHeadBytes = 68 * kKiB;
    constexpr std::uint64_t kLargestSectorBytes = 4 * kKiB;
    const std::uint64_t whole = region.extent.lengthBytes;
    std::vector<std::byte> head(static_cast<std::size_t>(std::min(kHeadBytes, whole)));
    if (region.content.kind != ContentKind::Recognised ||
        std::ranges::find(kKnown, region.content.type) == kKnown.end() || !io.read(0, head))
        return whole;
    const auto reaches = filesystemBytesAt(head);
    if (!reaches || *reaches == 0 || *reaches > whole)
        return whole;
    return std::min(roundUp(*reaches, kLargestSectorBytes), whole);
}

// Its source stays unknown: a clone carries the same filesystem, and a restore would overwrite
// that.
Generation recordFor(const Region& region, std::uint64_t sizeBytes, GenerationNumber number,
                     const ReadDigests& read, const Environment& environment)
{
    Generation generation;
    generation.number = number;
    generation.target = refTo(region);
    generation.sizeBytes = sizeBytes;
    generation.content = region.content;
    generation.startedMs = environment.clock.nowUnixMs();
    generation.hostId = environment.host.id;
    generation.hostName = environment.host.name;
    generation.recovered = true;
    generation.digest = read.content;
    generation.damaged = read.unreadable;
    generation.state = read.unreadable.empty() ? GenerationState::Copied : GenerationState::Partial;
    if (!read.unreadable.empty())
        generation.failure = ErrorCode::Unreadable;
    return generation;
}

// Adds to the outcome.
Result<void> recoverRegions(Attachment& attachment, Rebuilding& rebuilding, RebuildOutcome& outcome,
                            CopyControl& control)
{
    Catalog& catalog = rebuilding.catalog();
    const Records records = CAIRN_TRY(readRecords(catalog, rebuilding.layout()));
    GenerationFilter newest;
    newest.limit = 1;
    const auto last = CAIRN_TRY(catalog.generations(newest));
    GenerationNumber number =
        std::max(rebuilding.old().highest, last.empty() ? 0 : last.front().number);
    for (const Region& region : records.layout.regions) {
        if (region.role != RegionRole::Backup)
            continue;
        if (records.occupant(region.id) != nullptr) {
            ++outcome.skipped;
            continue;
        }
        const auto io = CAIRN_TRY(attachment.array().openRegion(region.id, Access::Read));
        if (CAIRN_TRY(holdsNoBackup(region, *io))) {
            ++outcome.leftOut;
            continue;
        }
        const std::uint64_t sizeBytes = copyBytes(region, *io);
        const ReadDigests read = CAIRN_TRY(readDigests(*io, sizeBytes, control));
        CAIRN_TRY(catalog.insertRecovered(
            recordFor(region, sizeBytes, ++number, read, attachment.environment()), read.segments));
        ++outcome.recovered;
    }
    return {};
}

} // namespace

Result<std::vector<Region>> unrecordedBackups(Attachment& attachment)
{
    // A record begins before its region is marked, so that the regions are read first.
    const ArrayLayout layout = attachment.layout();
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const auto generations = CAIRN_TRY(catalog->generations());
    std::vector<Region> found;
    for (const Region& region : layout.regions) {
        if (region.role != RegionRole::Backup ||
            std::ranges::any_of(generations, [&region](const Generation& generation) {
                return generation.target.id == region.id;
            }))
            continue;
        const auto io = CAIRN_TRY(attachment.array().openRegion(region.id, Access::Read));
        if (!CAIRN_TRY(holdsNoBackup(region, *io)))
            found.push_back(region);
    }
    return found;
}

Result<bool> needsNewCatalog(Attachment& attachment)
{
    if (attachment.catalog()) {
        const auto writing = WriteAccess::take(attachment);
        if (!writing && writing.error().code != ErrorCode::CatalogDamaged)
            return std::unexpected(writing.error());
        return !writing;
    }
    const auto problem = attachment.catalogProblem();
    // What cannot be read for another reason (a member is away, a read failed) may come back.
    if (problem && problem->code != ErrorCode::CatalogDamaged &&
        problem->code != ErrorCode::CatalogForeign)
        return std::unexpected(*problem);
    return true;
}

Result<void> requireExportOf(Attachment& attachment, const Uuid& arrayId)
{
    const auto catalog = attachment.catalog();
    return requireSameArray(
        catalog ? std::optional((*catalog)->status().arrayId) : arrayIdOnDisk(attachment), arrayId);
}

Result<Rebuilding> Rebuilding::begin(Attachment& attachment, const std::optional<Uuid>& arrayId,
                                     const std::string& label,
                                     const std::vector<KnownMember>& members)
{
    Rebuilding rebuilding(attachment);
    if (CAIRN_TRY(needsNewCatalog(attachment))) {
        CAIRN_TRY(rebuilding.beginAnew(arrayId, label, members));
        return rebuilding;
    }
    const auto catalog = CAIRN_TRY(attachment.catalog());
    CAIRN_TRY(requireSameArray(catalog->status().arrayId, arrayId));
    rebuilding.m_writing.emplace(CAIRN_TRY(WriteAccess::take(attachment)));
    rebuilding.m_layout = attachment.layout();
    return rebuilding;
}

Result<void> Rebuilding::beginAnew(const std::optional<Uuid>& arrayId, const std::string& label,
                                   const std::vector<KnownMember>& members)
{
    OldCatalog old{.arrayId = {}, .label = label, .members = members, .salvaged = {}};
    if (const auto catalog = m_attachment.catalog()) {
        const CatalogStatus status = (*catalog)->status();
        CAIRN_TRY(requireSameArray(status.arrayId, arrayId));
        old = CAIRN_TRY(readOld(m_attachment, **catalog, status));
    } else {
        const auto onDisk = arrayIdOnDisk(m_attachment);
        CAIRN_TRY(requireSameArray(onDisk, arrayId));
        old.arrayId = arrayId  ? *arrayId
                      : onDisk ? *onDisk
                               : Uuid::random(m_attachment.environment().random);
    }
    Catalog::NewArrayRecord record = newRecord(m_attachment, old.label, old.members);
    record.arrayId = old.arrayId;
    m_draft.emplace(CAIRN_TRY(m_attachment.draftCatalog(record)));
    m_layout = m_attachment.layoutWith(record.members);
    m_old = std::move(old.salvaged);
    return {};
}

Catalog& Rebuilding::catalog()
{
    return m_draft ? m_draft->catalog() : m_writing->catalog();
}

Result<void> Rebuilding::finish(const RebuildOutcome& outcome, const std::string& from)
{
    CAIRN_TRY(catalog().append({.kind = EventKind::CatalogRebuilt,
                                .generation = 0,
                                .subject = from,
                                .detail = std::to_string(outcome.recovered) + " recovered, " +
                                          std::to_string(outcome.skipped) + " skipped"}));
    if (!m_draft)
        return {};
    return m_attachment.rewriteCatalog(
        [this](std::vector<CatalogCopy> copies) { return m_draft->install(std::move(copies)); },
        {.arrayId = m_draft->catalog().status().arrayId});
}

Result<RebuildOutcome> rebuildCatalog(Attachment& attachment, CopyControl& control)
{
    return catchOutOfMemory([&]() -> Result<RebuildOutcome> {
        auto rebuilding = CAIRN_TRY(Rebuilding::begin(attachment, std::nullopt, {}, {}));
        RebuildOutcome outcome{.recovered = 0, .skipped = rebuilding.old().lost};
        CAIRN_TRY(insertSalvaged(rebuilding, attachment.environment().clock.nowUnixMs(), outcome));
        CAIRN_TRY(recoverRegions(attachment, rebuilding, outcome, control));
        outcome.signaturesLost =
            CAIRN_TRY(regionsWithoutSignatures(rebuilding.catalog(), rebuilding.layout()));
        CAIRN_TRY(rebuilding.finish(outcome, "regions"));
        return outcome;
    });
}

} // namespace cairn
