// Changes regions, members and histories, each with its entry in the ledger.
#include "core/backup/administer.h"

#include "core/array/path_member.h"
#include "core/backup/guards.h"
#include "core/backup/lost_table.h"
#include "core/backup/one_history.h"
#include "core/backup/written_since.h"
#include "core/catalog/lease_block.h"
#include "core/catalog/management_region.h"

#include <algorithm>
#include <array>

namespace cairn {
namespace {

constexpr std::size_t kCatalogHolders = 3;

Result<void> checkRemoval(Attachment& attachment, const Records& records, const Region& region,
                          const std::string& confirmedName)
{
    if (region.role == RegionRole::Management)
        return failure(ErrorCode::RegionHoldsCatalog, region.name);
    if (region.use.inUse)
        return failure(ErrorCode::RegionInUse, region.name, region.use.by);
    if (const auto unfinished = unfinishedRestore(attachment, records, region.id))
        return std::unexpected(refusalError(*unfinished, region));
    CAIRN_TRY(requireNoSwapOf(records, region));
    for (const Job& job : records.jobs) {
        if (job.source.id == region.id || job.target.id == region.id)
            return failure(ErrorCode::RegionBusy, region.name, {}, job.generation);
    }
    const Generation* occupant = records.occupant(region.id);
    if (occupant != nullptr && occupant->state != GenerationState::Failed)
        return failure(ErrorCode::RegionHoldsBackup, region.name, {}, occupant->number);
    if (isBeingWritten(attachment, records, region.id))
        return failure(ErrorCode::RegionBusy, region.name);
    const auto refusals = regionRefusals(records.layout, region, 0);
    return checkConfirmation(records.layout, region, confirmedName, !region.content.surelyEmpty(),
                             refusals.empty() ? nullptr : &refusals.front());
}

Result<void> checkAcceptance(Attachment& attachment, const Records& records, const Region& region,
                             const std::string& confirmedName)
{
    if (const auto unfinished = unfinishedRestore(attachment, records, region.id);
        unfinished && unfinished->reason != RefusalReason::NeededByRestore)
        return std::unexpected(refusalError(*unfinished, region));
    for (const Job& job : records.jobs) {
        if (job.target.id == region.id)
            return failure(ErrorCode::RegionBusy, region.name, {}, job.generation);
    }
    const auto half = unfinishedContent(records, region.id);
    if (!half)
        return failure(ErrorCode::InvalidArgument, region.name, "nothing in it is half-written");
    return checkConfirmation(records.layout, region, confirmedName, true, &*half);
}

// A new copy of the catalog as large as the largest, so that what fits into one fits into all.
std::uint64_t managementBytesFor(const ArrayLayout& layout, const std::vector<KnownMember>& known,
                                 const std::optional<Uuid>& leaving)
{
    const auto holders = std::ranges::count_if(known, [&](const KnownMember& member) {
        return member.holdsCatalog && !member.removed && member.id != leaving;
    });
    if (static_cast<std::size_t>(holders) >= kCatalogHolders)
        return 0;
    std::uint64_t largest = 0;
    for (const Region& region : layout.regions) {
        if (region.role == RegionRole::Management)
            largest = std::max(largest, region.extent.lengthBytes);
    }
    return largest;
}

// Makes the new management region one of this array, with no catalog in it yet: the next opening
// for writing fills it from the others.
Result<void> formatCopy(Attachment& attachment, const Uuid& arrayId, const Uuid& member)
{
    const ArrayLayout layout = attachment.array().layout();
    for (const Region& region : layout.regions) {
        if (region.member != member || region.role != RegionRole::Management)
            continue;
        const auto io = CAIRN_TRY(attachment.array().openRegion(region.id, Access::Write));
        const SuperBlock super{
            .arrayId = arrayId, .memberId = member, .regionBytes = region.extent.lengthBytes};
        CAIRN_TRY(clearLease(*io, arrayId));
        return formatManagementRegion(*io, super);
    }
    return {};
}

// Whether another member is where that one was seen last.
bool isTaken(const ArrayLayout& layout, const KnownMember& gone)
{
    return std::ranges::any_of(layout.members, [&](const Member& member) {
        return !member.id.isNull() && member.id != gone.id &&
               isSamePlace(member.location, gone.location);
    });
}

// What an adding left that was cut short before the catalog listed the disk: the super block of
// this array, and no database.
bool isUnfinished(RegionIo& management, const Uuid& arrayId)
{
    const auto super = readSuperBlock(management);
    if (!super || super->arrayId != arrayId || super->repairing)
        return false;
    const auto areas = managementAreas(management.sizeBytes());
    if (!areas)
        return false;
    return std::ranges::all_of(std::array{areas->journal.offsetBytes, areas->main.offsetBytes},
                               [&](std::uint64_t offset) {
                                   std::vector<std::byte> page(kPageBytes);
                                   return management.read(offset, page) && isZero(page);
                               });
}

// Whether a replacement that was cut short has brought it so far: it is listed, and nothing is on
// it but its copy of the catalog.
bool hasJoined(const ArrayLayout& layout, const std::vector<KnownMember>& known,
               const Member& member)
{
    const auto entry = std::ranges::find(known, member.id, &KnownMember::id);
    return member.state == MemberState::Present && entry != known.end() && !entry->removed &&
           std::ranges::none_of(layout.regions, [&](const Region& region) {
               return region.member == member.id && region.role != RegionRole::Management;
           });
}

// Which one of the attached is it already, and can be gone on with.
std::optional<Member> joinedBefore(Attachment& attachment, const Array::NewMember& wanted,
                                   const std::vector<KnownMember>& known)
{
    const std::string place = attachment.array().locationOf(wanted.uri);
    const ArrayLayout layout = attachment.array().layout();
    const auto found = std::ranges::find_if(layout.members, [&](const Member& member) {
        return !member.id.isNull() && isSamePlace(member.location, place);
    });
    return found != layout.members.end() && hasJoined(layout, known, *found) ? std::optional(*found)
                                                                             : std::nullopt;
}

Result<Member> writeMember(Attachment& attachment, const Array::NewMember& wanted,
                           const std::vector<KnownMember>& known,
                           const std::optional<KnownMember>& old, const Uuid& arrayId)
{
    Array::NewMember sized = wanted;
    if (old && !isTaken(attachment.array().layout(), *old))
        sized.replaces = old->location;
    if (sized.managementBytes == 0)
        sized.managementBytes = managementBytesFor(attachment.array().layout(), known,
                                                   old ? std::optional(old->id) : std::nullopt);
    sized.format = [&arrayId](RegionIo& management, const Uuid& member) -> Result<void> {
        CAIRN_TRY(clearLease(management, arrayId));
        return formatManagementRegion(
            management,
            {.arrayId = arrayId, .memberId = member, .regionBytes = management.sizeBytes()});
    };
    sized.isUnfinished = [&](RegionIo& management, const Uuid& member) {
        return std::ranges::find(known, member, &KnownMember::id) == known.end() &&
               isUnfinished(management, arrayId);
    };
    auto added = attachment.array().addMember(sized);
    if (!added && !sized.adopt)
        return std::unexpected(orTableLost(added.error(), attachment.environment()));
    return added;
}

// The new one is listed; the old one is so still.
Result<Member> join(Attachment& attachment, const Array::NewMember& wanted,
                    const std::optional<KnownMember>& old)
{
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    Catalog& catalog = writing.catalog();
    auto known = CAIRN_TRY(catalog.members());
    if (const auto joined = joinedBefore(attachment, wanted, known); old && joined) {
        if (!isTaken(attachment.array().layout(), *old))
            CAIRN_TRY(attachment.array().leaveOut(old->location));
        return *joined;
    }
    const Member member =
        CAIRN_TRY(writeMember(attachment, wanted, known, old, catalog.status().arrayId));
    std::erase_if(known, [&](const KnownMember& entry) { return entry.id == member.id; });
    known.push_back(KnownMember{.id = member.id,
                                .location = member.location,
                                .model = member.model,
                                .sizeBytes = member.sizeBytes,
                                .holdsCatalog = member.holdsCatalog,
                                .stale = member.holdsCatalog});
    CAIRN_TRY(catalog.setMembers(known));
    return member;
}

// The last step of a replacement: until then, the same one goes on where it was cut short.
Result<void> recordGone(Catalog& catalog, const Uuid& old)
{
    auto known = CAIRN_TRY(catalog.members());
    for (KnownMember& entry : known)
        entry.removed = entry.removed || entry.id == old;
    return catalog.setMembers(known);
}

Result<Region> makeCatalogRegion(Attachment& attachment, const Uuid& memberId, Leftovers leftovers)
{
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
    Catalog& catalog = writing.catalog();
    const ArrayLayout layout = attachment.array().layout();
    const Member* member = layout.findMember(memberId);
    if (member == nullptr) {
        const ArrayLayout all = attachment.layout();
        const Member* away = all.findMember(memberId);
        if (away != nullptr)
            return failure(ErrorCode::MemberMissing, away->location);
        return failure(ErrorCode::UnknownMember, memberId.toString());
    }
    if (member->holdsCatalog)
        return failure(ErrorCode::AlreadyAnArray, member->location, "it has one already");
    auto known = CAIRN_TRY(catalog.members());
    const std::uint64_t bytes = managementBytesFor(layout, known, std::nullopt);
    if (bytes == 0)
        return failure(ErrorCode::AlreadyAnArray, member->location, "three other members hold one");
    Region region = CAIRN_TRY(attachment.array().addRegion({.name = {},
                                                            .sizeBytes = bytes,
                                                            .member = &memberId,
                                                            .role = RegionRole::Management,
                                                            .leftovers = leftovers}));
    CAIRN_TRY(formatCopy(attachment, catalog.status().arrayId, memberId));
    for (KnownMember& entry : known)
        entry.holdsCatalog = entry.holdsCatalog || entry.id == memberId;
    CAIRN_TRY(catalog.setMembers(known));
    return region;
}

Result<Member> joinAndMirror(Attachment& attachment, const Array::NewMember& wanted,
                             const std::optional<KnownMember>& old)
{
    const Member member = CAIRN_TRY(join(attachment, wanted, old));
    // Opening for writing once more brings the new copy up to date. While another verb of this
    // process writes, that is left to the verb after it; until then the copy counts as stale, and
    // is one of the attachment's unwritten copies.
    const auto writing = CAIRN_TRY(WriteAccess::takeAnew(attachment));
    const Catalog::NewEvent joined{.kind = old ? EventKind::MemberReplaced : EventKind::MemberAdded,
                                   .generation = 0,
                                   .subject = member.location,
                                   .detail = old ? old->location : std::string()};
    CAIRN_TRY(writing.catalog().append(joined));
    if (old)
        CAIRN_TRY(recordGone(writing.catalog(), old->id));
    return member;
}

Result<KnownMember> requireGone(Attachment& attachment, const Uuid& id)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    const auto known = CAIRN_TRY(catalog->members());
    const auto found = std::ranges::find(known, id, &KnownMember::id);
    const ArrayLayout layout = attachment.layout();
    if (found == known.end() || found->removed) {
        const Member* foreign = layout.findMember(id);
        if (foreign != nullptr)
            return failure(ErrorCode::ForeignMember, foreign->location, foreign->problem);
        return failure(ErrorCode::UnknownMember,
                       found != known.end() ? found->location : id.toString());
    }
    const Member* attached = layout.findMember(id);
    if (attached != nullptr && attached->state != MemberState::Missing &&
        attached->state != MemberState::Failed)
        return failure(ErrorCode::RegionInUse, attached->location, "it is attached and works");
    return *found;
}

Result<MemberReplacement> readReplacement(Attachment& attachment, const Records& records,
                                          const Uuid& id)
{
    MemberReplacement replacement{
        .old = CAIRN_TRY(requireGone(attachment, id)), .loss = lossWith(records, id), .losing = {}};
    CAIRN_TRY(requireNoneHeld(records, id));
    replacement.losing = losingRegion(records, replacement.loss);
    return replacement;
}

Result<KnownMember> requireReplaceable(Attachment& attachment, const Uuid& id,
                                       const std::string& confirmedName)
{
    const Records records = CAIRN_TRY(readRecords(attachment));
    MemberReplacement replacement = CAIRN_TRY(readReplacement(attachment, records, id));
    CAIRN_TRY(checkLossConfirmed(records, replacement.loss, confirmedName));
    return std::move(replacement.old);
}

} // namespace

