// Merges the array's candidate targets with what the catalog says, and orders them.
#include "core/backup/candidates.h"

#include <algorithm>
#include <tuple>

namespace cairn {
namespace {

// The order of the enumeration, each reason once.
void addRefusals(std::vector<Refusal>& refusals, const std::vector<Refusal>& more)
{
    refusals.insert(refusals.end(), more.begin(), more.end());
    std::ranges::stable_sort(refusals, {}, &Refusal::reason);
}

bool concernsContent(const Refusal& refusal)
{
    return refusal.reason == RefusalReason::ContentUnknown ||
           refusal.reason == RefusalReason::ContentRecognised;
}

// The array alone does not know its members.
void addForeign(CandidateTarget& candidate, const ArrayLayout& layout, const Region& region)
{
    const Member* member = layout.findMember(region.member);
    if (member != nullptr && member->state == MemberState::Foreign)
        addRefusals(candidate.refusals, {{RefusalReason::ForeignMember, 0, member->location}});
}

void addRecords(CandidateTarget& candidate, Attachment& attachment, const Records& records,
                const Region& region)
{
    const Generation* occupant = records.occupant(region.id);
    // The content of a region that holds a backup of this array is known: it is that backup's.
    if (occupant != nullptr && holdsContentOf(region, *occupant))
        std::erase_if(candidate.refusals, concernsContent);
    if (occupant != nullptr && occupant->state != GenerationState::Failed &&
        occupant->state != GenerationState::Copying)
        candidate.replaces = occupant->number;
    std::vector<Refusal> refusals = recordRefusals(attachment, records, region);
    records.dropOwnUse(region.id, candidate.refusals);
    const auto idle = requireNoBackupOf(attachment, records, region);
    if (!idle && records.plannedFor(region.id, false) == nullptr)
        refusals.push_back({RefusalReason::BeingRead, idle.error().amount, {}});
    addRefusals(candidate.refusals, refusals);
}

struct Ranked {
    CandidateTarget candidate;
    int permission = 0; // 0 allowed, 1 if confirmed, 2 refused.
    int replaced = 0;   // 0 nothing, 1 an older backup of this source, 2 of another one.
    std::string name;

    [[nodiscard]] auto key() const
    {
        return std::tie(permission, candidate.sameMember, replaced, candidate.replaces,
                        candidate.spareBytes, name, candidate.region);
    }
};

Ranked rank(CandidateTarget candidate, const Records& records, const RegionId& source)
{
    Ranked ranked;
    ranked.permission = candidate.allowed() ? 0 : candidate.allowedIfConfirmed() ? 1 : 2;
    if (const Generation* replaced = records.find(candidate.replaces))
        ranked.replaced = replaced->source.id == source ? 1 : 2;
    if (const Region* region = records.layout.find(candidate.region))
        ranked.name = region->name;
    ranked.candidate = std::move(candidate);
    return ranked;
}

} // namespace

Result<std::vector<CandidateTarget>> candidateTargets(Attachment& attachment,
                                                      const RegionId& source,
                                                      const std::vector<PlannedUse>& planned)
{
    return catchOutOfMemory([&]() -> Result<std::vector<CandidateTarget>> {
        return candidateTargets(attachment, CAIRN_TRY(readRecords(attachment, planned)), source);
    });
}

Result<std::vector<CandidateTarget>>
candidateTargets(Attachment& attachment, const Records& records, const RegionId& source)
{
    return catchOutOfMemory([&]() -> Result<std::vector<CandidateTarget>> {
        std::vector<Ranked> ranked;
        for (CandidateTarget& candidate : CAIRN_TRY(attachment.array().candidateTargets(source))) {
            if (const Region* region = records.layout.find(candidate.region)) {
                addForeign(candidate, records.layout, *region);
                addRecords(candidate, attachment, records, *region);
            }
            ranked.push_back(rank(std::move(candidate), records, source));
        }
        std::ranges::sort(ranked, {}, &Ranked::key);
        std::vector<CandidateTarget> ordered;
        for (Ranked& entry : ranked)
            ordered.push_back(std::move(entry.candidate));
        return ordered;
    });
}

Result<CandidateTarget> candidateFor(Attachment& attachment, const Region& target,
                                     std::uint64_t sizeBytes)
{
    return catchOutOfMemory([&]() -> Result<CandidateTarget> {
        return candidateFor(attachment, CAIRN_TRY(readRecords(attachment)), target, sizeBytes);
    });
}

CandidateTarget candidateFor(Attachment& attachment, const Records& records, const Region& target,
                             std::uint64_t sizeBytes)
{
    CandidateTarget candidate;
    candidate.region = target.id;
    candidate.refusals = regionRefusals(records.layout, target, sizeBytes);
    if (target.extent.lengthBytes > sizeBytes)
        candidate.spareBytes = target.extent.lengthBytes - sizeBytes;
    addRecords(candidate, attachment, records, target);
    return candidate;
}

Result<void> checkCandidate(Attachment& attachment, const CandidateTarget& candidate,
                            const Region& target, const std::string& confirmedName)
{
    if (const auto refused = firstFinal(candidate.refusals, target))
        return std::unexpected(*refused);
    const Refusal* why = candidate.allowed() ? nullptr : &candidate.refusals.front();
    return checkConfirmation(attachment.array().layout(), target, confirmedName,
                             !candidate.allowed(), why);
}

Result<void> requireAsPlanned(const CandidateTarget& now, const CandidateTarget& planned,
                              const Region& target)
{
    const bool isNew = std::ranges::any_of(now.refusals, [&](const Refusal& refusal) {
        return std::ranges::find(planned.refusals, refusal) == planned.refusals.end();
    });
    if (isNew)
        return failure(ErrorCode::PlanChanged, target.name, "reasons");
    if (now.replaces != planned.replaces)
        return failure(ErrorCode::PlanChanged, target.name, "replaces");
    return {};
}

Result<Region> findRegion(Attachment& attachment, std::string_view nameOrUuid)
{
    return catchOutOfMemory([&]() -> Result<Region> {
        const ArrayLayout layout = attachment.array().layout();
        if (const auto uuid = Uuid::parse(nameOrUuid)) {
            if (const Region* region = layout.find(RegionId{*uuid}))
                return *region;
        }
        const Region* found = nullptr;
        for (const Region& region : layout.regions) {
            if (region.name != nameOrUuid || nameOrUuid.empty())
                continue;
            if (found != nullptr)
                return failure(ErrorCode::AmbiguousName, std::string(nameOrUuid));
            found = &region;
        }
        if (found == nullptr)
            return failure(ErrorCode::UnknownRegion, std::string(nameOrUuid));
        return *found;
    });
}

Error refusalError(const CandidateTarget& candidate, const Region& target)
{
    CAIRN_ASSERT(!candidate.refusals.empty());
    const auto final = firstFinal(candidate.refusals, target);
    return final ? *final : refusalError(candidate.refusals.front(), target);
}

} // namespace cairn
