// Which regions are half-written, and until when.
#include "core/catalog/stored_catalog.h"

#include <algorithm>

namespace cairn {
namespace {

bool isIn(const UnfinishedWrite& write, const RegionId& region)
{
    return write.region.id == region && write.keptBy == 0;
}

std::string describe(const UnfinishedWrite& write)
{
    std::string text = writeKindName(write.kind);
    if (write.generation != 0)
        text += " " + std::to_string(write.generation);
    return text;
}

} // namespace

Result<std::vector<UnfinishedWrite>> StoredCatalog::unfinished()
{
    return read([&]() -> Result<std::vector<UnfinishedWrite>> {
        std::vector<UnfinishedWrite> found;
        for (StoredUnfinished& stored : CAIRN_TRY(readUnfinished(*m_parts.database)))
            found.push_back(std::move(stored.write));
        found.insert(found.end(), m_parts.halfWrittenApart.begin(), m_parts.halfWrittenApart.end());
        return found;
    });
}

Result<void> StoredCatalog::beginWrite(UnfinishedWrite write)
{
    write.sinceMs = m_parts.environment.clock.nowUnixMs();
    CAIRN_TRY(insertUnfinished(*m_parts.database, write));
    return {};
}

Result<void> StoredCatalog::endWrite(const Generation& generation, const RegionRef& region)
{
    RegionDatabase& database = *m_parts.database;
    CAIRN_TRY(endUnfinished(database, region.id, generation.sizeBytes));
    if (!generation.takenAsIs && !isInconsistent(generation))
        return {};
    // Half of one content and half of another, wherever it is copied to.
    const std::int64_t nowMs = m_parts.environment.clock.nowUnixMs();
    CAIRN_TRY(insertUnfinished(database, {.kind = WriteKind::Backup,
                                          .generation = generation.number,
                                          .region = region,
                                          .sizeBytes = generation.sizeBytes,
                                          .sinceMs = nowMs,
                                          .acceptedMs = nowMs}));
    return {};
}

Result<bool> StoredCatalog::takesAsIs(const RegionRef& source)
{
    bool accepted = false;
    for (const StoredUnfinished& stored : CAIRN_TRY(readUnfinished(*m_parts.database))) {
        const UnfinishedWrite& write = stored.write;
        if (!isIn(write, source.id))
            continue;
        if (write.acceptedMs == 0)
            return failure(ErrorCode::HalfWritten, source.name, writeKindName(write.kind),
                           write.generation);
        accepted = true;
    }
    return accepted;
}

Result<std::uint64_t> StoredCatalog::beginRegionImport(const RegionImport& import)
{
    return write(Room::Ordinary, [&]() -> Result<std::uint64_t> {
        CAIRN_TRY(record(EventKind::RegionImportStarted, 0, import.region.name, import.detail));
        return insertUnfinished(*m_parts.database,
                                {.kind = WriteKind::RegionImport,
                                 .region = import.region,
                                 .sizeBytes = import.sizeBytes,
                                 .sinceMs = m_parts.environment.clock.nowUnixMs()});
    });
}

Result<void> StoredCatalog::endRegionImport(std::uint64_t id, const RegionImport& import)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        CAIRN_TRY(deleteUnfinished(*m_parts.database, id));
        CAIRN_TRY(record(EventKind::RegionImported, 0, import.region.name, import.detail));
        return endUnfinished(*m_parts.database, import.region.id, import.sizeBytes);
    });
}

Result<void> StoredCatalog::failRegionImport(std::uint64_t id, const RegionImport& import)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        RegionDatabase& database = *m_parts.database;
        CAIRN_TRY(record(EventKind::RegionImportFailed, 0, import.region.name, import.detail));
        if (import.sizeBytes == 0)
            return deleteUnfinished(database, id);
        return limitUnfinished(database, id, import.sizeBytes);
    });
}

Result<void> StoredCatalog::acceptContent(const RegionRef& region)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        RegionDatabase& database = *m_parts.database;
        for (const StoredJob& stored : CAIRN_TRY(readJobs(database))) {
            if (stored.job.target.id == region.id)
                return failure(ErrorCode::RegionBusy, region.name, {}, stored.job.generation);
        }
        std::string detail;
        for (const StoredUnfinished& stored : CAIRN_TRY(readUnfinished(database))) {
            if (isIn(stored.write, region.id) && stored.write.acceptedMs == 0)
                detail += (detail.empty() ? "" : ", ") + describe(stored.write);
        }
        if (detail.empty())
            return failure(ErrorCode::InvalidArgument, region.name,
                           "nothing in it is half-written");
        CAIRN_TRY(acceptUnfinished(database, region.id, m_parts.environment.clock.nowUnixMs()));
        CAIRN_TRY(record(EventKind::ContentAccepted, 0, region.name, detail));
        return {};
    });
}

Result<void> StoredCatalog::recordRemoved(const RegionRef& region)
{
    return write(Room::Headroom, [&]() -> Result<void> {
        CAIRN_TRY(checkNoSwapOf(region));
        CAIRN_TRY(deleteUnfinishedOf(*m_parts.database, region.id));
        CAIRN_TRY(deleteSeal(*m_parts.database, region.id));
        CAIRN_TRY(record(EventKind::RegionRemoved, 0, region.name, region.id.uuid.toString()));
        return {};
    });
}

Result<void> StoredCatalog::insertRecovered(const UnfinishedWrite& write)
{
    if (write.sizeBytes > INT64_MAX || write.generation > kLargestNumber ||
        write.keptBy > kLargestNumber)
        return failure(ErrorCode::InvalidArgument, write.region.name, "unfinished");
    return this->write(Room::Headroom, [&]() -> Result<void> {
        CAIRN_TRY(insertUnfinished(*m_parts.database, write));
        return {};
    });
}

} // namespace cairn
