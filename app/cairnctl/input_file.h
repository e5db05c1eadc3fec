// A file, device or pipe that a command reads, which a signal can end the waiting for.
#pragma once

#include "core/base/error.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <sys/types.h>

namespace cairn::ctl {

class InputFile {
public:
    // The standard stream for "-". Directories and empty files are InvalidArgument.
    [[nodiscard]] static Result<InputFile> open(const std::string& path);
    InputFile(InputFile&& other) noexcept;
    InputFile& operator=(InputFile&&) = delete;
    ~InputFile();

    [[nodiscard]] std::uint64_t sizeBytes() const { return m_sizeBytes; } // 0: unknown.
    [[nodiscard]] int descriptor() const { return m_descriptor; }
    // Whether it can be read twice.
    [[nodiscard]] bool isSeekable() const;

    // Of one that can be read twice: back to where it was when it was opened.
    [[nodiscard]] Result<void> rewind() const;

    // 0 at the end; Canceled when a signal came while nothing was to be read.
    [[nodiscard]] Result<std::size_t> read(std::span<std::byte> into) const;
    // Passes over that many bytes, or over none where they can only be read.
    [[nodiscard]] Result<std::uint64_t> skip(std::uint64_t lengthBytes) const;

private:
    InputFile() = default;
    std::string m_path;
    int m_descriptor = -1;
    bool m_regular = false;
    std::uint64_t m_sizeBytes = 0;
    off_t m_beginBytes = 0;
};

} // namespace cairn::ctl
