// Buffers journal writes as whole blocks and checks whatever a rollback reads.
#include "core/catalog/region_journal.h"

#include "core/catalog/stored_integers.h"

#include <algorithm>
#include <cstring>
#include <fmt/format.h>

namespace cairn {
namespace {

constexpr std::array<unsigned char, 8> kSqliteMagic = {0xd9, 0xd5, 0x05, 0xf9,
                                                       0x20, 0xa1, 0x63, 0xd7};
constexpr std::size_t kSqliteHeaderBytes = 28;
constexpr std::size_t kSqliteCountBytes = 12; // Magic and number of records.
constexpr std::size_t kOrdinalAt = 28;
constexpr std::size_t kEpochAt = 32;
constexpr std::size_t kOffsetAt = 40;
constexpr std::size_t kHashAt = 48;
constexpr std::size_t kSealedBytes = 64;
constexpr std::size_t kRecordBytes = 4 + kPageBytes + 4;

constexpr std::size_t kBufferLimitBlocks = 2048; // 8 MiB.
constexpr std::size_t kWindowBytes = 16 * kPageBytes;
constexpr std::size_t kRunBytes = 64 * kPageBytes;

bool startsWithMagic(std::span<const std::byte> bytes)
{
    return std::memcmp(bytes.data(), kSqliteMagic.data(), kSqliteMagic.size()) == 0;
}

bool allZero(std::span<const std::byte> bytes)
{
    return std::ranges::all_of(bytes, [](std::byte byte) { return byte == std::byte{0}; });
}

// pager.c, pager_cksum(): every 200th byte, counted from the end.
std::uint32_t recordChecksum(ConstPageBytes image, std::uint32_t start)
{
    std::uint32_t sum = start;
    for (std::size_t i = kPageBytes - 200; i > 0 && i < kPageBytes; i -= 200)
        sum += std::to_integer<std::uint32_t>(image[i]);
    return sum;
}

} // namespace

RegionJournal::RegionJournal(RegionCopies& copies, bool keepInMemory)
    : m_copies(copies), m_keepInMemory(keepInMemory)
{}

// The last block stays unused: SQLite looks for the name of a super-journal in the journal's last
// bytes, where no stranger's page shall put one.
std::uint64_t RegionJournal::capacityBytes() const
{
    return m_copies.journalBytes() - kPageBytes;
}

std::uint64_t RegionJournal::sizeBytes() const
{
    return m_ownBytes.value_or(m_copies.journalBytes());
}

std::unexpected<Error> RegionJournal::damaged(const char* what) const
{
    return failure(ErrorCode::CatalogDamaged, m_copies.name(), what);
}

bool RegionJournal::hasUnwritten() const
{
    return !m_keepInMemory &&
           std::ranges::any_of(m_blocks, [](const auto& block) { return block.second.dirty; });
}

void RegionJournal::forget()
{
    m_blocks.clear();
    m_window.clear();
    m_ownBytes.reset();
    m_current.reset();
    m_lastRecord.reset();
    m_ownOrdinal = m_readyHeaders = m_durableHeaders = 0;
}

std::optional<JournalHeader> RegionJournal::parseHeader(std::span<const std::byte> block,
                                                        std::uint64_t offset) const
{
    if (loadLittle<std::uint64_t>(block, kOffsetAt) != offset ||
        !keyedHashHolds(block.first(kHashAt), m_copies.key(), block.subspan<kHashAt, 16>()))
        return std::nullopt;
    JournalHeader header;
    header.live = startsWithMagic(block);
    header.checksumStart = loadBig32(block, 12);
    header.originalPages = loadBig32(block, 16);
    header.ordinal = loadLittle<std::uint32_t>(block, kOrdinalAt);
    header.epoch = loadLittle<std::uint64_t>(block, kEpochAt);
    if (header.live && offset == 0 &&
        (loadBig32(block, 20) != kPageBytes || loadBig32(block, 24) != kPageBytes ||
         header.originalPages > m_copies.pageLimit()))
        return std::nullopt;
    return header;
}

Result<JournalHeader> RegionJournal::firstHeader()
{
    Block block{};
    CAIRN_TRY(readRaw(0, block));
    if (allZero(std::span(block).first(kSealedBytes)))
        return JournalHeader{};
    const auto header = parseHeader(block, 0);
    if (!header)
        return damaged("journal header");
    return *header;
}

Result<std::uint64_t> RegionJournal::newestEpoch()
{
    std::uint64_t newest = m_epoch;
    const auto step = [&](StoredCopy& copy) -> Result<void> {
        Block block{};
        CAIRN_TRY(copy.io->read(copy.areas.journal.offsetBytes, block));
        if (const auto header = parseHeader(block, 0))
            newest = std::max(newest, header->epoch);
        return {};
    };
    CAIRN_TRY(m_copies.onEach(step));
    return newest;
}

Result<void> RegionJournal::readDevice(std::uint64_t blockOffset, std::span<std::byte> into)
{
    const bool inWindow = blockOffset >= m_windowOffset &&
                          blockOffset + into.size() <= m_windowOffset + m_window.size();
    if (!inWindow) {
        const std::uint64_t left = m_copies.journalBytes() - blockOffset;
        m_window.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kWindowBytes, left)));
        if (auto got = m_copies.readJournal(blockOffset, m_window); !got) {
            // One bad sector ahead must not hide the good block before it.
            m_window.clear();
            return m_copies.readJournal(blockOffset, into);
        }
        m_windowOffset = blockOffset;
    }
    std::memcpy(into.data(), &m_window[static_cast<std::size_t>(blockOffset - m_windowOffset)],
                into.size());
    return {};
}

