// The backup history of an array, read from and written to its management regions.
#pragma once

#include "core/base/environment.h"
#include "core/base/error.h"
#include "core/catalog/history.h"
#include "core/catalog/records.h"
#include "core/catalog/region_swap.h"
#include "core/copy/copy_engine.h"
#include "core/io/region_io.h"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cairn {

// One management region; the catalog keeps up to three equal ones.
struct CatalogCopy {
    Uuid member;
    std::string memberName; // For errors and the ledger.
    std::unique_ptr<RegionIo> io;
};

enum class CatalogCopyState : std::uint8_t {
    Current,  // At the newest commit.
    Behind,   // An ancestor of the newest: repaired at the first write.
    Diverged, // Written apart from another copy: nothing is written until the operator chooses.
    // Cannot be read as a catalog, was wiped, or was formatted for this array and holds none yet;
    // repaired from a good copy at the first write.
    Damaged,
    // Another array's, or no catalog on a member that this array does not know: while it is
    // attached nothing is written to any member.
    Foreign,
};

// One of the histories that were found; more than one after a split brain.
struct CatalogHistory {
    std::string id; // Of its newest commit; names it for chooseHistory(). Printable ASCII.
    std::uint64_t commits = 0;
    std::int64_t lastCommitMs = 0;
    std::string lastHost;
    std::vector<Uuid> members;                    // Whose copies hold it.
    std::vector<GenerationNumber> ownGenerations; // Newer than the last common commit, if known.
    // What its ledger alone tells, upkeep of the catalog left out: the oldest 200, and how many.
    std::vector<Event> ownEvents;
    std::uint64_t ownEventCount = 0;
    // That it alone wrote, or may have: of restores and of region imports the ledger keeps the name
    // only, so that each region stands here that ever had it.
    std::vector<RegionRef> ownRegions;
};

struct CatalogCopyStatus {
    Uuid member;
    std::string memberName;
    CatalogCopyState state = CatalogCopyState::Current;
    std::uint64_t commits = 0;
    std::string detail;
    // Of a catalog that was opened for writing: why the copy was not repaired then, or which write
    // failed since.
    std::optional<Error> unwritten = {};
};

struct CatalogStatus {
    Uuid arrayId;
    std::string arrayLabel;
    std::vector<CatalogCopyStatus> copies;
    std::vector<CatalogHistory> histories; // One, unless the members were written apart.
    std::uint64_t usedBytes = 0;
    std::uint64_t capacityBytes = 0;
    bool nearlyFull = false;  // Under 20 %, or little beyond the headroom, is left: warn.
    bool newerFormat = false; // Shown, never written.
    bool writerAlive = false; // Some process of this host, this one included, has it open to write.
};

// What the histories beside that one have written, each region once: of what the records of that
// one say of them nothing is sure any more.
[[nodiscard]] std::vector<RegionRef> writtenByOthers(const std::vector<CatalogHistory>& histories,
                                                     const std::string& chosen);

// Why a disk is Foreign that was a member once.
inline constexpr const char* kHasLeft = "it was replaced or released";

// A member as the catalog knows it, attached or not.
struct KnownMember {
    Uuid id;
    std::string location; // Where it was last seen.
    std::string model;
    std::uint64_t sizeBytes = 0;
    bool holdsCatalog = false;
    bool stale = false;   // Its copy of the catalog missed commits.
    bool removed = false; // Replaced or released; kept for the history.
    friend bool operator==(const KnownMember&, const KnownMember&) = default;
};

struct NewGeneration {
    RegionRef source;
    RegionRef target;
    std::uint64_t sizeBytes = 0;
    std::string label;
    std::string note;
    Content content;
    // The generation in the target whose bytes it is believed to hold still, or 0. Its digests are
    // kept while the first run of the copy lasts, if it is a backup that was read back, and if the
    // catalog has room for both.
    GenerationNumber believed = 0;
    // Of a source that is in use, Inconsistent until complete() knows better, and by whom.
    Consistency consistency = Consistency::Offline;
    std::string usedBy = {};
    // Its signatures go to the catalog. Where not, the target is not sealed: PlanChanged.
    bool seal = false;

