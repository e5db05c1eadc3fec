// Asks the copies of the catalog that are not at a history's newest commit about its generations.
#include "core/catalog/doubtful_copies.h"

#include "core/catalog/catalog_rows.h"
#include "core/catalog/statement.h"

#include <algorithm>
#include <optional>

namespace cairn {
namespace {

// A copy of the catalog that knows less than the history, or something else.
struct Witness {
    RegionDatabase* database = nullptr;
    Uuid member;
    bool diverged = false;
    bool missedCommits = false;          // As the history has recorded: it was away meanwhile.
    std::vector<RegionRef> written = {}; // Where diverged: what its history alone wrote.
};

std::vector<RegionRef> writtenApart(const InspectedMirror& mirror, std::size_t copy)
{
    for (std::size_t history = 0; history < mirror.holders.size(); ++history) {
        const auto& holders = mirror.holders[history];
        if (std::ranges::find(holders, copy) != holders.end())
            return mirror.histories[history].ownRegions;
    }
    return {};
}

Result<std::vector<Witness>> findWitnesses(const InspectedMirror& mirror,
                                           const std::vector<CatalogCopy>& copies,
                                           std::size_t history, RegionDatabase& chosen)
{
    const auto& holders = mirror.holders[history];
    const auto members = CAIRN_TRY(readMembers(chosen));
    std::vector<Witness> witnesses;
    for (std::size_t i = 0; i < mirror.copies.size(); ++i) {
        const InspectedCopy& copy = mirror.copies[i];
        if (copy.database == nullptr || std::ranges::find(holders, i) != holders.end())
            continue;
        // It has the commit that is recorded, and a later one where the write of that one arrived
        // in spite of its failure. That a later one is of this history is why it is Behind.
        const bool later = !mirror.diverged() && copy.state == CatalogCopyState::Behind;
        const bool missed = std::ranges::any_of(members, [&](const StoredMember& stored) {
            return stored.member.id == copies[i].member && stored.member.stale &&
                   ((stored.staleCommit == copy.head.id && stored.staleHash == copy.head.hash) ||
                    (later && copy.head.id > stored.staleCommit));
        });
        witnesses.push_back({.database = copy.database.get(),
                             .member = copies[i].member,
                             .diverged = copy.state == CatalogCopyState::Diverged,
                             .missedCommits = missed,
                             .written = writtenApart(mirror, i)});
    }
    return witnesses;
}

Result<std::vector<GenerationNumber>> numbersOfGood(RegionDatabase& database)
{
    auto statement = CAIRN_TRY(Statement::prepare(
        database, "SELECT number FROM generation WHERE state = ? ORDER BY number",
        static_cast<int>(GenerationState::Good)));
    return numbersIn(statement);
}

// Histories that grew apart give their numbers to different generations.
bool sameGeneration(const Generation& a, const Generation& b)
{
    return a.number == b.number && a.source.id == b.source.id && a.target.id == b.target.id &&
           a.sizeBytes == b.sizeBytes && a.startedMs == b.startedMs && a.hostId == b.hostId &&
           (a.digest == b.digest || a.digest == Digest{} || b.digest == Digest{});
}

bool isWhole(const Generation& generation)
{
    return generation.state == GenerationState::Copied || generation.state == GenerationState::Good;
}

// The generation as the witness has it; nothing where it does not know it.
Result<std::optional<Generation>> testimony(const Witness& witness, const Generation& generation)
{
    auto known = readGeneration(*witness.database, generation.number);
    if (!known && known.error().code == ErrorCode::UnknownGeneration)
        return std::optional<Generation>();
    const Generation found = CAIRN_TRY(std::move(known));
    return sameGeneration(found, generation) ? std::optional(found) : std::nullopt;
}

bool saysWritten(const Witness& witness, const RegionId& region)
{
    return std::ranges::find(witness.written, region, &RegionRef::id) != witness.written.end();
}

// Whether the region holds, in the witness's history, something that the chosen one does not know.
Result<bool> wroteRegion(const Witness& witness, RegionDatabase& chosen, const RegionId& region)
{
    if (saysWritten(witness, region))
        return true;
    GenerationFilter filter;
    filter.target = region;
    for (const Generation& other : CAIRN_TRY(readGenerations(*witness.database, filter))) {
        const auto known = readGeneration(chosen, other.number);
        if (!known || !sameGeneration(*known, other))
            return true;
    }
    return false;
}

Result<bool> speaksAgainst(const Witness& witness, RegionDatabase& chosen,
                           const Generation& generation)
{
    const auto known = CAIRN_TRY(testimony(witness, generation));
    // An undo may have brought it back there, and nobody has read it back since.
    if (known && isWhole(*known))
        return known->state == GenerationState::Copied &&
               saysWritten(witness, generation.target.id);
    if (witness.member == generation.target.member && !witness.missedCommits)
        return true;
    if (!witness.diverged)
        return false;
    return known.has_value() || CAIRN_TRY(wroteRegion(witness, chosen, generation.target.id));
}

Result<std::vector<GenerationNumber>> findInDoubt(const std::vector<Witness>& witnesses,
                                                  RegionDatabase& chosen)
{
    std::vector<GenerationNumber> doubtful;
    for (const GenerationNumber number : CAIRN_TRY(numbersOfGood(chosen))) {
        const Generation generation = CAIRN_TRY(readGeneration(chosen, number));
        const bool inDoubt = std::ranges::any_of(witnesses, [&](const Witness& witness) {
            return speaksAgainst(witness, chosen, generation)
                .value_or(witness.member == generation.target.member);
        });
        if (inDoubt)
            doubtful.push_back(number);
    }
    return doubtful;
}

} // namespace

std::vector<GenerationNumber> findDoubtful(const InspectedMirror& mirror,
                                           const std::vector<CatalogCopy>& copies,
                                           std::size_t history)
{
    for (const std::size_t holder : mirror.holders[history]) {
        RegionDatabase& chosen = *mirror.copies[holder].database;
        const auto witnesses = findWitnesses(mirror, copies, history, chosen);
        if (witnesses && witnesses->empty())
            return {};
        if (!witnesses)
            continue;
        if (auto doubtful = findInDoubt(*witnesses, chosen))
            return *std::move(doubtful);
    }
    // Each copy of the history is damaged: whoever reads these records will be told.
    return {};
}

} // namespace cairn