Result<void> RegionJournal::readRaw(std::uint64_t offset, std::span<std::byte> into)
{
    while (!into.empty()) {
        const std::uint64_t blockOffset = roundDown(offset, kPageBytes);
        const auto within = static_cast<std::size_t>(offset - blockOffset);
        const std::size_t length = std::min(into.size(), kPageBytes - within);
        Block block{};
        if (const auto buffered = m_blocks.find(blockOffset); buffered != m_blocks.end())
            block = buffered->second.bytes;
        else
            CAIRN_TRY(readDevice(blockOffset, block));
        std::memcpy(into.data(), &block[within], length);
        into = into.subspan(length);
        offset += length;
    }
    return {};
}

Result<std::size_t> RegionJournal::read(std::uint64_t offset, std::span<std::byte> into)
{
    const std::uint64_t end = m_copies.journalBytes();
    if (offset >= end)
        return std::size_t{0};
    const auto length =
        static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), end - offset));
    const auto wanted = into.first(length);
    if (offset + length > capacityBytes()) {
        std::ranges::fill(wanted, std::byte{0});
        return length;
    }
    CAIRN_TRY(readRaw(offset, wanted));
    if (length == kPageBytes)
        CAIRN_TRY(checkRecord(offset, wanted.first<kPageBytes>()));
    else if (length == kSqliteMagic.size() && offset % kPageBytes == 0)
        CAIRN_TRY(admitHeader(offset, wanted));
    return length;
}

// SQLite asks here whether a header follows. What is not of the transaction that the first header
// belongs to is hidden from it; what ought to be there and is not is damage.
Result<void> RegionJournal::admitHeader(std::uint64_t offset, std::span<std::byte> magic)
{
    const JournalHeader first = CAIRN_TRY(firstHeader());
    if (offset == 0) {
        m_current = first;
        m_current->ordinal = 1;
        return {};
    }
    Block block{};
    CAIRN_TRY(readRaw(offset, block));
    const auto header = parseHeader(block, offset);
    const std::uint32_t expected = m_current ? m_current->ordinal + 1 : 0;
    if (header && header->live && header->epoch == first.epoch &&
        (m_ownBytes || header->ordinal == expected)) {
        m_current = header;
        return {};
    }
    if (!m_ownBytes && expected <= first.ordinal)
        return damaged("journal header");
    std::ranges::fill(magic, std::byte{0});
    return {};
}

bool RegionJournal::recordHolds(std::span<const std::byte> record) const
{
    const std::uint32_t page = loadBig32(record, 0);
    const auto image = record.subspan<4, kPageBytes>();
    // Within its own transaction SQLite reads records without passing their headers.
    const bool checksumHolds =
        m_ownBytes || (m_current && loadBig32(record, 4 + kPageBytes) ==
                                        recordChecksum(image, m_current->checksumStart));
    return page > 0 && checksumHolds && stampedGeneration(image, page, m_copies.key());
}

Result<void> RegionJournal::checkRecord(std::uint64_t offset, PageBytes image)
{
    m_lastRecord.reset();
    std::array<std::byte, kRecordBytes> record{};
    if (offset < 4 || offset + kPageBytes + 4 > capacityBytes())
        return damaged("journal record");
    CAIRN_TRY(readRaw(offset - 4, record));
    const std::uint32_t page = loadBig32(record, 0);
    if (!recordHolds(record) && !CAIRN_TRY(recordOfAnotherCopy(offset, image)))
        return failure(ErrorCode::CatalogDamaged, m_copies.name(),
                       fmt::format("journal record of page {}", page));
    m_lastRecord = Record{offset, page};
    return {};
}

