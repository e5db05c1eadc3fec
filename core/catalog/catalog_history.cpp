// Pages of the history, and what changed in it since an earlier reading.
#include "core/catalog/history.h"

#include "core/catalog/schema.h"
#include "core/catalog/statement.h"
#include "core/catalog/stored_catalog.h"

#include <algorithm>

namespace cairn {
namespace {

constexpr std::string_view kSelect =
    "SELECT g.number, g.source, g.target, g.size_bytes, g.started_ms, g.state, g.held, g.recovered,"
    " substr(g.label, 1, 240), substr(g.note, 1, 240)";

// More than this is read faster as a whole.
constexpr std::size_t kMostChanges = 10'000;

Result<GenerationBrief> readBrief(const Statement& statement)
{
    Row row(statement, "generation");
    GenerationBrief brief;
    brief.number = row.number(0, kLargestNumber);
    brief.source = row.number(1);
    brief.target = row.number(2);
    brief.sizeBytes = row.number(3);
    brief.startedMs = row.timeMs(4);
    brief.state = static_cast<GenerationState>(row.number(5, UINT8_MAX));
    brief.held = row.flag(6);
    brief.recovered = row.flag(7);
    brief.label = row.text(8);
    brief.note = row.text(9);
    if (!row.isNull(10))
        brief.undo = UndoBrief{row.number(10, kLargestNumber), row.timeMs(11) != 0};
    // Any kind but frozen, as readConsistencies() takes it.
    brief.inconsistent =
        !row.isNull(12) && row.number(12) != static_cast<std::uint64_t>(Consistency::Frozen);
    CAIRN_TRY(row.valid());
    return brief;
}

// The beginning of a statement that readBrief() understands.
Result<std::string> selectBriefs(RegionDatabase& database)
{
    const bool withUndo = CAIRN_TRY(hasSchema(database, kSchemaWithUndo));
    const bool withConsistency = CAIRN_TRY(hasSchema(database, kSchemaWithConsistency));
    std::string select(kSelect);
    const bool withSwaps = CAIRN_TRY(hasSchema(database, kSchemaWithSwaps));
    if (withSwaps)
        select += ", coalesce(u.restored, w.restored), coalesce(u.undone_ms, w.undone_ms)";
    else
        select += withUndo ? ", u.restored, u.undone_ms" : ", NULL, NULL";
    select += withConsistency ? ", c.kind FROM generation g" : ", NULL FROM generation g";
    if (withUndo)
        select += " LEFT JOIN undo u ON u.generation = g.number";
    if (withSwaps)
        select += " LEFT JOIN swapped w ON w.generation = g.number";
    if (withConsistency)
        select += " LEFT JOIN consistency c ON c.generation = g.number";
    return select;
}

Result<HistoryMark> readMark(RegionDatabase& database)
{
    auto statement = CAIRN_TRY(
        Statement::prepare(database, "SELECT id, hash FROM event ORDER BY id DESC LIMIT 1"));
    HistoryMark mark;
    if (CAIRN_TRY(statement.step())) {
        Row row(statement, "event");
        mark.event = row.number(0);
        mark.hash = row.digest(1);
        CAIRN_TRY(row.valid());
    }
    return mark;
}

Result<bool> isOfThisHistory(RegionDatabase& database, const HistoryMark& mark)
{
    if (mark.event > INT64_MAX)
        return false;
    auto statement =
        CAIRN_TRY(Statement::prepare(database, "SELECT hash FROM event WHERE id = ?", mark.event));
    if (!CAIRN_TRY(statement.step()))
        return false;
    Row row(statement, "event");
    const Digest hash = row.digest(0);
    CAIRN_TRY(row.valid());
    return hash == mark.hash;
}

// Records that came in a crowd, without an entry of their own.
Result<bool> wasRewrittenSince(RegionDatabase& database, const HistoryMark& mark)
{
    auto statement = CAIRN_TRY(Statement::prepare(
        database, "SELECT id FROM event WHERE id > ? AND kind IN (?, ?) LIMIT 1", mark.event,
        static_cast<int>(EventKind::HistoryChosen), static_cast<int>(EventKind::CatalogRebuilt)));
    return statement.step();
}

// One more than kMostChanges where there are that many.
Result<std::vector<GenerationNumber>> changedSince(RegionDatabase& database,
                                                   const HistoryMark& mark)
{
    auto statement = CAIRN_TRY(Statement::prepare(
        database, "SELECT DISTINCT generation FROM event WHERE id > ? AND generation > 0 LIMIT ?",
        mark.event, std::uint64_t{kMostChanges + 1}));
    std::vector<GenerationNumber> numbers;
    while (CAIRN_TRY(statement.step())) {
        Row row(statement, "event");
        numbers.push_back(row.number(0));
        CAIRN_TRY(row.valid());
    }
    return numbers;
}

Result<void> addRegion(RegionDatabase& database, RegionKey key, HistoryPage& page)
{
    if (page.regions.contains(key))
        return {};
    RegionRef& region = page.regions[key];
    auto statement = CAIRN_TRY(
        Statement::prepare(database, "SELECT uuid, name, member FROM region WHERE id = ?", key));
    if (!CAIRN_TRY(statement.step()))
        return failure(ErrorCode::CatalogDamaged, {}, "a record names no region");
    Row row(statement, "region");
    region.id.uuid = row.uuid(0);
    region.name = row.text(1);
    region.member = row.uuid(2);
    return row.valid();
}

Result<void> addRegions(RegionDatabase& database, HistoryPage& page)
{
    for (const GenerationBrief& brief : page.rows) {
        CAIRN_TRY(addRegion(database, brief.source, page));
        CAIRN_TRY(addRegion(database, brief.target, page));
    }
    return {};
}

Result<std::vector<GenerationBrief>> readBriefs(RegionDatabase& database,
                                                std::vector<GenerationNumber> numbers)
{
    std::ranges::sort(numbers, std::ranges::greater());
    const auto repeated = std::ranges::unique(numbers);
    numbers.erase(repeated.begin(), repeated.end());
    const std::string select = CAIRN_TRY(selectBriefs(database));
    std::vector<GenerationBrief> rows;
    for (const GenerationNumber number : numbers) {
        if (number > kLargestNumber)
            continue;
        auto statement =
            CAIRN_TRY(Statement::prepare(database, select + " WHERE g.number = ?", number));
        if (CAIRN_TRY(statement.step()))
            rows.push_back(CAIRN_TRY(readBrief(statement)));
    }
    return rows;
}

} // namespace

Result<HistoryPage> StoredCatalog::history(GenerationNumber below, std::uint64_t limit)
{
    return read([&]() -> Result<HistoryPage> {
        const bool aliveBefore = writersAlive();
        RegionDatabase& database = *m_parts.database;
        HistoryPage page;
        page.mark = CAIRN_TRY(readMark(database));
        const std::uint64_t end =
            below == 0 ? INT64_MAX : std::min<std::uint64_t>(below, INT64_MAX);
        const std::string select = CAIRN_TRY(selectBriefs(database));
        auto statement = CAIRN_TRY(Statement::prepare(
            database, select + " WHERE g.number < ? ORDER BY g.number DESC LIMIT ?", end,
            std::min<std::uint64_t>(limit, INT64_MAX)));
        while (CAIRN_TRY(statement.step()))
            page.rows.push_back(CAIRN_TRY(readBrief(statement)));
        CAIRN_TRY(addRegions(database, page));
        presentPage(page, aliveBefore || writersAlive());
        return page;
    });
}

Result<HistoryPage> StoredCatalog::historySince(const HistoryMark& mark,
                                                std::span<const GenerationNumber> also)
{
    return read([&]() -> Result<HistoryPage> {
        const bool aliveBefore = writersAlive();
        RegionDatabase& database = *m_parts.database;
        HistoryPage page;
        page.mark = CAIRN_TRY(readMark(database));
        page.startAgain = !CAIRN_TRY(isOfThisHistory(database, mark)) ||
                          CAIRN_TRY(wasRewrittenSince(database, mark));
        if (page.startAgain)
            return page;
        auto numbers = CAIRN_TRY(changedSince(database, mark));
        page.startAgain = numbers.size() > kMostChanges;
        if (page.startAgain)
            return page;
        numbers.insert(numbers.end(), also.begin(), also.end());
        numbers.insert(numbers.end(), m_parts.doubtful.begin(), m_parts.doubtful.end());
        page.rows = CAIRN_TRY(readBriefs(database, std::move(numbers)));
        CAIRN_TRY(addRegions(database, page));
        presentPage(page, aliveBefore || writersAlive());
        return page;
    });
}

void StoredCatalog::presentPage(HistoryPage& page, bool writerAlive) const
{
    for (GenerationBrief& brief : page.rows)
        brief.state = presentState(brief.number, brief.state, writerAlive);
}

} // namespace cairn
