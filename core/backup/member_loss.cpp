// Asks the records as they would be without the member.
#include "core/backup/member_loss.h"

#include <algorithm>

namespace cairn {
namespace {

// The one that would be missed most; `copies` are of one source, newest first, and not empty.
const Generation& bestOf(const std::vector<const Generation*>& copies)
{
    const Generation* best = copies.front();
    for (const Generation* other : copies) {
        if (standsFor(*other, *best) && !standsFor(*best, *other))
            best = other;
    }
    return *best;
}

} // namespace

MemberLoss lossWith(const Records& records, const Uuid& member)
{
    // As it will be: what lies on the member stands for nothing any more.
    Records without = records;
    std::erase_if(without.layout.members, [&](const Member& one) { return one.id == member; });
    MemberLoss loss;
    std::vector<std::vector<const Generation*>> bySource;
    for (const Generation& generation : records.generations) {
        if (generation.target.member != member)
            continue;
        if (isUsable(generation))
            loss.backups.push_back(generation.number);
        if (!without.isLastGoodCopy(generation))
            continue;
        const auto known = std::ranges::find_if(bySource, [&](const auto& copies) {
            return copies.front()->source.id == generation.source.id;
        });
        if (known == bySource.end())
            bySource.push_back({&generation});
        else
            known->push_back(&generation);
    }
    for (const auto& copies : bySource) {
        const Generation& best = bestOf(copies);
        loss.lastCopies.push_back(
            {.name = nameOrUuid(best.source), .number = best.number, .partial = !isUsable(best)});
    }
    return loss;
}

std::optional<Region> losingRegion(const Records& records, const MemberLoss& loss)
{
    if (loss.lastCopies.empty())
        return std::nullopt;
    return targetOf(records.layout, *records.find(loss.lastCopies.front().number));
}

Result<void> checkLossConfirmed(const Records& records, const MemberLoss& loss,
                                const std::string& confirmedName)
{
    const auto losing = losingRegion(records, loss);
    if (!losing)
        return {};
    const Refusal why = lastCopyRefusal(*records.find(loss.lastCopies.front().number));
    return checkConfirmation(records.layout, *losing, confirmedName, true, &why);
}

Result<void> requireNoneHeld(const Records& records, const Uuid& member)
{
    for (const Generation& generation : records.generations) {
        if (generation.held && generation.target.member == member)
            return failure(ErrorCode::GenerationHeld, generation.target.name, {},
                           generation.number);
    }
    return {};
}

} // namespace cairn