    // Of bytes that come from outside of the array.
    struct Import {
        std::string location;   // Where they come from, for people.
        std::string origin;     // What they were there: "backup #3 of array rack", for the ledger.
        std::int64_t takenMs;   // When they were read from the source; 0: not known.
        Digest content;         // What they must turn out to be; zero: not known.
        bool takenAsIs = false; // Of a source that was half-written, as Generation's.
        SectorMap unreadable = {}; // Of the source, when they were read from it.
    };
    std::optional<Import> import = {};
};

// What a restore is about to overwrite, and where it is to be kept.
struct NewUndo {
    RegionRef area;
    Content content; // Of the region that is restored, now.
    std::uint64_t sizeBytes = 0;
    ChunkMap chunks;
    Digest contentBefore;
    Digest contentAfter;
};

// Chunks of a backup that were completed later.
struct RereadChunks {
    std::map<std::uint64_t, Digest> digests; // By number: what they are now.
    SectorMap left;                          // Of the whole source, what still could not be read.
};

// Bytes from outside of the array that overwrite a region, of which no record is made.
struct RegionImport {
    RegionRef region;
    std::uint64_t sizeBytes = 0; // From the region's beginning.
    std::string detail;          // For the ledger.
};

// How the run of a copy that completed it has read the source: all of it, or all again.
struct SourceReading {
    Consistency consistency = Consistency::Offline;
    bool frozen = false;     // It was frozen, though maybe not to the end.
    std::string detail = {}; // What an event tells of it, also who began to use it meanwhile.
};

struct GenerationFilter {
    std::optional<RegionId> source;
    std::optional<RegionId> target;
    bool withForgotten = true;
    // Only what lies in a region now, finished or not, and the newest record of each target.
    bool currentOnly = false;
    GenerationNumber below = 0; // Only smaller numbers; 0: all.
    std::uint64_t limit = UINT64_MAX;
};

// Safe to call from any thread; every call may wait for the device. A write is durable on every
// attached copy when it returns; on failure it did not happen, unless the error is FlushFailed:
// then the next open decides. A copy that fails is recorded as stale on the others before the
// write is acknowledged; the last one failing fails the write.
class Catalog {
public:
    // Formats every copy (whatever they hold: the caller has checked) and opens it for writing.
    struct NewArrayRecord {
        Uuid arrayId;
        std::string label;
        std::vector<KnownMember> members;
        bool adopted = false;
    };
    [[nodiscard]] static Result<std::unique_ptr<Catalog>> create(std::vector<CatalogCopy> copies,
                                                                 const NewArrayRecord& array,
                                                                 const Environment& environment);

    // Writes nothing. Recovers hot journals in private memory, tells apart what is current, behind,
    // diverged, damaged and foreign, and reads from the newest history (of several: the one with
    // the most commits). A copy that is not current is looked at again, for a writer changes them
    // one after the other. CatalogDamaged, CatalogForeign: no copy can be read.
    [[nodiscard]] static Result<std::unique_ptr<Catalog>>
    openForReading(std::vector<CatalogCopy> copies, const Environment& environment);

    // The copies are open for writing and the array's writer locks are held. Rolls back hot
    // journals, repairs copies that are behind or damaged, and checks the whole before the first
    // write. HistoriesDiverged, ForeignMember, FormatNewer, CatalogDamaged: nothing was written. A
    // known catalog holder that is not among the copies is recorded as stale with the first commit.
    [[nodiscard]] static Result<std::unique_ptr<Catalog>>
    openForWriting(std::vector<CatalogCopy> copies, const Environment& environment);

    // Makes the named history the only one: the copies of others are overwritten by it. What the
    // other histories held alone is listed in the ledger. UnknownHistory, ForeignMember.
    [[nodiscard]] static Result<std::unique_ptr<Catalog>>
    chooseHistory(std::vector<CatalogCopy> copies, const std::string& historyId,
                  const Environment& environment);

    virtual ~Catalog() = default;

