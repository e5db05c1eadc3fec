// Reads the free ranges of a member before something is put there.
#include "core/array/gpt/free_space.h"

#include "core/array/candidate_target.h"
#include "core/array/probe.h"
#include "core/array/superblock_use.h"
#include "core/copy/chunk_digest.h"
#include "core/copy/hole_finder.h"
#include "core/io/fenced_io.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>
#include <vector>

namespace cairn {
namespace {

// How far the free space is looked through where it is large: from so many places, evenly spread,
// so much each. Up to 1 GiB and the catalog's own size are looked through whole.
constexpr std::uint64_t kPlaces = 16;
constexpr std::uint64_t kLookBytes = 64 * kMiB;

// What was found where zeroes were hoped for.
struct Filling {
    std::uint64_t offsetBytes = 0;
    std::uint64_t reachBytes = kMiB; // Of the filesystem that begins there, if one does.
};

// Reads every byte that is not a hole; nothing: it is zero throughout.
Result<std::optional<Filling>> findFilling(RegionIo& io, ByteRange extent)
{
    HoleFinder holes(io);
    std::vector<std::byte> bytes(kMiB);
    for (std::uint64_t done = 0; done < extent.lengthBytes; done += kMiB) {
        const ByteRange range{extent.offsetBytes + done, std::min(kMiB, extent.lengthBytes - done)};
        if (CAIRN_TRY(holes.isHole(range)))
            continue;
        const auto piece = std::span(bytes).first(static_cast<std::size_t>(range.lengthBytes));
        CAIRN_TRY(io.read(range.offsetBytes, piece));
        if (!isZero(piece)) {
            const std::uint64_t reach = filesystemBytesAt(piece).value_or(0);
            return Filling{range.offsetBytes, std::max(reach, kMiB)};
        }
    }
    return std::nullopt;
}

// Where to begin, from the front to the very end of the range.
std::vector<std::uint64_t> placesIn(ByteRange range, std::uint64_t sizeBytes)
{
    const std::uint64_t last = range.lengthBytes - sizeBytes;
    const std::uint64_t step = std::max(kLookBytes, roundUp(last / kPlaces, kMiB));
    std::vector<std::uint64_t> places;
    for (std::uint64_t place = 0; place < last; place += step)
        places.push_back(range.offsetBytes + place);
    places.push_back(range.offsetBytes + last);
    return places;
}

// A stretch of zeroes in a range that holds something. Not in the filesystem of a deleted
// partition, whose empty blocks are zero too: whoever brings it back needs them all.
std::optional<ByteRange> findZeroes(RegionIo& io, ByteRange range, std::uint64_t sizeBytes)
{
    const std::uint64_t last = range.offsetBytes + range.lengthBytes - sizeBytes;
    std::uint64_t reached = 0;
    for (const std::uint64_t place : placesIn(range, sizeBytes)) {
        std::uint64_t at = std::max(place, reached);
        while (at <= last && at - place < kLookBytes) {
            const auto filling = findFilling(io, {at, sizeBytes});
            if (!filling)
                break; // Unreadable; the next place may not be.
            if (!*filling)
                return ByteRange{at, sizeBytes};
            const std::uint64_t rest = range.offsetBytes + range.lengthBytes - at;
            at = (*filling)->offsetBytes + roundUp(std::min((*filling)->reachBytes, rest), kMiB);
            reached = at;
        }
    }
    return std::nullopt;
}

// Of the whole free range: a signature need not be at its beginning.
Result<Content> contentOf(const GptMember& member, ByteRange range)
{
    // Only for this call: the member owns what it has opened.
    const std::shared_ptr<RegionIo> device(std::shared_ptr<RegionIo>(), &member.io());
    const auto fenced = CAIRN_TRY(FencedIo::create(device, range, Access::Read, member.location()));
    return probeContent(*fenced);
}

// Behind what was recognised at its front, unless nobody knows how far that reaches.
Result<bool> mayHoldFreeSpace(RegionIo& io, ByteRange range, const Content& content)
{
    if (content.kind != ContentKind::Recognised)
        return true;
    std::vector<std::byte> head(std::min(kMiB, range.lengthBytes));
    CAIRN_TRY(io.read(range.offsetBytes, head));
    return filesystemBytesAt(head).has_value();
}

std::unexpected<Error> leftoverError(const GptMember& member, const Content& content,
                                     ByteRange extent)
{
    const std::string where = fmt::format("bytes {} to {}", extent.offsetBytes,
                                          extent.offsetBytes + extent.lengthBytes - 1);
    if (content.kind == ContentKind::Recognised)
        return failure(ErrorCode::ContentRecognised, member.location(),
                       fmt::format("{} ({})", contentDetail(content), where));
    return failure(ErrorCode::ContentUnknown, member.location(), where);
}

} // namespace

Result<ByteRange> findManagementPlace(const GptMember& member, std::uint64_t sizeBytes,
                                      Leftovers leftovers)
{
    struct Filled {
        ByteRange range;
        Content content;
    };
    std::vector<Filled> filled;
    std::optional<Error> unreadable;
    std::uint64_t largest = 0;
    for (const ByteRange& range : member.table()->freeRanges()) {
        largest = std::max(largest, range.lengthBytes);
        if (range.lengthBytes < sizeBytes)
            continue;
        const ByteRange extent{range.offsetBytes, sizeBytes};
        const auto filling = findFilling(member.io(), extent);
        if (filling && !*filling)
            return extent;
        if (filling)
            filled.push_back({range, CAIRN_TRY(contentOf(member, range))});
        else
            unreadable = filling.error();
    }
    for (const Filled& one : filled) {
        if (!CAIRN_TRY(mayHoldFreeSpace(member.io(), one.range, one.content)))
            continue;
        if (const auto zeroes = findZeroes(member.io(), one.range, sizeBytes))
            return *zeroes;
    }
    if (filled.empty() && unreadable)
        return std::unexpected(*unreadable);
    if (filled.empty())
        return failure(ErrorCode::NoSpace, member.location(), {}, sizeBytes - largest);
    const auto unknown = std::ranges::find_if(
        filled, [](const Filled& one) { return one.content.kind != ContentKind::Recognised; });
    const Filled& chosen = unknown == filled.end() ? filled.front() : *unknown;
    const ByteRange extent{chosen.range.offsetBytes, sizeBytes};
    if (leftovers == Leftovers::Overwrite)
        return extent;
    return leftoverError(member, chosen.content, extent);
}

} // namespace cairn
