// The bounds check that every access to a region goes through.
#include "core/io/fenced_io.h"

#include <algorithm>
#include <tuple>

namespace cairn {

FencedIo::FencedIo(std::shared_ptr<RegionIo> device, ByteRange extent, Access access,
                   std::string name, MemberFence fence)
    : m_device(std::move(device)), m_extent(extent), m_access(access), m_name(std::move(name)),
      m_fence(std::move(fence))
{}

Result<std::unique_ptr<FencedIo>> FencedIo::create(std::shared_ptr<RegionIo> device,
                                                   ByteRange extent, Access access,
                                                   std::string name, MemberFence fence)
{
    CAIRN_ASSERT(device != nullptr);
    if (!ByteRange{0, device->sizeBytes()}.contains(extent))
        return failure(ErrorCode::OutsideFence, std::move(name), "extent beyond the device");
    if (access == Access::Write && !device->traits().writable)
        return failure(ErrorCode::ReadOnlyArray, std::move(name), "opened for reading");
    return std::unique_ptr<FencedIo>(
        new FencedIo(std::move(device), extent, access, std::move(name), std::move(fence)));
}

FencedIo::~FencedIo()
{
    // A failure to unlock leaves the lock until the device is closed: nothing else can be done.
    for (const ByteRange& range : m_locked)
        std::ignore = m_device->tryLock(range, LockMode::Unlocked);
}

IoTraits FencedIo::traits() const
{
    IoTraits traits = m_device->traits();
    traits.writable = m_access == Access::Write;
    return traits;
}

Result<std::uint64_t> FencedIo::translate(ByteRange range, bool writing) const
{
    if (writing && m_access != Access::Write)
        return failure(ErrorCode::ReadOnlyArray, m_name, "opened for reading");
    if (!ByteRange{0, m_extent.lengthBytes}.contains(range))
        return failure(ErrorCode::OutsideFence, m_name, {}, range.offsetBytes);
    return m_extent.offsetBytes + range.offsetBytes; // Cannot wrap: create() checked the extent.
}

Result<void> FencedIo::read(std::uint64_t offsetBytes, std::span<std::byte> into)
{
    const auto offset = CAIRN_TRY(translate({offsetBytes, into.size()}, false));
    return m_device->read(offset, into);
}

Result<void> FencedIo::write(std::uint64_t offsetBytes, std::span<const std::byte> from)
{
    const auto offset = CAIRN_TRY(translate({offsetBytes, from.size()}, true));
    CAIRN_TRY(m_fence.admit());
    CAIRN_TRY(m_device->write(offset, from));
    return m_fence.confirm();
}

Result<void> FencedIo::zero(ByteRange range)
{
    const auto offset = CAIRN_TRY(translate(range, true));
    CAIRN_TRY(m_fence.admit());
    CAIRN_TRY(m_device->zero({offset, range.lengthBytes}));
    return m_fence.confirm();
}

Result<void> FencedIo::flush()
{
    CAIRN_TRY(translate({}, true));
    CAIRN_TRY(m_device->flush());
    return m_fence.confirm();
}

Result<ByteRange> FencedIo::nextData(std::uint64_t offsetBytes)
{
    const ByteRange nothing{m_extent.lengthBytes, 0};
    if (offsetBytes >= m_extent.lengthBytes)
        return nothing;
    const auto found = CAIRN_TRY(m_device->nextData(m_extent.offsetBytes + offsetBytes));
    const std::uint64_t extentEnd = m_extent.offsetBytes + m_extent.lengthBytes;
    if (found.empty() || found.offsetBytes >= extentEnd)
        return nothing;
    const std::uint64_t end = std::min(found.end().value_or(UINT64_MAX), extentEnd);
    return ByteRange{found.offsetBytes - m_extent.offsetBytes, end - found.offsetBytes};
}

Result<void> FencedIo::dropCache(ByteRange range)
{
    const auto offset = CAIRN_TRY(translate(range, false));
    return m_device->dropCache({offset, range.lengthBytes});
}

Result<void> FencedIo::checkNamed()
{
    CAIRN_TRY(m_fence.confirm());
    return m_device->checkNamed();
}

Result<CloneSource> FencedIo::cloneSource(ByteRange range)
{
    const auto offset = CAIRN_TRY(translate(range, false));
    return m_device->cloneSource({offset, range.lengthBytes});
}

bool FencedIo::mayClone(const CloneSource& from)
{
    return m_access == Access::Write && m_device->mayClone(from);
}

Result<bool> FencedIo::clone(std::uint64_t offsetBytes, const CloneSource& from)
{
    const auto offset = CAIRN_TRY(translate({offsetBytes, from.range.lengthBytes}, true));
    CAIRN_TRY(m_fence.admit());
    const bool cloned = CAIRN_TRY(m_device->clone(offset, from));
    CAIRN_TRY(m_fence.confirm());
    return cloned;
}

Result<void> FencedIo::readMedium(std::uint64_t offsetBytes, std::span<std::byte> into)
{
    const auto offset = CAIRN_TRY(translate({offsetBytes, into.size()}, false));
    return m_device->readMedium(offset, into);
}

Result<void> FencedIo::writeShared(std::uint64_t offsetBytes, std::span<const std::byte> from)
{
    const auto offset = CAIRN_TRY(translate({offsetBytes, from.size()}, true));
    CAIRN_TRY(m_fence.admit());
    CAIRN_TRY(m_device->writeShared(offset, from));
    return m_fence.confirm();
}

Result<bool> FencedIo::tryLock(ByteRange range, LockMode mode)
{
    // fcntl(2) takes a length of 0 for "to the end of the file", far outside the fence.
    CAIRN_ASSERT(!range.empty());
    const auto offset = CAIRN_TRY(translate(range, false));
    const ByteRange translated{offset, range.lengthBytes};
    const std::scoped_lock guard(m_lockMutex);
    const bool taken = CAIRN_TRY(m_device->tryLock(translated, mode));
    if (taken && mode == LockMode::Unlocked)
        std::erase(m_locked, translated);
    else if (taken && std::ranges::find(m_locked, translated) == m_locked.end())
        m_locked.push_back(translated);
    return taken;
}

} // namespace cairn
