// The delays and faults that a simulated device is given.
#include "core/io/faulty_io.h"

#include <algorithm>
#include <cerrno>
#include <mutex>

namespace cairn {
namespace {

using std::chrono::nanoseconds;

// SplitMix64 (Steele, Lea, Flood 2014): the nth number of a seed without the ones before it.
std::uint64_t drawAt(std::uint64_t seed, std::uint64_t index)
{
    std::uint64_t value = seed + (index + 1) * 0x9e3779b97f4a7c15U;
    value = (value ^ (value >> 30U)) * 0xbf58476d1ce4e5b9U;
    value = (value ^ (value >> 27U)) * 0x94d049bb133111ebU;
    return value ^ (value >> 31U);
}

bool strikes(std::uint64_t draw, double rate)
{
    return static_cast<double>(draw >> 11U) * 0x1.0p-53 < rate;
}

bool touches(const std::vector<ByteRange>& bad, ByteRange range)
{
    return std::ranges::any_of(bad, [&](const ByteRange& one) { return one.overlaps(range); });
}

} // namespace

struct FaultyIo::State {
    Clock& clock;
    std::string name;
    std::uint32_t sectorBytes;
    mutable std::mutex mutex; // Guards all below.
    Faults faults;
    std::uint64_t reads = 0;
    std::uint64_t writes = 0;
    bool powerCut = false;
    nanoseconds busyUntil{0}; // Bandwidth is one line that all callers queue in.

    // What a call is to do once its time has passed.
    struct Verdict {
        std::optional<Error> error;
        nanoseconds wait{0};
        std::uint64_t arrivingBytes = 0; // Of a torn write.
    };

