// A file that a command reads from its beginning to its end.
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace cairn::ctl {

class InputFile {
public:
    // The standard stream for "-". Directories and empty files are InvalidArgument.
    [[nodiscard]] static Result<InputFile> open(const std::string& path);
    InputFile(InputFile&& other) noexcept;
    InputFile& operator=(InputFile&&) = delete;
    ~InputFile();

    [[nodiscard]] std::uint64_t sizeBytes() const { return m_sizeBytes; } // 0: unknown.

    [[nodiscard]] Result<std::size_t> read(std::span<std::byte> into) const;
    // Passes over that many bytes, or over none where they can only be read.
    [[nodiscard]] Result<std::uint64_t> skip(std::uint64_t lengthBytes) const;

private:
    InputFile() = default;
    std::string m_path;
    int m_descriptor = -1;
    bool m_seekable = false;
    std::uint64_t m_sizeBytes = 0;
};

} // namespace cairn::ctl
