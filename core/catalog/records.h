// The catalog's rows as values: generations, jobs, ledger events.
#pragma once

#include "core/array/region.h"
#include "core/base/error.h"
#include "core/copy/chunk_digest.h"
#include "core/copy/chunk_map.h"
#include "core/copy/sector_map.h"
#include "core/io/region_io.h"
#include "core/io/sealed_bytes.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cairn {

using GenerationNumber = std::uint64_t; // From 1; only ever grows; order never depends on clocks.

enum class GenerationState : std::uint8_t { // Stored by value: never renumber.
    Copying = 1,
    Copied = 2, // Flushed; not read back yet.
    Good = 3,   // Read back past the cache, digests equal.
    Partial = 4,
    Interrupted = 5, // Copying, with no writer alive; can be resumed.
    Failed = 6,
    Superseded = 7, // Its target was overwritten by a later generation.
    Forgotten = 8,
};

// Stable lower-case word for tables and JSON: "copying", "good" …; "unknown" for other values.
[[nodiscard]] const char* stateName(GenerationState state) noexcept;

// What may have happened to the source while it was copied.
enum class Consistency : std::uint8_t { // Stored by value: never renumber.
    Offline = 1,                        // Nobody used it.
    Frozen = 2, // Mounted, and its filesystem stood still from before the first read until after
                // the last: as after a power cut, but for nothing that was not written yet.
    Cloned = 3, // Offline or frozen, at one moment; both shared the same blocks since. What is
                // damaged of a block before either changes it is damaged in both.
    Inconsistent = 4, // In use: of several times, torn by its nature. Never good.
};

// Stable lower-case word for tables and JSON.
[[nodiscard]] const char* consistencyName(Consistency consistency) noexcept;

// Whether a copy's signatures are kept in the catalog instead of in its region.
enum class SealState : std::uint8_t {
    Plain,      // They are in the region.
    Unfinished, // Some may be in the region still, or again.
    Sealed,     // None is in the region.
};

// Stable lower-case word for tables and JSON.
[[nodiscard]] const char* sealStateName(SealState state) noexcept;

struct RegionRef { // A region as it was when the record was written.
    RegionId id;
    std::string name;
    Uuid member;
    friend bool operator==(const RegionRef&, const RegionRef&) = default;
};

// Of a generation that keeps what a restore overwrites: some chunks of a region, put together as
// ChunkSelection puts them, instead of a whole region.
struct UndoCopy {
    GenerationNumber restored = 0; // The backup whose restore it undoes.
    std::uint64_t jobId = 0;       // Of that restore; 0 where the catalog was rebuilt since.
    std::uint64_t sizeBytes = 0;   // Of the extent that the restore writes.
    ChunkMap chunks;               // Of that extent; its first and its last are always kept.
    Digest contentBefore;          // Of the extent, as CopyOutcome::content: before the restore,
    Digest contentAfter;           // and when it is finished.
    std::int64_t keptMs = 0;       // 0: the restore has not overwritten anything yet.
    std::int64_t undoneMs = 0;     // When it was brought back; 0: it can be.
    // It is all that the region held, in its order, for the two regions exchanged their extents: no
    // chunks and no digest of before. The restored backup lies in the region `source` since.
    bool swapped = false;
    friend bool operator==(const UndoCopy&, const UndoCopy&) = default;
};

// failureDetail of a record whose writer was killed, or lost its power: whoever came next wrote it.
inline constexpr const char* kWriterEnded = "writer ended";

