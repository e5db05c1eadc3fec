// The catalog in a database: the one implementation of Catalog, private to this folder.
#pragma once

#include "core/catalog/ancestry.h"
#include "core/catalog/catalog.h"
#include "core/catalog/catalog_rows.h"
#include "core/catalog/divergence.h"
#include "core/catalog/region_database.h"
#include "core/catalog/statement.h"

#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cairn {

// Of a restore, or of the undoing of one.
[[nodiscard]] EventKind startedEvent(JobKind kind);
[[nodiscard]] EventKind failedEvent(JobKind kind);
[[nodiscard]] EventKind interruptedEvent(JobKind kind);
[[nodiscard]] EventKind canceledEvent(JobKind kind);

// The writer locks of copies, given back at the end.
class WriterLocks {
public:
    // ArrayBusy: somebody else holds one; none is kept. Waits a moment for readers, who hold one
    // for an instant to find out whether a writer lives.
    [[nodiscard]] static Result<WriterLocks> take(const std::vector<CatalogCopy>& copies,
                                                  Clock& clock);
    // Whether somebody holds one. Not for a holder of the locks: asking would release them.
    [[nodiscard]] static bool anyHeld(const std::vector<CatalogCopy>& copies);

    WriterLocks() = default;
    WriterLocks(WriterLocks&& other) noexcept;
    WriterLocks& operator=(WriterLocks&& other) noexcept;
    ~WriterLocks();

private:
    void release();
    std::vector<RegionIo*> m_regions;
};

class StoredCatalog final : public Catalog {
public:
    struct Parts {
        Environment environment;
        std::vector<CatalogCopy> copies;
        WriterLocks locks = {}; // Of a writer; destroyed before the copies.
        std::unique_ptr<RegionDatabase> database = {};
        std::vector<std::size_t> live = {}; // Indexes of the copies that the database works on.
        std::vector<std::size_t> spare =
            {}; // Of a reader: copies that are as new as the one it reads.
        Uuid arrayId = {};
        CommitLink head = {};
        std::vector<CatalogCopyStatus> states = {}; // Of each copy.
        std::vector<CommitLink> found = {}; // Of each: its newest commit, where it could be read.
        std::vector<CatalogHistory> histories = {};
        std::vector<std::size_t> repaired = {};      // Copies brought up to date by this opening.
        std::vector<GenerationNumber> doubtful = {}; // Of a reader: Good in the record only.
        // Of a reader: by the histories that it does not read.
        std::vector<UnfinishedWrite> halfWrittenApart = {};
        bool writable = false;
        bool newerFormat = false;
    };
    explicit StoredCatalog(Parts parts);
    ~StoredCatalog() override;

    CatalogStatus status() override;
    bool writable() const override { return m_parts.writable; }
    Result<std::vector<Generation>> generations(const GenerationFilter& filter) override;
    Result<HistoryPage> history(GenerationNumber below, std::uint64_t limit) override;
    Result<HistoryPage> historySince(const HistoryMark& mark,
                                     std::span<const GenerationNumber> also) override;
    Result<Generation> generation(GenerationNumber number) override;
    Result<std::vector<GenerationNumber>> readableNumbers() override;
    Result<std::vector<Job>> jobs() override;
    Result<Ledger> ledger() override;
    Result<std::vector<KnownMember>> members() override;
    Result<std::optional<std::string>> setting(const std::string& key) override;
    Result<std::vector<ExportedCopy>> exports(GenerationNumber number) override;
    Result<std::vector<UnfinishedWrite>> unfinished() override;
    Result<std::vector<RegionSeal>> seals() override;
    Result<std::vector<RegionSwap>> swaps() override;
    Result<std::unique_ptr<DigestSource>> digests(GenerationNumber number) override;

