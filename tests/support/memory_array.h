// An array of one disk in memory, whose writes a test may record.
#pragma once

#include "core/backup/attachment.h"
#include "tests/support/recording_io.h"

#include <memory>
#include <string>

namespace cairn::test {

struct MemoryDisk {
    std::shared_ptr<MemoryMedium> medium;
    std::string identityPath;           // A file of the same size, whose identity it borrows.
    std::shared_ptr<WriteLog> log = {}; // Where set, takes down every write and flush.
};

// Ends the test program where the array cannot be opened.
[[nodiscard]] std::unique_ptr<Attachment> attachMemory(const MemoryDisk& disk,
                                                       const Environment& environment);

} // namespace cairn::test
