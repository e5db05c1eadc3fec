// libfdisk at work on a memory file that stands for the member.
#include "core/array/gpt/table_editor.h"

#include "core/io/file_io.h"

#include <cerrno>
#include <fmt/format.h>
#include <libfdisk/libfdisk.h>
#include <sys/mman.h>
#include <unistd.h>

namespace cairn {
namespace {

// libfdisk asks and warns through this; a question means that a call was underdetermined.
int answerNothing(fdisk_context*, fdisk_ask* ask, void*)
{
    const int type = fdisk_ask_get_type(ask);
    return type == FDISK_ASKTYPE_INFO || type == FDISK_ASKTYPE_WARN || type == FDISK_ASKTYPE_WARNX
               ? 0
               : -EINVAL;
}

// libfdisk 2.38 writes the primary's entries with the backup header's count and size, and reads
// beyond its memory where that is more: a backup of another form is left out, and made anew.
bool sameForm(const GptCopy& primary, const GptCopy& backup)
{
    const GptHeader& a = primary.header;
    const GptHeader& b = backup.header;
    return a.entryCount == b.entryCount && a.entryBytes == b.entryBytes &&
           a.firstUsable == b.firstUsable && a.lastUsable == b.lastUsable && a.diskId == b.diskId;
}

// Code and partitions of an MBR that was wiped: one partition of type EEh from block 1 on.
std::vector<std::byte> protectiveMbr(const GptGeometry& geometry)
{
    std::vector<std::byte> block(geometry.sectorBytes);
    const std::uint64_t rest = geometry.blocks() - 1;
    const std::uint64_t length = rest > UINT32_MAX ? UINT32_MAX : rest;
    const std::size_t entry = 446;
    block[entry + 2] = std::byte{0x02}; // Cylinder, head and sector of block 1.
    block[entry + 4] = std::byte{0xee};
    for (std::size_t i = 5; i < 8; ++i)
        block[entry + i] = std::byte{0xff};
    block[entry + 8] = std::byte{1};
    for (std::size_t i = 0; i < 4; ++i)
        block[entry + 12 + i] = static_cast<std::byte>(length >> (8 * i) & 0xffU);
    block[510] = std::byte{0x55};
    block[511] = std::byte{0xaa};
    return block;
}

} // namespace

TableEditor::~TableEditor()
{
    if (m_context != nullptr) {
        fdisk_deassign_device(m_context, 1);
        fdisk_unref_context(m_context);
    }
    if (m_file >= 0)
        ::close(m_file);
}

Result<void> TableEditor::check(int result, const char* call) const
{
    if (result == 0)
        return {};
    return failure(ErrorCode::InvalidTable, m_memberName, call, 0, -result);
}

Result<void> TableEditor::makeFile(const GptGeometry& geometry, const std::string& memberName)
{
    m_geometry = geometry;
    m_memberName = memberName;
    m_file = ::memfd_create("cairn-table", MFD_CLOEXEC);
    if (m_file < 0)
        return osFailure(ErrorCode::OutOfMemory, memberName, "memfd_create");
    if (::ftruncate(m_file, static_cast<off_t>(geometry.sizeBytes)) != 0)
        return osFailure(ErrorCode::Unsupported, memberName, "memory file of the member's size");
    return {};
}

Result<void> TableEditor::put(std::uint64_t offsetBytes, std::span<const std::byte> bytes)
{
    const auto put = ::pwrite(m_file, bytes.data(), bytes.size(), static_cast<off_t>(offsetBytes));
    if (put != static_cast<ssize_t>(bytes.size()))
        return osFailure(ErrorCode::OutOfMemory, m_memberName, "memory file");
    return {};
}

Result<void> TableEditor::attach(const GptGeometry& geometry, const std::string& memberName)
{
    m_context = fdisk_new_context();
    if (m_context == nullptr)
        return failure(ErrorCode::OutOfMemory, memberName);
    CAIRN_TRY(check(fdisk_set_ask(m_context, answerNothing, nullptr), "fdisk_set_ask"));
    CAIRN_TRY(check(fdisk_disable_dialogs(m_context, 1), "fdisk_disable_dialogs"));
    // Without it libfdisk would look for other signatures, through libblkid in this process.
    CAIRN_TRY(check(fdisk_enable_listonly(m_context, 1), "fdisk_enable_listonly"));
    CAIRN_TRY(
        check(fdisk_save_user_sector_size(m_context, geometry.sectorBytes, geometry.sectorBytes),
              "fdisk_save_user_sector_size"));
    return check(fdisk_assign_device_by_fd(m_context, m_file, "cairn-table", 0),
                 "fdisk_assign_device");
}

Result<std::unique_ptr<TableEditor>> TableEditor::open(const GptTable& table)
{
    std::unique_ptr<TableEditor> editor(new TableEditor);
    const GptGeometry& geometry = table.m_geometry;
    const std::uint32_t sector = geometry.sectorBytes;
    CAIRN_TRY(editor->makeFile(geometry, table.m_memberName));
    const bool mbrIsValid = isProtectiveMbr(table.m_mbr);
    CAIRN_TRY(editor->put(0, mbrIsValid ? table.m_mbr : protectiveMbr(geometry)));
    if (mbrIsValid)
        editor->m_mbr = table.m_mbr;
    std::vector<const GptCopy*> copies = {&table.valid()};
    if (table.m_primary && table.m_backup && sameForm(*table.m_primary, *table.m_backup))
        copies.push_back(&*table.m_backup);
    for (const GptCopy* copy : copies) {
        CAIRN_TRY(editor->put(copy->header.entriesBlock * sector, copy->entryBlocks));
        CAIRN_TRY(editor->put(copy->header.block * sector, copy->headerBlock));
    }
    CAIRN_TRY(editor->attach(geometry, table.m_memberName));
    if (fdisk_is_label(editor->m_context, GPT) == 0)
        return failure(ErrorCode::InvalidTable, table.m_memberName, "not a GPT for libfdisk");
    return editor;
}

Result<std::unique_ptr<TableEditor>>
TableEditor::create(const GptGeometry& geometry, const Uuid& diskId, const std::string& memberName)
{
    std::unique_ptr<TableEditor> editor(new TableEditor);
    CAIRN_TRY(editor->makeFile(geometry, memberName));
    CAIRN_TRY(editor->attach(geometry, memberName));
    CAIRN_TRY(
        editor->check(fdisk_create_disklabel(editor->m_context, "gpt"), "fdisk_create_disklabel"));
    CAIRN_TRY(editor->check(
        fdisk_set_disklabel_id_from_string(editor->m_context, diskId.toString().c_str()),
        "fdisk_set_disklabel_id"));
    return editor;
}

Result<GptTable> TableEditor::finish()
{
    CAIRN_TRY(check(fdisk_write_disklabel(m_context), "fdisk_write_disklabel"));
    const auto file = CAIRN_TRY(FileIo::open(fmt::format("/proc/self/fd/{}", m_file),
                                             {.access = Access::Read, .direct = false}));
    auto table = GptTable::readCopies(*file, m_geometry);
    if (!table || !table->m_primary || !table->m_backup) {
        return failure(ErrorCode::InvalidTable, m_memberName,
                       table ? table->m_problem : table.error().detail);
    }
    table->m_memberName = m_memberName;
    // Incident: libfdisk writes the end of its partition in CHS its own way, and others may have
    // put it otherwise, or partitions of their own beside it.
    if (!m_mbr.empty())
        table->m_mbr = m_mbr;
    return table;
}

} // namespace cairn