Result<void> RegionJournal::readImage(const Record& record, PageBytes into)
{
    CAIRN_TRY(readRaw(record.offset, into));
    if (!stampedGeneration(into, record.page, m_copies.key()))
        return damaged("journal record");
    return {};
}

// SQLite has read the page number already, so only an image for the same number helps.
Result<bool> RegionJournal::recordOfAnotherCopy(std::uint64_t offset, PageBytes image)
{
    std::array<std::byte, 4> number{};
    CAIRN_TRY(readRaw(offset - 4, number));
    const std::uint64_t start = roundDown(offset - 4, kPageBytes);
    std::array<std::byte, 3 * kPageBytes> around{};
    const auto length = static_cast<std::size_t>(
        std::min<std::uint64_t>(around.size(), m_copies.journalBytes() - start));
    for (std::size_t i = 0; i < m_copies.count(); ++i) {
        if (m_copies.copy(i).failed)
            continue;
        if (!m_copies.readJournalOf(i, start, std::span(around).first(length)))
            continue;
        const auto record = std::span<const std::byte>(around).subspan(
            static_cast<std::size_t>(offset - 4 - start), kRecordBytes);
        if (recordHolds(record) && std::ranges::equal(record.first<4>(), number)) {
            std::ranges::copy(record.subspan<4, kPageBytes>(), image.begin());
            return true;
        }
    }
    return false;
}

Result<RegionJournal::Buffered*> RegionJournal::blockForWriting(std::uint64_t blockOffset,
                                                                bool whole)
{
    const auto [place, inserted] = m_blocks.try_emplace(blockOffset);
    if (inserted && !whole) {
        if (auto got = readDevice(blockOffset, place->second.bytes); !got) {
            m_blocks.erase(place);
            return std::unexpected(std::move(got).error());
        }
    }
    place->second.dirty = true;
    return &place->second;
}

Result<void> RegionJournal::write(std::uint64_t offset, std::span<const std::byte> from)
{
    const auto end = checkedAdd(offset, from.size());
    if (!end || *end > capacityBytes())
        return failure(ErrorCode::CatalogFull, m_copies.name(), "journal");
    if (m_blocks.size() > kBufferLimitBlocks)
        CAIRN_TRY(writeOut());
    m_window.clear();
    const std::uint64_t start = offset;
    const bool rewritesHeader =
        from.size() == kSqliteHeaderBytes || from.size() == kSqliteCountBytes;
    auto left = from;
    while (!left.empty()) {
        const std::uint64_t blockOffset = roundDown(offset, kPageBytes);
        const auto within = static_cast<std::size_t>(offset - blockOffset);
        const std::size_t length = std::min(left.size(), kPageBytes - within);
        // Behind what is appended at a block's start lies nothing that anybody still needs.
        const bool fresh = within == 0 && !rewritesHeader;
        Buffered* block = CAIRN_TRY(blockForWriting(blockOffset, fresh));
        std::memcpy(&block->bytes[within], left.data(), length);
        left = left.subspan(length);
        offset += length;
    }
    if (m_ownBytes)
        m_ownBytes = std::max(*m_ownBytes, offset);
    return start % kPageBytes == 0 ? noteHeaderWrite(start, from.size()) : Result<void>{};
}

// Writes at a block's start are headers (4096 bytes; 12 to make one count; 28 zeroes to end the
// transaction) or, in the middle of records, pieces of a record: those have other lengths.
Result<void> RegionJournal::noteHeaderWrite(std::uint64_t offset, std::size_t length)
{
    if (length == kPageBytes) {
        m_ownOrdinal = offset == 0 ? 1 : m_ownOrdinal + 1;
        if (offset == 0) {
            m_ownBytes = kPageBytes;
            m_ownReachedDevice = false;
            m_readyHeaders = m_durableHeaders = 1;
        }
        return sealHeader(offset, m_ownOrdinal);
    }
    if (length == kSqliteCountBytes) {
        m_readyHeaders = m_ownOrdinal;
        return sealHeader(offset, m_ownOrdinal);
    }
    if (length == kSqliteHeaderBytes && offset == 0) {
        if (m_ownBytes && !m_ownReachedDevice && !m_keepInMemory) {
            // Rolled back before any of it was written: the transaction before it is the last one.
            m_blocks.clear();
            m_ownBytes.reset();
            m_ownOrdinal = m_readyHeaders = m_durableHeaders = 0;
            return {};
        }
        std::erase_if(m_blocks, [](const auto& block) { return block.first != 0; });
        // The transaction that ends here may be that of a process that died.
        m_epoch = std::max(m_epoch, loadLittle<std::uint64_t>(m_blocks[0].bytes, kEpochAt));
        m_ownOrdinal = m_readyHeaders = m_durableHeaders = 0;
        CAIRN_TRY(sealHeader(0, 1));
        // Not left to sync(): the transaction is over, whether or not its end shall be durable.
        return writeOut();
    }
    return {};
}

