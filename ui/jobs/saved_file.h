// A file that a job writes: there whole under its name, or not at all.
#pragma once

#include "core/base/error.h"

#include <QSaveFile>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace cairn {

// For the thread that opened it. What was there under the name stays until commit().
class SavedFile {
public:
    // Replaces what is there, but no array: checkReplaceable(). OpenFailed.
    [[nodiscard]] static Result<SavedFile> open(const std::string& path);

    // NoSpace, WriteFailed.
    [[nodiscard]] Result<void> write(std::span<const std::byte> bytes);
    [[nodiscard]] std::uint64_t writtenBytes() const { return m_writtenBytes; }
    // Durable, and under its name.
    [[nodiscard]] Result<void> commit();

private:
    explicit SavedFile(const std::string& path);
    [[nodiscard]] std::unexpected<Error> failed() const;

    std::string m_path;
    std::unique_ptr<QSaveFile> m_file; // What is not committed goes with it.
    std::uint64_t m_writtenBytes = 0;
};

} // namespace cairn
