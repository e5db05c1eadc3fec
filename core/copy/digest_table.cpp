// Keeping and dropping of digest segments.
#include "core/copy/digest_table.h"

namespace cairn {

bool DigestTable::holds(std::uint64_t chunk) const
{
    return m_entries.contains(chunk / kChunksPerSegment);
}

void DigestTable::load(std::uint64_t chunk, std::vector<Digest> digests, const ChunkMap& done)
{
    const std::uint64_t segment = chunk / kChunksPerSegment;
    digests.resize(static_cast<std::size_t>(chunksInSegment(segment, m_sizeBytes)));
    for (std::size_t i = 0; i < digests.size(); ++i) {
        if (!done.contains(segment * kChunksPerSegment + i))
            digests[i] = Digest{};
    }
    m_entries.insert_or_assign(segment, Entry{std::move(digests), 0, 0});
}

void DigestTable::set(std::uint64_t chunk, const Digest& digest)
{
    const auto entry = m_entries.find(chunk / kChunksPerSegment);
    CAIRN_ASSERT(entry != m_entries.end());
    entry->second.digests.at(static_cast<std::size_t>(chunk % kChunksPerSegment)) = digest;
    entry->second.version += 1;
}

DigestTable::Changes DigestTable::changes() const
{
    Changes changes;
    for (const auto& [segment, entry] : m_entries) {
        if (entry.version == entry.recordedVersion)
            continue;
        changes.segments.push_back({segment, entry.digests});
        changes.versions.push_back(entry.version);
    }
    return changes;
}

void DigestTable::recorded(const Changes& changes, const ChunkMap& finished)
{
    for (std::size_t i = 0; i < changes.segments.size(); ++i) {
        const auto entry = m_entries.find(changes.segments[i].index);
        if (entry != m_entries.end())
            entry->second.recordedVersion = changes.versions[i];
    }
    std::erase_if(m_entries, [&](const auto& item) {
        const auto& [segment, entry] = item;
        return entry.version == entry.recordedVersion && isComplete(segment, finished);
    });
}

bool DigestTable::isComplete(std::uint64_t segment, const ChunkMap& finished) const
{
    const std::uint64_t first = segment * kChunksPerSegment;
    const std::uint64_t end = first + chunksInSegment(segment, m_sizeBytes);
    for (std::uint64_t chunk = first; chunk < end; ++chunk) {
        if (!finished.contains(chunk))
            return false;
    }
    return true;
}

const std::vector<Digest>* DigestTable::find(std::uint64_t segment) const
{
    const auto entry = m_entries.find(segment);
    return entry == m_entries.end() ? nullptr : &entry->second.digests;
}

} // namespace cairn
