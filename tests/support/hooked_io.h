// A device that a test makes slow, or takes away, or stops in the middle of a call.
#pragma once

#include "core/io/region_io.h"
#include "tests/support/io_observer.h"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>

namespace cairn::test {

// Shared by all openings of one device. The hook runs without a lock, so that it may sleep, and use
// the device itself; an error of it is that of the call, and nothing below is asked.
class HookedCalls {
public:
    using Hook = std::function<std::optional<Error>(IoCall call, ByteRange range)>;

    void setHook(Hook hook)
    {
        const std::scoped_lock guard(m_mutex);
        m_hook = std::move(hook);
    }
    [[nodiscard]] Result<void> begin(IoCall call, ByteRange range)
    {
        Hook hook;
        {
            const std::scoped_lock guard(m_mutex);
            hook = m_hook;
        }
        if (auto error = hook ? hook(call, range) : std::nullopt)
            return std::unexpected(*std::move(error));
        return {};
    }

private:
    std::mutex m_mutex;
    Hook m_hook;
};

class HookedIo final : public RegionIo {
public:
    HookedIo(std::unique_ptr<RegionIo> below, std::shared_ptr<HookedCalls> calls)
        : m_below(std::move(below)), m_calls(std::move(calls))
    {}

    std::uint64_t sizeBytes() const override { return m_below->sizeBytes(); }
    IoTraits traits() const override { return m_below->traits(); }
    std::string name() const override { return m_below->name(); }
    Result<void> read(std::uint64_t offsetBytes, std::span<std::byte> into) override
    {
        CAIRN_TRY(m_calls->begin(IoCall::Read, {offsetBytes, into.size()}));
        return m_below->read(offsetBytes, into);
    }
    Result<void> write(std::uint64_t offsetBytes, std::span<const std::byte> from) override
    {
        CAIRN_TRY(m_calls->begin(IoCall::Write, {offsetBytes, from.size()}));
        return m_below->write(offsetBytes, from);
    }
    Result<void> zero(ByteRange range) override
    {
        CAIRN_TRY(m_calls->begin(IoCall::Zero, range));
        return m_below->zero(range);
    }
    Result<void> flush() override
    {
        CAIRN_TRY(m_calls->begin(IoCall::Flush, {}));
        return m_below->flush();
    }
    Result<ByteRange> nextData(std::uint64_t offsetBytes) override
    {
        return m_below->nextData(offsetBytes);
    }
    Result<void> dropCache(ByteRange range) override { return m_below->dropCache(range); }
    Result<void> checkNamed() override { return m_below->checkNamed(); }
    Result<bool> tryLock(ByteRange range, LockMode mode) override
    {
        return m_below->tryLock(range, mode);
    }

private:
    std::unique_ptr<RegionIo> m_below;
    std::shared_ptr<HookedCalls> m_calls;
};

} // namespace cairn::test
