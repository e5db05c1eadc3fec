// The right to write an array, and the regions that one verb has for itself.
#include "core/backup/attachment.h"

#include <utility>

namespace cairn {

WriteAccess::WriteAccess(Attachment* attachment, Attachment::Begun begun)
    : m_attachment(attachment), m_catalog(std::move(begun.catalog)),
      m_claims(std::move(begun.claims))
{}

Result<WriteAccess> WriteAccess::take(Attachment& attachment, const std::vector<RegionId>& targets)
{
    return WriteAccess(&attachment, CAIRN_TRY(attachment.beginWriting(targets)));
}

Result<WriteAccess> WriteAccess::takeAnew(Attachment& attachment)
{
    attachment.awaitReaders();
    return take(attachment);
}

WriteAccess::WriteAccess(WriteAccess&& other) noexcept
    : m_attachment(std::exchange(other.m_attachment, nullptr)),
      m_catalog(std::move(other.m_catalog)), m_claims(std::move(other.m_claims))
{}

WriteAccess::~WriteAccess()
{
    if (m_attachment == nullptr)
        return;
    m_claims.clear();
    m_catalog.reset();
    m_attachment->endWriting();
}

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
