// The equal management regions of one database, written in order and read against each other.
#pragma once

#include "core/catalog/management_region.h"
#include "core/catalog/page_stamp.h"
#include "core/io/region_io.h"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

struct StoredCopy {
    RegionIo* io = nullptr;
    ManagementAreas areas;
    bool failed = false; // Gets no more reads and writes; its locks stay until they are released.
    std::optional<Error> why = {}; // It failed.
};

enum class PageState : std::uint8_t {
    Valid,
    Zero,    // Nothing but zeroes in every copy that could be read: never written.
    Damaged, // No copy holds a page with a valid stamp.
};

// For one thread at a time. A call fails only where no copy is left that it succeeded on; the last
// copy is never dropped, so that it can be read and rolled back after a failed write.
class RegionCopies {
public:
    RegionCopies(std::vector<StoredCopy> copies, const Uuid& arrayId);

    [[nodiscard]] const StampKey& key() const { return m_key; }
    [[nodiscard]] std::size_t count() const { return m_copies.size(); }
    [[nodiscard]] const StoredCopy& copy(std::size_t index) const { return m_copies[index]; }
    [[nodiscard]] std::vector<std::size_t> failed() const;
    [[nodiscard]] std::uint64_t repairs() const { return m_repairs; }
    [[nodiscard]] std::string name() const; // Of the copies, for errors.
    // Of the smallest copy.
    [[nodiscard]] std::uint32_t pageLimit() const;
    [[nodiscard]] std::uint64_t journalBytes() const;

    // While on, and nobody writes: pages of a single copy come from reads of many at once.
    void setReadAhead(bool on);

    // The newest valid page among the copies. With `repair`, copies where it is damaged, unreadable
    // or older get it written back.
    [[nodiscard]] Result<PageState> readPage(std::uint32_t number, PageBytes into, bool repair);
    [[nodiscard]] Result<void> writePage(std::uint32_t number, ConstPageBytes from);
    // How many pages the first one says that there are. CatalogDamaged: more than there is room
    // for.
    [[nodiscard]] Result<std::uint32_t> pagesByHeader();

    // Whole blocks of the journal area: from the first copy that can be read, or from that one.
    [[nodiscard]] Result<void> readJournal(std::uint64_t offset, std::span<std::byte> into);
    [[nodiscard]] Result<void> readJournalOf(std::size_t copy, std::uint64_t offset,
                                             std::span<std::byte> into);
    [[nodiscard]] Result<void> writeJournal(std::uint64_t offset, std::span<const std::byte> from);

    // FlushFailed, and final: a later success would not say what it left out.
    [[nodiscard]] Result<void> flush();
    [[nodiscard]] const std::optional<Error>& flushError() const { return m_flushError; }

    // Runs a step on every copy that has not failed, in order; one that fails while another is
    // left is dropped.
    using Step = std::function<Result<void>(StoredCopy&)>;
    [[nodiscard]] Result<void> onEach(const Step& step);

private:
    [[nodiscard]] Result<void> readFrom(StoredCopy& copy, std::uint32_t number, PageBytes into);
    [[nodiscard]] bool othersLeft(const StoredCopy& copy) const;
    void repairPage(StoredCopy& copy, std::uint32_t number, ConstPageBytes page);

    std::vector<StoredCopy> m_copies;
    StampKey m_key;
    std::uint64_t m_repairs = 0;
    std::optional<Error> m_flushError;
    bool m_readAhead = false;
    std::uint32_t m_aheadFirst = 0; // The number of the first page in m_ahead; 0: none was read.
    std::vector<std::byte> m_ahead; // Empty where they could not be read at once.
};

} // namespace cairn
