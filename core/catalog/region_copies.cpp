// Writes pages and journal blocks to every copy and chooses the newest valid page of a read.
#include "core/catalog/region_copies.h"

#include "core/catalog/stored_integers.h"

#include <algorithm>
#include <array>
#include <utility>

namespace cairn {
namespace {

std::uint64_t pageOffset(const StoredCopy& copy, std::uint32_t number)
{
    CAIRN_ASSERT(number > 0);
    const std::uint64_t inMain = (std::uint64_t{number} - 1) * kPageBytes;
    CAIRN_ASSERT(inMain < copy.areas.main.lengthBytes);
    return copy.areas.main.offsetBytes + inMain;
}

std::uint64_t journalOffset(const StoredCopy& copy, std::uint64_t offset, std::size_t length)
{
    const ByteRange wanted{copy.areas.journal.offsetBytes + offset, length};
    CAIRN_ASSERT(copy.areas.journal.contains(wanted));
    CAIRN_ASSERT(offset % kPageBytes == 0 && length % kPageBytes == 0);
    return wanted.offsetBytes;
}

bool isZero(ConstPageBytes page)
{
    return std::ranges::all_of(page, [](std::byte byte) { return byte == std::byte{0}; });
}

} // namespace

RegionCopies::RegionCopies(std::vector<StoredCopy> copies, const Uuid& arrayId)
    : m_copies(std::move(copies)), m_key(StampKey::of(arrayId))
{
    CAIRN_ASSERT(!m_copies.empty());
}

std::vector<std::size_t> RegionCopies::failed() const
{
    std::vector<std::size_t> indexes;
    for (std::size_t i = 0; i < m_copies.size(); ++i) {
        if (m_copies[i].failed)
            indexes.push_back(i);
    }
    return indexes;
}

std::string RegionCopies::name() const
{
    const auto used = std::ranges::find(m_copies, false, &StoredCopy::failed);
    return used == m_copies.end() ? m_copies.front().io->name() : used->io->name();
}

std::uint32_t RegionCopies::pageLimit() const
{
    std::uint64_t pages = UINT32_MAX;
    for (const StoredCopy& copy : m_copies) {
        if (!copy.failed)
            pages = std::min(pages, copy.areas.main.lengthBytes / kPageBytes);
    }
    return static_cast<std::uint32_t>(pages);
}

std::uint64_t RegionCopies::journalBytes() const
{
    std::uint64_t bytes = UINT64_MAX;
    for (const StoredCopy& copy : m_copies) {
        if (!copy.failed)
            bytes = std::min(bytes, copy.areas.journal.lengthBytes);
    }
    return bytes;
}

bool RegionCopies::othersLeft(const StoredCopy& copy) const
{
    return std::ranges::any_of(
        m_copies, [&copy](const StoredCopy& other) { return &other != &copy && !other.failed; });
}

Result<void> RegionCopies::onEach(const Step& step)
{
    for (StoredCopy& copy : m_copies) {
        if (copy.failed)
            continue;
        if (auto done = step(copy); !done) {
            if (!othersLeft(copy))
                return done;
            copy.failed = true;
            copy.why = std::move(done).error();
        }
    }
    return {};
}

void RegionCopies::setReadAhead(bool on)
{
    m_readAhead = on;
    m_aheadFirst = 0;
}

Result<void> RegionCopies::readFrom(StoredCopy& copy, std::uint32_t number, PageBytes into)
{
    constexpr std::uint32_t kPagesAtOnce = 64; // The trees of a catalog grow beside one another.
    if (!m_readAhead || m_copies.size() > 1)
        return copy.io->read(pageOffset(copy, number), into);
    const std::uint32_t first = (number - 1) / kPagesAtOnce * kPagesAtOnce + 1;
    if (m_aheadFirst != first) {
        const std::uint32_t pages = std::min(kPagesAtOnce, pageLimit() - (first - 1));
        m_ahead.resize(std::size_t{pages} * kPageBytes);
        m_aheadFirst = first;
        // Which one of them cannot be read, each page tells by itself.
        if (!copy.io->read(pageOffset(copy, first), m_ahead))
            m_ahead.clear();
    }
    if (m_ahead.empty())
        return copy.io->read(pageOffset(copy, number), into);
    std::ranges::copy(
        std::span(m_ahead).subspan(std::size_t{number - first} * kPageBytes, kPageBytes),
        into.begin());
    return {};
}

Result<PageState> RegionCopies::readPage(std::uint32_t number, PageBytes into, bool repair)
{
    struct Found {
        StoredCopy* copy = nullptr;
        std::optional<std::uint64_t> generation;
    };
    std::vector<Found> found;
    std::optional<std::uint64_t> newest;
    std::optional<Error> unread;
    bool allZero = true;
    std::array<std::byte, kPageBytes> page;
    for (StoredCopy& copy : m_copies) {
        if (copy.failed)
            continue;
        Found& one = found.emplace_back(&copy, std::nullopt);
        if (auto got = readFrom(copy, number, page); !got) {
            unread = std::move(got).error();
            continue;
        }
        one.generation = stampedGeneration(page, number, m_key);
        allZero = allZero && !one.generation && isZero(page);
        if (one.generation && (!newest || *one.generation > *newest)) {
            newest = one.generation;
            std::ranges::copy(page, into.begin());
        }
    }
    if (!newest) {
        if (unread)
            return std::unexpected(*std::move(unread));
        return allZero ? PageState::Zero : PageState::Damaged;
    }
    for (const Found& one : found) {
        if (repair && one.generation != newest)
            repairPage(*one.copy, number, into);
    }
    return PageState::Valid;
}

Result<std::uint32_t> RegionCopies::pagesByHeader()
{
    std::array<std::byte, kPageBytes> page{};
    const PageState state = CAIRN_TRY(readPage(1, page, false));
    const std::uint32_t pages = loadBig32(page, 28);
    if (state != PageState::Valid || pages == 0 || pages > pageLimit())
        return failure(ErrorCode::CatalogDamaged, name(), "page 1");
    return pages;
}

void RegionCopies::repairPage(StoredCopy& copy, std::uint32_t number, ConstPageBytes page)
{
    // Harmless at any time: the journal of the copy, where it matters, already holds what the
    // page was before the transaction, and the page goes to where every other copy has it.
    if (auto written = copy.io->write(pageOffset(copy, number), page)) {
        ++m_repairs;
    } else if (othersLeft(copy)) {
        copy.failed = true;
        copy.why = std::move(written).error();
    }
}

Result<void> RegionCopies::writePage(std::uint32_t number, ConstPageBytes from)
{
    m_aheadFirst = 0;
    return onEach([&](StoredCopy& copy) { return copy.io->write(pageOffset(copy, number), from); });
}

Result<void> RegionCopies::readJournal(std::uint64_t offset, std::span<std::byte> into)
{
    std::optional<Error> unread;
    for (std::size_t i = 0; i < m_copies.size(); ++i) {
        if (m_copies[i].failed)
            continue;
        auto got = readJournalOf(i, offset, into);
        if (got)
            return got;
        unread = std::move(got).error();
    }
    CAIRN_ASSERT(unread);
    return std::unexpected(*std::move(unread));
}

Result<void> RegionCopies::readJournalOf(std::size_t copy, std::uint64_t offset,
                                         std::span<std::byte> into)
{
    const StoredCopy& from = m_copies[copy];
    return from.io->read(journalOffset(from, offset, into.size()), into);
}

Result<void> RegionCopies::writeJournal(std::uint64_t offset, std::span<const std::byte> from)
{
    return onEach([&](StoredCopy& copy) {
        return copy.io->write(journalOffset(copy, offset, from.size()), from);
    });
}

Result<void> RegionCopies::flush()
{
    auto done = onEach([](StoredCopy& copy) { return copy.io->flush(); });
    if (!done) {
        // By whatever code the device says it.
        done.error().code = ErrorCode::FlushFailed;
        m_flushError = done.error();
    }
    return done;
}

} // namespace cairn
