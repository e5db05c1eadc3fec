// Compares histories that grew apart by their commits and the chains of their ledgers.
#include "core/catalog/divergence.h"

#include "core/base/printable_text.h"
#include "core/catalog/catalog_rows.h"
#include "core/catalog/ledger.h"
#include "core/catalog/statement.h"

#include <fmt/chrono.h>

#include <algorithm>
#include <chrono>
#include <functional>
#include <optional>
#include <set>
#include <tuple>

namespace cairn {
namespace {

// More are counted, not listed: the choice has to fit into the room that a full catalog has left.
constexpr std::size_t kMostEvents = 200;

RegionDatabase& databaseOf(const InspectedMirror& mirror, std::size_t history)
{
    return *mirror.copies[mirror.holders[history].front()].database;
}

// The largest id of a row that both have; `select` takes the newest first, `find` one by its id and
// hash. Nothing where they have none in common.
Result<std::optional<std::uint64_t>> newestCommon(RegionDatabase& one, RegionDatabase& other,
                                                  const char* select, const char* find)
{
    auto rows = CAIRN_TRY(Statement::prepare(one, select));
    while (CAIRN_TRY(rows.step())) {
        Row row(rows, "history");
        const std::uint64_t id = row.number(0);
        const Digest hash = row.digest(1);
        CAIRN_TRY(row.valid());
        auto same = CAIRN_TRY(Statement::prepare(other, find, id, hash));
        if (CAIRN_TRY(same.step()))
            return std::optional(id);
    }
    return std::optional<std::uint64_t>();
}

// The newest row that the history has in common with any of the others.
Result<std::optional<std::uint64_t>> lastShared(const InspectedMirror& mirror, std::size_t history,
                                                const char* select, const char* find)
{
    std::uint64_t newest = 0;
    for (std::size_t other = 0; other < mirror.holders.size(); ++other) {
        if (other == history)
            continue;
        const auto common = CAIRN_TRY(
            newestCommon(databaseOf(mirror, history), databaseOf(mirror, other), select, find));
        if (!common)
            return std::optional<std::uint64_t>(); // Too long apart to know.
        newest = std::max(newest, *common);
    }
    return std::optional(newest);
}

Result<std::optional<std::uint64_t>> lastSharedCommit(const InspectedMirror& mirror,
                                                      std::size_t history)
{
    return lastShared(mirror, history, "SELECT id, hash FROM commit_link ORDER BY id DESC",
                      "SELECT id FROM commit_link WHERE id = ? AND hash = ?");
}

Result<void> listGenerations(InspectedMirror& mirror, std::size_t history)
{
    const auto shared = CAIRN_TRY(lastSharedCommit(mirror, history));
    if (!shared)
        return {};
    auto statement = CAIRN_TRY(Statement::prepare(
        databaseOf(mirror, history),
        "SELECT number FROM generation WHERE begun_commit > ? ORDER BY number", *shared));
    mirror.histories[history].ownGenerations = CAIRN_TRY(numbersIn(statement));
    return {};
}

// What Cairn did for the catalog's own sake is nothing that an operator could miss.
bool isUpkeep(EventKind kind)
{
    return kind == EventKind::MemberStale || kind == EventKind::MirrorRepaired;
}

// What its ledger alone tells, oldest first.
Result<void> readOwnEvents(const InspectedMirror& mirror, std::size_t history,
                           const std::function<void(Event&&)>& take)
{
    const auto shared =
        CAIRN_TRY(lastShared(mirror, history, "SELECT id, hash FROM event ORDER BY id DESC",
                             "SELECT id FROM event WHERE id = ? AND hash = ?"));
    return readLedgerAfter(databaseOf(mirror, history), shared.value_or(0), take);
}

Result<void> listEvents(InspectedMirror& mirror, std::size_t history)
{
    CatalogHistory& found = mirror.histories[history];
    return readOwnEvents(mirror, history, [&](Event&& event) {
        if (isUpkeep(event.kind))
            return;
        ++found.ownEventCount;
        if (found.ownEvents.size() < kMostEvents)
            found.ownEvents.push_back(std::move(event));
    });
}

// Only where it begins or ends well: what was begun before they grew apart and stopped since has
// written nothing but what the same job would write in the other history.
bool tellsOfNamedRegion(EventKind kind)
{
    return kind == EventKind::RestoreStarted || kind == EventKind::RestoreFinished ||
           kind == EventKind::SwapStarted || kind == EventKind::SwapFinished ||
           kind == EventKind::RegionImportStarted || kind == EventKind::RegionImported;
}

bool tellsOfTarget(EventKind kind)
{
    return kind == EventKind::BackupStarted || kind == EventKind::ImportStarted ||
           kind == EventKind::BackupResumed || kind == EventKind::BackupCopied ||
           kind == EventKind::SwapStarted || kind == EventKind::SwapFinished;
}

bool tellsOfUndo(EventKind kind)
{
    return kind == EventKind::UndoStarted || kind == EventKind::UndoFinished;
}

void addRegion(std::vector<RegionRef>& regions, const RegionRef& region)
{
    if (std::ranges::find(regions, region.id, &RegionRef::id) == regions.end())
        regions.push_back(region);
}

// Which of those that ever had the name it was, nobody knows: each may be it.
Result<void> addNamed(std::vector<RegionRef>& regions, RegionDatabase& database,
                      const std::string& name)
{
    auto statement = CAIRN_TRY(Statement::prepare(
        database, "SELECT uuid, member FROM region WHERE name = ? ORDER BY id", name));
    while (CAIRN_TRY(statement.step())) {
        Row row(statement, "region");
        const RegionRef region{{row.uuid(0)}, name, row.uuid(1)};
        CAIRN_TRY(row.valid());
        addRegion(regions, region);
    }
    return {};
}

void addWrittenBy(std::vector<RegionRef>& regions, RegionDatabase& database, const Event& event)
{
    const bool undo = tellsOfUndo(event.kind);
    if (!undo && !tellsOfTarget(event.kind))
        return;
    const auto generation = readGeneration(database, event.generation);
    if (!generation)
        return;
    addRegion(regions, undo ? generation->source : generation->target);
    if (undo && generation->undo && generation->undo->swapped)
        addRegion(regions, generation->target);
}

// The targets of its own backups, the regions whose old content its own undo copies keep, and what
// its ledger tells besides.
void listRegions(InspectedMirror& mirror, std::size_t history)
{
    RegionDatabase& database = databaseOf(mirror, history);
    std::vector<RegionRef>& regions = mirror.histories[history].ownRegions;
    for (const GenerationNumber number : mirror.histories[history].ownGenerations) {
        const auto generation = readGeneration(database, number);
        if (!generation)
            continue;
        addRegion(regions, generation->target);
        if (generation->undo)
            addRegion(regions, generation->source);
    }
    const std::vector<GenerationNumber>& own = mirror.histories[history].ownGenerations;
    std::set<std::string> names;
    std::ignore = readOwnEvents(mirror, history, [&](const Event& event) {
        if (tellsOfNamedRegion(event.kind))
            names.insert(event.subject);
        if (!std::ranges::binary_search(own, event.generation))
            addWrittenBy(regions, database, event);
    });
    for (const std::string& name : names)
        std::ignore = addNamed(regions, database, name);
}

std::string summaryOf(const InspectedMirror& mirror, std::size_t other)
{
    constexpr std::size_t kMostBytes = 3 * kKiB;
    const CatalogHistory& history = mirror.histories[other];
    std::string text = "history " + history.id + " given up:";
    for (const GenerationNumber number : history.ownGenerations) {
        if (text.size() > kMostBytes)
            return text + " and more";
        const auto generation = readGeneration(databaseOf(mirror, other), number);
        text += " " + std::to_string(number);
        if (generation && !generation->label.empty())
            text += " \"" + printableShort(generation->label, 64) + "\"";
    }
    return text;
}

bool has(const std::vector<GenerationNumber>& numbers, GenerationNumber number)
{
    return std::ranges::find(numbers, number) != numbers.end();
}

// Numbers of the history's own backups mean others in the history that goes on.
Event retold(const Event& event, const CatalogHistory& history)
{
    const bool own = has(history.ownGenerations, event.generation);
    const std::chrono::sys_time<std::chrono::milliseconds> time(
        std::chrono::milliseconds(event.timeMs));
    std::string detail = fmt::format("in history {}, {:%FT%TZ}: {}", history.id,
                                     std::chrono::time_point_cast<std::chrono::seconds>(time),
                                     eventName(event.kind));
    if (own)
        detail += fmt::format(" #{}", event.generation);
    if (!event.detail.empty())
        detail += ": " + printableShort(event.detail, 256);
    Event told;
    told.kind = EventKind::GivenUp;
    told.generation = own ? 0 : event.generation;
    told.subject = event.subject;
    told.detail = std::move(detail);
    return told;
}

// Of before they grew apart, whatever became of it since.
bool isAmong(const std::vector<StoredUnfinished>& known, const UnfinishedWrite& write)
{
    return std::ranges::any_of(known, [&](const StoredUnfinished& stored) {
        const UnfinishedWrite& one = stored.write;
        return one.keptBy == 0 && one.region.id == write.region.id && one.kind == write.kind &&
               one.generation == write.generation && one.sinceMs == write.sinceMs &&
               one.sizeBytes >= write.sizeBytes;
    });
}

// All of them, however long the ledger is: more are no more than there are copies in regions.
std::vector<GenerationNumber> holdsOf(const InspectedMirror& mirror, std::size_t other)
{
    std::vector<GenerationNumber> holds;
    // As with the lists: what cannot be read is not told.
    std::ignore = readOwnEvents(mirror, other, [&](const Event& event) {
        if (event.kind == EventKind::Held && !has(holds, event.generation) &&
            !has(mirror.histories[other].ownGenerations, event.generation))
            holds.push_back(event.generation);
    });
    std::erase_if(holds, [&](GenerationNumber number) {
        const auto generation = readGeneration(databaseOf(mirror, other), number);
        return !generation || !generation->held;
    });
    return holds;
}

std::vector<RegionSeal> sealsOf(const InspectedMirror& mirror, std::size_t other,
                                std::size_t chosen)
{
    const auto& written = mirror.histories[chosen].ownRegions;
    // As with the lists: what cannot be read is not told.
    auto seals = readSeals(databaseOf(mirror, other)).value_or(std::vector<RegionSeal>());
    std::erase_if(seals, [&](const RegionSeal& seal) {
        return std::ranges::find(written, seal.region, &RegionRef::id) != written.end();
    });
    return seals;
}

} // namespace

void listOwnWork(InspectedMirror& mirror, std::size_t history)
{
    std::ignore = listGenerations(mirror, history);
    std::ignore = listEvents(mirror, history);
    listRegions(mirror, history);
}

std::vector<GivenUpHistory> findGivenUp(const InspectedMirror& mirror, std::size_t chosen)
{
    std::vector<GivenUpHistory> found;
    for (std::size_t other = 0; other < mirror.histories.size(); ++other) {
        if (other == chosen)
            continue;
        const CatalogHistory& history = mirror.histories[other];
        GivenUpHistory givenUp{
            history.id,
            summaryOf(mirror, other),
            {},
            holdsOf(mirror, other),
            history.ownRegions,
            sealsOf(mirror, other, chosen),
            readSwaps(databaseOf(mirror, other)).value_or(std::vector<RegionSwap>())};
        for (const Event& event : history.ownEvents)
            givenUp.events.push_back(retold(event, history));
        if (history.ownEventCount > history.ownEvents.size()) {
            givenUp.summary += fmt::format("; {} of its {} changes are listed",
                                           history.ownEvents.size(), history.ownEventCount);
        }
        found.push_back(std::move(givenUp));
    }
    return found;
}

std::vector<RegionRef> writtenByOthers(const std::vector<CatalogHistory>& histories,
                                       const std::string& chosen)
{
    std::vector<RegionRef> written;
    for (const CatalogHistory& history : histories) {
        if (history.id == chosen)
            continue;
        for (const RegionRef& region : history.ownRegions)
            addRegion(written, region);
    }
    return written;
}

std::vector<UnfinishedWrite> findHalfWrittenApart(const InspectedMirror& mirror,
                                                  std::size_t history)
{
    std::vector<UnfinishedWrite> found;
    const auto known = readUnfinished(databaseOf(mirror, history));
    for (std::size_t other = 0; other < mirror.histories.size(); ++other) {
        if (other == history)
            continue;
        // As with the lists: what cannot be read is not told.
        const auto all = readUnfinished(databaseOf(mirror, other));
        for (const StoredUnfinished& stored : all.value_or(std::vector<StoredUnfinished>())) {
            UnfinishedWrite write = stored.write;
            if (write.keptBy != 0 || (known && isAmong(*known, write)))
                continue;
            write.generation = 0;
            found.push_back(std::move(write));
        }
    }
    return found;
}

} // namespace cairn
