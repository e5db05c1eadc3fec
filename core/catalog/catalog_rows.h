// Reads and writes single rows of the catalog: what reading and writing verbs are made of.
#pragma once

#include "core/catalog/catalog.h"
#include "core/catalog/records.h"
#include "core/catalog/region_database.h"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cairn {

class Statement;

// Numbers stay exact in JSON, and there is always a next one.
inline constexpr GenerationNumber kLargestNumber = (std::uint64_t{1} << 53U) - 1;

// Text from a device or an error as it can be stored: valid UTF-8, at most 4 KiB.
[[nodiscard]] std::string storable(std::string_view text);

// --- interned rows: the row with that content, made where there is none
[[nodiscard]] Result<std::uint64_t> internHost(RegionDatabase& database, const Uuid& id,
                                               std::string_view name);
[[nodiscard]] Result<std::uint64_t> internRegion(RegionDatabase& database, const RegionRef& region);
[[nodiscard]] Result<std::uint64_t> internBackupSet(RegionDatabase& database,
                                                    const RegionRef& source);

// --- generations
// Newest first.
[[nodiscard]] Result<std::vector<Generation>> readGenerations(RegionDatabase& database,
                                                              const GenerationFilter& filter);
// Of all rows of a statement whose first column is a generation's number, in their order.
[[nodiscard]] Result<std::vector<GenerationNumber>> numbersIn(Statement& statement);
// UnknownGeneration.
[[nodiscard]] Result<Generation> readGeneration(RegionDatabase& database, GenerationNumber number);
[[nodiscard]] Result<void> insertGeneration(RegionDatabase& database, const Generation& generation,
                                            std::uint64_t commit);
// Every column that can change after the insertion.
[[nodiscard]] Result<void> updateGeneration(RegionDatabase& database, const Generation& generation);
// Superseded by no generation, but by a restore or undo into the region; newest first.
[[nodiscard]] Result<std::vector<GenerationNumber>> supersededByRestore(RegionDatabase& database,
                                                                        const RegionId& region);
// Its bytes are in its target again.
[[nodiscard]] Result<void> placeAgain(RegionDatabase& database, GenerationNumber number);
[[nodiscard]] Result<GenerationNumber> nextGenerationNumber(RegionDatabase& database);
// A copy outside of the array; the ledger's event of that id tells the rest.
[[nodiscard]] Result<void> insertExport(RegionDatabase& database, GenerationNumber number,
                                        std::uint64_t eventId, const std::string& location);
[[nodiscard]] Result<std::vector<ExportedCopy>> readExports(RegionDatabase& database,
                                                            GenerationNumber number);

// --- what generations keep of a restored region
// Of every generation in [first, last] that keeps something, in order; none in an older schema.
struct StoredUndo {
    GenerationNumber generation = 0;
    UndoCopy undo;
};
[[nodiscard]] Result<std::vector<StoredUndo>>
readUndoCopies(RegionDatabase& database, GenerationNumber first, GenerationNumber last);
// InvalidArgument where its chunks are not inside its extent, or not what the generation holds.
[[nodiscard]] Result<void> insertUndoCopy(RegionDatabase& database, const Generation& generation);
// Its restore is not the one of that job any more.
[[nodiscard]] Result<void> detachUndoCopy(RegionDatabase& database, GenerationNumber generation);
[[nodiscard]] Result<void> markKept(RegionDatabase& database, GenerationNumber generation,
                                    std::int64_t timeMs);
// Of what a swap keeps, too.
[[nodiscard]] Result<void> markUndone(RegionDatabase& database, const Generation& kept,
                                      std::int64_t timeMs);

// --- what was not written to its end
struct StoredUnfinished {
    std::uint64_t id = 0; // Of its row; 0 in an older schema, where it follows from a job.
    UnfinishedWrite write;
};
// In the order in which they began.
[[nodiscard]] Result<std::vector<StoredUnfinished>> readUnfinished(RegionDatabase& database);
// Returns the id of its row.
[[nodiscard]] Result<std::uint64_t> insertUnfinished(RegionDatabase& database,
                                                     const UnfinishedWrite& write);
[[nodiscard]] Result<void> deleteUnfinished(RegionDatabase& database, std::uint64_t id);
[[nodiscard]] Result<void> limitUnfinished(RegionDatabase& database, std::uint64_t id,
                                           std::uint64_t sizeBytes);
// Of the whole region, wherever its content is.
[[nodiscard]] Result<void> deleteUnfinishedOf(RegionDatabase& database, const RegionId& region);
// As much of the region was written wholly.
[[nodiscard]] Result<void> endUnfinished(RegionDatabase& database, const RegionId& region,
                                         std::uint64_t sizeBytes);
// As much of the region is kept by the generation now, and
[[nodiscard]] Result<void> keepUnfinished(RegionDatabase& database, const RegionId& region,
                                          std::uint64_t sizeBytes, GenerationNumber keptBy);
// is in the region again, or
[[nodiscard]] Result<void> bringBackUnfinished(RegionDatabase& database, GenerationNumber keptBy);
// is nowhere any more.
[[nodiscard]] Result<void> deleteKeptUnfinished(RegionDatabase& database, GenerationNumber keptBy);
[[nodiscard]] Result<void> acceptUnfinished(RegionDatabase& database, const RegionId& region,
                                            std::int64_t timeMs);
