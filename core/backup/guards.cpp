// The checks that stand before every write of a verb.
#include "core/backup/guards.h"

#include "core/backup/copy_presence.h"
#include "core/backup/written_since.h"

#include <algorithm>
#include <fmt/format.h>
#include <utility>

namespace cairn {
namespace {

bool isCurrent(GenerationState state)
{
    return state != GenerationState::Superseded && state != GenerationState::Forgotten;
}

ErrorCode codeOf(RefusalReason reason)
{
    switch (reason) {
    case RefusalReason::IsSource:
        return ErrorCode::SourceIsTarget;
    case RefusalReason::TooSmall:
        return ErrorCode::TargetTooSmall;
    case RefusalReason::InUse:
        return ErrorCode::RegionInUse;
    case RefusalReason::HoldsCatalog:
        return ErrorCode::RegionHoldsCatalog;
    case RefusalReason::BeingWritten:
    case RefusalReason::ToBeWritten:
    case RefusalReason::BeingRead:
        return ErrorCode::RegionBusy;
    case RefusalReason::RestoreUnfinished:
        return ErrorCode::RestoreUnfinished;
    case RefusalReason::RestoreWaiting:
        return ErrorCode::RestoreWaiting;
    case RefusalReason::NeededByRestore:
        return ErrorCode::NeededByRestore;
    case RefusalReason::SwapUnfinished:
        return ErrorCode::CannotSwap;
    case RefusalReason::Held:
        return ErrorCode::GenerationHeld;
    case RefusalReason::ForeignMember:
        return ErrorCode::ForeignMember;
    case RefusalReason::MemberFailed:
        return ErrorCode::MemberFailed;
    case RefusalReason::LeaseHeld:
        return ErrorCode::LeaseHeld;
    case RefusalReason::LastGoodCopy:
    case RefusalReason::LastRecognised:
        return ErrorCode::LastGoodCopy;
    case RefusalReason::KeepsUndo:
        return ErrorCode::KeepsUndo;
    case RefusalReason::HalfWritten:
        return ErrorCode::HalfWritten;
    case RefusalReason::ContentUnknown:
        return ErrorCode::ContentUnknown;
    case RefusalReason::ContentRecognised:
        return ErrorCode::ContentRecognised;
    }
    return ErrorCode::InvalidArgument;
}

// Whether the restore or undo may have changed its target already.
bool hasWritten(const Records& records, const Job& job)
{
    return std::ranges::any_of(records.unfinished, [&](const UnfinishedWrite& write) {
        return write.region.id == job.target.id && write.generation == job.generation &&
               write.kind == static_cast<WriteKind>(job.kind) && write.keptBy == 0;
    });
}

// The first planned job that writes the region, or that reads it.
const PlannedUse* firstUse(const std::vector<PlannedUse>& planned, const RegionId& region,
                           bool writes)
{
    const auto found = std::ranges::find_if(planned, [&](const PlannedUse& use) {
        return use.region == region && use.writes == writes;
    });
    return found == planned.end() ? nullptr : &*found;
}

bool holdsRecognised(const Generation& generation)
{
    return generation.content.kind == ContentKind::Recognised;
}

// Whether a typed text names the region; a PARTUUID may be typed in either case.
bool names(const std::string& typed, const std::string& expected, const Region& region)
{
    const auto uuid = Uuid::parse(typed);
    return typed == expected || (uuid && *uuid == region.id.uuid);
}

} // namespace

const Generation* Records::occupant(const RegionId& region) const
{
    const auto found = std::ranges::find_if(generations, [&](const Generation& generation) {
        return generation.target.id == region && isCurrent(generation.state);
    });
    return found == generations.end() ? nullptr : &*found;
}

const Generation* Records::find(GenerationNumber number) const
{
    const auto found = std::ranges::find(generations, number, &Generation::number);
    return found == generations.end() ? nullptr : &*found;
}

bool Records::isLastGoodCopy(const Generation& generation) const
{
    const auto missed = missedWith(generation);
    return missed && missed->reason == RefusalReason::LastGoodCopy;
}

std::optional<Refusal> Records::missedWith(const Generation& generation) const
{
    // What is left of a damaged one is worth keeping while there is nothing else.
    const bool partial = generation.state == GenerationState::Partial && !generation.undo;
    if (!isRestorable(generation) && !partial)
        return std::nullopt;
    std::vector<const Generation*> others;
    for (const Generation& other : generations) {
        if (other.number != generation.number && standsFor(other, generation) &&
            findCopy(layout, other).present())
            others.push_back(&other);
    }
    Refusal missed = lastCopyRefusal(generation);
    if (others.empty())
        return missed;
    if (!holdsRecognised(generation))
        return std::nullopt;
    // A source that was erased is backed up as faithfully as any other. Newest first.
    const auto recognised = std::ranges::find_if(
        others, [](const Generation* other) { return holdsRecognised(*other); });
    const bool newerIsThere = others.front()->number > generation.number;
    if (recognised != others.end() && ((*recognised)->number > generation.number || !newerIsThere))
        return std::nullopt;
    missed.reason = RefusalReason::LastRecognised;
    missed.content = contentText(generation.content);
    return missed;
}

const Generation* Records::newestBackup(const RegionId& source, GenerationNumber besides) const
{
    const auto newest = std::ranges::find_if(generations, [&](const Generation& generation) {
        return generation.number != besides && generation.source.id == source &&
               isRestorable(generation) && findCopy(layout, generation).present();
    });
    return newest == generations.end() ? nullptr : &*newest;
}

const UnfinishedWrite* Records::unfinishedIn(const RegionId& region) const
{
    const UnfinishedWrite* last = nullptr;
    for (const UnfinishedWrite& write : unfinished) {
        if (write.region.id == region && write.acceptedMs == 0 && write.keptBy == 0)
            last = &write;
    }
    return last;
}

const RegionSwap* Records::swapOf(const RegionId& region) const
{
    const auto found =
        std::ranges::find_if(swaps, [&](const RegionSwap& swap) { return swap.names(region); });
    return found == swaps.end() ? nullptr : &*found;
}

const PlannedUse* Records::plannedFor(const RegionId& region, bool writes) const
{
    return firstUse(planned, region, writes);
}

Result<Records> readRecords(Catalog& catalog, const ArrayLayout& layout)
{
    Records records;
    GenerationFilter filter;
    filter.withForgotten = false;
    records.generations = CAIRN_TRY(catalog.generations(filter));
    records.jobs = CAIRN_TRY(catalog.jobs());
    records.unfinished = CAIRN_TRY(catalog.unfinished());
    records.swaps = CAIRN_TRY(catalog.swaps());
    records.layout = layout;
    return records;
}

Result<Records> readRecords(Attachment& attachment, std::vector<PlannedUse> planned)
{
    const auto catalog = CAIRN_TRY(attachment.catalog());
    Records records = CAIRN_TRY(readRecords(*catalog, attachment.layout()));
    records.planned = std::move(planned);
    return records;
}

Result<Records> readRecordsAgain(Attachment& attachment, Catalog& catalog,
                                 const std::vector<Region>& claimed)
{
    CAIRN_TRY(requireAsSeen(attachment, claimed));
    Records records = CAIRN_TRY(readRecords(catalog, attachment.layout()));
    std::ranges::transform(claimed, std::back_inserter(records.claimed), &Region::id);
    return records;
}

bool standsFor(const Generation& other, const Generation& generation)
{
    const bool good = generation.state == GenerationState::Good;
    return other.source.id == generation.source.id && isRestorable(other) &&
           other.sizeBytes >= generation.sizeBytes &&
           (!good || other.state == GenerationState::Good) &&
           (generation.takenAsIs || !other.takenAsIs) &&
           (isInconsistent(generation) || !isInconsistent(other));
}

bool isUsable(const Generation& generation)
{
    return generation.state == GenerationState::Good || generation.state == GenerationState::Copied;
}

bool isRestorable(const Generation& generation)
{
    return isUsable(generation) && !generation.undo;
}

Result<Generation> requireRestorable(Catalog& catalog, GenerationNumber number)
{
    // The catalog's own record: of a forgotten one it is said that it was forgotten.
    Generation generation = CAIRN_TRY(catalog.generation(number));
    if (!isUsable(generation))
        return failure(ErrorCode::BackupNotUsable, generation.source.name,
                       stateName(generation.state), number);
    if (generation.undo)
        return failure(ErrorCode::BackupNotUsable, generation.source.name,
                       "it keeps parts for an undo", number);
    return generation;
}

bool isExportable(const Generation& generation)
{
    const bool missesSource = generation.state == GenerationState::Partial &&
                              !generation.unreadable.empty() && generation.damaged.empty();
    return isRestorable(generation) || (missesSource && !generation.undo);
}

bool keepsOverwritten(const Generation& generation)
{
    return generation.undo && generation.undo->keptMs != 0;
}

bool canBeUndone(const Generation& generation)
{
    // To exchange two regions asks nothing of what is in them.
    const bool there = isUsable(generation) ||
                       (generation.undo && generation.undo->swapped && hasCopy(generation));
    return keepsOverwritten(generation) && there && generation.undo->undoneMs == 0;
}

bool sameContent(const Content& a, const Content& b)
{
    return a.kind == b.kind && a.type == b.type && a.label == b.label && a.uuid == b.uuid;
}

bool holdsContentOf(const Region& region, const Generation& occupant)
{
    // Somebody made a new filesystem on it, or took away the mark, since the backup was made.
    if (region.role != RegionRole::Backup)
        return false;
    if (occupant.recovered && occupant.state != GenerationState::Good)
        return false;
    // It was given up since what lies there is not what it left: another history wrote it.
    if (occupant.state == GenerationState::Failed && occupant.failure == ErrorCode::PlanChanged)
        return false;
    return region.content.kind != ContentKind::Recognised ||
           sameContent(region.content, occupant.content);
}

bool Records::isClaimed(const RegionId& region) const
{
    return std::ranges::find(claimed, region) != claimed.end();
}

void Records::dropOwnUse(const RegionId& region, std::vector<Refusal>& refusals) const
{
    if (isClaimed(region))
        std::erase_if(refusals, [](const Refusal& refusal) {
            return refusal.reason == RefusalReason::InUse;
        });
}

bool isBeingWritten(Attachment& attachment, const Records& records, const RegionId& region)
{
    return !records.isClaimed(region) && attachment.isBeingWritten(region);
}

bool isInterrupted(Attachment& attachment, const Records& records, const Job& job)
{
    return !job.running && !isBeingWritten(attachment, records, job.target.id);
}

std::optional<Refusal> unfinishedRestore(Attachment& attachment, const Records& records,
                                         const RegionId& region)
{
    for (const Job& job : records.jobs) {
        if (makesGeneration(job.kind) || !isInterrupted(attachment, records, job))
            continue;
        if (job.target.id == region) // The detail tells a restore from an undo.
            return Refusal{hasWritten(records, job) ? RefusalReason::RestoreUnfinished
                                                    : RefusalReason::RestoreWaiting,
                           job.generation, writeKindName(static_cast<WriteKind>(job.kind))};
        if (job.source.id == region)
            return Refusal{RefusalReason::NeededByRestore, job.generation, job.target.name};
        // What was overwritten so far is nowhere else.
        const Generation* kept = job.undo != 0 ? records.find(job.undo) : nullptr;
        if (kept != nullptr && kept->target.id == region && hasWritten(records, job))
            return Refusal{RefusalReason::NeededByRestore, job.undo, job.target.name};
    }
    return std::nullopt;
}

std::optional<Refusal> unfinishedContent(const Records& records, const RegionId& region)
{
    const UnfinishedWrite* write = records.unfinishedIn(region);
    if (write == nullptr)
        return std::nullopt;
    return Refusal{RefusalReason::HalfWritten, write->generation, writeKindName(write->kind)};
}

Result<void> requireNoSwapOf(const Records& records, const Region& region)
{
    if (const RegionSwap* swap = records.swapOf(region.id))
        return failure(ErrorCode::CannotSwap, region.name, kSwapUnfinished, swap->generation);
    return {};
}

Result<void> requireNoSwapOf(Catalog& catalog, const Region& region)
{
    Records records;
    records.swaps = CAIRN_TRY(catalog.swaps());
    return requireNoSwapOf(records, region);
}

Result<void> requireWhole(const Records& records, const Region& source)
{
    CAIRN_TRY(requireNoSwapOf(records, source));
    if (const auto half = unfinishedContent(records, source.id))
        return std::unexpected(refusalError(*half, source));
    return {};
}

Result<void> requireNoBackupOf(Attachment& attachment, const Records& records, const Region& region)
{
    const auto unfinished = unfinishedRestore(attachment, records, region.id);
    if (unfinished && unfinished->reason == RefusalReason::RestoreUnfinished)
        return {};
    for (const Job& job : records.jobs) {
        if (job.kind == JobKind::Backup && job.source.id == region.id)
            return failure(ErrorCode::RegionBusy, region.name, {}, job.generation);
    }
    return {};
}

Result<void> requireNotToBeWritten(const Records& records, const Region& region)
{
    if (const PlannedUse* use = records.plannedFor(region.id, true))
        return failure(ErrorCode::RegionBusy, region.name, use->job);
    return {};
}

std::vector<Refusal> plannedRefusals(const std::vector<PlannedUse>& planned, const RegionId& region)
{
    std::vector<Refusal> refusals;
    if (const PlannedUse* write = firstUse(planned, region, true))
        refusals.push_back({RefusalReason::ToBeWritten, 0, write->job});
    if (const PlannedUse* read = firstUse(planned, region, false))
        refusals.push_back({RefusalReason::BeingRead, 0, read->job});
    return refusals;
}

std::vector<Refusal> recordRefusals(Attachment& attachment, const Records& records,
                                    const Region& target)
{
    std::vector<Refusal> refusals;
    const Generation* occupant = records.occupant(target.id);
    if (const auto holder = attachment.leaseHolder()) {
        const auto since = static_cast<std::uint64_t>(std::max<std::int64_t>(holder->sinceMs, 0));
        refusals.push_back({RefusalReason::LeaseHeld, since, holder->host.name});
    }
    for (const Job& job : records.jobs) {
        if (job.target.id == target.id && !isInterrupted(attachment, records, job)) {
            refusals.push_back({RefusalReason::BeingWritten, job.generation, {}});
            break;
        }
    }
    if (refusals.empty() && isBeingWritten(attachment, records, target.id))
        refusals.push_back({RefusalReason::BeingWritten, 0, {}});
    const bool isWritten = !refusals.empty();
    for (Refusal& planned : plannedRefusals(records.planned, target.id)) {
        if (!isWritten || planned.reason != RefusalReason::ToBeWritten)
            refusals.push_back(std::move(planned));
    }
    if (const auto unfinished = unfinishedRestore(attachment, records, target.id))
        refusals.push_back(*unfinished);
    if (const RegionSwap* swap = records.swapOf(target.id))
        refusals.push_back({RefusalReason::SwapUnfinished, swap->generation, kSwapUnfinished});
    if (occupant != nullptr && occupant->held)
        refusals.push_back({RefusalReason::Held, occupant->number, {}});
    if (const auto missed = occupant != nullptr ? records.missedWith(*occupant) : std::nullopt)
        refusals.push_back(*missed);
    if (occupant != nullptr && canBeUndone(*occupant))
        refusals.push_back(
            {RefusalReason::KeepsUndo, occupant->number, nameOrUuid(occupant->source)});
    // A half-written copy is nothing that anybody would miss.
    const UnfinishedWrite* half = records.unfinishedIn(target.id);
    if (half != nullptr && half->kind != WriteKind::Backup && half->kind != WriteKind::Import)
        refusals.push_back(*unfinishedContent(records, target.id));
    return refusals;
}

std::vector<Refusal> regionRefusals(const ArrayLayout& layout, const Region& target,
                                    std::uint64_t sizeBytes)
{
    std::vector<Refusal> refusals;
    if (sizeBytes > target.extent.lengthBytes)
        refusals.push_back({RefusalReason::TooSmall, sizeBytes - target.extent.lengthBytes, {}});
    if (target.use.inUse)
        refusals.push_back({RefusalReason::InUse, 0, target.use.by});
    if (target.role == RegionRole::Management)
        refusals.push_back({RefusalReason::HoldsCatalog, 0, {}});
    const Member* member = layout.findMember(target.member);
    if (member != nullptr && member->state == MemberState::Foreign)
        refusals.push_back({RefusalReason::ForeignMember, 0, member->location});
    else if (member == nullptr || member->state != MemberState::Present)
        refusals.push_back(
            {RefusalReason::MemberFailed, 0, member == nullptr ? std::string() : member->problem});
    if (target.content.kind == ContentKind::Recognised)
        refusals.push_back({RefusalReason::ContentRecognised, 0, contentText(target.content)});
    else if (target.content.kind != ContentKind::Empty)
        refusals.push_back({RefusalReason::ContentUnknown, 0, {}});
    return refusals;
}

std::vector<Refusal> targetRefusals(Attachment& attachment, const Records& records,
                                    const Region& target, std::uint64_t sizeBytes)
{
    std::vector<Refusal> refusals = recordRefusals(attachment, records, target);
    const auto own = regionRefusals(records.layout, target, sizeBytes);
    refusals.insert(refusals.end(), own.begin(), own.end());
    records.dropOwnUse(target.id, refusals);
    std::ranges::stable_sort(refusals, {}, &Refusal::reason);
    return refusals;
}

std::optional<Error> firstFinal(const std::vector<Refusal>& refusals, const Region& target)
{
    const auto found = std::ranges::find_if(
        refusals, [](const Refusal& refusal) { return !confirmable(refusal.reason); });
    return found == refusals.end() ? std::nullopt : std::optional(refusalError(*found, target));
}

bool costsARecord(const Refusal& refusal)
{
    return refusal.reason == RefusalReason::LastGoodCopy ||
           refusal.reason == RefusalReason::LastRecognised ||
           refusal.reason == RefusalReason::KeepsUndo;
}

Error refusalError(const Refusal& refusal, const Region& target)
{
    Error error{codeOf(refusal.reason), 0, target.name, refusal.detail, refusal.amount};
    // The source is what would be lost; the target is where it lies.
    if (costsARecord(refusal))
        std::swap(error.subject, error.detail);
    // It is the other host that is in the way.
    if (refusal.reason == RefusalReason::LeaseHeld) {
        error.subject = refusal.detail;
        error.detail.clear();
    }
    // It is the disk that has to go.
    if (refusal.reason == RefusalReason::ForeignMember) {
        error.subject = refusal.detail;
        error.detail = target.name + " lies on it";
    }
    return error;
}

std::string confirmationText(const ArrayLayout& layout, const Region& region)
{
    // Of a member that is away, the region itself is not among them.
    const bool shared = std::ranges::any_of(layout.regions, [&](const Region& other) {
        return other.name == region.name && other.id != region.id;
    });
    return region.name.empty() || shared ? region.id.uuid.toString() : region.name;
}

Result<void> checkConfirmation(const ArrayLayout& layout, const Region& region,
                               const std::string& typed, bool needed, const Refusal* why)
{
    const std::string expected = confirmationText(layout, region);
    if (typed.empty() && needed)
        return failure(ErrorCode::ConfirmationNeeded, expected,
                       why != nullptr ? why->detail : std::string(),
                       why != nullptr && costsARecord(*why) ? why->amount : 0);
    if (!typed.empty() && !names(typed, expected, region))
        return failure(ErrorCode::ConfirmationMismatch, expected, typed);
    return {};
}

Result<void> requireNothingLost(Attachment& attachment, const Region& region,
                                const std::string& confirmedName, CopyControl& control)
{
    if (!region.content.sampled || !confirmedName.empty())
        return {};
    const Records records = CAIRN_TRY(readRecords(attachment));
    if (records.occupant(region.id) != nullptr)
        return {};
    const auto data = CAIRN_TRY(attachment.array().findData(region.id, control));
    if (!data)
        return {};
    return failure(ErrorCode::ConfirmationNeeded, confirmationText(records.layout, region),
                   fmt::format("byte {} of it is not zero", *data));
}

Result<Region> requireRegion(const ArrayLayout& layout, const RegionRef& wanted)
{
    if (const Region* region = layout.find(wanted.id))
        return *region;
    const Member* member = layout.findMember(wanted.member);
    if (member != nullptr && member->state == MemberState::Missing)
        return failure(ErrorCode::MemberMissing, member->location, wanted.name);
    // By that name there may be another one.
    const std::string uuid = wanted.id.uuid.toString();
    if (wanted.name.empty())
        return failure(ErrorCode::UnknownRegion, uuid);
    return failure(ErrorCode::UnknownRegion, wanted.name, "PARTUUID " + uuid);
}

Result<Region> requireUnchanged(const ArrayLayout& layout, const Region& planned, bool contentToo)
{
    const Region* now = layout.find(planned.id);
    if (now == nullptr)
        return failure(ErrorCode::PlanChanged, planned.name, "region");
    if (now->device != planned.device)
        return failure(ErrorCode::IdentityChanged, planned.name,
                       "another disk, or plugged in anew");
    if (now->extent != planned.extent || now->member != planned.member)
        return failure(ErrorCode::PlanChanged, planned.name, "extent");
    if (now->name != planned.name)
        return failure(ErrorCode::PlanChanged, planned.name, "name");
    if (contentToo && (now->role != planned.role || !sameContent(now->content, planned.content)))
        return failure(ErrorCode::PlanChanged, planned.name, "content");
    return *now;
}

Result<Region> requireRegion(const ArrayLayout& layout, const RegionId& id)
{
    return requireRegion(layout, RegionRef{id, {}, {}});
}

RegionRef refTo(const Region& region)
{
    return RegionRef{region.id, region.name, region.member};
}

std::string nameOrUuid(const RegionRef& region)
{
    if (!region.name.empty() || region.id.uuid.isNull())
        return region.name;
    return region.id.uuid.toString();
}

Region targetOf(const ArrayLayout& layout, const Generation& generation)
{
    if (const Region* region = layout.find(generation.target.id))
        return *region;
    Region region;
    region.id = generation.target.id;
    region.name = generation.target.name;
    region.member = generation.target.member;
    return region;
}

Refusal lastCopyRefusal(const Generation& generation)
{
    return {.reason = RefusalReason::LastGoodCopy,
            .amount = generation.number,
            .detail = nameOrUuid(generation.source),
            .partial = !isUsable(generation),
            .unverified = generation.state == GenerationState::Copied,
            .inconsistent = isInconsistent(generation)};
}

std::string contentText(const Content& content)
{
    return content.label.empty() ? content.type : content.type + " \"" + content.label + '"';
}

} // namespace cairn