Result<Region> addRegion(Attachment& attachment, const Array::NewRegion& wanted)
{
    return catchOutOfMemory([&]() -> Result<Region> {
        if (wanted.role == RegionRole::Management)
            return failure(ErrorCode::RegionHoldsCatalog, wanted.name);
        const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
        Region region = CAIRN_TRY(attachment.array().addRegion(wanted));
        CAIRN_TRY(writing.catalog().append({.kind = EventKind::RegionAdded,
                                            .generation = 0,
                                            .subject = region.name,
                                            .detail = region.id.uuid.toString()}));
        return region;
    });
}

Result<void> renameRegion(Attachment& attachment, const RegionId& region, const std::string& name)
{
    return catchOutOfMemory([&]() -> Result<void> {
        CAIRN_TRY(attachment.refresh()); // What it is called now, not when it was last looked at.
        const Region old = CAIRN_TRY(requireRegion(attachment.array().layout(), region));
        if (old.role == RegionRole::Management)
            return failure(ErrorCode::RegionHoldsCatalog, old.name);
        if (old.name == name)
            return {};
        const auto claim = CAIRN_TRY(RegionClaim::take(attachment, std::nullopt, old));
        const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
        CAIRN_TRY(attachment.array().renameRegion(region, name));
        return writing.catalog().append({.kind = EventKind::RegionRenamed,
                                         .generation = 0,
                                         .subject = name,
                                         .detail = old.name});
    });
}