    Result<GenerationNumber> begin(const NewGeneration& generation) override;
    Result<std::unique_ptr<CopyJournal>> journal(std::uint64_t jobId) override;
    Result<std::unique_ptr<DigestSource>> believedDigests(std::uint64_t jobId) override;
    Result<void> complete(GenerationNumber number, const CopyOutcome& outcome,
                          const SourceReading* reading) override;
    Result<std::unique_ptr<CopyJournal>> digestsJournal(GenerationNumber number) override;
    Result<void> recordVerification(GenerationNumber number, const VerifyOutcome& outcome) override;
    Result<void> recordOwnProof(GenerationNumber number, const VerifyOutcome& outcome) override;
    Result<void> recordReread(GenerationNumber number, const RereadChunks& reread) override;
    Result<void> abandon(GenerationNumber number, const Error& why, bool resumable) override;
    Result<void> recordResumed(std::uint64_t jobId) override;
    Result<std::uint64_t> beginRestore(GenerationNumber number, const RegionRef& target,
                                       const NewUndo* undo) override;
    Result<GenerationNumber> restartKeeping(std::uint64_t jobId, const NewUndo& undo) override;
    Result<std::unique_ptr<CopyJournal>> keepJournal(std::uint64_t jobId) override;
    Result<void> recordKept(std::uint64_t jobId, const VerifyOutcome& proof) override;
    Result<void> recordOverwriting(std::uint64_t jobId) override;
    Result<std::uint64_t> beginUndo(GenerationNumber number) override;
    Result<void> endRestore(std::uint64_t jobId, const CopyOutcome& outcome) override;
    Result<void> failRestore(std::uint64_t jobId, const Error& why, bool dropJob) override;
    Result<std::uint64_t> beginRegionImport(const RegionImport& import) override;
    Result<void> endRegionImport(std::uint64_t id, const RegionImport& import) override;
    Result<void> failRegionImport(std::uint64_t id, const RegionImport& import) override;
    Result<void> acceptContent(const RegionRef& region) override;
    Result<void> recordRemoved(const RegionRef& region) override;
    Result<void> recordExport(GenerationNumber number, const std::string& location) override;
    Result<void> beginSeal(GenerationNumber number) override;
    Result<void> recordSealedBytes(const RegionId& region,
                                   const std::vector<SealedBytes>& pieces) override;
    Result<void> endSeal(GenerationNumber number) override;
    Result<void> endUnseal(const RegionRef& region, GenerationNumber number) override;
    Result<std::uint64_t> beginSwap(const RegionSwap& wanted) override;
    Result<GenerationNumber> endSwap(std::uint64_t id, const Content& content) override;
    Result<void> failSwap(std::uint64_t id, const std::string& why) override;
    Result<void> giveUpSwap(std::uint64_t id, const std::optional<RegionId>& sourceBytes,
                            const std::optional<RegionId>& targetBytes) override;
    Result<void> setHeld(GenerationNumber number, bool held) override;
    Result<void> forget(GenerationNumber number) override;
    Result<void> setMembers(const std::vector<KnownMember>& members) override;
    Result<void> setSetting(const std::string& key, const std::string& value) override;
    Result<void> append(const NewEvent& event) override;
    void recordFirst(NewEvent event) override { m_first = std::move(event); }
    Result<void> insertRecovered(const Generation& generation,
                                 std::span<const DigestSegment> digests) override;
    Result<void> insertRecovered(const UnfinishedWrite& write) override;
    Result<void> insertRecovered(const RegionSeal& seal) override;

    // What journals and digest sources call.
    Result<void> recordJournal(std::uint64_t jobId, const ChunkMap& done,
                               std::span<const DigestSegment> segments);
    Result<void> recordTakenDigests(GenerationNumber number, const ChunkMap& done,
                                    std::span<const DigestSegment> segments);
    Result<void> recordKeptDigests(std::uint64_t jobId, const ChunkMap& done,
                                   std::span<const DigestSegment> segments);
    Result<std::vector<Digest>> digestSegment(GenerationNumber number, std::uint64_t segment);

    // Tables and first rows of an empty database; the first commit of a new array.
    Result<void> createContent(const NewArrayRecord& array);
    // The copy of the catalog on a member, at a commit that the history follows on.
    struct Ancestor {
        Uuid member;
        CommitLink head;
    };
    // In a commit of its own: that those copies are behind, and no others.
    Result<void> recordAncestors(const std::vector<Ancestor>& ancestors);
    // Commits of their own, on the chosen history's copies alone: before the others, which say that
    // something is in doubt, become equal to them. What is doubtful is Copied from then on. A
    // choice keeps the other histories' holds of what this one has too and what they left
    // half-written, and tells what else they did.
    Result<void> recordChoice(const std::string& historyId,
                              const std::vector<GivenUpHistory>& givenUp,
                              const std::vector<UnfinishedWrite>& halfWritten,
                              const std::vector<GenerationNumber>& doubtful);
    Result<void> recordDoubt(const std::vector<GenerationNumber>& doubtful);
    // For the functions that open a catalog, before anyone else has it.
    [[nodiscard]] Parts& parts() { return m_parts; }

private:
    // Ordinary writes leave a headroom, so that what was begun can always be ended and recorded.
    enum class Room { Ordinary, Headroom };