Result<void> RegionJournal::sealHeader(std::uint64_t offset, std::uint32_t ordinal)
{
    Buffered* block = CAIRN_TRY(blockForWriting(offset, false));
    const std::span<std::byte> bytes(block->bytes);
    storeLittle(bytes, kOrdinalAt, ordinal);
    storeLittle(bytes, kEpochAt, m_epoch);
    storeLittle(bytes, kOffsetAt, offset);
    storeKeyedHash(bytes.first(kHashAt), m_copies.key(), bytes.subspan<kHashAt, 16>());
    return {};
}

Result<void> RegionJournal::writeOut()
{
    if (m_keepInMemory)
        return {};
    m_window.clear();
    std::vector<std::byte> run;
    std::uint64_t runOffset = 0;
    const auto writeRun = [&]() -> Result<void> {
        if (!run.empty())
            CAIRN_TRY(m_copies.writeJournal(runOffset, run));
        run.clear();
        return {};
    };
    m_ownReachedDevice = true;
    for (auto& [offset, block] : m_blocks) {
        if (!block.dirty)
            continue;
        if (offset != runOffset + run.size() || run.size() >= kRunBytes)
            CAIRN_TRY(writeRun());
        if (run.empty())
            runOffset = offset;
        run.insert(run.end(), block.bytes.begin(), block.bytes.end());
    }
    CAIRN_TRY(writeRun());
    // The first block and the last, which the next record continues, are wanted again soon.
    const std::uint64_t last = m_blocks.empty() ? 0 : m_blocks.rbegin()->first;
    std::erase_if(m_blocks,
                  [last](const auto& block) { return block.first != 0 && block.first != last; });
    for (auto& [offset, block] : m_blocks)
        block.dirty = false;
    return {};
}

Result<void> RegionJournal::sync()
{
    if (m_keepInMemory)
        return {};
    CAIRN_TRY(writeOut());
    CAIRN_TRY(m_copies.flush());
    if (m_readyHeaders <= m_durableHeaders)
        return {};
    // A later header with its records is durable now: say so in the first one, before the pages
    // it covers are changed.
    CAIRN_TRY(sealHeader(0, m_readyHeaders));
    m_durableHeaders = m_readyHeaders;
    CAIRN_TRY(writeOut());
    return m_copies.flush();
}

Result<void> RegionJournal::erase()
{
    const std::array<std::byte, kSqliteHeaderBytes> zeroes{};
    CAIRN_TRY(write(0, zeroes));
    return sync();
}

Result<void> RegionJournal::reset(std::uint64_t epoch)
{
    forget();
    m_epoch = epoch;
    m_blocks[0].dirty = true;
    CAIRN_TRY(sealHeader(0, 1));
    return sync();
}

Result<void> RegionJournal::begin(std::uint64_t epoch, std::uint32_t originalPages)
{
    if (CAIRN_TRY(firstHeader()).live)
        return damaged("journal header");
    // Durably over, before its records are overwritten.
    m_epoch = std::max(m_epoch, epoch);
    CAIRN_TRY(erase());
    ++m_epoch;
    Block header{};
    std::memcpy(header.data(), kSqliteMagic.data(), kSqliteMagic.size());
    storeBig32(header, 12, static_cast<std::uint32_t>(m_epoch));
    storeBig32(header, 16, originalPages);
    storeBig32(header, 20, kPageBytes);
    storeBig32(header, 24, kPageBytes);
    return write(0, header);
}

Result<void> RegionJournal::keep(std::uint32_t page, ConstPageBytes image)
{
    CAIRN_ASSERT(m_ownBytes);
    std::array<std::byte, kRecordBytes> record{};
    storeBig32(record, 0, page);
    std::ranges::copy(image, record.begin() + 4);
    storeBig32(record, 4 + kPageBytes, recordChecksum(image, static_cast<std::uint32_t>(m_epoch)));
    return write(*m_ownBytes, record);
}

Result<void> RegionJournal::seal()
{
    CAIRN_ASSERT(m_ownBytes);
    std::array<std::byte, kSqliteCountBytes> count{};
    std::memcpy(count.data(), kSqliteMagic.data(), kSqliteMagic.size());
    storeBig32(count, 8, static_cast<std::uint32_t>((*m_ownBytes - kPageBytes) / kRecordBytes));
    // A header that counts records is written when they are durable.
    CAIRN_TRY(sync());
    CAIRN_TRY(write(0, count));
    return sync();
}

} // namespace cairn
