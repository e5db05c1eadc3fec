// The catalog as a file of JSON lines, out of an array and back into one.
#pragma once

#include "core/backup/attachment.h"
#include "core/io/byte_stream.h"

#include <iosfwd>
#include <string>
#include <vector>

namespace cairn {

// Every record, digest and ledger entry; docs/catalog-export.md describes the format. The sink's
// own error ends it.
[[nodiscard]] Result<void> exportCatalog(Attachment& attachment, const ByteSink& sink);

struct RebuildOutcome {
    std::uint64_t recovered = 0; // Records inserted, all marked as recovered.
    std::uint64_t skipped = 0;   // Already there, unreadable, or whose region is gone.
    // Regions marked as backups that hold none: a copy was running there, or they keep what a
    // restore overwrote.
    std::uint64_t leftOut = 0;
    // Regions that may be half-written, since the old catalog cannot tell: none is a source before
    // its content was accepted, or written anew.
    std::uint64_t doubted = 0;
    // Regions whose signatures were taken out of them, and are nowhere any more: what would be a
    // sealed backup is one that no program can use. By name.
    std::vector<std::string> signaturesLost = {};
};

// Regions that the table marks as backups and that no record has ever named, but for those that
// rebuilding leaves out: of a catalog that was lost, or of another array.
[[nodiscard]] Result<std::vector<Region>> unrecordedBackups(Attachment& attachment);

// Whether rebuilding replaces the catalog: none can be read, or it is too damaged to be written.
// An error where it must not, for another reason (a member is away, histories diverged …).
[[nodiscard]] Result<bool> needsNewCatalog(Attachment& attachment);

// Whether the file is a whole export, and of this array; writes nothing. InvalidDescription
// (detail: line and why), InvalidArgument.
[[nodiscard]] Result<void> checkExport(Attachment& attachment, std::istream& in);

// Writes a new catalog into the management regions of an array that has none that can be
// written, with what could be read of the old one, or adds what is missing to one that has. The
// file is untrusted input. A new one is written when all of it is there, as CatalogDraft says: what
// is cut short before has changed nothing, and afterwards can be done again.
[[nodiscard]] Result<RebuildOutcome> rebuildCatalog(Attachment& attachment, std::istream& in);

// Without a file: one record, marked as recovered and Copied, for each region that the table marks
// as a backup; digests are computed from what is there. Nothing witnesses which region it was made
// of, so that its source is unknown, and its size that of the region.
[[nodiscard]] Result<RebuildOutcome> rebuildCatalog(Attachment& attachment, CopyControl& control);

} // namespace cairn
