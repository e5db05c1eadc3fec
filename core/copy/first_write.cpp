// Holds the first change back until it is told.
#include "core/copy/first_write.h"

#include <utility>

namespace cairn {

FirstWriteIo::FirstWriteIo(RegionIo& region, BeforeFirstWrite before)
    : m_region(region), m_before(std::move(before))
{}

Result<void> FirstWriteIo::tell()
{
    const std::scoped_lock guard(m_mutex);
    if (m_refused)
        return std::unexpected(*m_refused);
    if (!m_before)
        return {};
    auto told = m_before();
    m_before = {};
    if (!told)
        m_refused = told.error();
    return told;
}

Result<void> FirstWriteIo::read(std::uint64_t offsetBytes, std::span<std::byte> into)
{
    return m_region.read(offsetBytes, into);
}

Result<void> FirstWriteIo::write(std::uint64_t offsetBytes, std::span<const std::byte> from)
{
    CAIRN_TRY(tell());
    return m_region.write(offsetBytes, from);
}

Result<void> FirstWriteIo::zero(ByteRange range)
{
    CAIRN_TRY(tell());
    return m_region.zero(range);
}

Result<ByteRange> FirstWriteIo::nextData(std::uint64_t offsetBytes)
{
    return m_region.nextData(offsetBytes);
}

Result<bool> FirstWriteIo::clone(std::uint64_t offsetBytes, const CloneSource& from)
{
    CAIRN_TRY(tell());
    return m_region.clone(offsetBytes, from);
}

Result<bool> FirstWriteIo::tryLock(ByteRange range, LockMode mode)
{
    return m_region.tryLock(range, mode);
}

} // namespace cairn
