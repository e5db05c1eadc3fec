// Which regions of a GPT array are sealed, and the way to each region's true bytes.
#include "core/array/gpt/gpt_array.h"

#include "core/array/gpt/gpt_types.h"

#include <algorithm>

namespace cairn {

Result<std::unique_ptr<RegionIo>> GptArray::openTrue(GptMember& member, const Region& region,
                                                     const GptMember::Opening& opening) const
{
    auto io = CAIRN_TRY(member.openRegion(region, opening));
    const auto sealed = m_seals.find(region.id);
    if (sealed == m_seals.end() || region.role == RegionRole::Management)
        return io;
    return std::make_unique<SealedIo>(std::move(io), sealed->second);
}

void GptArray::setSealed(const SealedRegions& sealed, const SealRecorder& recorder)
{
    const std::scoped_lock guard(m_deviceMutex);
    std::vector<RegionId> changed;
    for (const auto& [region, seal] : m_seals) {
        if (!sealed.contains(region))
            changed.push_back(region);
    }
    std::erase_if(m_seals, [&](const auto& known) { return !sealed.contains(known.first); });
    for (const auto& [region, pieces] : sealed) {
        auto& seal = m_seals[region];
        const bool added = seal == nullptr;
        if (added)
            seal = std::make_shared<Seal>(std::vector<SealedBytes>());
        // Another verb of this process may have recorded more since the catalog was asked.
        if ((added || !recorder) && seal->set(pieces))
            changed.push_back(region);
        seal->setRecorder(
            recorder ? [recorder, id = region](
                           const std::vector<SealedBytes>& all) { return recorder(id, all); }
                     : Seal::Recorder());
    }
    for (const RegionId& region : changed)
        std::ignore = probeOne(region);
}

Result<GptArray::SealedOpening> GptArray::openSealed(const RegionId& id)
{
    const std::scoped_lock guard(m_deviceMutex);
    const Found found = CAIRN_TRY(findWritable(id));
    const auto sealed = m_seals.find(id);
    if (sealed == m_seals.end() || found.region.role == RegionRole::Management)
        return failure(ErrorCode::InvalidArgument, found.region.name, "it is not sealed");
    if (m_targets.contains(id))
        return failure(ErrorCode::RegionBusy, found.region.name);
    CAIRN_TRY(checkUnused(found));
    SealedOpening opening{
        CAIRN_TRY(found.member->openRegion(found.region, {.access = Access::Write})),
        sealed->second};
    return opening;
}

Result<void> GptArray::eraseSignatures(const RegionId& region)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const auto opened = CAIRN_TRY(openSealed(region));
        return opened.seal->erase(*opened.region);
    });
}

Result<void> GptArray::checkSignatures(const RegionId& region)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const auto opened = CAIRN_TRY(openSealed(region));
        return opened.seal->checkPlaces(*opened.region);
    });
}

Result<void> GptArray::writeSignaturesBack(const RegionId& region)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const auto opened = CAIRN_TRY(openSealed(region));
        return opened.seal->writeBack(*opened.region);
    });
}

Result<bool> GptArray::lacksSignatures(const RegionId& id)
{
    const std::scoped_lock guard(m_deviceMutex);
    const Found found = CAIRN_TRY(findRegion(id));
    const auto sealed = m_seals.find(id);
    if (sealed == m_seals.end())
        return false;
    const auto io = CAIRN_TRY(found.member->openRegion(found.region, {.access = Access::Read}));
    return sealed->second->needsPutBack(*io);
}

Result<void> GptArray::putSignaturesBack(const RegionId& region)
{
    return catchOutOfMemory([&]() -> Result<void> {
        if (!CAIRN_TRY(lacksSignatures(region)))
            return {};
        const auto opened = CAIRN_TRY(openSealed(region));
        return opened.seal->putBack(*opened.region);
    });
}

Result<void> GptArray::markSealed(const RegionId& id, bool sealed)
{
    return catchOutOfMemory([&]() -> Result<void> {
        const std::scoped_lock guard(m_deviceMutex);
        const Found found = CAIRN_TRY(findWritable(id));
        const auto& table = *found.member->table();
        const GptEntry* entry = table.find(id.uuid);
        if (entry == nullptr)
            return failure(ErrorCode::PlanChanged, found.region.name, "partition table");
        // Of any other type the bit means something else, or nothing.
        const bool marked = (entry->attributes & kSealedMark) != 0;
        if (entry->type != kBackupType || marked == sealed)
            return {};
        const std::uint64_t attributes =
            sealed ? entry->attributes | kSealedMark : entry->attributes & ~kSealedMark;
        const auto changed = CAIRN_TRY(table.withType(entry->number, entry->type, attributes));
        CAIRN_TRY(found.member->replaceTable(changed));
        publish(Probing::New);
        return {};
    });
}

} // namespace cairn