Result<void> removeRegion(Attachment& attachment, const RegionId& region,
                          const std::string& confirmedName)
{
    return catchOutOfMemory([&]() -> Result<void> {
        CAIRN_TRY(attachment.refresh());
        CAIRN_TRY(requireOneHistory(attachment));
        const HistoryMark mark = CAIRN_TRY(ledgerMark(attachment));
        const Records records = CAIRN_TRY(readRecords(attachment));
        const Region old = CAIRN_TRY(requireRegion(records.layout, region));
        CAIRN_TRY(checkRemoval(attachment, records, old, confirmedName));
        const auto claim = CAIRN_TRY(RegionClaim::take(attachment, std::nullopt, old));
        const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
        // Now that no other process can write: whoever came first has won.
        CAIRN_TRY(requireNotWrittenSince(writing.catalog(), mark, {old}));
        const Records now = CAIRN_TRY(readRecordsAgain(attachment, writing.catalog(), {old}));
        CAIRN_TRY(checkRemoval(attachment, now, old, confirmedName));
        CAIRN_TRY(attachment.array().removeRegion(region));
        return writing.catalog().recordRemoved(refTo(old));
    });
}

Result<void> acceptContent(Attachment& attachment, const RegionId& region,
                           const std::string& confirmedName)
{
    return catchOutOfMemory([&]() -> Result<void> {
        CAIRN_TRY(attachment.refresh());
        CAIRN_TRY(requireOneHistory(attachment));
        const Records records = CAIRN_TRY(readRecords(attachment));
        const Region half = CAIRN_TRY(requireRegion(records.layout, region));
        CAIRN_TRY(checkAcceptance(attachment, records, half, confirmedName));
        const auto claim = CAIRN_TRY(RegionClaim::take(attachment, std::nullopt, half));
        const auto writing = CAIRN_TRY(WriteAccess::take(attachment));
        // Now that no other process can write: whoever came first has won.
        const Records now = CAIRN_TRY(readRecordsAgain(attachment, writing.catalog(), {half}));
        CAIRN_TRY(checkAcceptance(attachment, now, half, confirmedName));
        return writing.catalog().acceptContent(refTo(half));
    });
}

