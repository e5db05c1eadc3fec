// Sizes, stamps, order and recovery of the two files that SQLite works on.
#include "core/catalog/region_store.h"

#include "core/catalog/stored_integers.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fmt/format.h>
#include <utility>

namespace cairn {
namespace {

// A write generation is the number of its transaction and a count within it.
constexpr unsigned kCountBits = 24;

constexpr char kSqliteTitle[] = "SQLite format 3"; // With its final zero.

// What the rest relies on: page size, reserved bytes, and a rollback journal instead of WAL.
bool usableHeader(ConstPageBytes page)
{
    return std::memcmp(page.data(), kSqliteTitle, sizeof(kSqliteTitle)) == 0 &&
           std::to_integer<unsigned>(page[16]) == kPageBytes >> 8U &&
           std::to_integer<unsigned>(page[17]) == 0 && std::to_integer<unsigned>(page[18]) == 1 &&
           std::to_integer<unsigned>(page[19]) == 1 &&
           std::to_integer<unsigned>(page[20]) == kPageReservedBytes;
}

} // namespace

RegionStore::RegionStore(std::vector<StoredCopy> copies, const Uuid& arrayId, DatabaseMode mode)
    : m_mode(mode), m_copies(std::move(copies), arrayId),
      m_locks(m_copies, mode == DatabaseMode::Private),
      m_journal(m_copies, mode == DatabaseMode::Private)
{}

std::unexpected<Error> RegionStore::damagedPage(std::uint32_t number)
{
    return failure(ErrorCode::CatalogDamaged, m_copies.name(), fmt::format("page {}", number));
}

Result<bool> RegionStore::lock(LockLevel wanted)
{
    if (wanted > LockLevel::Shared && m_copies.flushError())
        return std::unexpected(*m_copies.flushError());
    if (m_locks.level() == LockLevel::None) {
        m_pages.reset();
        m_lastError.reset();
    }
    return m_locks.lock(wanted);
}

void RegionStore::unlock(LockLevel wanted)
{
    m_locks.unlock(wanted);
    if (wanted != LockLevel::None)
        return;
    m_journal.forget();
    m_replayed.clear();
    m_pages.reset();
}

Result<PageState> RegionStore::loadPage(std::uint32_t number, PageBytes into)
{
    if (const auto replayed = m_replayed.find(number); replayed != m_replayed.end()) {
        CAIRN_TRY(m_journal.readImage(replayed->second, into));
        return PageState::Valid;
    }
    const bool repair = live() && m_locks.level() != LockLevel::None && !m_copies.flushError();
    const PageState state = CAIRN_TRY(m_copies.readPage(number, into, repair));
    if (state == PageState::Valid && number == 1 && !usableHeader(into))
        return PageState::Damaged;
    return state;
}

Result<std::uint32_t> RegionStore::storedPages()
{
    std::array<std::byte, kPageBytes> page{};
    const auto state = loadPage(1, page);
    const JournalHeader header = CAIRN_TRY(m_journal.firstHeader());
    std::uint32_t pages = header.live ? header.originalPages : 0;
    if (!state || *state == PageState::Damaged) {
        // A live journal puts the page right; at least one page, or SQLite would drop it.
        if (header.live)
            return std::max(pages, 1U);
        if (!state)
            return std::unexpected(state.error());
        return damagedPage(1);
    }
    if (*state == PageState::Valid)
        pages = std::max({pages, loadBig32(page, 28), 1U});
    if (pages > m_copies.pageLimit())
        return damagedPage(1);
    return pages;
}

Result<std::uint64_t> RegionStore::mainBytes()
{
    if (m_pages)
        return *m_pages * kPageBytes;
    const std::uint32_t pages = CAIRN_TRY(storedPages());
    if (m_locks.level() != LockLevel::None)
        m_pages = pages;
    return pages * kPageBytes;
}

Result<std::size_t> RegionStore::readMain(std::uint64_t offset, std::span<std::byte> into)
{
    std::ranges::fill(into, std::byte{0});
    const auto within = static_cast<std::size_t>(offset % kPageBytes);
    CAIRN_ASSERT(within + into.size() <= kPageBytes);
    if (offset / kPageBytes >= m_copies.pageLimit())
        return std::size_t{0};
    const auto number = static_cast<std::uint32_t>(offset / kPageBytes + 1);
    std::array<std::byte, kPageBytes> page{};
    if (m_locks.level() == LockLevel::None) {
        // SQLite looks at the header once before it locks; a writer may be at work on it.
        if (const auto state = loadPage(number, page); !state || *state != PageState::Valid)
            return std::size_t{0};
    } else {
        if (offset >= CAIRN_TRY(mainBytes()))
            return std::size_t{0};
        if (CAIRN_TRY(loadPage(number, page)) != PageState::Valid)
            return damagedPage(number);
    }
    std::memcpy(into.data(), &page[within], into.size());
    return into.size();
}

Result<void> RegionStore::rememberReplayed(std::uint32_t number)
{
    const auto& record = m_journal.lastRecord();
    if (!record || record->page != number)
        return failure(ErrorCode::ReadOnlyArray, m_copies.name(), "private database");
    m_replayed.insert_or_assign(number, *record);
    return {};
}

Result<void> RegionStore::writeMain(std::uint64_t offset, std::span<std::byte> page)
{
    CAIRN_ASSERT(offset % kPageBytes == 0 && page.size() == kPageBytes);
    if (offset / kPageBytes >= m_copies.pageLimit())
        return failure(ErrorCode::CatalogFull, m_copies.name(), "database");
    const auto number = static_cast<std::uint32_t>(offset / kPageBytes + 1);
    const std::uint64_t size = CAIRN_TRY(mainBytes());
    const PageBytes bytes = page.first<kPageBytes>();
    if (live()) {
        if (m_journal.hasUnwritten())
            CAIRN_TRY(m_journal.writeOut());
        // A page that is rolled back carries the stamp of its last commit, and keeps it.
        if (!stampedGeneration(bytes, number, m_copies.key()))
            stampPage(bytes, number, ++m_generation, m_copies.key());
        CAIRN_TRY(m_copies.writePage(number, bytes));
    } else {
        CAIRN_TRY(rememberReplayed(number));
    }
    m_pages = std::max(static_cast<std::uint32_t>(size / kPageBytes), number);
    return {};
}

Result<void> RegionStore::truncateMain(std::uint64_t sizeBytes)
{
    m_pages = static_cast<std::uint32_t>(divideUp(sizeBytes, kPageBytes));
    if (sizeBytes > 0 || !live())
        return {};
    const std::array<std::byte, kPageBytes> zeroes{};
    CAIRN_TRY(m_copies.writePage(1, zeroes));
    return syncMain();
}

Result<void> RegionStore::syncMain()
{
    if (!live())
        return {};
    return m_copies.flush();
}

Result<bool> RegionStore::journalExists()
{
    return CAIRN_TRY(m_journal.firstHeader()).live;
}

// The first transaction makes sure that the journal before it is durably over: a process that died
// at a failed flush may have left one that only looks so. And it finds the newest generation,
// which the journal's epoch tells even where the pages of an undone transaction do not.
Result<void> RegionStore::beginTransaction()
{
    if (!m_epoch) {
        std::array<std::byte, kPageBytes> page{};
        std::uint64_t epoch = CAIRN_TRY(m_journal.newestEpoch());
        if (CAIRN_TRY(loadPage(1, page)) == PageState::Valid)
            epoch = std::max(epoch, *stampedGeneration(page, 1, m_copies.key()) >> kCountBits);
        m_journal.setNextEpoch(epoch);
        CAIRN_TRY(m_journal.erase());
        m_epoch = epoch;
    }
    ++*m_epoch;
    m_generation = *m_epoch << kCountBits;
    m_journal.setNextEpoch(*m_epoch);
    return {};
}

Result<void> RegionStore::writeJournal(std::uint64_t offset, std::span<const std::byte> from)
{
    if (live() && offset == 0 && from.size() == kPageBytes)
        CAIRN_TRY(beginTransaction());
    return m_journal.write(offset, from);
}

Result<void> RegionStore::syncJournal()
{
    return m_journal.sync();
}

Result<void> RegionStore::eraseJournal()
{
    return m_journal.erase();
}

} // namespace cairn
