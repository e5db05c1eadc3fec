// Rebuilds what devices hold after a cut of power.
#include "tests/support/recording_io.h"

#include <algorithm>

namespace cairn::test {
namespace {

constexpr std::size_t kSectorBytes = 512;

void apply(std::vector<std::byte>& bytes, const WriteLog::Entry& entry, std::size_t from,
           std::size_t length)
{
    std::copy_n(entry.bytes.begin() + static_cast<std::ptrdiff_t>(from), length,
                bytes.begin() + static_cast<std::ptrdiff_t>(entry.offsetBytes + from));
}

} // namespace

void CrashStates::advance()
{
    const WriteLog::Entry& entry = m_log.entries[m_position];
    auto& pending = m_pending[entry.device];
    if (!entry.flush) {
        pending.push_back(m_position);
    } else {
        for (const std::size_t index : pending)
            apply(m_flushed[entry.device], m_log.entries[index], 0,
                  m_log.entries[index].bytes.size());
        pending.clear();
    }
    ++m_position;
}

std::shared_ptr<MemoryMedium> CrashStates::medium(std::size_t device, Unflushed unflushed,
                                                  SeededRandom& random) const
{
    const auto& medium = m_media[device];
    CAIRN_ASSERT(medium.use_count() == 1 && medium->locks.empty());
    medium->bytes = m_flushed[device];
    for (const std::size_t index : m_pending[device]) {
        const WriteLog::Entry& entry = m_log.entries[index];
        for (std::size_t at = 0; at < entry.bytes.size(); at += kSectorBytes) {
            const bool kept = unflushed == Unflushed::Kept ||
                              (unflushed == Unflushed::BySector && random.below(2) == 0);
            if (kept)
                apply(medium->bytes, entry, at, std::min(kSectorBytes, entry.bytes.size() - at));
        }
    }
    return medium;
}

} // namespace cairn::test
