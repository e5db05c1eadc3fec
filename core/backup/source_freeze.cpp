// Looks for what must not stand still, and freezes the rest.
#include "core/backup/source_freeze.h"

#include "core/array/in_use.h"

#include <algorithm>
#include <cerrno>
#include <fmt/format.h>
#include <mutex>
#include <ranges>
#include <unistd.h>

namespace cairn {
namespace {

std::unexpected<Error> cannotFreeze(const Region& source, std::string why)
{
    return failure(ErrorCode::CannotFreeze, source.name, std::move(why));
}

class SystemFreezer final : public SourceFreezer {
public:
    Result<void> check(Array& array, const Region& source,
                       const std::vector<std::string>& needed) override
    {
        CAIRN_TRY(find(array, source, needed));
        return {};
    }

    Result<std::unique_ptr<FilesystemFreeze>> freeze(Array& array, const Region& source,
                                                     const std::vector<std::string>& needed,
                                                     std::chrono::milliseconds limit) override
    {
        const auto mounted = CAIRN_TRY(find(array, source, needed));
        auto freeze = CAIRN_TRY(freezeFilesystem(mounted->descriptor(), source.name, limit));
        // Between the filesystem and the region there may be a loop device with a cache of its own.
        CAIRN_TRY(mounted->flushDevices());
        return freeze;
    }

private:
    static Result<std::unique_ptr<MountedFilesystem>> find(Array& array, const Region& source,
                                                           const std::vector<std::string>& needed)
    {
        if (::geteuid() != 0)
            return cannotFreeze(source, kOnlyRootFreezes);
        auto mounted = CAIRN_TRY(array.mountedFilesystem(source.id));
        for (const std::string& path : needed) {
            if (mounted->carries(path))
                return cannotFreeze(source, fmt::format("{} lies on the filesystem itself", path));
        }
        if (const auto own = mounted->carriesOfThisProcess())
            return cannotFreeze(
                source, fmt::format("this program needs {} on the filesystem itself", *own));
        return mounted;
    }
};

// Who uses it for less than this may be missed.
constexpr std::chrono::milliseconds kLookInterval(250);

SourceFreezer& freezerOf(const SourcePolicy& policy)
{
    return policy.freezer != nullptr ? *policy.freezer : systemFreezer();
}

} // namespace

SourceFreezer& systemFreezer()
{
    static SystemFreezer freezer; // Without state.
    return freezer;
}

Result<void> checkSourceUse(Array& array, const Region& source, const SourcePolicy& policy)
{
    if (!source.use.inUse || policy.inUse == SourceInUse::Copy)
        return {};
    if (policy.inUse == SourceInUse::Refuse)
        return failure(ErrorCode::RegionInUse, source.name, source.use.by);
    return freezerOf(policy).check(array, source, policy.needed);
}

Result<std::string> toldOf(Catalog& catalog, GenerationNumber number, EventKind kind)
{
    const Ledger ledger = CAIRN_TRY(catalog.ledger());
    for (const Event& event : std::views::reverse(ledger.events)) {
        if (event.kind == kind && event.generation == number)
            return event.detail;
    }
    return std::string();
}

// Who was seen to use it since. Nobody can be kept from mounting an image file.
class SourceHold::Unused {
public:
    Unused(Array& array, const RegionId& source) : m_array(array), m_source(source) {}

    void look()
    {
        const auto use = m_array.useNow(m_source);
        const std::scoped_lock lock(m_mutex);
        // What cannot be told is no reason to call hours of copying torn.
        if (use && use->inUse && !isUnknownUse(*use) && m_usedBy.empty())
            m_usedBy = use->by.empty() ? "somebody" : use->by;
    }
    [[nodiscard]] std::string usedBy()
    {
        const std::scoped_lock lock(m_mutex);
        return m_usedBy;
    }

private:
    Array& m_array;
    RegionId m_source;
    std::mutex m_mutex;
    std::string m_usedBy;
};

Result<SourceHold> SourceHold::take(Array& array, const Region& source, const SourcePolicy& policy)
{
    SourceHold hold;
    if (!source.use.inUse) {
        hold.m_unused = std::make_shared<Unused>(array, source.id);
        return hold;
    }
    if (policy.inUse == SourceInUse::Refuse)
        return failure(ErrorCode::RegionInUse, source.name, source.use.by);
    hold.m_reading.consistency = Consistency::Inconsistent;
    if (policy.inUse == SourceInUse::Copy)
        return hold;
    hold.m_freeze =
        CAIRN_TRY(freezerOf(policy).freeze(array, source, policy.needed, policy.freezeLimit));
    hold.m_reading.frozen = true;
    hold.m_reading.detail = source.use.by;
    return hold;
}

SourceHold SourceHold::torn(const std::string& why)
{
    SourceHold hold;
    hold.m_reading = {.consistency = Consistency::Inconsistent, .frozen = true, .detail = why};
    return hold;
}

bool SourceHold::isStill() const
{
    return m_freeze != nullptr || m_reading.consistency == Consistency::Offline;
}

void SourceHold::watch(Clock& clock)
{
    if (!m_unused)
        return;
    if (auto watch = clock.every(kLookInterval, [unused = m_unused] { unused->look(); }))
        m_watch = *std::move(watch);
}

SourceReading SourceHold::release()
{
    m_watch.reset();
    if (m_unused) {
        m_unused->look();
        m_reading.detail = m_unused->usedBy();
        if (!m_reading.detail.empty())
            m_reading.consistency = Consistency::Inconsistent;
    }
    if (!m_freeze)
        return m_reading;
    const FreezeEnd end = m_freeze->thaw();
    m_freeze.reset();
    if (end == FreezeEnd::Held)
        m_reading.consistency = Consistency::Frozen;
    else
        m_reading.detail += end == FreezeEnd::TooLong ? ": the limit ended before the copy"
                                                      : ": somebody else thawed it";
    return m_reading;
}

} // namespace cairn
