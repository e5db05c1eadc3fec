// Counting and failing of calls.
#include "tests/support/io_observer.h"

#include <cerrno>

namespace cairn::test {
namespace {

ErrorCode codeOf(IoCall call)
{
    switch (call) {
    case IoCall::Write:
    case IoCall::Zero:
        return ErrorCode::WriteFailed;
    case IoCall::Flush:
        return ErrorCode::FlushFailed;
    default:
        return ErrorCode::ReadFailed;
    }
}

} // namespace

void IoObserver::setHook(Hook hook)
{
    const std::scoped_lock guard(m_mutex);
    m_hook = std::move(hook);
}

void IoObserver::failAt(std::uint64_t nth)
{
    const std::scoped_lock guard(m_mutex);
    m_hook = [wanted = m_index + nth - 1](IoCall call, ByteRange,
                                          std::uint64_t index) -> std::optional<Error> {
        if (index != wanted)
            return std::nullopt;
        return Error{codeOf(call), EIO, "injected", {}, index};
    };
}

void IoObserver::reset()
{
    const std::scoped_lock guard(m_mutex);
    m_counts = {};
    m_index = 0;
}

IoCount IoObserver::count(IoCall call) const
{
    const std::scoped_lock guard(m_mutex);
    return m_counts.at(static_cast<std::size_t>(call));
}

std::uint64_t IoObserver::totalCalls() const
{
    const std::scoped_lock guard(m_mutex);
    return m_index;
}

Result<void> IoObserver::begin(IoCall call, ByteRange range)
{
    const std::scoped_lock guard(m_mutex);
    auto& count = m_counts.at(static_cast<std::size_t>(call));
    count.calls += 1;
    count.bytes += range.lengthBytes;
    const std::uint64_t index = m_index++;
    if (m_hook) {
        if (auto error = m_hook(call, range, index))
            return std::unexpected(*std::move(error));
    }
    return {};
}

} // namespace cairn::test
