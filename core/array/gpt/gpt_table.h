// The partition table of one member, as a value that can be changed and written.
#pragma once

#include "core/array/gpt/gpt_header.h"

#include <optional>
#include <string>
#include <vector>

struct fdisk_context;

namespace cairn {

class GptTable {
public:
    // Writes nothing. The primary copy counts where it is valid, the backup copy where not.
    // NotAnArray: there is no protective MBR, or neither copy's header holds; InvalidTable: a copy
    // is what its writer meant, and its extents are impossible; ReadFailed.
    [[nodiscard]] static Result<GptTable> read(RegionIo& member);

    // An empty table for a member of that size, not written yet. InvalidSize: the member is too
    // small for any.
    [[nodiscard]] static Result<GptTable> blank(const GptGeometry& geometry, const Uuid& diskId,
                                                const std::string& memberName);

    [[nodiscard]] const Uuid& diskId() const { return valid().header.diskId; }
    [[nodiscard]] const GptGeometry& geometry() const { return m_geometry; }
    [[nodiscard]] const std::vector<GptEntry>& entries() const { return m_entries; }
    [[nodiscard]] const GptEntry* find(const Uuid& id) const;
    // What is wrong with the copy that does not count, or empty.
    [[nodiscard]] const std::string& problem() const { return m_problem; }
    [[nodiscard]] bool isFull() const { return m_entries.size() >= valid().header.entryCount; }
    // Where regions can be: whole MiB, unallocated, in order.
    [[nodiscard]] std::vector<ByteRange> freeRanges() const;
    // Up to the first and from the last byte that a region can have: what writing may touch.
    [[nodiscard]] bool mayHoldTable(ByteRange range) const;

    // The table with one change; nothing is written. The extent is a multiple of the sector and
    // lies in a free range; number is ignored. Name: at most 36 UTF-16 units of valid UTF-8.
    [[nodiscard]] Result<GptTable> withAdded(const GptEntry& entry) const;
    [[nodiscard]] Result<GptTable> withName(std::uint32_t number, const std::string& name) const;
    [[nodiscard]] Result<GptTable> withType(std::uint32_t number, const Uuid& type,
                                            std::uint64_t attributes) const;
    [[nodiscard]] Result<GptTable> without(std::uint32_t number) const;
    // Each of the two entries has the other's extent, and keeps all else.
    [[nodiscard]] Result<GptTable> withExchanged(std::uint32_t number, std::uint32_t other) const;
    // The same entries, in both copies.
    [[nodiscard]] Result<GptTable> withEqualCopies() const;

    // Writes the blocks in which `after` differs from this table, and no others: the backup copy,
    // flush, the primary copy, flush; the other way round where the primary was damaged, so that
    // a valid copy is on the member at every moment. PlanChanged: the member's table is not this
    // one any more, nothing was written. After any other failure it is this table or `after`.
    [[nodiscard]] Result<void> replaceBy(const GptTable& after, RegionIo& member) const;

    // Writes both copies whole, the backup first, each with a flush, and reads them again past the
    // cache: a flush that succeeds tells nothing of what an earlier one has lost. FlushFailed: the
    // medium has something else.
    [[nodiscard]] Result<void> rewrite(RegionIo& member) const;

    // Writes a blank table, with its protective MBR. After a failure the member may hold it or not.
    [[nodiscard]] Result<void> writeNew(RegionIo& member) const;
    // Makes all blocks of the table zero.
    [[nodiscard]] Result<void> erase(RegionIo& member) const;

    // The same bytes on the member.
    [[nodiscard]] bool sameBytes(const GptTable& other) const;

private:
    friend class TableEditor;
    GptTable() = default;
    [[nodiscard]] const GptCopy& valid() const { return m_primary ? *m_primary : *m_backup; }
    void setName(std::uint32_t number, const std::string& name);
    [[nodiscard]] static Result<GptTable> readCopies(RegionIo& member, const GptGeometry& geometry);

    GptGeometry m_geometry;
    std::string m_memberName;
    std::vector<std::byte> m_mbr; // Block 0.
    std::optional<GptCopy> m_primary;
    std::optional<GptCopy> m_backup;
    std::vector<GptEntry> m_entries;
    std::string m_problem;
};

} // namespace cairn
