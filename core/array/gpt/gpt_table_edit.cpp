// The changes of a table, each made by libfdisk and compared with what was asked for.
#include "core/array/gpt/gpt_table.h"
#include "core/array/gpt/table_editor.h"

#include <algorithm>
#include <fmt/format.h>
#include <libfdisk/libfdisk.h>
#include <utility>

namespace cairn {
namespace {

struct PartitionDeleter {
    void operator()(fdisk_partition* partition) const { fdisk_unref_partition(partition); }
};
using Partition = std::unique_ptr<fdisk_partition, PartitionDeleter>;

struct TypeDeleter {
    void operator()(fdisk_parttype* type) const { fdisk_unref_parttype(type); }
};
using Type = std::unique_ptr<fdisk_parttype, TypeDeleter>;

Result<Partition> newPartition()
{
    Partition partition(fdisk_new_partition());
    if (!partition)
        return failure(ErrorCode::OutOfMemory);
    return partition;
}

Result<Type> partitionType(const Uuid& type)
{
    // libfdisk compares and prints GUIDs in upper case.
    std::string text = type.toString();
    std::ranges::transform(text, text.begin(), [](char c) {
        return c >= 'a' && c <= 'f' ? static_cast<char>(c - 'a' + 'A') : c;
    });
    Type found(fdisk_new_unknown_parttype(0, text.c_str()));
    if (!found)
        return failure(ErrorCode::OutOfMemory);
    return found;
}

// The edit must have done this, and only this.
Result<GptTable> expectEntries(Result<GptTable> edited, std::vector<GptEntry> expected)
{
    if (!edited)
        return edited;
    std::ranges::sort(expected, {}, &GptEntry::number);
    if (edited->entries() != expected)
        return failure(ErrorCode::InvalidTable, {}, "libfdisk changed something else");
    return edited;
}

GptEntry& entryOf(std::vector<GptEntry>& entries, std::uint32_t number)
{
    const auto found = std::ranges::find(entries, number, &GptEntry::number);
    CAIRN_ASSERT(found != entries.end());
    return *found;
}

} // namespace

Result<GptTable> GptTable::blank(const GptGeometry& geometry, const Uuid& diskId,
                                 const std::string& memberName)
{
    if (geometry.sizeBytes < kMiB) {
        return failure(ErrorCode::InvalidSize, memberName, "too small for a GPT",
                       kMiB - geometry.sizeBytes);
    }
    const auto editor = CAIRN_TRY(TableEditor::create(geometry, diskId, memberName));
    return editor->finish();
}

Result<GptTable> GptTable::withAdded(const GptEntry& entry) const
{
    const auto editor = CAIRN_TRY(TableEditor::open(*this));
    const auto partition = CAIRN_TRY(newPartition());
    const auto type = CAIRN_TRY(partitionType(entry.type));
    fdisk_partition* raw = partition.get();
    const std::uint64_t sector = m_geometry.sectorBytes;
    CAIRN_TRY(editor->check(fdisk_partition_set_start(raw, entry.extent.offsetBytes / sector),
                            "fdisk_partition_set_start"));
    CAIRN_TRY(editor->check(fdisk_partition_set_size(raw, entry.extent.lengthBytes / sector),
                            "fdisk_partition_set_size"));
    CAIRN_TRY(editor->check(fdisk_partition_size_explicit(raw, 1), "fdisk_partition_set_size"));
    CAIRN_TRY(editor->check(fdisk_partition_partno_follow_default(raw, 1),
                            "fdisk_partition_partno_follow_default"));
    CAIRN_TRY(editor->check(fdisk_partition_set_type(raw, type.get()), "fdisk_partition_set_type"));
    CAIRN_TRY(editor->check(fdisk_partition_set_uuid(raw, entry.id.toString().c_str()),
                            "fdisk_partition_set_uuid"));
    std::size_t index = 0;
    CAIRN_TRY(
        editor->check(fdisk_add_partition(editor->context(), raw, &index), "fdisk_add_partition"));
    CAIRN_TRY(
        editor->check(fdisk_gpt_set_partition_attrs(editor->context(), index, entry.attributes),
                      "fdisk_gpt_set_partition_attrs"));
    auto expected = m_entries;
    expected.push_back(entry);
    expected.back().number = static_cast<std::uint32_t>(index) + 1;
    auto table = CAIRN_TRY(editor->finish());
    table.setName(expected.back().number, entry.name);
    return expectEntries(std::move(table), std::move(expected));
}

void GptTable::setName(std::uint32_t number, const std::string& name)
{
    setEntryName(*m_primary, number, name);
    setEntryName(*m_backup, number, name);
    entryOf(m_entries, number).name = name;
}

Result<GptTable> GptTable::withName(std::uint32_t number, const std::string& name) const
{
    auto expected = m_entries;
    entryOf(expected, number).name = name;
    // libfdisk writes both copies anew, whatever state they were in.
    const auto editor = CAIRN_TRY(TableEditor::open(*this));
    auto table = CAIRN_TRY(editor->finish());
    table.setName(number, name);
    return expectEntries(std::move(table), std::move(expected));
}

Result<GptTable> GptTable::withEqualCopies() const
{
    const auto editor = CAIRN_TRY(TableEditor::open(*this));
    return expectEntries(editor->finish(), m_entries);
}

Result<GptTable> GptTable::withExchanged(std::uint32_t number, std::uint32_t other) const
{
    auto expected = m_entries;
    std::swap(entryOf(expected, number).extent, entryOf(expected, other).extent);
    // libfdisk moves one partition at a time, and none over another.
    auto table = CAIRN_TRY(withEqualCopies());
    for (GptCopy* copy : {&*table.m_primary, &*table.m_backup}) {
        exchangeEntryExtents(*copy, number, other);
        table.m_entries = CAIRN_TRY(parseEntries(*copy, m_geometry));
        if (table.m_entries != expected)
            return failure(ErrorCode::InvalidTable, m_memberName, "exchanged entries");
    }
    return table;
}

Result<GptTable> GptTable::withType(std::uint32_t number, const Uuid& type,
                                    std::uint64_t attributes) const
{
    auto expected = m_entries;
    GptEntry& entry = entryOf(expected, number);
    entry.type = type;
    entry.attributes = attributes;
    const auto editor = CAIRN_TRY(TableEditor::open(*this));
    const auto wanted = CAIRN_TRY(partitionType(type));
    CAIRN_TRY(editor->check(fdisk_set_partition_type(editor->context(), number - 1, wanted.get()),
                            "fdisk_set_partition_type"));
    CAIRN_TRY(
        editor->check(fdisk_gpt_set_partition_attrs(editor->context(), number - 1, attributes),
                      "fdisk_gpt_set_partition_attrs"));
    return expectEntries(editor->finish(), std::move(expected));
}

Result<GptTable> GptTable::without(std::uint32_t number) const
{
    auto expected = m_entries;
    std::erase(expected, entryOf(expected, number));
    const auto editor = CAIRN_TRY(TableEditor::open(*this));
    CAIRN_TRY(editor->check(fdisk_delete_partition(editor->context(), number - 1),
                            "fdisk_delete_partition"));
    return expectEntries(editor->finish(), std::move(expected));
}

} // namespace cairn
