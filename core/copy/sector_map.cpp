// Ranges of sectors, and what becomes of too many.
#include "core/copy/sector_map.h"

#include "core/copy/chunk_digest.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::uint64_t kUnitsPerChunk = kChunkBytes / SectorMap::kUnitBytes;

ChunkMap::Run unitsOf(ByteRange range)
{
    const std::uint64_t first = range.offsetBytes / SectorMap::kUnitBytes;
    const std::uint64_t end =
        divideUp(range.offsetBytes + range.lengthBytes, SectorMap::kUnitBytes);
    return {first, end - first};
}

ByteRange rangeOf(const ChunkMap::Run& run)
{
    return {run.first * SectorMap::kUnitBytes, run.count * SectorMap::kUnitBytes};
}

} // namespace

void SectorMap::add(ByteRange range)
{
    if (range.empty())
        return;
    m_units.add(unitsOf(range));
    if (count() > kMostRanges)
        coarsen();
}

void SectorMap::remove(ByteRange range)
{
    const ChunkMap::Run units = unitsOf(range);
    for (std::uint64_t unit = units.first; unit < units.first + units.count; ++unit)
        m_units.remove(unit);
    if (count() > kMostRanges) // A hole makes two of one.
        coarsen();
}

void SectorMap::coarsen()
{
    for (std::uint64_t step = kUnitsPerChunk; count() > kMostRanges; step *= 2) {
        ChunkMap coarse;
        for (const ChunkMap::Run& run : m_units.runs()) {
            const std::uint64_t first = roundDown(run.first, step);
            coarse.add({first, roundUp(run.first + run.count, step) - first});
        }
        m_units = std::move(coarse);
    }
}

std::vector<ByteRange> SectorMap::ranges() const
{
    std::vector<ByteRange> all;
    for (const ChunkMap::Run& run : m_units.runs())
        all.push_back(rangeOf(run));
    return all;
}

std::vector<ByteRange> SectorMap::within(ByteRange range) const
{
    const std::uint64_t end = range.offsetBytes + range.lengthBytes;
    std::vector<ByteRange> inside;
    const auto& runs = m_units.runs();
    auto run = std::ranges::partition_point(runs, [&](const ChunkMap::Run& before) {
        return (before.first + before.count) * kUnitBytes <= range.offsetBytes;
    });
    for (; run != runs.end() && run->first * kUnitBytes < end; ++run) {
        const std::uint64_t from = std::max(range.offsetBytes, run->first * kUnitBytes);
        const std::uint64_t to = std::min(end, (run->first + run->count) * kUnitBytes);
        inside.push_back({from, to - from});
    }
    return inside;
}

ChunkMap SectorMap::chunks() const
{
    ChunkMap all;
    for (const ChunkMap::Run& run : m_units.runs()) {
        const std::uint64_t first = run.first / kUnitsPerChunk;
        all.add({first, divideUp(run.first + run.count, kUnitsPerChunk) - first});
    }
    return all;
}

Result<SectorMap> SectorMap::decode(std::span<const std::byte> encoded, std::uint64_t sizeBytes)
{
    SectorMap map;
    map.m_units = CAIRN_TRY(ChunkMap::decode(encoded, divideUp(sizeBytes, kUnitBytes)));
    if (map.count() > kMostRanges)
        return failure(ErrorCode::InvalidArgument, "sector map", "too many ranges");
    return map;
}

} // namespace cairn
