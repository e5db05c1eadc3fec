// Copies onto an extent what comes chunk by chunk, in order, from a source that cannot go back.
#pragma once

#include "core/copy/copy_engine.h"

#include <optional>

namespace cairn {

// The chunks of an image, from the first to the last. Calls come from one thread at a time.
class ChunkStream {
public:
    virtual ~ChunkStream() = default;

    // What the chunk's digest must be. Called once for each chunk, in order.
    [[nodiscard]] virtual Result<Digest> digest(std::uint64_t chunk) = 0;

    // Fills `into` with the chunk that digest() was called for last; its digest is that one, or
    // the call fails. Chunks that it is not called for are passed over.
    [[nodiscard]] virtual Result<void> read(std::span<std::byte> into) = 0;

    // After the last chunk: whether the stream ends as it should.
    [[nodiscard]] virtual Result<void> finish() = 0;
};

// How the detail of PlanChanged begins where a stream is not the one that an earlier run began
// with.
inline constexpr const char* kOtherStream = "it is not the file that this import began with";

struct StreamRequest {
    ChunkStream& source;
    RegionIo& target;            // At least as large; what lies beyond sizeBytes is not touched.
    std::uint64_t sizeBytes = 0; // > 0.
    // Chunks that an earlier run made durable. The stream's digests of them must be those that the
    // journal kept (PlanChanged: another stream); they are not read again.
    ChunkMap done = {};
    // digestOf() all chunk digests, where it is known beforehand.
    std::optional<Digest> content = {};
    CopyTuning tuning = {};
};

// As copyChunks(): the first and the last chunk are zeroed before anything is written. The last one
// is written when all before it are durable; the first one after everything else, the stream's end
// and the digest of the whole included: nothing that fails leaves a signature at the target's
// beginning. Canceled, or any error: the journal tells what is durable.
[[nodiscard]] Result<CopyOutcome> copyStream(const StreamRequest& request, CopyJournal& journal,
                                             CopyControl& control, const Environment& environment);

// Reads all that copyStream() would of a stream that can be read again, and writes nothing: what is
// not sound is known before. DigestMismatch, and what the stream itself says; Canceled.
[[nodiscard]] Result<void> checkStream(ChunkStream& source, std::uint64_t sizeBytes,
                                       const std::optional<Digest>& content, CopyControl& control);

} // namespace cairn
