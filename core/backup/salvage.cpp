// Reads the records of a damaged catalog one by one, and leaves out what cannot be read.
#include "core/backup/salvage.h"

#include <algorithm>
#include <utility>

namespace cairn {
namespace {

bool isDamage(const Error& error)
{
    return error.code == ErrorCode::CatalogDamaged || error.code == ErrorCode::ReadFailed;
}

Result<std::vector<DigestSegment>> readableDigests(Catalog& catalog, const Generation& generation)
{
    std::vector<DigestSegment> segments;
    const auto digests = CAIRN_TRY(catalog.digests(generation.number));
    const std::uint64_t count = divideUp(chunkCount(generation.sizeBytes), kChunksPerSegment);
    for (std::uint64_t index = 0; index < count; ++index) {
        auto segment = digests->segment(index);
        if (!segment && !isDamage(segment.error()))
            return std::unexpected(std::move(segment).error());
        if (segment && !segment->empty())
            segments.push_back({index, *std::move(segment)});
    }
    return segments;
}

} // namespace

Result<ReadableRecords> readableRecords(Catalog& catalog)
{
    ReadableRecords found;
    for (const GenerationNumber number : CAIRN_TRY(catalog.readableNumbers())) {
        found.highest = std::max(found.highest, number);
        auto generation = catalog.generation(number);
        if (generation)
            found.generations.push_back(*std::move(generation));
        else if (isDamage(generation.error()))
            ++found.lost;
        else if (generation.error().code != ErrorCode::UnknownGeneration)
            return std::unexpected(std::move(generation).error());
    }
    return found;
}

Result<Salvage> salvage(Catalog& catalog)
{
    Salvage salvaged;
    auto members = catalog.members();
    if (!members && !isDamage(members.error()))
        return std::unexpected(std::move(members).error());
    salvaged.members = std::move(members).value_or(std::vector<KnownMember>());
    auto unfinished = catalog.unfinished();
    if (!unfinished && !isDamage(unfinished.error()))
        return std::unexpected(std::move(unfinished).error());
    salvaged.unfinishedLost = !unfinished;
    if (unfinished)
        salvaged.unfinished = *std::move(unfinished);
    auto seals = catalog.seals();
    if (!seals && !isDamage(seals.error()))
        return std::unexpected(std::move(seals).error());
    if (seals)
        salvaged.seals = *std::move(seals);
    auto swaps = catalog.swaps();
    if (!swaps && !isDamage(swaps.error()))
        return std::unexpected(std::move(swaps).error());
    salvaged.swaps = std::move(swaps).value_or(std::vector<RegionSwap>());
    auto readable = CAIRN_TRY(readableRecords(catalog));
    salvaged.lost = readable.lost;
    salvaged.highest = readable.highest;
    std::ranges::reverse(readable.generations);
    for (Generation& generation : readable.generations) {
        auto digests = CAIRN_TRY(readableDigests(catalog, generation));
        salvaged.records.push_back({std::move(generation), std::move(digests)});
    }
    return salvaged;
}

} // namespace cairn
