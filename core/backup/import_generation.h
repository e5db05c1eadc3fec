// Makes a backup of this array out of bytes from outside of it.
#pragma once

#include "core/backup/attachment.h"
#include "core/backup/back_up.h"
#include "core/copy/copy_control.h"
#include "core/copy/stream_copy.h"
#include "core/tape/tape_reader.h"

#include <memory>
#include <optional>
#include <string>

namespace cairn {

// An image and what is known of it: as an export tells, or a file and the operator.
struct ImportedImage {
    std::unique_ptr<ChunkStream> chunks;
    NewGeneration record; // Without a target.
};

// Reads the first entry of an export, and nothing of the array. InvalidArchive, FormatNewer.
// `location` is where it lies, for the record.
[[nodiscard]] Result<ImportedImage> openExport(ArchiveInput input, const std::string& location);

enum class ImageFormat : std::uint8_t {
    Unnamed, // Raw, unless it begins as another one does.
    Raw,
    Qcow2, // Read through QEMU.
};

// Detail of Unsupported, where the operator has to say which it is.
inline constexpr const char* kFormatUnnamed =
    "it begins as a qcow2 does, and its format is not named";

struct ImageFile {
    std::string path;
    std::string mapfile = {}; // By which GNU ddrescue made it; empty: it is whole.
    ImageFormat format = ImageFormat::Unnamed;
};

// A bare image file. `source`: the region that it is a copy of; with a null id the file is a source
// of its own, the same one whenever it is imported from there.
// OpenFailed; InvalidSize for an empty file; Unsupported for one that begins as qcow2 does and
// whose format was not named, for a file can be made to look so, and as openQcow2();
// InvalidDescription for a mapfile that cannot be understood, or is not that of the image.
[[nodiscard]] Result<ImportedImage> openImage(const ImageFile& file, const RegionRef& source);

struct GenerationImport {
    NewGeneration record;
    Region target;
    CandidateTarget candidate;
    std::optional<Job> interrupted; // The import of the same that is gone on with.
    bool verify = true;
    std::string confirmedName;
};

struct ImportOptions {
    bool verify = true;
    std::string confirmedName;
    std::optional<bool> seal = {}; // As BackupOptions' says.
};

// Reads only. Refuses as planBackup() does; the source need not be on this array.
[[nodiscard]] Result<GenerationImport> planImport(Attachment& attachment,
                                                  const NewGeneration& record,
                                                  const RegionId& target,
                                                  const ImportOptions& options);

// Where the chunks can be read once more for importGeneration(): whether all of them are sound.
// Writes nothing. InvalidArchive, DigestMismatch, Canceled.
[[nodiscard]] Result<void> checkImport(const GenerationImport& plan, ChunkStream& chunks,
                                       CopyControl& control);

// As backUp(), with every chunk compared with its digest before it is written. Where the stream
// ends early, is damaged, or it is canceled, the record says Interrupted, and the same import
// planned again goes on with it.
[[nodiscard]] Result<BackupOutcome> importGeneration(Attachment& attachment,
                                                     const GenerationImport& plan,
                                                     ChunkStream& chunks, CopyControl& control);

} // namespace cairn
