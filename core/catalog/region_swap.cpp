// Where the regions of a swap lie now.
#include "core/catalog/region_swap.h"

namespace cairn {

SwapState stateOf(const RegionSwap& swap, const ArrayLayout& layout)
{
    const Member* member = layout.findMember(swap.source.member);
    if (member == nullptr ||
        (member->state != MemberState::Present && member->state != MemberState::ReadOnly))
        return SwapState::Away;
    const Region* source = layout.find(swap.source.id);
    const Region* target = layout.find(swap.target.id);
    if (source == nullptr || target == nullptr || source->member != swap.source.member ||
        target->member != swap.source.member)
        return SwapState::Neither;
    const ByteRange first{swap.sourceOffsetBytes, swap.sizeBytes};
    const ByteRange second{swap.targetOffsetBytes, swap.sizeBytes};
    if (source->extent == first && target->extent == second)
        return SwapState::Before;
    return source->extent == second && target->extent == first ? SwapState::After
                                                               : SwapState::Neither;
}

} // namespace cairn
