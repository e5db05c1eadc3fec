// The reasons that an array alone can give for refusing a target, and the order of candidates.
#include "core/array/candidate_target.h"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>

namespace cairn {
namespace {

std::vector<Refusal> refusalsOf(const ArrayLayout& layout, const Region& source,
                                const Region& target)
{
    std::vector<Refusal> refusals;
    const auto refuse = [&refusals](RefusalReason reason, std::uint64_t amount = 0,
                                    std::string detail = {}) {
        refusals.push_back({reason, amount, std::move(detail)});
    };
    if (target.id == source.id)
        refuse(RefusalReason::IsSource);
    if (target.extent.lengthBytes < source.extent.lengthBytes) {
        refuse(RefusalReason::TooSmall, source.extent.lengthBytes - target.extent.lengthBytes);
    }
    if (target.use.inUse)
        refuse(RefusalReason::InUse, 0, target.use.by);
    const bool isCatalog = target.role == RegionRole::Management;
    if (isCatalog)
        refuse(RefusalReason::HoldsCatalog);
    const Member* member = layout.findMember(target.member);
    if (member == nullptr || member->state != MemberState::Present)
        refuse(RefusalReason::MemberFailed, 0, member == nullptr ? std::string{} : member->problem);
    // What could not be read may be anything; what a management region holds has been said.
    if (isCatalog)
        return refusals;
    if (target.content.kind == ContentKind::Unknown || target.content.kind == ContentKind::Unread)
        refuse(RefusalReason::ContentUnknown);
    if (target.content.kind == ContentKind::Recognised)
        refuse(RefusalReason::ContentRecognised, 0, contentDetail(target.content));
    return refusals;
}

} // namespace

std::string contentDetail(const Content& content)
{
    if (content.label.empty())
        return content.type;
    return fmt::format("{} \"{}\"", content.type, content.label);
}

bool CandidateTarget::allowedIfConfirmed() const
{
    return !refusals.empty() && std::ranges::all_of(refusals, [](const Refusal& refusal) {
        return confirmable(refusal.reason);
    });
}

std::vector<CandidateTarget> candidatesOf(const ArrayLayout& layout, const Region& source)
{
    std::vector<CandidateTarget> candidates;
    candidates.reserve(layout.regions.size());
    for (const Region& target : layout.regions) {
        CandidateTarget candidate;
        candidate.region = target.id;
        candidate.refusals = refusalsOf(layout, source, target);
        candidate.sameMember = target.member == source.member;
        if (target.extent.lengthBytes > source.extent.lengthBytes)
            candidate.spareBytes = target.extent.lengthBytes - source.extent.lengthBytes;
        candidates.push_back(std::move(candidate));
    }
    const auto rank = [&layout](const CandidateTarget& candidate) {
        const Region& region = *layout.find(candidate.region);
        const int group = candidate.allowed() ? 0 : candidate.allowedIfConfirmed() ? 1 : 2;
        const bool holdsSomething = region.content.kind != ContentKind::Empty;
        return std::tuple(group, candidate.sameMember, holdsSomething, candidate.spareBytes,
                          region.name, candidate.region);
    };
    using Ranked = std::pair<decltype(rank(candidates.front())), CandidateTarget>;
    std::vector<Ranked> ranked;
    ranked.reserve(candidates.size());
    for (CandidateTarget& candidate : candidates) {
        auto key = rank(candidate);
        ranked.emplace_back(std::move(key), std::move(candidate));
    }
    std::ranges::sort(ranked, {}, &Ranked::first);
    std::ranges::transform(ranked, candidates.begin(),
                           [](Ranked& one) { return std::move(one.second); });
    return candidates;
}

} // namespace cairn