    // One transaction; the body runs under the mutex and uses m_parts.database.
    template<typename Body>
    auto read(Body&& body) -> decltype(body());
    template<typename Body>
    auto write(Room room, Body&& body) -> decltype(body());

    [[nodiscard]] Result<Transaction> startWriting();
    [[nodiscard]] Result<void> requireLease() const;
    [[nodiscard]] Result<void> finishWriting(Transaction& transaction, Room room);
    [[nodiscard]] Result<void> commitOnce(Transaction& transaction);
    [[nodiscard]] Result<void> recordFailedCopies();
    // What opening found and may not write: an older schema, interrupted records, absent and
    // returned members.
    [[nodiscard]] Result<void> settleOpening();
    [[nodiscard]] Result<void> upgrade();
    [[nodiscard]] Result<void> settleInterrupted();
    [[nodiscard]] Result<void> settleMembers();
    [[nodiscard]] Result<void> takeOver(const GivenUpHistory& history);
    // What those have and this one has not: a piece is only read where its region has zeroes.
    [[nodiscard]] Result<void> takeOverSeals(const std::vector<RegionSeal>& seals);
    // Ends what was interrupted there: to go on would overwrite what the other history holds, or
    // back up other bytes than it began with.
    [[nodiscard]] Result<void> endJobsOn(const std::vector<RegionRef>& written);
    // As abandon(), with the caller's transaction.
    [[nodiscard]] Result<void> endBackup(GenerationNumber number, const Error& why, bool resumable);
    [[nodiscard]] Result<void> doubt(const std::vector<GenerationNumber>& numbers, EventKind why,
                                     const std::string& detail);
    [[nodiscard]] Result<void> markStale(const StoredMember& member, const CommitLink& common);
    [[nodiscard]] const CommitLink& lastCommitOn(const Uuid& member) const;
    [[nodiscard]] bool isLive(const Uuid& member) const;
    // Also where it was repaired and no commit has said so yet.
    [[nodiscard]] bool isUpToDate(const Uuid& member) const;
    // After a read that failed on one copy: goes on with another that is as new.
    [[nodiscard]] bool switchCopy(const Error& why);

    // The rows of a filter, as they are stored. Those of all generations are kept, as a verb asks
    // for them several times, and given again while the catalog is at the same commit.
    [[nodiscard]] Result<std::vector<Generation>> rowsOf(const GenerationFilter& filter);
    [[nodiscard]] Result<std::uint64_t> freeBytes();
    [[nodiscard]] std::uint64_t headroomBytes() const;
    [[nodiscard]] Result<void> checkRoomForDigests();

    // Copying without a live writer is shown as interrupted.
    // What is in doubt is shown as not read back yet.
    [[nodiscard]] GenerationState presentState(GenerationNumber number, GenerationState state,
                                               bool writerAlive) const;
    void present(Generation& generation, bool writerAlive) const;
    void presentPage(HistoryPage& page, bool writerAlive) const;
    [[nodiscard]] bool writersAlive() const;

