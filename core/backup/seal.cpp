// Keeps signatures in the record: durable there before they go here, and the other way round.
#include "core/backup/seal.h"

#include "core/backup/copy_presence.h"
#include "core/backup/guards.h"
#include "core/backup/one_history.h"

#include <algorithm>
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

Result<void> writeBack(Attachment& attachment, Catalog& catalog, const RegionRef& region,
                       GenerationNumber number)
{
    CAIRN_TRY(attachment.array().writeSignaturesBack(region.id));
    CAIRN_TRY(attachment.array().markSealed(region.id, false));
    CAIRN_TRY(catalog.endUnseal(region, number));
    return attachment.followSeals();
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
    if (now.seal == SealState::Sealed)
        return outcomeOf(CAIRN_TRY(findSeal(catalog, region.id)), false);
    CAIRN_TRY(catalog.beginSeal(now.number));
    CAIRN_TRY(attachment.followSeals());
    CAIRN_TRY(attachment.array().markSealed(region.id, true));
    CAIRN_TRY(attachment.array().eraseSignatures(region.id));
    CAIRN_TRY(catalog.endSeal(now.number));
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
        std::optional<Generation> generation;
        std::optional<RegionSeal> kept;
        {
            const auto catalog = CAIRN_TRY(attachment.catalog());
            generation = CAIRN_TRY(catalog->generation(number));
            kept = CAIRN_TRY(findSeal(*catalog, generation->target.id));
        }
        if (!hasCopy(*generation) && generation->state != GenerationState::Forgotten)
            return failure(ErrorCode::BackupNotUsable, generation->target.name,
                           stateName(generation->state), number);
        if (!kept)
            return outcomeOf({}, false);
        const Region region = CAIRN_TRY(requireRegion(attachment.layout(), generation->target));
        CAIRN_TRY(requireFree(attachment, region));
        const auto claim = CAIRN_TRY(RegionClaim::take(attachment, std::nullopt, region));
        const auto writing = CAIRN_TRY(WriteAccess::take(attachment, {region.id}));
        if (kept->sealedMs != 0)
            CAIRN_TRY(writing.catalog().beginSeal(number)); // Some may be there from now on.
        CAIRN_TRY(writeBack(attachment, writing.catalog(), generation->target, number));
        return outcomeOf(kept, true);
    });
}

Result<void> unsealForWriting(Attachment& attachment, Catalog& catalog, const Region& region)
{
    if (!CAIRN_TRY(isSealed(catalog, region.id)))
        return {};
    const Records records = CAIRN_TRY(readRecords(catalog, attachment.layout()));
    const Generation* occupant = records.occupant(region.id);
    const GenerationNumber number = occupant != nullptr ? occupant->number : 0;
    if (occupant != nullptr && occupant->seal == SealState::Sealed)
        CAIRN_TRY(catalog.beginSeal(number));
    return writeBack(attachment, catalog, refTo(region), number);
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
