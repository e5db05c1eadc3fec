// One member of a GPT array: its source, its opening, and its table.
#pragma once

#include "core/array/gpt/gpt_table.h"
#include "core/array/in_use.h"
#include "core/array/member_source.h"
#include "core/array/region.h"
#include "core/io/file_io.h"
#include "core/io/write_fence.h"

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

// For one thread at a time.
class GptMember {
public:
    // Opens for reading and reads the table. Cannot fail: error() tells what is wrong.
    static GptMember attach(std::unique_ptr<MemberSource> source);
    // Opens for writing, exclusively where it is a device, and takes the writer lock. The caller
    // writes a blank table with replaceTable().
    static Result<GptMember> prepare(std::unique_ptr<MemberSource> source);

    GptMember(GptMember&&) = default;
    GptMember& operator=(GptMember&&) = default;

    // Identity, state, model …; without regions or free space where there is no table.
    [[nodiscard]] Member describe() const;
    // The regions as the table has them, content not probed.
    [[nodiscard]] std::vector<Region> regions(const HostUse& use) const;
    [[nodiscard]] const std::optional<Error>& error() const { return m_error; }
    [[nodiscard]] const std::optional<GptTable>& table() const { return m_table; }
    [[nodiscard]] const DeviceIdentity& identity() const { return m_opened.identity; }
    [[nodiscard]] bool isOpen() const { return m_opened.io != nullptr; }
    [[nodiscard]] bool isUsable() const { return isOpen() && m_table && !m_error; }
    [[nodiscard]] bool isWriting() const { return m_writing; }
    // Not opened for want of permission, which somebody was asked for.
    [[nodiscard]] bool isRefused() const
    {
        return m_error && m_error->code == ErrorCode::NotAuthorized;
    }
    [[nodiscard]] std::string location() const { return m_source->location(); }
    [[nodiscard]] RegionIo& io() const { return *m_opened.io; }

    // Opens for writing and takes the lock. ReadOnlyArray, IdentityChanged, ArrayBusy …: the
    // opening for reading stays.
    [[nodiscard]] Result<void> beginWriting();
    void endWriting();
    // Asked before each change of the member's bytes by what is opened from here on.
    void setFence(std::shared_ptr<WriteFence> fence) { m_fence = std::move(fence); }
    // Whether the table has changed; where another host has written, past what this one has cached,
    // and of no region is any cache believed. Of what is not open for writing, nothing is read.
    [[nodiscard]] Result<bool> readTableAgain(bool othersWrote);

    // Reads the table again; what is missing or failed is tried anew. Cannot fail, as attach().
    void refresh();

    // Whether the source leads to something else by now than was opened last: what went, came back
    // or was exchanged, or a table where there was none.
    [[nodiscard]] bool hasChanged() const;

    // Through the partition's node where there is one; for writing, the node or the disk is
    // claimed, once for all openings of this process. The caller has checked that the region is
    // not in use. IdentityChanged: device or table are not those that were read.
    struct Opening {
        Access access = Access::Read;
        bool claim = false; // Always, for writing.
    };
    [[nodiscard]] Result<std::unique_ptr<RegionIo>> openRegion(const Region& region,
                                                               const Opening& opening);

    // Writes the table, and tells the kernel.
    [[nodiscard]] Result<void> replaceTable(const GptTable& after);

    // As Array::alignTable().
    [[nodiscard]] Result<bool> alignTable(const std::vector<Uuid>& regions);

    // Makes a device that was blank before that table was written blank again.
    void eraseTable(const GptTable& table);

private:
    explicit GptMember(std::unique_ptr<MemberSource> source) : m_source(std::move(source)) {}
    void openForReading();
    [[nodiscard]] bool openDeviceForReading();
    void readTable();
    // So that what is read next is what the medium has.
    void dropCaches();
    [[nodiscard]] bool asksToOpen() const;
    [[nodiscard]] bool looksChanged() const;
    // All of it, for whoever writes its table; nothing is written where the fence says no.
    [[nodiscard]] Result<std::unique_ptr<RegionIo>> fencedIo(const Uuid& diskId) const;
    void tellKernel(const std::vector<GptEntry>& before);
    // Takes the nodes of those away that will lie elsewhere; of all or none. RegionInUse.
    [[nodiscard]] Result<std::vector<GptEntry>> withdrawMoved(const GptTable& after) const;
    // Of a disk that has nodes: whether theirs are where the table says now.
    bool placeNodes(const std::vector<Uuid>& regions);
    [[nodiscard]] Result<void> checkUnchanged(const Region& region) const;
    [[nodiscard]] Result<std::shared_ptr<RegionIo>> claimDisk(Access access);
    [[nodiscard]] Result<std::shared_ptr<RegionIo>>
    openNode(const std::string& node, const Opening& opening, std::uint64_t sizeBytes);

    std::unique_ptr<MemberSource> m_source;
    OpenedMember m_opened;
    OpenedMember m_reading; // While it is written: the opening before, where others were asked.
    std::optional<GptTable> m_table;
    std::optional<Error> m_error;
    std::optional<Content> m_bare; // Of what has no table.
    bool m_missing = false;
    bool m_writing = false;
    std::shared_ptr<WriteFence> m_fence;
    std::string m_readOnlyReason;
    // What this process has claimed, by node; the disk itself under its own path.
    std::map<std::string, std::weak_ptr<RegionIo>> m_claims;
    std::vector<std::uint32_t> m_nodesLeft; // Of partitions that went while they were open.
};

} // namespace cairn
