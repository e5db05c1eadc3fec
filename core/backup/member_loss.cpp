// Asks the records as they would be without the member.
#include "core/backup/member_loss.h"

#include <algorithm>

namespace cairn {
namespace {

struct Missed {
    const Generation* copy;
    Refusal why;
};

bool isBetter(const Generation& one, const Generation& other)
{
    const bool recognised = one.content.kind == ContentKind::Recognised;
    const bool otherToo = other.content.kind == ContentKind::Recognised;
    return standsFor(one, other) && (!standsFor(other, one) || (recognised && !otherToo));
}

// The one that would be missed most; `copies` are of one source, newest first, and not empty.
const Missed& bestOf(const std::vector<Missed>& copies)
{
    const Missed* best = &copies.front();
    for (const Missed& other : copies) {
        if (isBetter(*other.copy, *best->copy))
            best = &other;
    }
    return *best;
}

} // namespace

bool isAway(const Member& member)
{
    return member.state == MemberState::Missing || member.state == MemberState::Failed;
}

MemberLoss lossWith(const Records& records, const Uuid& member)
{
    // As it will be: what lies on the member stands for nothing any more.
    Records without = records;
    std::erase_if(without.layout.members, [&](const Member& one) { return one.id == member; });
    MemberLoss loss;
    std::vector<std::vector<Missed>> bySource;
    for (const Generation& generation : records.generations) {
        if (generation.target.member != member)
            continue;
        if (isUsable(generation))
            loss.backups.push_back(generation.number);
        auto why = without.missedWith(generation);
        if (!why)
            continue;
        Missed missed{.copy = &generation, .why = *std::move(why)};
        const auto known = std::ranges::find_if(bySource, [&](const auto& copies) {
            return copies.front().copy->source.id == generation.source.id;
        });
        if (known == bySource.end())
            bySource.push_back({std::move(missed)});
        else
            known->push_back(std::move(missed));
    }
    for (const auto& copies : bySource) {
        const Refusal& why = bestOf(copies).why;
        loss.lastCopies.push_back({.name = why.detail,
                                   .number = why.amount,
                                   .unverified = why.unverified,
                                   .partial = why.partial,
                                   .content = why.content,
                                   .inconsistent = why.inconsistent});
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