// The numbers in [first, last] that were taken as they were, in order.
[[nodiscard]] Result<std::vector<GenerationNumber>>
readTakenAsIs(RegionDatabase& database, GenerationNumber first, GenerationNumber last);
[[nodiscard]] Result<void> insertTakenAsIs(RegionDatabase& database, GenerationNumber number);

// --- what of the sources could not be read
struct StoredUnreadable {
    GenerationNumber generation = 0;
    std::vector<std::byte> sectors; // SectorMap::encode().
};
// Of every generation in [first, last] that has some, in order; none in an older schema.
[[nodiscard]] Result<std::vector<StoredUnreadable>>
readUnreadable(RegionDatabase& database, GenerationNumber first, GenerationNumber last);
// As the generation says now; no row where there is none.
[[nodiscard]] Result<void> writeUnreadable(RegionDatabase& database, const Generation& generation);
[[nodiscard]] Result<void> deleteUnreadable(RegionDatabase& database, GenerationNumber number);

// --- how a source was read
// Of those in [first, last] that are not Offline. One that this version does not know counts as
// Inconsistent.
[[nodiscard]] Result<std::map<GenerationNumber, Consistency>>
readConsistencies(RegionDatabase& database, GenerationNumber first, GenerationNumber last);
[[nodiscard]] Result<void> setConsistency(RegionDatabase& database, GenerationNumber number,
                                          Consistency consistency);

// --- what of regions is kept here
// In order of their UUIDs; none in an older schema. CatalogDamaged for pieces that no seal has.
[[nodiscard]] Result<std::vector<RegionSeal>> readSeals(RegionDatabase& database);
// The same without the pieces.
[[nodiscard]] Result<std::map<RegionId, SealState>> readSealStates(RegionDatabase& database);
// Inserts it, or changes the time; the pieces stay as they are.
[[nodiscard]] Result<void> writeSeal(RegionDatabase& database, const RegionId& region,
                                     std::int64_t sealedMs);
// Exactly these, in place of those before.
[[nodiscard]] Result<void> writeSealedBytes(RegionDatabase& database, const RegionId& region,
                                            const std::vector<SealedBytes>& pieces);
[[nodiscard]] Result<void> deleteSeal(RegionDatabase& database, const RegionId& region);

// --- swaps that have not ended
// In the order in which they began; none in an older schema.
[[nodiscard]] Result<std::vector<RegionSwap>> readSwaps(RegionDatabase& database);
[[nodiscard]] Result<void> insertSwap(RegionDatabase& database, const RegionSwap& swap);
[[nodiscard]] Result<void> deleteSwap(RegionDatabase& database, std::uint64_t id);
// What is kept of the one is kept of the other, and nothing of the one any more.
[[nodiscard]] Result<void> moveSeal(RegionDatabase& database, const RegionId& from,
                                    const RegionId& to);
// What came where it is by a swap, as readUndoCopies().
[[nodiscard]] Result<std::vector<StoredUndo>>
readSwapped(RegionDatabase& database, GenerationNumber first, GenerationNumber last);
[[nodiscard]] Result<void> insertSwapped(RegionDatabase& database, const Generation& generation);

// --- jobs
struct StoredJob {
    Job job;
    bool running = false; // A writer worked on it when the row was written.
};
[[nodiscard]] Result<std::vector<StoredJob>> readJobs(RegionDatabase& database);
// InvalidArgument where there is none.
[[nodiscard]] Result<StoredJob> readJob(RegionDatabase& database, std::uint64_t id);
[[nodiscard]] Result<void> insertJob(RegionDatabase& database, const Job& job,
                                     std::uint64_t hostRow);
[[nodiscard]] Result<void> setJobRunning(RegionDatabase& database, std::uint64_t id, bool running);
[[nodiscard]] Result<void> deleteJob(RegionDatabase& database, std::uint64_t id);

// --- digests: one row for each segment
[[nodiscard]] Result<std::vector<Digest>>
readSegment(RegionDatabase& database, GenerationNumber number, std::uint64_t segment);
[[nodiscard]] Result<void> writeSegment(RegionDatabase& database, GenerationNumber number,
                                        const DigestSegment& segment);
[[nodiscard]] Result<void> deleteDigests(RegionDatabase& database, GenerationNumber number);
// Of all that was superseded in the region.
[[nodiscard]] Result<void> deleteSupersededDigests(RegionDatabase& database,
                                                   const RegionId& region);
[[nodiscard]] Result<std::uint64_t> countSegments(RegionDatabase& database,
                                                  GenerationNumber number);
// How many digests the segment of a source of that size holds; 0 beyond its end.
[[nodiscard]] std::uint64_t segmentChunks(std::uint64_t sizeBytes, std::uint64_t segment);
[[nodiscard]] std::uint64_t segmentCount(std::uint64_t sizeBytes);

// --- members
struct StoredMember {
    KnownMember member;
    std::uint64_t staleCommit = 0; // Where member.stale: the last commit that its copy has.
    Digest staleHash;
};
[[nodiscard]] Result<std::vector<StoredMember>> readMembers(RegionDatabase& database);
// Inserts or replaces; whether it is stale stays as it was.
[[nodiscard]] Result<void> writeMember(RegionDatabase& database, const KnownMember& member);

} // namespace cairn
