// Retry, halve, skip.
#include "core/copy/read_around.h"

#include <algorithm>

namespace cairn {
namespace {

void addRange(std::vector<ByteRange>& ranges, ByteRange range)
{
    if (!ranges.empty() && ranges.back().end() == range.offsetBytes)
        ranges.back().lengthBytes += range.lengthBytes;
    else
        ranges.push_back(range);
}

} // namespace

bool isUnreadable(const Error& error)
{
    return error.code == ErrorCode::ReadFailed;
}

Result<void> readAround(RegionIo& io, std::uint64_t offsetBytes, std::span<std::byte> into,
                        std::vector<ByteRange>& unreadable,
                        const std::function<Result<void>()>& checkpoint)
{
    const std::uint64_t sectorBytes = io.traits().sectorBytes;
    std::vector<ByteRange> waiting = {{offsetBytes, into.size()}}; // The next one is the last.
    while (!waiting.empty()) {
        const ByteRange range = waiting.back();
        waiting.pop_back();
        CAIRN_TRY(checkpoint());
        const auto piece = into.subspan(static_cast<std::size_t>(range.offsetBytes - offsetBytes),
                                        static_cast<std::size_t>(range.lengthBytes));
        auto got = io.read(range.offsetBytes, piece);
        const bool single = range.lengthBytes <= sectorBytes;
        if (!got && single && isUnreadable(got.error()))
            got = io.read(range.offsetBytes, piece);
        if (got)
            continue;
        if (!isUnreadable(got.error()))
            return got;
        if (single) {
            std::ranges::fill(piece, std::byte{0});
            addRange(unreadable, range);
            continue;
        }
        const std::uint64_t half = roundUp(divideUp(range.lengthBytes, 2), sectorBytes);
        waiting.push_back({range.offsetBytes + half, range.lengthBytes - half});
        waiting.push_back({range.offsetBytes, half});
    }
    return {};
}

} // namespace cairn
