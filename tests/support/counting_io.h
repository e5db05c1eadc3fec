// Counts and fails the calls to a real device in a test.
#pragma once

#include "tests/support/io_observer.h"

#include <memory>

namespace cairn::test {

class CountingIo final : public RegionIo {
public:
    explicit CountingIo(std::shared_ptr<RegionIo> below) : m_below(std::move(below)) {}

    IoObserver observer;

    std::uint64_t sizeBytes() const override { return m_below->sizeBytes(); }
    IoTraits traits() const override { return m_below->traits(); }
    std::string name() const override { return m_below->name(); }
    Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override
    {
        CAIRN_TRY(observer.begin(IoCall::Read, {offsetBytes, into.size()}));
        return m_below->read(offsetBytes, into);
    }
    Result<void> write(std::uint64_t offsetBytes, std::span<const std::byte> from) override
    {
        CAIRN_TRY(observer.begin(IoCall::Write, {offsetBytes, from.size()}));
        return m_below->write(offsetBytes, from);
    }
    Result<void> zero(ByteRange range) override
    {
        CAIRN_TRY(observer.begin(IoCall::Zero, range));
        return m_below->zero(range);
    }
    Result<void> flush() override
    {
        CAIRN_TRY(observer.begin(IoCall::Flush, {}));
        return m_below->flush();
    }
    Result<ByteRange> nextData(std::uint64_t offsetBytes) override
    {
        CAIRN_TRY(observer.begin(IoCall::NextData, {offsetBytes, 0}));
        return m_below->nextData(offsetBytes);
    }
    Result<void> dropCache(ByteRange range) override
    {
        CAIRN_TRY(observer.begin(IoCall::DropCache, range));
        return m_below->dropCache(range);
    }
    Result<bool> tryLock(ByteRange range, LockMode mode) override
    {
        CAIRN_TRY(observer.begin(IoCall::Lock, range));
        return m_below->tryLock(range, mode);
    }

private:
    std::shared_ptr<RegionIo> m_below;
};

} // namespace cairn::test
