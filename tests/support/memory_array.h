// An array of disks in memory, whose writes a test may record.
#pragma once

#include "core/backup/attachment.h"
#include "tests/support/hooked_io.h"
#include "tests/support/recording_io.h"

#include <memory>
#include <string>
#include <vector>

namespace cairn::test {

struct MemoryDisk {
    std::shared_ptr<MemoryMedium> medium;
    std::string identityPath;                 // A file of the same size, whose identity it borrows.
    int host = 0;                             // Whose locks they are.
    std::shared_ptr<HookedCalls> hooked = {}; // Where set: called by each read and write.
};

// With a log, every write and flush is taken down in it; the devices are counted from 0. Ends the
// test program where the array cannot be opened.
[[nodiscard]] std::unique_ptr<Attachment> attachMemory(const std::vector<MemoryDisk>& disks,
                                                       const Environment& environment,
                                                       const std::shared_ptr<WriteLog>& log = {});

} // namespace cairn::test
