// Reads and writes the super blocks of a management region and formats new ones.
//
// A super block is the first 4096 bytes of a slot, integers little-endian:
//      0  u8[8]   "CAIRNMGR"
//      8  u32     format version
//     12  u32     flags; bit 0: a repair of the database is under way or was interrupted
//     16  u8[16]  array UUID            32  u8[16]  member UUID
//     48  u64     sequence              56  u64     commit id
//     64  u64     region size in bytes when it was formatted
//     72  u64     offset, 80 u64 length of the journal area
//     88  u64     offset, 96 u64 length of the main area
//    104  zeroes
//   4088  u64     XXH3-64 of bytes 0 … 4087
#include "core/catalog/management_region.h"

#include "core/catalog/stored_integers.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <optional>
#include <xxhash.h>

namespace cairn {
namespace {

using SuperBytes = std::array<std::byte, kPageBytes>;

constexpr char kMagic[] = "CAIRNMGR"; // Eight bytes are stored.
constexpr std::size_t kMagicBytes = 8;
constexpr std::size_t kChecksumAt = kPageBytes - 8;
constexpr std::uint32_t kRepairing = 1;
constexpr std::uint32_t kKnownVersion = 1;

// A journal record is a page with 8 bytes around it; the rest is for headers, of which SQLite
// writes one each time that its cache overflows within a transaction.
constexpr std::uint64_t kJournalBytesPerPage = kPageBytes + 8 + 64;
constexpr std::uint64_t kJournalExtraBytes = 64 * kKiB;
// SQLite never uses the page at 1 GiB (its locking page): the area ends before it.
constexpr std::uint64_t kMaximumMainPages = kGiB / kPageBytes;

bool hasMagic(const SuperBytes& bytes)
{
    return std::memcmp(bytes.data(), kMagic, kMagicBytes) == 0;
}

bool checksumHolds(const SuperBytes& bytes)
{
    return loadLittle<std::uint64_t>(bytes, kChecksumAt) == XXH3_64bits(bytes.data(), kChecksumAt);
}

Uuid loadUuid(const SuperBytes& bytes, std::size_t offset)
{
    Uuid uuid;
    std::memcpy(uuid.bytes.data(), &bytes[offset], uuid.bytes.size());
    return uuid;
}

SuperBytes encode(const SuperBlock& super, const ManagementAreas& areas)
{
    SuperBytes bytes{};
    std::memcpy(bytes.data(), kMagic, kMagicBytes);
    storeLittle(bytes, 8, super.formatVersion);
    storeLittle(bytes, 12, super.repairing ? kRepairing : 0U);
    std::memcpy(&bytes[16], super.arrayId.bytes.data(), super.arrayId.bytes.size());
    std::memcpy(&bytes[32], super.memberId.bytes.data(), super.memberId.bytes.size());
    storeLittle(bytes, 48, super.sequence);
    storeLittle(bytes, 56, super.commitId);
    storeLittle(bytes, 64, super.regionBytes);
    storeLittle(bytes, 72, areas.journal.offsetBytes);
    storeLittle(bytes, 80, areas.journal.lengthBytes);
    storeLittle(bytes, 88, areas.main.offsetBytes);
    storeLittle(bytes, 96, areas.main.lengthBytes);
    storeLittle(bytes, kChecksumAt, std::uint64_t{XXH3_64bits(bytes.data(), kChecksumAt)});
    return bytes;
}

// Nothing where the areas are not those that the region's size implies: a checksum proves who
// computed it, not that the numbers are sane.
std::optional<SuperBlock> decode(const SuperBytes& bytes)
{
    SuperBlock super;
    super.formatVersion = loadLittle<std::uint32_t>(bytes, 8);
    super.repairing = (loadLittle<std::uint32_t>(bytes, 12) & kRepairing) != 0;
    super.arrayId = loadUuid(bytes, 16);
    super.memberId = loadUuid(bytes, 32);
    super.sequence = loadLittle<std::uint64_t>(bytes, 48);
    super.commitId = loadLittle<std::uint64_t>(bytes, 56);
    super.regionBytes = loadLittle<std::uint64_t>(bytes, 64);
    if (super.formatVersion > kKnownVersion)
        return super;
    const auto areas = managementAreas(super.regionBytes);
    const ByteRange journal{loadLittle<std::uint64_t>(bytes, 72),
                            loadLittle<std::uint64_t>(bytes, 80)};
    const ByteRange main{loadLittle<std::uint64_t>(bytes, 88),
                         loadLittle<std::uint64_t>(bytes, 96)};
    if (!areas || areas->journal != journal || areas->main != main)
        return std::nullopt;
    return super;
}

struct Slot {
    bool magic = false;
    std::optional<SuperBlock> super; // Where it can be believed.
    std::optional<Error> unread;
};

Slot readSlot(RegionIo& region, std::uint64_t offset)
{
    SuperBytes bytes{};
    Slot slot;
    if (auto got = region.read(offset, bytes); !got) {
        slot.unread = std::move(got).error();
        return slot;
    }
    slot.magic = hasMagic(bytes);
    if (slot.magic && checksumHolds(bytes))
        slot.super = decode(bytes);
    return slot;
}

Result<void> checkSize(RegionIo& region)
{
    if (region.sizeBytes() < kMinimumManagementBytes)
        return failure(ErrorCode::InvalidSize, region.name(), "management region",
                       kMinimumManagementBytes - region.sizeBytes());
    return {};
}

std::string documentation(const SuperBlock& super, const ManagementAreas& areas)
{
    return fmt::format(
        "\n\nThis is a management region of Cairn, which administers disk arrays and backups.\n"
        "It holds the catalog of the backups that lie on this array.\n\n"
        "Array  {}\nMember {}\n\n"
        "The catalog is an ordinary SQLite 3 database at byte {} of this region.\n"
        "To read it without Cairn, REGION being this partition or a file with its bytes:\n\n"
        "    dd if=REGION of=catalog.sqlite bs=4096 skip={} count={}\n"
        "    sqlite3 -readonly catalog.sqlite .dump\n\n"
        "The file is longer than the database, which SQLite does not mind. The last 32 bytes\n"
        "of each page are checksums of Cairn; SQLite leaves them alone. If the computer failed\n"
        "while the catalog was written, the journal at byte {} ({} bytes) holds pages to be\n"
        "put back first; only Cairn does that. Do not write here by other means.\n\n"
        "Each table is described by its own CREATE statement. The backups themselves are plain\n"
        "copies of partitions, in partitions of this array: each row of the table of\n"
        "generations names the partition (by PARTUUID) that holds the copy.\n\n"
        "If no program knows what is in such a copy, it may be sealed: the few bytes by which\n"
        "a filesystem is known are in the table sealed_bytes instead, and the copy has zeroes\n"
        "there. To put them back, COPY being its partition, and its PARTUUID without hyphens\n"
        "in place of UUID:\n\n"
        "    sqlite3 catalog.sqlite \"SELECT offset_bytes, writefile('seal.' || offset_bytes,\n"
        "      bytes) FROM sealed_bytes WHERE region_uuid = x'UUID'\"\n"
        "    for f in seal.*; do dd if=$f of=COPY bs=1 seek=${{f#seal.}} conv=notrunc; done\n",
        super.arrayId.toString(), super.memberId.toString(), areas.main.offsetBytes,
        areas.main.offsetBytes / kPageBytes, areas.main.lengthBytes / kPageBytes,
        areas.journal.offsetBytes, areas.journal.lengthBytes);
}

} // namespace

Result<ManagementAreas> managementAreas(std::uint64_t regionBytes)
{
    if (regionBytes < kMinimumManagementBytes)
        return failure(ErrorCode::InvalidSize, {}, "management region",
                       kMinimumManagementBytes - regionBytes);
    const std::uint64_t usable = roundDown(regionBytes, kPageBytes) - kAreasOffset;
    const std::uint64_t pages = std::min(
        kMaximumMainPages, (usable - kJournalExtraBytes) / (kPageBytes + kJournalBytesPerPage));
    ManagementAreas areas;
    areas.journal = {kAreasOffset,
                     roundDown(pages * kJournalBytesPerPage + kJournalExtraBytes, kPageBytes)};
    areas.main = {kAreasOffset + areas.journal.lengthBytes, pages * kPageBytes};
    return areas;
}

std::string whyOfAnotherDisk(const SuperBlock& super, const Uuid& disk)
{
    if (super.memberId == disk)
        return {};
    return fmt::format("{} (member {} of array {})", kOfAnotherDisk, super.memberId.toString(),
                       super.arrayId.toString());
}

Result<SuperBlock> readSuperBlock(RegionIo& region)
{
    CAIRN_TRY(checkSize(region));
    const Slot slots[2] = {readSlot(region, kSuperSlotOffsets[0]),
                           readSlot(region, kSuperSlotOffsets[1])};
    const SuperBlock* newest = nullptr;
    for (const Slot& slot : slots) {
        if (slot.super && (newest == nullptr || slot.super->sequence > newest->sequence))
            newest = &*slot.super;
    }
    if (newest != nullptr)
        return *newest;
    if (slots[0].magic || slots[1].magic)
        return failure(ErrorCode::CatalogDamaged, region.name(),
                       "the block that describes it is damaged");
    for (const Slot& slot : slots) {
        if (slot.unread)
            return std::unexpected(*slot.unread);
    }
    return failure(ErrorCode::CatalogForeign, region.name(), "nothing of Cairn is there");
}

Result<void> writeSuperBlock(RegionIo& region, SuperBlock super)
{
    CAIRN_TRY(checkSize(region));
    const ManagementAreas areas = CAIRN_TRY(managementAreas(super.regionBytes));
    const Slot slots[2] = {readSlot(region, kSuperSlotOffsets[0]),
                           readSlot(region, kSuperSlotOffsets[1])};
    const std::uint64_t sequences[2] = {slots[0].super ? slots[0].super->sequence : 0,
                                        slots[1].super ? slots[1].super->sequence : 0};
    const std::size_t older = sequences[0] <= sequences[1] ? 0 : 1;
    super.sequence = std::max(sequences[0], sequences[1]) + 1;
    CAIRN_TRY(region.write(kSuperSlotOffsets[older], encode(super, areas)));
    return region.flush();
}

Result<void> describeManagementRegion(RegionIo& region, const SuperBlock& super)
{
    const ManagementAreas areas = CAIRN_TRY(managementAreas(super.regionBytes));
    const std::string text = documentation(super, areas);
    CAIRN_ASSERT(text.size() <= kPageBytes);
    std::array<std::byte, kPageBytes> page{};
    std::memcpy(page.data(), text.data(), text.size());
    CAIRN_TRY(region.zero(kDocumentation));
    return region.write(kDocumentation.offsetBytes, page);
}

Result<void> formatManagementRegion(RegionIo& region, const SuperBlock& super)
{
    CAIRN_TRY(checkSize(region));
    SuperBlock fresh = super;
    fresh.regionBytes = region.sizeBytes();
    fresh.repairing = false;
    const ManagementAreas areas = CAIRN_TRY(managementAreas(fresh.regionBytes));
    // First nothing that could be taken for a catalog, then its parts, its super blocks last.
    for (const std::uint64_t slot : kSuperSlotOffsets)
        CAIRN_TRY(region.zero({slot, kPageBytes}));
    CAIRN_TRY(region.flush());
    CAIRN_TRY(region.zero({areas.journal.offsetBytes, kPageBytes}));
    CAIRN_TRY(region.zero({areas.main.offsetBytes, kPageBytes}));
    CAIRN_TRY(describeManagementRegion(region, fresh));
    CAIRN_TRY(region.flush());
    CAIRN_TRY(writeSuperBlock(region, fresh));
    return writeSuperBlock(region, fresh);
}

} // namespace cairn
