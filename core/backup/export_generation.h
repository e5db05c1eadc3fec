// Writes a backup into a file, pipe or tape outside of the array.
#pragma once

#include "core/backup/attachment.h"
#include "core/copy/copy_control.h"
#include "core/io/byte_stream.h"

namespace cairn {

struct ExportOutcome {
    std::uint64_t imageBytes = 0;
    std::uint64_t archiveBytes = 0;
    SectorMap unreadable = {}; // Of the source: the image has zeroes there.
};

// docs/tape-format.md describes what is written. Each chunk is compared with its digest as it is
// read: DigestMismatch, Unreadable (what was written is no whole archive). BackupNotUsable unless
// the generation isExportable(). Changes nothing on the array.
[[nodiscard]] Result<ExportOutcome> exportGeneration(Attachment& attachment,
                                                     GenerationNumber number, const ByteSink& sink,
                                                     CopyControl& control);

// Once the export is where it is meant to stay: its place goes into the record and the ledger.
[[nodiscard]] Result<void> recordExport(Attachment& attachment, GenerationNumber number,
                                        const std::string& location);

} // namespace cairn
