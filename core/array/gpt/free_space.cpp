// Reads the free ranges of a member before something is put there.
#include "core/array/gpt/free_space.h"

#include "core/array/candidate_target.h"
#include "core/array/probe.h"
#include "core/copy/chunk_digest.h"
#include "core/io/fenced_io.h"

#include <algorithm>
#include <fmt/format.h>
#include <memory>
#include <optional>

namespace cairn {
namespace {

Result<bool> isZeroThroughout(RegionIo& io, ByteRange extent)
{
    std::vector<std::byte> bytes(kMiB);
    for (std::uint64_t done = 0; done < extent.lengthBytes; done += kMiB) {
        const auto piece = std::span(bytes).first(
            static_cast<std::size_t>(std::min(kMiB, extent.lengthBytes - done)));
        CAIRN_TRY(io.read(extent.offsetBytes + done, piece));
        if (!isZero(piece))
            return false;
    }
    return true;
}

// Of the whole free range: a signature need not be at its beginning.
Result<Content> contentOf(const GptMember& member, ByteRange range)
{
    // Only for this call: the member owns what it has opened.
    const std::shared_ptr<RegionIo> device(std::shared_ptr<RegionIo>(), &member.io());
    const auto fenced = CAIRN_TRY(FencedIo::create(device, range, Access::Read, member.location()));
    return probeContent(*fenced);
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
        ByteRange extent;
        Content content;
    };
    std::optional<Filled> filled;
    std::optional<Error> unreadable;
    std::uint64_t largest = 0;
    for (const ByteRange& range : member.table()->freeRanges()) {
        largest = std::max(largest, range.lengthBytes);
        if (range.lengthBytes < sizeBytes)
            continue;
        const ByteRange extent{range.offsetBytes, sizeBytes};
        const auto zero = isZeroThroughout(member.io(), extent);
        if (!zero) {
            unreadable = zero.error();
            continue;
        }
        if (*zero)
            return extent;
        const Content content = CAIRN_TRY(contentOf(member, range));
        if (!filled || (filled->content.kind == ContentKind::Recognised &&
                        content.kind != ContentKind::Recognised))
            filled = Filled{extent, content};
    }
    if (!filled && unreadable)
        return std::unexpected(*unreadable);
    if (!filled)
        return failure(ErrorCode::NoSpace, member.location(), {}, sizeBytes - largest);
    if (leftovers == Leftovers::Overwrite)
        return filled->extent;
    return leftoverError(member, filled->content, filled->extent);
}

} // namespace cairn
