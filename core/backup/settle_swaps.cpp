// Takes swaps to before or after, never between.
#include "core/backup/settle_swaps.h"

#include "core/backup/sealed_regions.h"

#include <algorithm>
#include <optional>
#include <tuple>
#include <utility>

namespace cairn {
namespace {

Result<bool> isKept(Catalog& catalog, const RegionId& region)
{
    const auto seals = CAIRN_TRY(catalog.seals());
    return std::ranges::find(seals, region, &RegionSeal::region) != seals.end();
}

// Each region that has the bytes of one of the two, but for the one that keeps what is not in use.
// What is kept of them is shown in its place, whatever the table has become.
Result<void> putSignaturesBack(Array& array, Catalog& catalog, const RegionSwap& swap)
{
    for (const auto& [name, place] : sealPlaces({swap}, array.layout())) {
        if (place && *place != swap.target.id && CAIRN_TRY(isKept(catalog, name)))
            CAIRN_TRY(array.putSignaturesBack(*place));
    }
    return {};
}

Result<void> giveUp(Array& array, Catalog& catalog, const RegionSwap& swap)
{
    auto places = sealPlaces({swap}, array.layout());
    // Whoever is in use has them again, and is sealed no more.
    for (auto& [name, place] : places) {
        if (place != swap.target.id)
            place.reset();
    }
    return catalog.giveUpSwap(swap.id, places[swap.source.id], places[swap.target.id]);
}

// A row that is of no generation that could be swapped comes from a stranger, or is damaged.
bool isNoSwap(const Error& error)
{
    return error.code == ErrorCode::BackupNotUsable || errorClass(error.code) == ErrorClass::Usage;
}

Result<SettledSwap> finish(Array& array, Catalog& catalog, const RegionSwap& swap)
{
    CAIRN_TRY(array.markSealed(swap.target.id, swap.seals));
    const ArrayLayout layout = array.layout();
    const Region* kept = layout.find(swap.target.id);
    const auto ended = catalog.endSwap(swap.id, kept != nullptr ? kept->content : Content());
    if (ended)
        return SettledSwap{.made = true, .kept = *ended};
    if (!isNoSwap(ended.error()))
        return std::unexpected(ended.error());
    CAIRN_TRY(giveUp(array, catalog, swap));
    return SettledSwap{};
}

Result<bool> alignTable(Array& array, const RegionSwap& swap)
{
    return array.alignTable(swap.source.member, {swap.source.id, swap.target.id});
}

std::unexpected<Error> kernelNotTold(const ArrayLayout& layout, const RegionSwap& swap)
{
    const Member* member = layout.findMember(swap.source.member);
    return failure(ErrorCode::KernelNotTold,
                   member != nullptr ? member->location : swap.source.member.toString(),
                   swap.source.name, swap.generation);
}

} // namespace

Result<SettledSwap> settleSwap(Array& array, Catalog& catalog, const RegionSwap& swap,
                               const Array::SealRecorder& recorder)
{
    SettledSwap settled;
    SwapState state = stateOf(swap, array.layout());
    if (state == SwapState::Away)
        return failure(ErrorCode::MemberMissing, swap.source.name);
    bool placed = true;
    if (state != SwapState::Neither) {
        const auto aligned = alignTable(array, swap);
        // What cannot be written must not keep what is in use from its signatures.
        if (!aligned && stateOf(swap, array.layout()) != SwapState::Away) {
            showSealed(array, &catalog, recorder);
            std::ignore = putSignaturesBack(array, catalog, swap);
        }
        placed = CAIRN_TRY(aligned);
    }
    const ArrayLayout layout = array.layout();
    if (const SwapState onMedium = stateOf(swap, layout); onMedium != state) {
        state = onMedium;
        showSealed(array, &catalog, {});
    }
    showSealed(array, &catalog, recorder);
    if (!placed)
        return kernelNotTold(layout, swap);
    if (state == SwapState::Away)
        return failure(ErrorCode::MemberMissing, swap.source.name);
    CAIRN_TRY(putSignaturesBack(array, catalog, swap));
    switch (state) {
    case SwapState::Away:
    case SwapState::Neither:
        CAIRN_TRY(giveUp(array, catalog, swap));
        break;
    case SwapState::Before:
        CAIRN_TRY(catalog.failSwap(swap.id, "not made"));
        break;
    case SwapState::After:
        settled = CAIRN_TRY(finish(array, catalog, swap));
        break;
    }
    showSealed(array, &catalog, recorder);
    return settled;
}

std::vector<FoundSwap> settleSwaps(Array& array, Catalog& catalog,
                                   const Array::SealRecorder& recorder)
{
    std::vector<FoundSwap> found;
    const auto swaps = catalog.swaps();
    if (!swaps)
        return found;
    for (const RegionSwap& swap : *swaps)
        found.push_back({swap, settleSwap(array, catalog, swap, recorder)});
    return found;
}

} // namespace cairn
