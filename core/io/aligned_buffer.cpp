// Allocation of aligned memory on huge pages.
#include "core/io/aligned_buffer.h"

#include "core/base/byte_range.h"

#include <cstdlib>
#include <sys/mman.h>
#include <tuple>

namespace cairn {

void AlignedBuffer::Free::operator()(std::byte* bytes) const noexcept
{
    std::free(bytes);
}

Result<AlignedBuffer> AlignedBuffer::create(std::size_t sizeBytes)
{
    constexpr std::size_t kPageBytes = 4096;
    constexpr std::size_t kHugePageBytes = 2 * kMiB;
    CAIRN_ASSERT(sizeBytes > 0);
    const std::size_t alignment = sizeBytes >= kHugePageBytes ? kHugePageBytes : kPageBytes;
    // aligned_alloc() wants a multiple of the alignment.
    const std::size_t allocated = roundUp(sizeBytes, alignment);
    Bytes bytes(static_cast<std::byte*>(std::aligned_alloc(alignment, allocated)));
    if (!bytes)
        return failure(ErrorCode::OutOfMemory);
    if (alignment == kHugePageBytes) // A kernel without them only makes the buffer slower.
        std::ignore = ::madvise(bytes.get(), allocated, MADV_HUGEPAGE);
    return AlignedBuffer(std::move(bytes), sizeBytes);
}

} // namespace cairn
