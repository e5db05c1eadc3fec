// Lets libfdisk edit a table in a sparse copy of the member.
#pragma once

#include "core/array/gpt/gpt_table.h"

#include <functional>
#include <memory>

namespace cairn {

// The member itself is never opened: libfdisk sees a memory file of its size that holds the blocks
// of the table and nothing else.
class TableEditor {
public:
    // Copies the table's blocks. InvalidTable: libfdisk does not take it for a GPT.
    [[nodiscard]] static Result<std::unique_ptr<TableEditor>> open(const GptTable& table);
    // An empty memory file with a new label.
    [[nodiscard]] static Result<std::unique_ptr<TableEditor>>
    create(const GptGeometry& geometry, const Uuid& diskId, const std::string& memberName);
    ~TableEditor();
    TableEditor(const TableEditor&) = delete;
    TableEditor& operator=(const TableEditor&) = delete;

    [[nodiscard]] fdisk_context* context() const { return m_context; }

    // The error for a return value of libfdisk that is not 0.
    [[nodiscard]] Result<void> check(int result, const char* call) const;

    // What libfdisk writes, read back and checked as if it came from a stranger.
    [[nodiscard]] Result<GptTable> finish();

private:
    TableEditor() = default;
    [[nodiscard]] Result<void> attach(const GptGeometry& geometry, const std::string& memberName);
    [[nodiscard]] Result<void> put(std::uint64_t offsetBytes, std::span<const std::byte> bytes);
    [[nodiscard]] Result<void> makeFile(const GptGeometry& geometry, const std::string& memberName);

    int m_file = -1;
    fdisk_context* m_context = nullptr;
    GptGeometry m_geometry;
    std::vector<std::byte> m_mbr; // As it stays; empty where a new one is made.
    std::string m_memberName;
};

} // namespace cairn
