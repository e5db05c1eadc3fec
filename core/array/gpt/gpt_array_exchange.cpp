// Two regions of one member exchange their extents.
#include "core/array/gpt/gpt_array.h"

#include <algorithm>
#include <utility>

namespace cairn {

Result<void> GptArray::checkExchange(const Found& one, const Found& other) const
{
    const auto refused = [&](const char* why) {
        return failure(ErrorCode::CannotSwap, one.region.name, why);
    };
    if (one.region.id == other.region.id || one.member != other.member)
        return refused("another member");
    if (one.region.extent.lengthBytes != other.region.extent.lengthBytes)
        return refused("another size");
    for (const Found* found : {&one, &other}) {
        if (found->region.role == RegionRole::Management)
            return failure(ErrorCode::RegionHoldsCatalog, found->region.name);
        if (m_targets.contains(found->region.id))
            return failure(ErrorCode::RegionBusy, found->region.name);
    }
    if (!one.member->table()->problem().empty())
        return refused("damaged table");
    return {};
}

Result<void> GptArray::exchangeExtents(const RegionId& one, const RegionId& other)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const std::scoped_lock guard(m_deviceMutex);
        const Found first = CAIRN_TRY(findWritable(one));
        const Found second = CAIRN_TRY(findWritable(other));
        CAIRN_TRY(checkExchange(first, second));
        {
            // Only what is not open can be taken away: who else has a node is found out here.
            const auto claimed = CAIRN_TRY(openFound(first, {.access = Access::Write}));
            const auto beside = CAIRN_TRY(openFound(second, {.access = Access::Write}));
        }
        GptMember& member = *first.member;
        const auto changed =
            CAIRN_TRY(member.table()->withExchanged(first.region.entry, second.region.entry));
        auto written = member.replaceTable(changed);
        // After a failure, too, it is the table that tells whose bytes are whose.
        const GptEntry* now = member.table() ? member.table()->find(one.uuid) : nullptr;
        if (now != nullptr && now->extent == second.region.extent) {
            auto seals = std::pair(m_seals.extract(one), m_seals.extract(other));
            if (!seals.first.empty()) {
                seals.first.key() = other;
                m_seals.insert(std::move(seals.first));
            }
            if (!seals.second.empty()) {
                seals.second.key() = one;
                m_seals.insert(std::move(seals.second));
            }
            const std::scoped_lock layoutGuard(m_layoutMutex);
            m_filled.erase(one);
            m_filled.erase(other);
        }
        publish(Probing::New);
        return written;
    });
}

Result<bool> GptArray::alignTable(const Uuid& id, const std::vector<RegionId>& regions)
{
    return catchOutOfMemory([&]() -> Result<bool> {
        const std::scoped_lock guard(m_deviceMutex);
        const auto member = std::ranges::find_if(m_members, [&](const GptMember& candidate) {
            return candidate.isUsable() && candidate.table()->diskId() == id;
        });
        if (member == m_members.end())
            return failure(ErrorCode::UnknownMember, id.toString());
        if (!member->isWriting())
            return failure(ErrorCode::ReadOnlyArray, member->location(),
                           m_writing ? member->describe().problem : "not open for writing");
        std::vector<Uuid> ids;
        for (const RegionId& region : regions)
            ids.push_back(region.uuid);
        const bool placed = CAIRN_TRY(member->alignTable(ids));
        publish(Probing::New);
        return placed;
    });
}

} // namespace cairn
