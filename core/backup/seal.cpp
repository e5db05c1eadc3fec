// Keeps signatures in the record: durable there before they go here, and the other way round.
#include "core/backup/seal.h"

#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "core/backup/one_history.h"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

namespace cairn {
namespace {

Result<std::optional<RegionSeal>> findSeal(Catalog& catalog, const RegionId& region)
{
    for (RegionSeal& seal : CAIRN_TRY(catalog.seals())) {
        if (seal.region == region)
            return std::optional(std::move(seal));
    }
    return std::optional<RegionSeal>();
}

SealOutcome outcomeOf(const std::optional<RegionSeal>& seal, bool changed)
{
    SealOutcome outcome{.changed = changed};
    if (seal) {
        outcome.pieces = seal->pieces.size();
        for (const SealedBytes& piece : seal->pieces)
            outcome.bytes += piece.bytes.size();
    }
    return outcome;
}

// Its region, which holds it and nothing else as far as it shows.
Result<Region> requireSealable(const ArrayLayout& layout, const Generation& generation)
{
    const auto refused = [&](const std::string& why) {
        return failure(ErrorCode::BackupNotUsable, generation.target.name, why, generation.number);
    };
    if (!hasCopy(generation))
        return refused(stateName(generation.state));
    if (generation.undo)
        return refused("it keeps what a restore overwrote");
    Region region = CAIRN_TRY(requireCopyRegion(layout, generation));
    if (const FoundCopy found = findCopy(layout, generation); !found.present())
        return refused(found.detail);
    return region;
}

Result<void> requireFree(Attachment& attachment, const Region& region)
{
    if (attachment.isBeingWritten(region.id))
        return failure(ErrorCode::RegionBusy, region.name);
    if (region.use.inUse)
        return failure(ErrorCode::RegionInUse, region.name, region.use.by);
    return {};
}

// What is kept of a backup that is to stay one must not be given up while its place is taken.
Result<void> checkPlaces(Attachment& attachment, const RegionRef& region, GenerationNumber number)
{
    const auto fit = attachment.array().checkSignatures(region.id);
    if (!fit && fit.error().code == ErrorCode::ContentUnknown)
        return failure(
            ErrorCode::BackupNotUsable, region.name,
            fmt::format("something else is {} in the place of its signatures", fit.error().detail),
            number);
    return fit;
}

Result<void> writeBack(Attachment& attachment, Catalog& catalog, const RegionRef& region,
                       GenerationNumber number)
{
    CAIRN_TRY(attachment.array().writeSignaturesBack(region.id));
    CAIRN_TRY(attachment.array().markSealed(region.id, false));
    CAIRN_TRY(catalog.endUnseal(region, number));
    return attachment.followSeals();
}

Result<void> takeSignatures(Attachment& attachment, Catalog& catalog, const Generation& generation)
{
    CAIRN_TRY(catalog.beginSeal(generation.number));
    CAIRN_TRY(attachment.followSeals());
    CAIRN_TRY(attachment.array().markSealed(generation.target.id, true));
    CAIRN_TRY(attachment.array().eraseSignatures(generation.target.id));
    return catalog.endSeal(generation.number);
}

// Whatever came there after it: its signatures are not those of the one that was forgotten.
Result<void> requireNewestThere(Catalog& catalog, const Generation& forgotten)
{
    GenerationFilter filter;
    filter.target = forgotten.target.id;
    for (const Generation& other : CAIRN_TRY(catalog.generations(filter))) {
        if (other.number > forgotten.number)
            return failure(ErrorCode::BackupNotUsable, forgotten.target.name,
                           fmt::format("its region was written again, for #{}", other.number),
                           forgotten.number);
    }
    return {};
}

struct Unsealable {
    Generation generation;
    std::optional<RegionSeal> kept;
};

Result<Unsealable> findUnsealable(Catalog& catalog, GenerationNumber number)
{
    Unsealable found{.generation = CAIRN_TRY(catalog.generation(number)), .kept = {}};
    found.kept = CAIRN_TRY(findSeal(catalog, found.generation.target.id));
    if (found.generation.state == GenerationState::Forgotten)
        CAIRN_TRY(requireNewestThere(catalog, found.generation));
    else if (!hasCopy(found.generation))
        return failure(ErrorCode::BackupNotUsable, found.generation.target.name,
                       stateName(found.generation.state), number);
    return found;
}

Result<SealOutcome> sealChecked(Attachment& attachment, const Generation& generation,
                                const Region& region)
{
    // What cannot be written must not be called sealed.
    const auto writing = CAIRN_TRY(WriteAccess::take(attachment, {region.id}));
    Catalog& catalog = writing.catalog();
    const Generation now = CAIRN_TRY(catalog.generation(generation.number));
    if (!hasCopy(now))
        return failure(ErrorCode::PlanChanged, region.name, "generation");
    CAIRN_TRY(requireNoSwapOf(catalog, region));
    CAIRN_TRY(requireSignatures(catalog, region, generation.number));
    if (now.seal == SealState::Sealed)
        return outcomeOf(CAIRN_TRY(findSeal(catalog, region.id)), false);
    CAIRN_TRY(takeSignatures(attachment, catalog, now));
    return outcomeOf(CAIRN_TRY(findSeal(catalog, region.id)), true);
}

} // namespace

Result<SealOutcome> seal(Attachment& attachment, GenerationNumber number)
{
    return catchOutOfMemory([&]() -> Result<SealOutcome> {
        CAIRN_TRY(attachment.refresh());
        CAIRN_TRY(requireOneHistory(attachment));
        std::optional<Generation> generation;
        {
            const auto catalog = CAIRN_TRY(attachment.catalog());
            generation = CAIRN_TRY(catalog->generation(number));
        }
        const Region region = CAIRN_TRY(requireSealable(attachment.layout(), *generation));
        CAIRN_TRY(requireFree(attachment, region));
        const auto claim = CAIRN_TRY(RegionClaim::take(attachment, std::nullopt, region));
        return sealChecked(attachment, *generation, region);
    });
}

Result<SealOutcome> unseal(Attachment& attachment, GenerationNumber number)
{
    return catchOutOfMemory([&]() -> Result<SealOutcome> {
        CAIRN_TRY(attachment.refresh());
        CAIRN_TRY(requireOneHistory(attachment));
        std::optional<Unsealable> before;
        {
            const auto catalog = CAIRN_TRY(attachment.catalog());
            before = CAIRN_TRY(findUnsealable(*catalog, number));
        }
        const RegionRef& target = before->generation.target;
        const ArrayLayout layout = attachment.layout();
        const Region* marked = layout.find(target.id);
        if (!before->kept && (marked == nullptr || !marked->sealedMark))
            return outcomeOf({}, false);
        const Region region = CAIRN_TRY(requireRegion(layout, target));
        CAIRN_TRY(requireFree(attachment, region));
        const auto claim = CAIRN_TRY(RegionClaim::take(attachment, std::nullopt, region));
        const auto writing = CAIRN_TRY(WriteAccess::take(attachment, {region.id}));
        // Now that no other process can write: it may have put another backup there.
        const auto now = CAIRN_TRY(findUnsealable(writing.catalog(), number));
        CAIRN_TRY(requireNoSwapOf(writing.catalog(), region));
        if (!now.kept) {
            CAIRN_TRY(attachment.array().markSealed(region.id, false));
            return outcomeOf({}, region.sealedMark);
        }
        if (now.generation.state != GenerationState::Forgotten)
            CAIRN_TRY(checkPlaces(attachment, target, number));
        if (now.kept->sealedMs != 0)
            CAIRN_TRY(writing.catalog().beginSeal(number)); // Some may be there from now on.
        CAIRN_TRY(writeBack(attachment, writing.catalog(), target, number));
        return outcomeOf(now.kept, true);
    });
}

Result<void> requireSignatures(Catalog& catalog, const Region& region, GenerationNumber number)
{
    // What is recognised has them: they were put back by hand.
    if (!region.sealedMark || region.content.kind == ContentKind::Recognised ||
        CAIRN_TRY(isSealed(catalog, region.id)))
        return {};
    return failure(ErrorCode::BackupNotUsable, region.name, kSignaturesLost, number);
}

Result<GenerationNumber> unsealForWriting(Attachment& attachment, Catalog& catalog,
                                          const Region& region, Occupant fate)
{
    if (!CAIRN_TRY(isSealed(catalog, region.id)))
        return GenerationNumber{0};
    const Records records = CAIRN_TRY(readRecords(catalog, attachment.layout()));
    const Generation* occupant = records.occupant(region.id);
    const bool whole = occupant != nullptr && occupant->seal == SealState::Sealed;
    const GenerationNumber sealed = whole ? occupant->number : 0;
    if (occupant != nullptr && hasCopy(*occupant) && fate == Occupant::Stays)
        CAIRN_TRY(checkPlaces(attachment, refTo(region), occupant->number));
    if (whole)
        CAIRN_TRY(catalog.beginSeal(sealed));
    // The entry names no backup: nobody has asked to unseal one, see wasSealed().
    CAIRN_TRY(writeBack(attachment, catalog, refTo(region), 0));
    return sealed;
}

UnsealedForNow::~UnsealedForNow()
{
    if (m_number != 0)
        std::ignore = sealAgain(m_attachment, m_catalog, m_number);
}

Result<void> sealAgain(Attachment& attachment, Catalog& catalog, GenerationNumber number)
{
    const Generation now = CAIRN_TRY(catalog.generation(number));
    if (!hasCopy(now) || now.seal == SealState::Sealed)
        return {};
    // What a release that failed late has made an ordinary partition is one.
    const ArrayLayout layout = attachment.array().layout();
    const Region* region = layout.find(now.target.id);
    if (region == nullptr || region->role != RegionRole::Backup)
        return {};
    return takeSignatures(attachment, catalog, now);
}

Result<bool> wasSealed(Catalog& catalog, GenerationNumber number)
{
    bool sealed = false;
    const Ledger ledger = CAIRN_TRY(catalog.ledger());
    for (const Event& event : ledger.events) {
        const bool concerns = event.kind == EventKind::Sealed || event.kind == EventKind::Unsealed;
        if (concerns && event.generation == number)
            sealed = event.kind == EventKind::Sealed;
    }
    return sealed;
}

Result<bool> isSealed(Catalog& catalog, const RegionId& region)
{
    return CAIRN_TRY(findSeal(catalog, region)).has_value();
}

bool sealsByDefault(const ArrayLayout& layout, const Region& target)
{
    const Member* member = layout.findMember(target.member);
    return member != nullptr && member->blockDevice;
}

} // namespace cairn
