// Keeps the verbs of one process off each other's regions.
#include "core/backup/attachment.h"

#include <utility>

namespace cairn {

RegionClaim::RegionClaim(Attachment* attachment, const std::optional<RegionId>& source,
                         const std::optional<RegionId>& target)
    : m_attachment(attachment), m_source(source), m_target(target)
{}

Result<RegionClaim> RegionClaim::take(Attachment& attachment, const std::optional<RegionId>& source,
                                      const Region& target)
{
    const std::scoped_lock lock(attachment.m_mutex);
    if (attachment.m_targets.contains(target.id) || attachment.m_sources.contains(target.id) ||
        (source && attachment.m_targets.contains(*source)))
        return failure(ErrorCode::RegionBusy, target.name);
    attachment.m_targets.insert(target.id);
    if (source)
        attachment.m_sources.insert(*source);
    return RegionClaim(&attachment, source, target.id);
}

Result<RegionClaim> RegionClaim::takeToRead(Attachment& attachment, const Region& source)
{
    const std::scoped_lock lock(attachment.m_mutex);
    if (attachment.m_targets.contains(source.id))
        return failure(ErrorCode::RegionBusy, source.name);
    attachment.m_sources.insert(source.id);
    return RegionClaim(&attachment, source.id, std::nullopt);
}

RegionClaim::RegionClaim(RegionClaim&& other) noexcept
    : m_attachment(std::exchange(other.m_attachment, nullptr)), m_source(other.m_source),
      m_target(other.m_target)
{}

RegionClaim::~RegionClaim()
{
    if (m_attachment == nullptr)
        return;
    const std::scoped_lock lock(m_attachment->m_mutex);
    if (m_target)
        m_attachment->m_targets.erase(*m_target);
    if (m_source)
        m_attachment->m_sources.erase(m_attachment->m_sources.find(*m_source));
}

} // namespace cairn
