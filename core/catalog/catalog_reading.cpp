// What a catalog tells: its status, and its rows.
#include "core/catalog/ledger.h"
#include "core/catalog/stored_catalog.h"

#include <algorithm>

namespace cairn {
namespace {

class CatalogDigests final : public DigestSource {
public:
    CatalogDigests(StoredCatalog& catalog, GenerationNumber number)
        : m_catalog(catalog), m_number(number)
    {}
    Result<std::vector<Digest>> segment(std::uint64_t index) override
    {
        return m_catalog.digestSegment(m_number, index);
    }

private:
    StoredCatalog& m_catalog;
    GenerationNumber m_number;
};

Result<void> addNumbers(RegionDatabase& database, std::string_view sql,
                        std::vector<GenerationNumber>& numbers)
{
    auto statement = CAIRN_TRY(Statement::prepare(database, sql));
    while (CAIRN_TRY(statement.step())) {
        Row row(statement, "generation");
        const GenerationNumber number = row.number(0, kLargestNumber);
        CAIRN_TRY(row.valid());
        numbers.push_back(number);
    }
    return {};
}

Result<std::string> readArrayLabel(RegionDatabase& database)
{
    auto statement = CAIRN_TRY(Statement::prepare(database, "SELECT only, label FROM array"));
    if (!CAIRN_TRY(statement.step()))
        return std::string();
    Row row(statement, "array");
    auto label = row.text(1);
    CAIRN_TRY(row.valid());
    return label;
}

} // namespace

CatalogStatus StoredCatalog::status()
{
    CatalogStatus status;
    // A status is shown also where the catalog cannot be read on: what fails is left out.
    std::ignore = read([&]() -> Result<void> {
        status.arrayId = m_parts.arrayId;
        status.copies = m_parts.states;
        for (const std::size_t index : m_parts.live) {
            if (!m_failed.contains(index))
                status.copies[index].commits = m_parts.head.id;
        }
        for (const std::size_t index : m_failed)
            status.copies[index].state = CatalogCopyState::Behind;
        status.histories = m_parts.histories;
        if (m_parts.writable && !status.histories.empty()) {
            CatalogHistory& only = status.histories.front();
            only.id = m_parts.head.historyId();
            only.commits = m_parts.head.id;
            only.lastCommitMs = m_parts.head.timeMs;
            only.lastHost = m_parts.head.host;
        }
        status.newerFormat = m_parts.newerFormat;
        status.writerAlive = writersAlive();
        status.arrayLabel = CAIRN_TRY(readArrayLabel(*m_parts.database));
        const std::uint64_t freeNow = CAIRN_TRY(freeBytes());
        status.capacityBytes = m_parts.database->pageLimit() * kPageBytes;
        status.usedBytes = status.capacityBytes - std::min(freeNow, status.capacityBytes);
        status.nearlyFull = freeNow < std::max(status.capacityBytes / 5,
                                               headroomBytes() + status.capacityBytes / 10);
        return {};
    });
    return status;
}

Result<std::vector<Generation>> StoredCatalog::generations(const GenerationFilter& filter)
{
    return read([&]() -> Result<std::vector<Generation>> {
        const bool aliveBefore = writersAlive();
        auto found = CAIRN_TRY(rowsOf(filter));
        // A writer that ended between asking and reading must not make its record look torn.
        const bool alive = aliveBefore || writersAlive();
        for (Generation& generation : found)
            present(generation, alive);
        return found;
    });
}

Result<std::vector<Generation>> StoredCatalog::rowsOf(const GenerationFilter& filter)
{
    constexpr std::size_t kMostKept = 50'000; // Some 40 MiB.
    const bool all = !filter.source && !filter.target && !filter.currentOnly && filter.below == 0 &&
                     filter.limit == UINT64_MAX;
    // Whichever process made the last commit, this is read from what it wrote. Of a catalog that is
    // damaged there, nothing is kept.
    auto head = all ? readHead(*m_parts.database) : failure(ErrorCode::Unsupported);
    if (!head)
        return readGenerations(*m_parts.database, filter);
    if (m_rows && m_rows->withForgotten == filter.withForgotten && m_rows->head.sameCommit(*head))
        return m_rows->generations;
    m_rows.reset();
    auto found = CAIRN_TRY(readGenerations(*m_parts.database, filter));
    if (found.size() <= kMostKept)
        m_rows = KeptRows{*std::move(head), filter.withForgotten, found};
    return found;
}

Result<Generation> StoredCatalog::generation(GenerationNumber number)
{
    return read([&]() -> Result<Generation> {
        const bool aliveBefore = writersAlive();
        auto found = CAIRN_TRY(readGeneration(*m_parts.database, number));
        present(found, aliveBefore || writersAlive());
        return found;
    });
}

Result<std::vector<GenerationNumber>> StoredCatalog::readableNumbers()
{
    // The table, and what else names its rows: each is read up to its first damaged page.
    constexpr std::string_view kSources[] = {
        "SELECT number FROM generation NOT INDEXED ORDER BY number",
        "SELECT number FROM generation NOT INDEXED ORDER BY number DESC",
        "SELECT number FROM generation INDEXED BY generation_by_set",
        "SELECT number FROM generation INDEXED BY generation_by_target",
        "SELECT generation FROM event WHERE generation > 0",
        "SELECT generation FROM event WHERE generation > 0 ORDER BY id DESC",
    };
    return read([&]() -> Result<std::vector<GenerationNumber>> {
        std::vector<GenerationNumber> numbers;
        for (const std::string_view sql : kSources) {
            std::ignore = addNumbers(*m_parts.database, sql, numbers);
            std::ranges::sort(numbers, std::ranges::greater{});
            const auto same = std::ranges::unique(numbers);
            numbers.erase(same.begin(), same.end());
        }
        return numbers;
    });
}

Result<std::vector<Job>> StoredCatalog::jobs()
{
    return read([&]() -> Result<std::vector<Job>> {
        const bool aliveBefore = writersAlive();
        auto stored = CAIRN_TRY(readJobs(*m_parts.database));
        const bool alive = m_parts.writable ? m_settled : aliveBefore || writersAlive();
        std::vector<Job> found;
        for (StoredJob& each : stored) {
            each.job.running = each.running && alive;
            found.push_back(std::move(each.job));
        }
        return found;
    });
}

Result<Ledger> StoredCatalog::ledger()
{
    return read([&] { return readLedger(*m_parts.database); });
}

Result<std::vector<KnownMember>> StoredCatalog::members()
{
    return read([&]() -> Result<std::vector<KnownMember>> {
        std::vector<KnownMember> found;
        for (StoredMember& stored : CAIRN_TRY(readMembers(*m_parts.database))) {
            stored.member.stale = stored.member.stale && !isUpToDate(stored.member.id);
            found.push_back(std::move(stored.member));
        }
        return found;
    });
}

bool StoredCatalog::isUpToDate(const Uuid& member) const
{
    for (std::size_t i = 0; i < m_parts.states.size(); ++i) {
        const CatalogCopyStatus& copy = m_parts.states[i];
        if (copy.member == member && copy.state == CatalogCopyState::Current)
            return !m_failed.contains(i);
    }
    return false;
}

Result<std::optional<std::string>> StoredCatalog::setting(const std::string& key)
{
    return read([&]() -> Result<std::optional<std::string>> {
        auto statement = CAIRN_TRY(
            Statement::prepare(*m_parts.database, "SELECT value FROM setting WHERE key = ?", key));
        if (!CAIRN_TRY(statement.step()))
            return std::optional<std::string>();
        Row row(statement, "setting");
        auto value = row.text(0);
        CAIRN_TRY(row.valid());
        return std::optional(std::move(value));
    });
}

Result<std::vector<ExportedCopy>> StoredCatalog::exports(GenerationNumber number)
{
    return read([&] { return readExports(*m_parts.database, number); });
}

Result<std::unique_ptr<DigestSource>> StoredCatalog::digests(GenerationNumber number)
{
    return read([&]() -> Result<std::unique_ptr<DigestSource>> {
        CAIRN_TRY(readGeneration(*m_parts.database, number));
        return std::make_unique<CatalogDigests>(*this, number);
    });
}

Result<std::vector<Digest>> StoredCatalog::digestSegment(GenerationNumber number,
                                                         std::uint64_t segment)
{
    return read([&] { return readSegment(*m_parts.database, number, segment); });
}

GenerationState StoredCatalog::presentState(GenerationNumber number, GenerationState state,
                                            bool writerAlive) const
{
    if (state == GenerationState::Good && std::ranges::binary_search(m_parts.doubtful, number))
        return GenerationState::Copied;
    const bool alive = m_parts.writable ? m_settled : writerAlive;
    return state == GenerationState::Copying && !alive ? GenerationState::Interrupted : state;
}

void StoredCatalog::present(Generation& generation, bool writerAlive) const
{
    generation.state = presentState(generation.number, generation.state, writerAlive);
}

bool StoredCatalog::writersAlive() const
{
    return m_parts.writable || WriterLocks::anyHeld(m_parts.copies);
}

bool StoredCatalog::switchCopy(const Error& why)
{
    const bool copyIsBad =
        why.code == ErrorCode::CatalogDamaged || why.code == ErrorCode::ReadFailed;
    if (m_parts.writable || !copyIsBad)
        return false;
    while (!m_parts.spare.empty()) {
        const std::size_t next = m_parts.spare.front();
        m_parts.spare.erase(m_parts.spare.begin());
        auto database = RegionDatabase::open({m_parts.copies[next].io.get()},
                                             {DatabaseMode::Private, m_parts.arrayId, false});
        if (!database)
            continue;
        CatalogCopyStatus& bad = m_parts.states[m_parts.live.front()];
        bad.state = CatalogCopyState::Damaged;
        bad.detail = why.detail;
        m_parts.database = *std::move(database);
        m_parts.live = {next};
        return true;
    }
    return false;
}

Result<std::uint64_t> StoredCatalog::freeBytes()
{
    auto statement = CAIRN_TRY(Statement::prepare(*m_parts.database, "PRAGMA freelist_count"));
    const std::uint64_t unused = CAIRN_TRY(firstNumber(statement, "freelist")).value_or(0);
    const std::uint64_t limit = m_parts.database->pageLimit();
    const std::uint64_t count = m_parts.database->pageCount();
    const std::uint64_t used = count - std::min(unused, count);
    return (limit - std::min(used, limit)) * kPageBytes;
}

} // namespace cairn
