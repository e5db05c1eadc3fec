// SQLite's rollback journal in the journal areas of the copies, with every header proved.
//
// SQLite's journal format stays as it is: blocks of 4096 bytes with a header (28 bytes), each
// followed by records of page number, page image and checksum. A page image carries its stamp. To
// each header block we add, in the bytes that SQLite leaves unused, little-endian:
//     28  u32     in the first header: how many headers have durable records; else: its ordinal
//     32  u64     epoch: number of the transaction, only ever growing
//     40  u64     offset of the header in the journal
//     48  u8[16]  XXH3-128 of bytes 0 … 47, seeded as for page stamps
// They lie in one 512-byte sector with SQLite's header, so a cut of power never parts them. SQLite
// itself takes a damaged header or record for the journal's end and would roll back only a part;
// here it is an error.
#pragma once

#include "core/catalog/region_copies.h"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <span>

namespace cairn {

struct JournalHeader {
    bool live = false; // Has SQLite's magic: to be rolled back, unless its writer is alive.
    std::uint32_t checksumStart = 0;
    std::uint32_t originalPages = 0; // Of the database before the transaction.
    std::uint32_t ordinal = 0;
    std::uint64_t epoch = 0;
};

// Reads are of the device until a block was written; writes stay in memory until sync() or until
// there are many. With keepInMemory nothing ever reaches the device. For one thread at a time.
class RegionJournal {
public:
    RegionJournal(RegionCopies& copies, bool keepInMemory);

    // As SQLite is told: what this transaction wrote, or else the whole area.
    [[nodiscard]] std::uint64_t sizeBytes() const;
    [[nodiscard]] std::uint64_t capacityBytes() const;
    // CatalogDamaged: it cannot be told whether there is something to be rolled back.
    [[nodiscard]] Result<JournalHeader> firstHeader();
    // The highest epoch in any copy.
    [[nodiscard]] Result<std::uint64_t> newestEpoch();

    // Fewer bytes than asked for only at the end. Record images are checked against stamp, page
    // number and checksum: CatalogDamaged.
    [[nodiscard]] Result<std::size_t> read(std::uint64_t offset, std::span<std::byte> into);
    // CatalogFull.
    [[nodiscard]] Result<void> write(std::uint64_t offset, std::span<const std::byte> from);
    [[nodiscard]] Result<void> writeOut();
    [[nodiscard]] Result<void> sync();
    // The first header becomes zeroes, durably; the epoch stays.
    [[nodiscard]] Result<void> erase();
    // A new first header in place of whatever is there, with that epoch; durable.
    [[nodiscard]] Result<void> reset(std::uint64_t epoch);
    // A lock was given back: forget what was not written out.
    void forget();

    // For who changes pages of one copy without SQLite. Begins a transaction over a database of so
    // many pages; the journal before it is over, or CatalogDamaged.
    [[nodiscard]] Result<void> begin(std::uint64_t epoch, std::uint32_t originalPages);
    // The page as it is before the transaction; stamped.
    [[nodiscard]] Result<void> keep(std::uint32_t page, ConstPageBytes image);
    // All that was kept is durable: from here to erase(), opening the copy brings it back.
    [[nodiscard]] Result<void> seal();

    // The epoch of the transaction whose first header is written next.
    void setNextEpoch(std::uint64_t epoch) { m_epoch = epoch; }
    [[nodiscard]] bool hasUnwritten() const;

    // Of the record image that was read last, for who plays it back.
    struct Record {
        std::uint64_t offset = 0; // Of the image.
        std::uint32_t page = 0;
    };
    [[nodiscard]] const std::optional<Record>& lastRecord() const { return m_lastRecord; }
    // The image again; CatalogDamaged.
    [[nodiscard]] Result<void> readImage(const Record& record, PageBytes into);

private:
    using Block = std::array<std::byte, kPageBytes>;
    struct Buffered {
        Block bytes{};
        bool dirty = false;
    };

    [[nodiscard]] Result<void> readRaw(std::uint64_t offset, std::span<std::byte> into);
    [[nodiscard]] Result<void> readDevice(std::uint64_t blockOffset, std::span<std::byte> into);
    [[nodiscard]] Result<Buffered*> blockForWriting(std::uint64_t blockOffset, bool whole);
    [[nodiscard]] Result<void> sealHeader(std::uint64_t offset, std::uint32_t ordinal);
    [[nodiscard]] Result<void> noteHeaderWrite(std::uint64_t offset, std::size_t length);
    [[nodiscard]] Result<void> admitHeader(std::uint64_t offset, std::span<std::byte> magic);
    [[nodiscard]] Result<void> checkRecord(std::uint64_t offset, PageBytes image);
    [[nodiscard]] Result<bool> recordOfAnotherCopy(std::uint64_t offset, PageBytes image);
    [[nodiscard]] bool recordHolds(std::span<const std::byte> record) const;
    [[nodiscard]] std::optional<JournalHeader> parseHeader(std::span<const std::byte> block,
                                                           std::uint64_t offset) const;
    [[nodiscard]] std::unexpected<Error> damaged(const char* what) const;

    RegionCopies& m_copies;
    bool m_keepInMemory;
    std::map<std::uint64_t, Buffered> m_blocks; // By offset of the block.
    std::vector<std::byte> m_window;            // Read ahead from the device.
    std::uint64_t m_windowOffset = 0;
    std::uint64_t m_epoch = 0;
    std::optional<std::uint64_t> m_ownBytes; // Set while this connection's transaction writes it.
    bool m_ownReachedDevice = false;         // Of that transaction, perhaps not all.
    std::uint32_t m_ownOrdinal = 0;          // Of the header that was written last.
    std::uint32_t m_readyHeaders = 0;        // How many of them have their number of records.
    std::uint32_t m_durableHeaders = 0;      // How many of those the first header counts.
    std::optional<JournalHeader> m_current;  // The header whose records are read.
    std::optional<Record> m_lastRecord;
};

} // namespace cairn
