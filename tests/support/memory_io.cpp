// Reading, writing and losing of memory as if it were a disk.
#include "tests/support/memory_io.h"

#include "core/copy/chunk_digest.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace cairn::test {

MemoryIo::MemoryIo(std::uint64_t sizeBytes, IoTraits traits)
    : MemoryIo(std::make_shared<MemoryMedium>(sizeBytes), traits)
{}

MemoryIo::MemoryIo(std::shared_ptr<MemoryMedium> medium, IoTraits traits, int host)
    : m_medium(std::move(medium)), m_traits(traits), m_host(host)
{}

MemoryIo::~MemoryIo()
{
    const std::scoped_lock guard(m_medium->mutex);
    std::erase_if(m_medium->locks, [this](const auto& lock) { return lock.owner == this; });
}

IoTraits MemoryIo::defaultTraits()
{
    IoTraits traits;
    traits.writable = true;
    traits.sparse = true;
    return traits;
}

std::uint64_t MemoryIo::sizeBytes() const
{
    return m_medium->bytes.size(); // Never changes.
}

std::vector<std::byte> MemoryIo::content() const
{
    const std::scoped_lock guard(m_medium->mutex);
    return m_medium->bytes;
}

std::vector<std::byte> MemoryIo::durableContent() const
{
    const std::scoped_lock guard(m_medium->mutex);
    return m_medium->durable;
}

void MemoryIo::fill(std::uint64_t offsetBytes, std::span<const std::byte> from)
{
    const std::scoped_lock guard(m_medium->mutex);
    CAIRN_ASSERT((ByteRange{0, m_medium->bytes.size()}.contains({offsetBytes, from.size()})));
    std::memcpy(m_medium->bytes.data() + offsetBytes, from.data(), from.size());
    std::memcpy(m_medium->durable.data() + offsetBytes, from.data(), from.size());
}

void MemoryIo::losePower(RandomSource& random)
{
    const std::scoped_lock guard(m_medium->mutex);
    auto& bytes = m_medium->bytes;
    for (std::size_t offset = 0; offset < bytes.size(); offset += 512) {
        const std::size_t count = std::min<std::size_t>(512, bytes.size() - offset);
        if (std::memcmp(bytes.data() + offset, m_medium->durable.data() + offset, count) == 0)
            continue;
        std::array<std::byte, 1> coin{};
        random.fill(coin);
        if ((coin[0] & std::byte{1}) == std::byte{0})
            std::memcpy(bytes.data() + offset, m_medium->durable.data() + offset, count);
    }
    m_medium->durable = bytes;
}

Result<void> MemoryIo::check(IoCall call, ByteRange range)
{
    CAIRN_TRY(observer.begin(call, range));
    const bool changes = call == IoCall::Write || call == IoCall::Zero;
    if (changes && !m_traits.writable)
        return failure(ErrorCode::ReadOnlyArray, name());
    if (!ByteRange{0, sizeBytes()}.contains(range))
        return failure(ErrorCode::OutsideFence, name());
    return {};
}

Result<void> MemoryIo::read(std::uint64_t offsetBytes, std::span<std::byte> into)
{
    const ByteRange range{offsetBytes, into.size()};
    CAIRN_TRY(check(IoCall::Read, range));
    const std::scoped_lock guard(m_medium->mutex);
    for (const ByteRange& bad : m_medium->unreadable) {
        if (bad.overlaps(range))
            return std::unexpected(Error{ErrorCode::ReadFailed, EIO, name(), {}, 0});
    }
    std::copy_n(m_medium->bytes.begin() + static_cast<std::ptrdiff_t>(offsetBytes), into.size(),
                into.begin());
    return {};
}

Result<void> MemoryIo::write(std::uint64_t offsetBytes, std::span<const std::byte> from)
{
    CAIRN_TRY(check(IoCall::Write, {offsetBytes, from.size()}));
    const std::scoped_lock guard(m_medium->mutex);
    std::ranges::copy(from, m_medium->bytes.begin() + static_cast<std::ptrdiff_t>(offsetBytes));
    return {};
}

Result<void> MemoryIo::zero(ByteRange range)
{
    CAIRN_TRY(check(IoCall::Zero, range));
    const std::scoped_lock guard(m_medium->mutex);
    std::fill_n(m_medium->bytes.begin() + static_cast<std::ptrdiff_t>(range.offsetBytes),
                range.lengthBytes, std::byte{0});
    return {};
}

Result<void> MemoryIo::flush()
{
    CAIRN_TRY(check(IoCall::Flush, {}));
    const std::scoped_lock guard(m_medium->mutex);
    m_medium->durable = m_medium->bytes;
    return {};
}

Result<ByteRange> MemoryIo::nextData(std::uint64_t offsetBytes)
{
    CAIRN_TRY(check(IoCall::NextData, {}));
    constexpr std::uint64_t kBlockBytes = 4096;
    const std::scoped_lock guard(m_medium->mutex);
    const std::span<const std::byte> all = m_medium->bytes;
    const std::uint64_t size = all.size();
    const auto blockEnd = [&](std::uint64_t at) {
        return std::min(roundDown(at, kBlockBytes) + kBlockBytes, size);
    };
    const auto isHole = [&](std::uint64_t at) {
        const std::uint64_t start = roundDown(at, kBlockBytes);
        return isZero(all.subspan(start, blockEnd(at) - start));
    };
    std::uint64_t start = std::min(offsetBytes, size);
    if (!m_traits.sparse)
        return ByteRange{start, size - start};
    while (start < size && isHole(start))
        start = blockEnd(start);
    std::uint64_t end = start;
    while (end < size && !isHole(end))
        end = blockEnd(end);
    return ByteRange{start, end - start};
}

Result<void> MemoryIo::checkNamed()
{
    const std::scoped_lock guard(m_medium->mutex);
    if (!m_medium->named)
        return failure(ErrorCode::FlushFailed, name());
    return {};
}

Result<void> MemoryIo::dropCache(ByteRange range)
{
    return check(IoCall::DropCache, range);
}

Result<bool> MemoryIo::tryLock(ByteRange range, LockMode mode)
{
    CAIRN_ASSERT(!range.empty());
    CAIRN_TRY(observer.begin(IoCall::Lock, range));
    const std::scoped_lock guard(m_medium->mutex);
    auto& locks = m_medium->locks;
    for (const auto& lock : locks) {
        const bool conflicts = mode == LockMode::Exclusive ||
                               (mode == LockMode::Shared && lock.mode == LockMode::Exclusive);
        if (lock.owner != this && lock.host == m_host && conflicts && lock.range.overlaps(range))
            return false;
    }
    // As fcntl(2): the new mode replaces what this owner held of the range, and no more than that.
    std::vector<MemoryMedium::Lock> rest;
    const std::uint64_t end = range.offsetBytes + range.lengthBytes;
    for (const auto& lock : locks) {
        if (lock.owner != this || !lock.range.overlaps(range)) {
            rest.push_back(lock);
            continue;
        }
        const std::uint64_t lockEnd = lock.range.offsetBytes + lock.range.lengthBytes;
        if (lock.range.offsetBytes < range.offsetBytes) {
            const std::uint64_t before = range.offsetBytes - lock.range.offsetBytes;
            rest.push_back({this, m_host, {lock.range.offsetBytes, before}, lock.mode});
        }
        if (lockEnd > end)
            rest.push_back({this, m_host, {end, lockEnd - end}, lock.mode});
    }
    if (mode != LockMode::Unlocked)
        rest.push_back({this, m_host, range, mode});
    locks = std::move(rest);
    return true;
}

} // namespace cairn::test