struct Generation {
    GenerationNumber number = 0;
    RegionRef source;
    RegionRef target;
    std::uint64_t sizeBytes = 0;
    std::string label;
    std::string note;
    Content content;            // Of the source, when the copy began.
    std::int64_t startedMs = 0; // Of an import, when the original was begun.
    // When it was copied, and read back where its own job did that; 0: not finished.
    std::int64_t finishedMs = 0;
    std::int64_t verifiedMs = 0; // Last time that it was read back and equal; 0: never.
    Uuid hostId;
    std::string hostName;
    GenerationState state = GenerationState::Copying;
    bool held = false;
    bool recovered = false; // Rebuilt from what the regions show, not recorded at the time.
    GenerationNumber supersededBy = 0;    // Where state is Superseded.
    ReadBack readBack = ReadBack::Cached; // How the last verification read.
    std::uint64_t writtenBytes = 0;
    Digest digest;          // CopyOutcome::content; zero while unknown.
    ErrorCode failure = {}; // Where state is Failed, Partial or Interrupted.
    std::string failureDetail;
    ChunkMap damaged; // Chunks unreadable or different at the last verification.
    // Of the source, when it was copied: the backup has zeroes there, as its digests say. While
    // there is any it is neither Copied nor Good, but Partial (failure: ReadFailed).
    SectorMap unreadable;
    std::optional<UndoCopy> undo; // Where it is no backup of the source, but keeps chunks of it.
    // Its source was half-written, and the operator had accepted that: it stands for no other copy.
    bool takenAsIs = false;
    Consistency consistency = Consistency::Offline; // Of an unfinished one: as far as is known.
    SealState seal = SealState::Plain;              // While its bytes are in its target.
    friend bool operator==(const Generation&, const Generation&) = default;
};

// Whether its bytes are of several times. Then it is never Good, and stands for no other copy.
[[nodiscard]] constexpr bool isInconsistent(const Generation& generation) noexcept
{
    return generation.consistency == Consistency::Inconsistent;
}

// Whether it was cloned, or came where it is by a swap, and was not read since, so that its digests
// are still to be taken.
[[nodiscard]] bool lacksDigests(const Generation& generation);

// A copy of a generation in a file or on a tape: somewhere that the array knows only by name.
struct ExportedCopy {
    std::string location;
    std::int64_t timeMs = 0;
    std::string hostName;
    bool imported = false; // The generation was made from it, not it from the generation.
    friend bool operator==(const ExportedCopy&, const ExportedCopy&) = default;
};

enum class JobKind : std::uint8_t { // Stored by value: never renumber.
    Backup = 1,
    Restore = 2,
    Undo = 3,
    Import = 4, // A backup whose bytes come from outside of the array.
};

// Whether it writes a generation, or overwrites a region with one.
[[nodiscard]] constexpr bool makesGeneration(JobKind kind) noexcept
{
    return kind == JobKind::Backup || kind == JobKind::Import;
}

enum class WriteKind : std::uint8_t { // Stored by value: never renumber. The first are JobKind's.
    Backup = 1,
    Restore = 2,
    Undo = 3,
    Import = 4,
    RegionImport = 5,
};

// Stable lower-case word for JSON: "backup", "region-import" …; "unknown" for other values.
[[nodiscard]] const char* writeKindName(WriteKind kind) noexcept;

// Something that began to overwrite a region and did not end there: the region is half-written. It
// outlives its job, and stays until as much is written wholly, or the region is removed.
struct UnfinishedWrite {
    WriteKind kind = WriteKind::Backup;
    GenerationNumber generation = 0; // Of a backup, restore, undo or import; 0: of none.
    RegionRef region;
    std::uint64_t sizeBytes = 0; // From the region's beginning.
    std::int64_t sinceMs = 0;
    std::int64_t acceptedMs = 0; // When the operator took the content as it is; 0: not yet.
    // The undo copy that keeps this content; 0: it is in the region.
    GenerationNumber keptBy = 0;
    friend bool operator==(const UnfinishedWrite&, const UnfinishedWrite&) = default;
};

// What the catalog keeps of a region that is sealed.
struct RegionSeal {
    RegionId region;
    std::int64_t sealedMs = 0; // 0: SealState::Unfinished.
    std::vector<SealedBytes> pieces;
    friend bool operator==(const RegionSeal&, const RegionSeal&) = default;
};

