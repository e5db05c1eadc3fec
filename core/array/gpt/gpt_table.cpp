// Reading a member's table, and writing a changed one without a moment at which none is valid.
#include "core/array/gpt/gpt_table.h"

#include <algorithm>
#include <fmt/format.h>

namespace cairn {
namespace {

constexpr std::uint64_t kAlignmentBytes = kMiB;

bool allZero(std::span<const std::byte> bytes)
{
    return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

// A head that was wiped, and nothing else was put there: the backup copy is still meant. A file
// system made on the whole disk would have left its own bytes before the first partition.
Result<bool> headIsBlank(RegionIo& member, const GptCopy& backup, const GptGeometry& geometry)
{
    std::uint64_t end = std::min(kMiB, geometry.sizeBytes);
    for (const GptEntry& entry : CAIRN_TRY(parseEntries(backup, geometry)))
        end = std::min(end, entry.extent.offsetBytes);
    std::vector<std::byte> head(end);
    CAIRN_TRY(member.read(0, head));
    return allZero(head);
}

// Bytes of the table at their place on the member.
struct Area {
    std::uint64_t offsetBytes = 0;
    std::span<const std::byte> bytes;
};

std::vector<Area> areasOf(const GptCopy& copy, std::uint32_t sectorBytes)
{
    // The header last: it is what makes the entries count.
    return {{copy.header.entriesBlock * sectorBytes, copy.entryBlocks},
            {copy.header.block * sectorBytes, copy.headerBlock}};
}

// The runs of sectors of `wanted` that `present` does not hold at the same place already.
std::vector<Area> differences(const std::vector<Area>& wanted, const std::vector<Area>& present,
                              std::uint32_t sectorBytes)
{
    std::vector<Area> runs;
    for (const Area& area : wanted) {
        const auto same = std::ranges::find_if(present, [&area](const Area& other) {
            return other.offsetBytes == area.offsetBytes && other.bytes.size() == area.bytes.size();
        });
        bool open = false;
        for (std::size_t at = 0; at < area.bytes.size(); at += sectorBytes) {
            const auto sector = area.bytes.subspan(at, sectorBytes);
            if (same != present.end() &&
                std::ranges::equal(sector, same->bytes.subspan(at, sectorBytes))) {
                open = false;
                continue;
            }
            if (open)
                runs.back().bytes = {runs.back().bytes.data(),
                                     runs.back().bytes.size() + sectorBytes};
            else
                runs.push_back({area.offsetBytes + at, sector});
            open = true;
        }
    }
    return runs;
}

Result<void> writeGroup(const std::vector<Area>& areas, RegionIo& member)
{
    for (const Area& area : areas)
        CAIRN_TRY(member.write(area.offsetBytes, area.bytes));
    return areas.empty() ? Result<void>{} : member.flush();
}

bool sameCopy(const std::optional<GptCopy>& a, const std::optional<GptCopy>& b)
{
    if (!a || !b)
        return a.has_value() == b.has_value();
    return a->header.block == b->header.block && a->headerBlock == b->headerBlock &&
           a->entryBlocks == b->entryBlocks;
}

// Where the disk grew, the usable blocks of the table before ended earlier: only its regions count.
bool isBesideAll(const Area& area, const GptTable& before, const GptTable& after)
{
    const ByteRange range{area.offsetBytes, area.bytes.size()};
    return after.mayHoldTable(range) &&
           std::ranges::none_of(before.entries(), [&](const GptEntry& entry) {
               return entry.extent.overlaps(range);
           });
}

} // namespace

Result<GptTable> GptTable::read(RegionIo& member)
{
    const GptGeometry geometry{member.sizeBytes(), member.traits().sectorBytes};
    auto table = readCopies(member, geometry);
    if (table || table.error().code != ErrorCode::NotAnArray)
        return table;
    // An image file does not know the sector size of the disk that it is a copy of.
    const GptGeometry other{geometry.sizeBytes, geometry.sectorBytes == 512 ? 4096U : 512U};
    if (auto otherTable = readCopies(member, other);
        otherTable || otherTable.error().code == ErrorCode::InvalidTable)
        return otherTable;
    return table;
}

Result<GptTable> GptTable::readCopies(RegionIo& member, const GptGeometry& geometry)
{
    const auto none = [&member](std::string detail) {
        return failure(ErrorCode::NotAnArray, member.name(), std::move(detail));
    };
    if (geometry.blocks() < 6)
        return none("too small for a GPT");
    GptTable table;
    table.m_geometry = geometry;
    table.m_memberName = member.name();
    table.m_mbr.resize(geometry.sectorBytes);
    CAIRN_TRY(member.read(0, table.m_mbr));
    auto primary = readGptCopy(member, geometry, 1);
    const std::uint64_t last = geometry.blocks() - 1;
    auto backup = readGptCopy(member, geometry, primary ? primary->header.otherBlock : last);
    if (primary && !backup && primary->header.otherBlock != last)
        backup = readGptCopy(member, geometry, last);
    if (!primary && !backup) {
        // A device that cannot be read is not a device without a table.
        if (primary.error().code != ErrorCode::InvalidTable || primary.error().amount != 0)
            return std::unexpected(primary.error());
        return none(fmt::format("{}; {}", primary.error().detail, backup.error().detail));
    }
    const bool blankMbr = allZero(table.m_mbr);
    if (!isProtectiveMbr(table.m_mbr) && !(blankMbr && primary)) {
        if (!blankMbr || !backup || !CAIRN_TRY(headIsBlank(member, *backup, geometry)))
            return none("no protective MBR");
    }
    if (blankMbr)
        table.m_problem = "protective MBR: missing";
    if (!primary)
        table.m_problem = fmt::format("primary GPT: {}", primary.error().detail);
    else if (!backup)
        table.m_problem = fmt::format("backup GPT: {}", backup.error().detail);
    else if (primary->header.diskId != backup->header.diskId ||
             primary->header.entriesChecksum != backup->header.entriesChecksum)
        table.m_problem = "backup GPT: differs from the primary";
    if (primary)
        table.m_primary = std::move(*primary);
    if (backup)
        table.m_backup = std::move(*backup);
    auto entries = parseEntries(table.valid(), geometry);
    if (!entries)
        return failure(ErrorCode::InvalidTable, member.name(), entries.error().detail);
    table.m_entries = std::move(*entries);
    return table;
}

const GptEntry* GptTable::find(const Uuid& id) const
{
    const auto found = std::ranges::find(m_entries, id, &GptEntry::id);
    return found == m_entries.end() ? nullptr : &*found;
}

std::vector<ByteRange> GptTable::freeRanges() const
{
    const GptHeader& header = valid().header;
    std::vector<ByteRange> taken;
    taken.reserve(m_entries.size() + 1);
    for (const GptEntry& entry : m_entries)
        taken.push_back(entry.extent);
    std::ranges::sort(taken, {}, &ByteRange::offsetBytes);
    taken.push_back({(header.lastUsable + 1) * m_geometry.sectorBytes, 0});
    std::vector<ByteRange> free;
    std::uint64_t from = header.firstUsable * m_geometry.sectorBytes;
    for (const ByteRange& range : taken) {
        const std::uint64_t start = roundUp(from, kAlignmentBytes);
        const std::uint64_t end = roundDown(range.offsetBytes, kAlignmentBytes);
        if (start < end)
            free.push_back({start, end - start});
        from = range.offsetBytes + range.lengthBytes;
    }
    return free;
}

bool GptTable::mayHoldTable(ByteRange range) const
{
    const GptHeader& header = valid().header;
    const std::uint64_t first = header.firstUsable * m_geometry.sectorBytes;
    const std::uint64_t last = (header.lastUsable + 1) * m_geometry.sectorBytes;
    const bool outsideUsable = ByteRange{0, first}.contains(range) ||
                               ByteRange{last, m_geometry.sizeBytes - last}.contains(range);
    return outsideUsable && std::ranges::none_of(m_entries, [&range](const GptEntry& entry) {
               return entry.extent.overlaps(range);
           });
}

bool GptTable::sameBytes(const GptTable& other) const
{
    return m_geometry.sizeBytes == other.m_geometry.sizeBytes &&
           m_geometry.sectorBytes == other.m_geometry.sectorBytes && m_mbr == other.m_mbr &&
           sameCopy(m_primary, other.m_primary) && sameCopy(m_backup, other.m_backup);
}

Result<void> GptTable::replaceBy(const GptTable& after, RegionIo& member) const
{
    CAIRN_ASSERT(after.m_primary && after.m_backup);
    const auto present = readCopies(member, m_geometry);
    if (!present || !sameBytes(*present))
        return failure(ErrorCode::PlanChanged, member.name(), "partition table");
    const std::uint32_t sector = m_geometry.sectorBytes;
    const auto areasIn = [sector](const std::optional<GptCopy>& copy) {
        return copy ? areasOf(*copy, sector) : std::vector<Area>{};
    };
    auto primary = differences(areasIn(after.m_primary), areasIn(m_primary), sector);
    auto backup = differences(areasIn(after.m_backup), areasIn(m_backup), sector);
    if (after.m_mbr != m_mbr)
        primary.insert(primary.begin(), Area{0, after.m_mbr});
    for (const auto* group : {&primary, &backup}) {
        if (!std::ranges::all_of(*group,
                                 [&](const Area& area) { return isBesideAll(area, *this, after); }))
            return failure(ErrorCode::InvalidTable, member.name(), "table over a region");
    }
    const bool backupFirst = m_primary.has_value();
    CAIRN_TRY(writeGroup(backupFirst ? backup : primary, member));
    return writeGroup(backupFirst ? primary : backup, member);
}

Result<void> GptTable::rewrite(RegionIo& member) const
{
    CAIRN_ASSERT(m_primary && m_backup);
    for (const GptCopy* copy : {&*m_backup, &*m_primary}) {
        const auto areas = areasOf(*copy, m_geometry.sectorBytes);
        if (!std::ranges::all_of(areas,
                                 [&](const Area& area) { return isBesideAll(area, *this, *this); }))
            return failure(ErrorCode::InvalidTable, member.name(), "table over a region");
        CAIRN_TRY(writeGroup(areas, member));
    }
    CAIRN_TRY(member.dropCache({0, m_geometry.sizeBytes}));
    const auto present = readCopies(member, m_geometry);
    if (!present || !sameBytes(*present))
        return failure(ErrorCode::FlushFailed, member.name(), "partition table");
    return {};
}

Result<void> GptTable::writeNew(RegionIo& member) const
{
    const std::uint32_t sector = m_geometry.sectorBytes;
    CAIRN_TRY(writeGroup(areasOf(*m_backup, sector), member));
    auto primary = areasOf(*m_primary, sector);
    primary.push_back({0, m_mbr});
    return writeGroup(primary, member);
}

Result<void> GptTable::erase(RegionIo& member) const
{
    const std::uint32_t sector = m_geometry.sectorBytes;
    CAIRN_TRY(member.zero({0, sector}));
    for (const auto& copy : {m_primary, m_backup}) {
        for (const Area& area : copy ? areasOf(*copy, sector) : std::vector<Area>{})
            CAIRN_TRY(member.zero({area.offsetBytes, area.bytes.size()}));
    }
    return {};
}

} // namespace cairn
