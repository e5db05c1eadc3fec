// Sets of chunk numbers kept as runs.
#include "core/copy/chunk_map.h"

#include "core/base/byte_range.h"

#include <algorithm>

namespace cairn {
namespace {

using Run = ChunkMap::Run;

// The first run that begins after the chunk.
template<typename Runs>
auto runAfter(Runs& runs, std::uint64_t chunk)
{
    return std::upper_bound(runs.begin(), runs.end(), chunk,
                            [](std::uint64_t value, const Run& run) { return value < run.first; });
}

void appendLeb128(std::vector<std::byte>& bytes, std::uint64_t value)
{
    while (value >= 0x80) {
        bytes.push_back(static_cast<std::byte>((value & 0x7fU) | 0x80U));
        value >>= 7U;
    }
    bytes.push_back(static_cast<std::byte>(value));
}

// Nothing for a number that is cut off, too large, or longer than it needs to be: one set of
// chunks has one encoding.
std::optional<std::uint64_t> takeLeb128(std::span<const std::byte>& bytes)
{
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64 && !bytes.empty(); shift += 7) {
        const auto byte = std::to_integer<std::uint64_t>(bytes.front());
        bytes = bytes.subspan(1);
        const std::uint64_t part = byte & 0x7fU;
        if (shift == 63 && part > 1)
            return std::nullopt;
        value |= part << shift;
        if ((byte & 0x80U) == 0)
            return byte == 0 && shift != 0 ? std::nullopt : std::optional(value);
    }
    return std::nullopt;
}

} // namespace

void ChunkMap::add(std::uint64_t chunk)
{
    CAIRN_ASSERT(chunk != UINT64_MAX); // One past it must be a number too.
    auto next = runAfter(m_runs, chunk);
    const bool joinsNext = next != m_runs.end() && next->first == chunk + 1;
    if (next != m_runs.begin()) {
        const auto before = std::prev(next);
        const std::uint64_t end = before->first + before->count;
        if (chunk < end)
            return;
        if (chunk == end) {
            before->count += 1;
            if (joinsNext) {
                before->count += next->count;
                m_runs.erase(next);
            }
            return;
        }
    }
    if (joinsNext) {
        next->first -= 1;
        next->count += 1;
        return;
    }
    m_runs.insert(next, Run{chunk, 1});
}

void ChunkMap::add(const Run& run)
{
    const auto end = checkedAdd(run.first, run.count);
    CAIRN_ASSERT(end.has_value());
    if (run.count == 0)
        return;
    // Those that touch it become one.
    const auto from = std::ranges::partition_point(
        m_runs, [&](const Run& before) { return before.first + before.count < run.first; });
    const auto to = std::partition_point(from, m_runs.end(),
                                         [&](const Run& other) { return other.first <= *end; });
    if (from == to) {
        m_runs.insert(from, run);
        return;
    }
    const std::uint64_t last = std::max(*end, std::prev(to)->first + std::prev(to)->count);
    from->first = std::min(from->first, run.first);
    from->count = last - from->first;
    m_runs.erase(std::next(from), to);
}

void ChunkMap::remove(std::uint64_t chunk)
{
    if (!contains(chunk))
        return;
    const auto run = std::prev(runAfter(m_runs, chunk));
    const std::uint64_t end = run->first + run->count;
    const Run rest{chunk + 1, end - (chunk + 1)};
    run->count = chunk - run->first;
    const auto next = run->count == 0 ? m_runs.erase(run) : std::next(run);
    if (rest.count != 0)
        m_runs.insert(next, rest);
}

bool ChunkMap::contains(std::uint64_t chunk) const
{
    const auto next = runAfter(m_runs, chunk);
    if (next == m_runs.begin())
        return false;
    const auto& run = *std::prev(next);
    return chunk - run.first < run.count;
}

std::uint64_t ChunkMap::count() const
{
    std::uint64_t chunks = 0;
    for (const Run& run : m_runs)
        chunks += run.count;
    return chunks;
}

std::vector<std::byte> ChunkMap::encode() const
{
    std::vector<std::byte> bytes;
    std::uint64_t end = 0;
    for (const Run& run : m_runs) {
        appendLeb128(bytes, run.first - end);
        appendLeb128(bytes, run.count);
        end = run.first + run.count;
    }
    return bytes;
}

Result<ChunkMap> ChunkMap::decode(std::span<const std::byte> encoded, std::uint64_t chunkLimit)
{
    ChunkMap map;
    std::uint64_t end = 0;
    while (!encoded.empty()) {
        const auto gap = takeLeb128(encoded);
        const auto count = gap ? takeLeb128(encoded) : std::nullopt;
        if (!count)
            return failure(ErrorCode::InvalidArgument, "chunk map", "bad number");
        const auto first = checkedAdd(end, *gap);
        const auto next = first ? checkedAdd(*first, *count) : std::nullopt;
        const bool adjacent = *gap == 0 && !map.m_runs.empty();
        if (!next || *next > chunkLimit || *count == 0 || adjacent)
            return failure(ErrorCode::InvalidArgument, "chunk map", "bad run");
        map.m_runs.push_back({*first, *count});
        end = *next;
    }
    return map;
}

} // namespace cairn