    [[nodiscard]] virtual CatalogStatus status() = 0;
    [[nodiscard]] virtual bool writable() const = 0;

    // --- reading
    // Newest first.
    [[nodiscard]] virtual Result<std::vector<Generation>>
    generations(const GenerationFilter& filter = {}) = 0;
    // For searching on the host. Newest first, those below a number; 0: from the newest.
    [[nodiscard]] virtual Result<HistoryPage> history(GenerationNumber below,
                                                      std::uint64_t limit) = 0;
    // What has changed since the mark, and those of the given numbers that there are.
    [[nodiscard]] virtual Result<HistoryPage>
    historySince(const HistoryMark& mark, std::span<const GenerationNumber> also) = 0;
    [[nodiscard]] virtual Result<Generation> generation(GenerationNumber number) = 0;
    // The numbers of all generations of which a damaged catalog still knows, newest first; their
    // rows may be unreadable. Of a whole catalog, all that there are.
    [[nodiscard]] virtual Result<std::vector<GenerationNumber>> readableNumbers() = 0;
    [[nodiscard]] virtual Result<std::vector<Job>> jobs() = 0;
    [[nodiscard]] virtual Result<Ledger> ledger() = 0;
    [[nodiscard]] virtual Result<std::vector<KnownMember>> members() = 0;
    [[nodiscard]] virtual Result<std::optional<std::string>> setting(const std::string& key) = 0;
    // Where the generation was exported to or imported from, oldest first.
    [[nodiscard]] virtual Result<std::vector<ExportedCopy>> exports(GenerationNumber number) = 0;
    // What is half-written, and what is kept of such content; in the order in which it began.
    [[nodiscard]] virtual Result<std::vector<UnfinishedWrite>> unfinished() = 0;
    // What is kept of regions, by which a copy there is read as it was made.
    [[nodiscard]] virtual Result<std::vector<RegionSeal>> seals() = 0;
    // Those that were begun and have not ended, in the order in which they began.
    [[nodiscard]] virtual Result<std::vector<RegionSwap>> swaps() = 0;
    // The digests of a generation; valid while the catalog lives.
    [[nodiscard]] virtual Result<std::unique_ptr<DigestSource>>
    digests(GenerationNumber number) = 0;

