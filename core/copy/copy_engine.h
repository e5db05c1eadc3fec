// Copies one extent onto another chunk by chunk, and proves the result.
#pragma once

#include "core/base/environment.h"
#include "core/base/error.h"
#include "core/copy/chunk_digest.h"
#include "core/copy/chunk_map.h"
#include "core/copy/copy_control.h"
#include "core/copy/read_around.h"
#include "core/copy/sector_map.h"
#include "core/io/region_io.h"

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace cairn {

struct DigestSegment {
    std::uint64_t index = 0; // The segment's first chunk is index * kChunksPerSegment.
    // One per chunk of the segment; all zero bytes where it is not done yet and nothing is
    // believed.
    std::vector<Digest> digests;
};

// Where a running copy leaves what it has made durable. Calls come from one thread at a time.
class CopyJournal {
public:
    virtual ~CopyJournal() = default;

    // Everything in `done` is on the medium (the target was flushed before the call); `segments`
    // holds the digests that changed since the last call. On success both are as durable. On
    // failure the copy stops with this error.
    [[nodiscard]] virtual Result<void> record(const ChunkMap& done,
                                              std::span<const DigestSegment> segments) = 0;

    // The digests kept for a segment, or an empty vector where none are.
    [[nodiscard]] virtual Result<std::vector<Digest>> segment(std::uint64_t index) = 0;
};

// The digests of a finished generation, a segment at a time. Calls come from one thread at a time.
class DigestSource {
public:
    virtual ~DigestSource() = default;
    [[nodiscard]] virtual Result<std::vector<Digest>> segment(std::uint64_t index) = 0;
};

struct CopyTuning {
    unsigned workers = 4;
    std::uint64_t journalIntervalBytes = 2 * kGiB; // A journal record at least so often,
    std::uint64_t journalIntervalMs = 5000;        // or after that much time, whichever is first.
};

struct CopyRequest {
    RegionIo& source;
    RegionIo& target;            // At least as large; what lies beyond sizeBytes is not touched.
    std::uint64_t sizeBytes = 0; // > 0.
    // Chunks that an earlier run made durable. Their source is hashed again first; those that
    // changed are copied again.
    ChunkMap done = {};
    // Where set: every chunk read from the source must match it (DigestMismatch otherwise), and a
    // chunk of the target that already does is left alone. `done` is then what the target was seen
    // to hold already, and is not looked at again.
    DigestSource* expected = nullptr;
    // With `expected`: the only chunks that may change, the first and the last among them. Another
    // one that differs ends the copy before it is written (PlanChanged).
    const ChunkMap* changing = nullptr;
    // Where set: what the target is believed to hold. A chunk whose source has that digest is left
    // alone, and the target is not asked: only reading it back proves the copy, and until then the
    // journal is not told that the chunk is done. A missing digest, or one of zero bytes, believes
    // nothing. Neither with `expected` nor with `done`: what an earlier run left unfinished may
    // hold anything.
    DigestSource* believed = nullptr;
    // Not with `expected`. Skip: a chunk that cannot be read is set aside until the others between
    // the edges are copied, then read in pieces; zeroes stand for what cannot be read. The journal
    // is never told that such a chunk is done, so that a run that goes on tries it again. Of
    // `done`, a chunk that cannot be read any more stays as it was copied, unless another of them
    // has changed: then it is one that cannot be read.
    OnUnreadable onUnreadable = OnUnreadable::Fail;
    // Shares the blocks of the source where that can be done (RegionIo::clone), and copies where it
    // cannot. Not with `expected` or `done`, nor with Skip: what is shared is not read.
    bool clone = false;
    CopyTuning tuning = {};
};

struct CopyOutcome {
    // Taken from the source, holes included: the sum of the four below. What an earlier run
    // copied, and was only hashed again, does not count.
    std::uint64_t copiedBytes = 0;
    std::uint64_t writtenBytes = 0;   // Written to the target as data.
    std::uint64_t zeroBytes = 0;      // Made zero without being written as data.
    std::uint64_t unchangedBytes = 0; // Left alone: the target holds them, or is believed to.
    std::uint64_t clonedBytes = 0;    // Shared with the source. Then nothing is known of digests.
    Digest content;                   // digestOf() the chunk digests in order.
    SectorMap unreadable;             // Of the source: the target has zeroes there.
    friend bool operator==(const CopyOutcome&, const CopyOutcome&) = default;
};

// Before another chunk of the target changes, its first and last chunk in [0, sizeBytes) are zeroed
// and flushed, so that no half-written target carries a signature; they are copied last, after a
// flush of all the others. Where they were done already and another chunk must be copied again, the
// journal forgets them before they are zeroed; the same for chunks whose source changed. Success:
// everything is copied, flushed, and in the journal. Canceled, or any error: the journal tells what
// is durable, and the same request with that `done` goes on from there. What is cloned is all but
// the edges, at one moment, with the edges erased before and copied after as above; the journal is
// told nothing of it.
[[nodiscard]] Result<CopyOutcome> copyChunks(const CopyRequest& request, CopyJournal& journal,
                                             CopyControl& control, const Environment& environment);

struct VerifyOutcome {
    std::uint64_t verifiedBytes = 0; // Read and equal.
    ChunkMap different;              // Read, but not what the digest says.
    ChunkMap unreadable;
    ReadBack readBack = ReadBack::Cached;
    Digest content; // As CopyOutcome::content, where everything was readable.

    [[nodiscard]] bool good() const { return different.empty() && unreadable.empty(); }
};

// Reads [0, sizeBytes) past the cache and compares each chunk. An unreadable or different chunk
// does not end it; a lost device (any other error) does. Writes nothing.
[[nodiscard]] Result<VerifyOutcome> verifyChunks(RegionIo& region, std::uint64_t sizeBytes,
                                                 DigestSource& expected, CopyControl& control,
                                                 const Environment& environment,
                                                 const CopyTuning& tuning = {});

// The same for an extent of which nobody has taken the digests yet: a chunk without one, or with
// one of zero bytes, is given that of what is read, and counts as equal. `taken` is told of whole
// segments in which some are new, zero where a chunk could not be read.
[[nodiscard]] Result<VerifyOutcome>
takeDigests(RegionIo& region, std::uint64_t sizeBytes, DigestSource& expected, CopyJournal& taken,
            CopyControl& control, const Environment& environment, const CopyTuning& tuning = {});

// Called for each chunk in order, by one thread at a time. An error ends the reading.
using ChunkVisitor = std::function<Result<void>(std::uint64_t chunk, const Digest& digest)>;

// Reads [0, sizeBytes) past the cache and shows each chunk's digest. ReadFailed for the first that
// cannot be read. Writes nothing.
[[nodiscard]] Result<void> readChunks(RegionIo& region, std::uint64_t sizeBytes,
                                      const ChunkVisitor& visit, CopyControl& control,
                                      const Environment& environment,
                                      const CopyTuning& tuning = {});

} // namespace cairn