// A copy that was begun and not ended: running, or interrupted where no writer is alive.
struct Job {
    std::uint64_t id = 0;
    JobKind kind = JobKind::Backup;
    GenerationNumber generation = 0;
    // Of the bytes: of a restore, the region that holds the backup; of an import, the region that
    // was backed up once, which need not be on this array.
    RegionRef source;
    RegionRef target;
    GenerationNumber undo = 0; // Of a restore: the generation that keeps what it overwrites.
    std::uint64_t sizeBytes = 0;
    ChunkMap done;
    std::int64_t startedMs = 0;
    std::int64_t savedMs = 0; // When `done` was last recorded.
    std::string hostName;
    bool running = false; // A live writer works on it now; otherwise it is interrupted.
    friend bool operator==(const Job&, const Job&) = default;
};

// Whether the record says that there is a copy, whole or in part, in the generation's target.
[[nodiscard]] bool hasCopy(const Generation& generation);

enum class EventKind : std::uint8_t { // Stored by value: never renumber.
    ArrayCreated = 1,
    ArrayAdopted = 2,
    RegionAdded = 3,
    RegionRenamed = 4,
    RegionRemoved = 5,
    MemberAdded = 6,
    MemberReplaced = 7,
    MemberStale = 8,
    HistoryChosen = 9,
    BackupStarted = 10,
    BackupCopied = 11,
    BackupResumed = 12,
    BackupFailed = 13,
    BackupInterrupted = 14,
    Verified = 15,
    VerifyFailed = 16,
    RestoreStarted = 17,
    RestoreFinished = 18,
    RestoreFailed = 19, // Before there was 40, also of one that can go on.
    Held = 20,
    Released = 21,
    Forgotten = 22,
    Superseded = 23,
    CatalogRebuilt = 24,
    MirrorRepaired = 25,
    RegionImported = 26, // Whole. Before there was 38, recorded at its beginning.
    RegionExported = 27,
    UndoStarted = 28,
    UndoFinished = 29,
    UndoFailed = 30,
    BackupExported = 31,
    ImportStarted = 32,
    MemberReleased = 33,
    ContentAccepted = 34,
    RestoreCanceled = 35, // By the operator, who stopped it or gave it up; nothing is wrong.
    UndoCanceled = 36,
    Reinstated = 37, // An undo brought back, byte for byte, the backup that a restore overwrote.
    RegionImportStarted = 38,
    RegionImportFailed = 39,
    RestoreInterrupted = 40, // It can go on.
    UndoInterrupted = 41,
    GivenUp = 42,           // Of a history that was not chosen: what it alone had done.
    SourceUnreadable = 43,  // A backup is without what could not be read, or is so still.
    SourceFrozen = 44,      // While it was copied; subject: the source; detail: where and how long.
    SourceThawedEarly = 45, // Before all of it was copied; detail: why.
    Sealed = 46,            // None of its signatures is in its region.
    Unsealed = 47,          // All are in its region again.
    // By the operator's word. Subject: the host that held it; detail: since when, in ms since 1970;
    // both empty of a lease that was damaged.
    LeaseTakenOver = 48,
    SwapStarted = 49,  // Subject: the region that the backup is of.
    SwapFinished = 50, // The region leads to the backup's bytes; detail: what keeps the others.
    SwapFailed = 51,   // Both regions are what they were before; detail: why.
    SourceUsed = 52,   // Somebody began to use it while it was copied; detail: who.
};

[[nodiscard]] const char* eventName(EventKind kind) noexcept; // "backup-started" …

// An entry of the append-only ledger. Its hash covers its fields and the hash before it.
struct Event {
    std::uint64_t id = 0; // From 1, without gaps.
    EventKind kind = EventKind::ArrayCreated;
    GenerationNumber generation = 0; // 0: concerns none.
    std::int64_t timeMs = 0;
    Uuid hostId;
    std::string hostName;
    std::string subject; // A region's, member's or file's name.
    std::string detail;
    Digest hash;
    friend bool operator==(const Event&, const Event&) = default;
};

struct Ledger {
    std::vector<Event> events;       // Oldest first.
    bool chainIntact = true;         // Every hash follows from the one before and the row.
    std::uint64_t firstBrokenId = 0; // Where not.
};

} // namespace cairn