    [[nodiscard]] Error error(ErrorCode code, int osError, std::string detail) const
    {
        return {code, osError, name, std::move(detail), 0};
    }
    // Why nothing at all works now.
    [[nodiscard]] std::optional<Error> dead() const
    {
        if (faults.pulled)
            return error(ErrorCode::MemberFailed, ENODEV, "simulated: pulled");
        if (powerCut)
            return error(ErrorCode::MemberFailed, ENODEV, "simulated: power cut");
        return std::nullopt;
    }
    [[nodiscard]] nanoseconds delay(std::uint64_t bytes);
    [[nodiscard]] Verdict judgeRead(ByteRange range);
    [[nodiscard]] Verdict judgeWrite(ByteRange range, bool takesSpace);
    [[nodiscard]] Verdict judgeOther(bool takesTime);
    void pass(nanoseconds wait) const
    {
        if (wait > nanoseconds{0})
            clock.sleepFor(wait);
    }
};

nanoseconds FaultyIo::State::delay(std::uint64_t bytes)
{
    const nanoseconds latency = std::chrono::microseconds(faults.latencyUs);
    if (faults.bandwidthBytesPerSecond == 0 || bytes == 0)
        return latency;
    const double seconds =
        static_cast<double>(bytes) / static_cast<double>(faults.bandwidthBytesPerSecond);
    const nanoseconds now = clock.monotonic();
    busyUntil = std::max(now, busyUntil) + nanoseconds(static_cast<std::int64_t>(seconds * 1e9));
    return latency + (busyUntil - now);
}

FaultyIo::State::Verdict FaultyIo::State::judgeRead(ByteRange range)
{
    const std::scoped_lock guard(mutex);
    if (auto reason = dead())
        return {std::move(reason)};
    const std::uint64_t draw = drawAt(faults.seed, reads++);
    Verdict verdict{std::nullopt, delay(range.lengthBytes)};
    if (touches(faults.unreadable, range) || strikes(draw, faults.readErrorRate))
        verdict.error = error(ErrorCode::ReadFailed, EIO, "simulated");
    return verdict;
}

FaultyIo::State::Verdict FaultyIo::State::judgeWrite(ByteRange range, bool takesSpace)
{
    const std::scoped_lock guard(mutex);
    if (auto reason = dead())
        return {std::move(reason)};
    // Reads and writes draw from different streams: a test that reads more gets the same writes.
    const std::uint64_t draw = drawAt(~faults.seed, writes++);
    if (faults.cutPowerAtWrite != 0 && writes >= faults.cutPowerAtWrite) {
        powerCut = true;
        Verdict verdict{dead()};
        if (faults.tornWrite) {
            const std::uint64_t sectors = divideUp(range.lengthBytes, sectorBytes);
            const std::uint64_t whole = sectors == 0 ? 0 : draw % sectors;
            verdict.arrivingBytes = whole * sectorBytes;
        }
        return verdict;
    }
    Verdict verdict{std::nullopt, delay(takesSpace ? range.lengthBytes : 0)};
    if (takesSpace && faults.full)
        verdict.error = error(ErrorCode::NoSpace, ENOSPC, "simulated");
    else if (touches(faults.unwritable, range) || strikes(draw, faults.writeErrorRate))
        verdict.error = error(ErrorCode::WriteFailed, EIO, "simulated");
    return verdict;
}

FaultyIo::State::Verdict FaultyIo::State::judgeOther(bool takesTime)
{
    const std::scoped_lock guard(mutex);
    if (auto reason = dead())
        return {std::move(reason)};
    return {std::nullopt, takesTime ? delay(0) : nanoseconds{0}};
}

FaultyIo::FaultyIo(std::shared_ptr<RegionIo> below, Faults faults, Clock& clock)
    : m_below(std::move(below)), m_state(new State{.clock = clock,
                                                   .name = m_below->name(),
                                                   .sectorBytes = m_below->traits().sectorBytes,
                                                   .mutex = {},
                                                   .faults = std::move(faults)})
{}

FaultyIo::~FaultyIo() = default;

void FaultyIo::setFaults(Faults faults)
{
    const std::scoped_lock guard(m_state->mutex);
    m_state->faults = std::move(faults);
    m_state->reads = 0;
    m_state->writes = 0;
    m_state->powerCut = false;
}

Faults FaultyIo::faults() const
{
    const std::scoped_lock guard(m_state->mutex);
    return m_state->faults;
}

std::uint64_t FaultyIo::sizeBytes() const
{
    return m_below->sizeBytes();
}

IoTraits FaultyIo::traits() const
{
    return m_below->traits();
}

std::string FaultyIo::name() const
{
    return m_below->name();
}

Result<void> FaultyIo::read(std::uint64_t offsetBytes, std::span<std::byte> into)
{
    auto verdict = m_state->judgeRead({offsetBytes, into.size()});
    m_state->pass(verdict.wait);
    if (verdict.error)
        return std::unexpected(*std::move(verdict.error));
    return m_below->read(offsetBytes, into);
}

Result<void> FaultyIo::write(std::uint64_t offsetBytes, std::span<const std::byte> from)
{
    auto verdict = m_state->judgeWrite({offsetBytes, from.size()}, true);
    m_state->pass(verdict.wait);
    if (verdict.arrivingBytes != 0)
        CAIRN_TRY(m_below->write(offsetBytes, from.first(verdict.arrivingBytes)));
    if (verdict.error)
        return std::unexpected(*std::move(verdict.error));
    return m_below->write(offsetBytes, from);
}

Result<void> FaultyIo::zero(ByteRange range)
{
    auto verdict = m_state->judgeWrite(range, false);
    m_state->pass(verdict.wait);
    if (verdict.arrivingBytes != 0)
        CAIRN_TRY(m_below->zero({range.offsetBytes, verdict.arrivingBytes}));
    if (verdict.error)
        return std::unexpected(*std::move(verdict.error));
    return m_below->zero(range);
}

Result<void> FaultyIo::flush()
{
    auto verdict = m_state->judgeOther(true);
    m_state->pass(verdict.wait);
    if (verdict.error)
        return std::unexpected(*std::move(verdict.error));
    return m_below->flush();
}

Result<ByteRange> FaultyIo::nextData(std::uint64_t offsetBytes)
{
    auto verdict = m_state->judgeOther(false);
    if (verdict.error)
        return std::unexpected(*std::move(verdict.error));
    return m_below->nextData(offsetBytes);
}

Result<void> FaultyIo::dropCache(ByteRange range)
{
    auto verdict = m_state->judgeOther(false);
    if (verdict.error)
        return std::unexpected(*std::move(verdict.error));
    return m_below->dropCache(range);
}

Result<bool> FaultyIo::tryLock(ByteRange range, LockMode mode)
{
    // A lock is between processes of this host: a device that is gone does not keep it.
    return m_below->tryLock(range, mode);
}

} // namespace cairn