Result<Member> addMember(Attachment& attachment, const Array::NewMember& wanted)
{
    return catchOutOfMemory([&] { return joinAndMirror(attachment, wanted, std::nullopt); });
}

Result<MemberReplacement> planReplacement(Attachment& attachment, const Uuid& old)
{
    return catchOutOfMemory([&]() -> Result<MemberReplacement> {
        const Records records = CAIRN_TRY(readRecords(attachment));
        return readReplacement(attachment, records, old);
    });
}

Result<Member> replaceMember(Attachment& attachment, const Uuid& old,
                             const Array::NewMember& wanted, const std::string& confirmedName)
{
    return catchOutOfMemory([&]() -> Result<Member> {
        CAIRN_TRY(attachment.refresh());
        const KnownMember gone = CAIRN_TRY(requireReplaceable(attachment, old, confirmedName));
        return joinAndMirror(attachment, wanted, gone);
    });
}

Result<Member> addCatalogCopy(Attachment& attachment, const Uuid& member, Leftovers leftovers)
{
    return catchOutOfMemory([&]() -> Result<Member> {
        const Region region = CAIRN_TRY(makeCatalogRegion(attachment, member, leftovers));
        // As for a new member: opening for writing once more fills the copy.
        const auto writing = CAIRN_TRY(WriteAccess::takeAnew(attachment));
        const Member holder = *attachment.array().layout().findMember(member);
        CAIRN_TRY(writing.catalog().append({.kind = EventKind::RegionAdded,
                                            .generation = 0,
                                            .subject = region.name,
                                            .detail = holder.location}));
        return holder;
    });
}

Result<void> chooseHistory(Attachment& attachment, const std::string& historyId)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const CatalogStatus status = CAIRN_TRY(attachment.catalog())->status();
        return attachment.rewriteCatalog(
            [&](std::vector<CatalogCopy> copies) {
                return Catalog::chooseHistory(std::move(copies), historyId,
                                              attachment.environment());
            },
            {.arrayId = status.arrayId});
    });
}

} // namespace cairn
