// A file that a command writes: there whole under its name, or not at all.
#pragma once

#include "app/cairnctl/invocation.h"

#include <cstddef>
#include <span>
#include <string>

namespace cairn::ctl {

// The standard stream for "-". A regular file is written beside its name and moved there by
// finish(), so that a failure leaves what was there before; a device, pipe or terminal is written
// as it comes. Block devices and whatever checkReplaceable() finds an array in are refused: erasing
// one is a backup's or an import's to do, with their guards.
class OutputFile {
public:
    // Asks before an existing regular file is replaced.
    [[nodiscard]] static Result<OutputFile> open(Invocation& invocation, Attachment* attachment,
                                                 const std::string& path);
    OutputFile(OutputFile&& other) noexcept;
    OutputFile& operator=(OutputFile&&) = delete;
    ~OutputFile();

    // Appends; zeroes become holes where the file can have them. A failure is explained in the
    // invocation's context.
    [[nodiscard]] Result<void> write(std::span<const std::byte> bytes);
    // Durable, and under its name.
    [[nodiscard]] Result<void> finish();

    [[nodiscard]] bool isStandardStream() const { return m_path == "-"; }

private:
    OutputFile(ErrorContext& context, std::string path);
    [[nodiscard]] Result<void> writeAll(std::span<const std::byte> bytes);
    [[nodiscard]] std::unexpected<Error> writeFailure();
    void explainFailure(const std::string& advice);
    [[nodiscard]] Result<void> makeNameDurable() const;

    ErrorContext* m_context;
    std::string m_path;
    std::string m_temporaryPath; // Empty where written directly.
    int m_descriptor = -1;
    bool m_replace = false;
    std::uint64_t m_sizeBytes = 0;
};

} // namespace cairn::ctl