    // --- writing; ReadOnlyArray without writable()
    // Durable before it returns: the new record as Copying, its job, and every usable generation
    // on the same target as Superseded; jobs that wait there to be resumed are given up. Of an
    // import, the copy that it comes from is recorded too.
    // RegionBusy: a running job writes source or target, or reads the target. GenerationHeld.
    // HalfWritten: the source is half-written, and that was not accepted.
    [[nodiscard]] virtual Result<GenerationNumber> begin(const NewGeneration& generation) = 0;
    // Keeps the job map and digests of the generation's job; valid while the catalog lives.
    [[nodiscard]] virtual Result<std::unique_ptr<CopyJournal>> journal(std::uint64_t jobId) = 0;
    // What is kept of the digests that the target is believed to have; those of chunks that the
    // record knows as damaged are zero. Empty where nothing is kept: after the copy's end, and once
    // its first run has ended in any way. Valid while the catalog lives.
    [[nodiscard]] virtual Result<std::unique_ptr<DigestSource>>
    believedDigests(std::uint64_t jobId) = 0;
    // Copying → Copied, or Partial where something of the source could not be read; ends the job.
    // Without a reading, the consistency is what begin() was told. Of what was cloned no digests
    // are kept.
    [[nodiscard]] virtual Result<void> complete(GenerationNumber number, const CopyOutcome& outcome,
                                                const SourceReading* reading = nullptr) = 0;
    // Takes the digests of a generation that lacksDigests(), whole segments at a time; those that
    // it has stay. It lacks them until a verification was good. Valid while the catalog lives.
    [[nodiscard]] virtual Result<std::unique_ptr<CopyJournal>>
    digestsJournal(GenerationNumber number) = 0;
    // Copied or Good → Good (an inconsistent one: Copied, and proved), or Partial with what is
    // damaged. A proof in the ledger either way. What could not be read of its source keeps it
    // Partial.
    [[nodiscard]] virtual Result<void> recordVerification(GenerationNumber number,
                                                          const VerifyOutcome& outcome) = 0;
    // The same by the job that made the copy, which has finished with it.
    [[nodiscard]] virtual Result<void> recordOwnProof(GenerationNumber number,
                                                      const VerifyOutcome& outcome) = 0;
    // The target of a Partial backup holds, durably, what could be read of its source after all.
    // Where nothing is left it is Copied, unless it is damaged besides.
    [[nodiscard]] virtual Result<void> recordReread(GenerationNumber number,
                                                    const RereadChunks& reread) = 0;
    // Copying → Interrupted (Canceled, or an error after which resuming makes sense; the job
    // stays) or Failed (resumable false; the job ends).
    [[nodiscard]] virtual Result<void> abandon(GenerationNumber number, const Error& why,
                                               bool resumable) = 0;
    // Interrupted → Copying again. HalfWritten as for begin().
    [[nodiscard]] virtual Result<void> recordResumed(std::uint64_t jobId) = 0;
    // RegionBusy, GenerationHeld as for begin(). The target is not half-written yet, and what lies
    // in it stays, until recordKept() with `undo`, recordOverwriting() without. With `undo`, a
    // generation that keeps what will be overwritten begins in its area, as begin() begins one.
    // Returns the job's id.
    [[nodiscard]] virtual Result<std::uint64_t> beginRestore(GenerationNumber number,
                                                             const RegionRef& target,
                                                             const NewUndo* undo = nullptr) = 0;
    // Of a resumed restore that has not overwritten anything yet: what was begun to be kept has
    // Failed, and the keeping begins again with another generation. Returns its number.
    [[nodiscard]] virtual Result<GenerationNumber> restartKeeping(std::uint64_t jobId,
                                                                  const NewUndo& undo) = 0;
    // Takes the digests of what the restore keeps; a keeping that is interrupted begins anew.
    [[nodiscard]] virtual Result<std::unique_ptr<CopyJournal>> keepJournal(std::uint64_t jobId) = 0;
    // What the restore keeps is complete() and was read back: it is Good, and the generations that
    // lie in the restore's target are superseded. From here on the target may be overwritten.
    // `proof` is good(). RegionBusy, GenerationHeld as for begin().
    [[nodiscard]] virtual Result<void> recordKept(std::uint64_t jobId,
                                                  const VerifyOutcome& proof) = 0;
    // The same for a restore that keeps nothing, and for an undo; of a job that has come so far
    // before, it changes nothing.
    [[nodiscard]] virtual Result<void> recordOverwriting(std::uint64_t jobId) = 0;
    // Begins to bring back what a generation keeps: a job that endRestore() or failRestore() ends.
    // An interrupted restore onto the target is given up. The target is half-written from
    // recordOverwriting() on. Ended, the backup that the target held
    // before the restore is Copied again where the digest of the extent is its own. BackupNotUsable
    // where it was brought back already, RegionBusy as for begin(). Returns the job's id.
    [[nodiscard]] virtual Result<std::uint64_t> beginUndo(GenerationNumber number) = 0;
    [[nodiscard]] virtual Result<void> endRestore(std::uint64_t jobId,
                                                  const CopyOutcome& outcome) = 0;
    // The job stays, for resuming, unless dropJob. What a dropped restore had begun to keep, and
    // never needed, has Failed.
    [[nodiscard]] virtual Result<void> failRestore(std::uint64_t jobId, const Error& why,
                                                   bool dropJob) = 0;
    // Durable before it returns: the region is half-written from here on, over as many bytes as the
    // import may write. Returns what the other two name it by.
    [[nodiscard]] virtual Result<std::uint64_t> beginRegionImport(const RegionImport& import) = 0;
    // As many bytes were written and flushed.
    [[nodiscard]] virtual Result<void> endRegionImport(std::uint64_t id,
                                                       const RegionImport& import) = 0;
    // It ended early, and may have written as many bytes; 0: none.
    [[nodiscard]] virtual Result<void> failRegionImport(std::uint64_t id,
                                                        const RegionImport& import) = 0;
    // The operator takes the region's content as it is, though it is half-written: it may be backed
    // up again. RegionBusy while a job writes there or waits to; InvalidArgument where nothing is
    // unfinished.
    [[nodiscard]] virtual Result<void> acceptContent(const RegionRef& region) = 0;
    // It is in the table no more.
    [[nodiscard]] virtual Result<void> recordRemoved(const RegionRef& region) = 0;
    // A usable generation was written to a place outside of the array.
    [[nodiscard]] virtual Result<void> recordExport(GenerationNumber number,
                                                    const std::string& location) = 0;
    // The region of a generation that has a copy is sealed from here on, and its pieces can be
    // recorded, but whether none is on the medium is not sure: so also before they are written
    // back.
    [[nodiscard]] virtual Result<void> beginSeal(GenerationNumber number) = 0;
    // Durable before it returns. InvalidArgument where the region is not sealed.
    [[nodiscard]] virtual Result<void>
    recordSealedBytes(const RegionId& region, const std::vector<SealedBytes>& pieces) = 0;
    // None of them is in the region any more,
    [[nodiscard]] virtual Result<void> endSeal(GenerationNumber number) = 0;
    // or all are again, and nothing is kept.
    [[nodiscard]] virtual Result<void> endUnseal(const RegionRef& region,
                                                 GenerationNumber number) = 0;
    // Durable before it returns; where it seals, signatures of the source can be recorded from here
    // on. RegionBusy, GenerationHeld as for begin(), of both regions; BackupNotUsable. Returns its
    // id.
    [[nodiscard]] virtual Result<std::uint64_t> beginSwap(const RegionSwap& wanted) = 0;
    // The table is durable, and the source has its signatures on the medium. What is kept as sealed
    // goes with its bytes. The backup is Superseded by a new generation that keeps what the source
    // held, with that content; its digests stay. Of an undo the backup is Copied again, or Partial
    // with what is damaged. Returns the number of the new generation, or 0.
    [[nodiscard]] virtual Result<GenerationNumber> endSwap(std::uint64_t id,
                                                           const Content& content) = 0;
    // Nothing was exchanged, and the source has its signatures.
    [[nodiscard]] virtual Result<void> failSwap(std::uint64_t id, const std::string& why) = 0;
    // Somebody else has changed the table. What is kept of either goes to the region that has its
    // bytes now, if one has; the backup is no better than Copied.
    [[nodiscard]] virtual Result<void> giveUpSwap(std::uint64_t id,
                                                  const std::optional<RegionId>& sourceBytes,
                                                  const std::optional<RegionId>& targetBytes) = 0;
    [[nodiscard]] virtual Result<void> setHeld(GenerationNumber number, bool held) = 0;
    // → Forgotten, its digests and job dropped; the row and its place in the ledger stay.
    [[nodiscard]] virtual Result<void> forget(GenerationNumber number) = 0;
    [[nodiscard]] virtual Result<void> setMembers(const std::vector<KnownMember>& members) = 0;
    [[nodiscard]] virtual Result<void> setSetting(const std::string& key,
                                                  const std::string& value) = 0;
    struct NewEvent {
        EventKind kind = EventKind::ArrayCreated;
        GenerationNumber generation = 0;
        std::string subject;
        std::string detail;
    };
    [[nodiscard]] virtual Result<void> append(const NewEvent& event) = 0;
    // With the first commit since it was opened, whatever that is for; without one, never.
    virtual void recordFirst(NewEvent event) = 0;
    // Inserts a whole record with its digests, for rebuilding; its number must be free.
    [[nodiscard]] virtual Result<void> insertRecovered(const Generation& generation,
                                                       std::span<const DigestSegment> digests) = 0;
    [[nodiscard]] virtual Result<void> insertRecovered(const UnfinishedWrite& write) = 0;
    // Where nothing is kept of the region yet.
    [[nodiscard]] virtual Result<void> insertRecovered(const RegionSeal& seal) = 0;

protected:
    Catalog() = default;
};

} // namespace cairn