    [[nodiscard]] Result<std::uint64_t> record(EventKind kind, GenerationNumber generation,
                                               const std::string& subject,
                                               const std::string& detail);
    struct TargetUse {
        RegionRef target;
        std::optional<RegionId> source = {}; // The bytes are read from here meanwhile.
        GenerationNumber by = 0;             // The generation that takes the target; 0: a restore.
        std::uint64_t jobId = 0;             // The job that takes it, where it has begun already.
        GenerationNumber believed = 0;       // Of those superseded, the one whose digests are kept.
        bool kept = false;  // What it holds may come back: the digests are not deleted.
        bool seals = false; // What is written there is sealed.
    };
    // RegionBusy, GenerationHeld.
    [[nodiscard]] Result<void> checkTarget(const TargetUse& use);
    // The same; then everything else that lay in the target is superseded.
    [[nodiscard]] Result<void> takeTarget(const TargetUse& use);
    [[nodiscard]] Result<void> giveUpWaiting(const TargetUse& use);
    [[nodiscard]] Result<void> supersede(Generation generation, const TargetUse& use);
    [[nodiscard]] Result<void> dropJobsOf(GenerationNumber number);
    // Ends a job that nobody will go on with, and what it had begun to keep.
    [[nodiscard]] Result<void> dropJob(const Job& job, EventKind end, const std::string& why);
    // Durable with the caller's transaction; the job is inserted already.
    [[nodiscard]] Result<GenerationNumber> beginKeeping(const Job& job, const NewUndo& undo);
    // Of the backups that the undone restore overwrote, the one that the region holds again.
    [[nodiscard]] Result<void> reinstate(const Generation& kept);
    [[nodiscard]] Result<void> dropKept(const Generation& generation);
    [[nodiscard]] Result<void> endUndo(const Generation& generation);
    // RegionBusy where the region is one of a swap that has not ended.
    [[nodiscard]] Result<void> checkNoSwapOf(const RegionRef& region);
    [[nodiscard]] Result<RegionSwap> findSwap(std::uint64_t id);
    [[nodiscard]] Result<GenerationNumber> endForward(const RegionSwap& swap,
                                                      const Content& content);
    [[nodiscard]] Result<void> endBack(const RegionSwap& swap);
    // Of one that is no member any more.
    [[nodiscard]] Result<void> dropSwapsOn(const Uuid& member);
    // Or drops it.
    [[nodiscard]] Result<void> moveSealTo(const RegionId& from, const std::optional<RegionId>& to);
    [[nodiscard]] Result<void> failKeeping(GenerationNumber number);
    // From here on the region is half-written, until endWrite().
    [[nodiscard]] Result<void> beginWrite(UnfinishedWrite write);
    // As much of the region holds that generation's bytes wholly. It is as good as they are.
    [[nodiscard]] Result<void> endWrite(const Generation& generation, const RegionRef& region);
    // Whether the source is half-written, and that was accepted; HalfWritten where not.
    [[nodiscard]] Result<bool> takesAsIs(const RegionRef& source);
    [[nodiscard]] Result<void> recordReading(Generation& generation, const SourceReading& reading);
    [[nodiscard]] Result<void> recordProof(Generation generation, const VerifyOutcome& outcome);
    // The copy of that generation is finished, and none of its signatures is in its region; where
    // that is sealed.
    [[nodiscard]] Result<void> finishSeal(const Generation& generation);
    // The digests that were kept for the copy of this generation.
    [[nodiscard]] Result<void> dropBelieved(const Generation& generation);
    [[nodiscard]] static bool isBelievable(const Generation& generation);
    [[nodiscard]] Result<std::optional<Generation>> findBelieved(const RegionId& target,
                                                                 GenerationNumber by);
    [[nodiscard]] Result<Generation> copyingGeneration(GenerationNumber number);

    struct KeptRows {
        CommitLink head; // At which they were read.
        bool withForgotten = true;
        std::vector<Generation> generations;
    };

    std::mutex m_mutex; // Guards all below.
    Parts m_parts;
    std::set<std::size_t> m_failed; // Live copies that failed and are recorded as stale.
    CommitLink m_common;            // All copies that have not failed have it.
    bool m_settled = false;         // settleOpening() is in a commit.
    std::optional<NewEvent> m_first;
    std::optional<KeptRows> m_rows; // What rowsOf() has read last.
    std::optional<Error> m_broken;  // After a write whose end is unknown: no further one.
};

template<typename Body>
auto StoredCatalog::read(Body&& body) -> decltype(body())
{
    return catchOutOfMemory([&]() -> decltype(body()) {
        const std::lock_guard lock(m_mutex);
        for (;;) {
            auto result = [&]() -> decltype(body()) {
                const auto transaction = CAIRN_TRY(Transaction::read(*m_parts.database));
                return body();
            }();
            if (result || !switchCopy(result.error()))
                return result;
        }
    });
}

template<typename Body>
auto StoredCatalog::write(Room room, Body&& body) -> decltype(body())
{
    return catchOutOfMemory([&]() -> decltype(body()) {
        const std::lock_guard lock(m_mutex);
        auto transaction = CAIRN_TRY(startWriting());
        auto result = body();
        if (result)
            CAIRN_TRY(finishWriting(transaction, room));
        return result;
    });
}

} // namespace cairn
