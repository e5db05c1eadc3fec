// Encodes, appends and checks the ledger's entries.
#include "core/catalog/ledger.h"

#include "core/catalog/statement.h"

#include <functional>
#include <string_view>
#include <vector>

namespace cairn {
namespace {

constexpr std::string_view kSelect =
    "SELECT e.id, e.kind, e.generation, e.time_ms, h.uuid, h.name, e.subject, e.detail, e.hash"
    " FROM event e LEFT JOIN host h ON h.id = e.host WHERE e.id > ? ORDER BY e.id";

class Encoding {
public:
    void number(std::uint64_t value, int bytes)
    {
        for (int i = 0; i < bytes; ++i)
            m_bytes.push_back(static_cast<std::byte>(value >> (8 * i)));
    }
    void raw(std::span<const std::byte> bytes)
    {
        m_bytes.insert(m_bytes.end(), bytes.begin(), bytes.end());
    }
    void text(std::string_view text)
    {
        number(text.size(), 4);
        raw(std::as_bytes(std::span(text)));
    }
    [[nodiscard]] std::span<const std::byte> bytes() const { return m_bytes; }

private:
    std::vector<std::byte> m_bytes;
};

Result<Event> eventOf(Statement& statement)
{
    Row row(statement, "event");
    Event event;
    event.id = row.number(0);
    event.kind = static_cast<EventKind>(row.number(1, UINT8_MAX));
    event.generation = row.number(2);
    event.timeMs = row.timeMs(3);
    event.hostId = row.uuid(4);
    event.hostName = row.text(5);
    event.subject = row.text(6);
    event.detail = row.text(7);
    event.hash = row.digest(8);
    CAIRN_TRY(row.valid());
    return event;
}

// Calls `take` with each entry and whether the chain holds up to and including it, until it
// returns false.
Result<void> walk(RegionDatabase& database, const std::function<bool(Event&&, bool)>& take)
{
    auto statement = CAIRN_TRY(Statement::prepare(database, kSelect, 0));
    Digest before;
    std::uint64_t expectedId = 1;
    bool intact = true;
    while (CAIRN_TRY(statement.step())) {
        Event event = CAIRN_TRY(eventOf(statement));
        intact = intact && event.id == expectedId && event.hash == ledgerHash(before, event);
        before = event.hash;
        ++expectedId;
        if (!take(std::move(event), intact))
            break;
    }
    return {};
}

} // namespace

Digest ledgerHash(const Digest& before, const Event& event)
{
    Encoding encoding;
    encoding.raw(before.bytes);
    encoding.number(event.id, 8);
    encoding.number(static_cast<std::uint64_t>(event.kind), 4);
    encoding.number(event.generation, 8);
    encoding.number(static_cast<std::uint64_t>(event.timeMs), 8);
    encoding.raw(std::as_bytes(std::span(event.hostId.bytes)));
    encoding.text(event.hostName);
    encoding.text(event.subject);
    encoding.text(event.detail);
    return digestOf(encoding.bytes());
}

Result<std::uint64_t> appendToLedger(RegionDatabase& database, Event event, std::uint64_t hostRow)
{
    auto last = CAIRN_TRY(
        Statement::prepare(database, "SELECT id, hash FROM event ORDER BY id DESC LIMIT 1"));
    Digest before;
    event.id = 1;
    if (CAIRN_TRY(last.step())) {
        Row row(last, "event");
        event.id = row.number(0, INT64_MAX - 1) + 1;
        before = row.digest(1);
        CAIRN_TRY(row.valid());
    }
    event.hash = ledgerHash(before, event);
    auto insert = CAIRN_TRY(Statement::prepare(
        database,
        "INSERT INTO event(id, kind, generation, time_ms, host, subject, detail, hash)"
        " VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
        event.id, static_cast<int>(event.kind), event.generation, event.timeMs, hostRow,
        event.subject, event.detail, event.hash));
    CAIRN_TRY(insert.run());
    return event.id;
}

Result<void> readLedgerAfter(RegionDatabase& database, std::uint64_t id,
                             const std::function<void(Event&&)>& take)
{
    auto statement = CAIRN_TRY(Statement::prepare(database, kSelect, id));
    while (CAIRN_TRY(statement.step()))
        take(CAIRN_TRY(eventOf(statement)));
    return {};
}

Result<Ledger> readLedger(RegionDatabase& database)
{
    Ledger ledger;
    CAIRN_TRY(walk(database, [&](Event&& event, bool intact) {
        if (!intact && ledger.chainIntact) {
            ledger.chainIntact = false;
            ledger.firstBrokenId = event.id;
        }
        ledger.events.push_back(std::move(event));
        return true;
    }));
    return ledger;
}

Result<void> checkLedger(RegionDatabase& database)
{
    std::uint64_t brokenId = 0;
    CAIRN_TRY(walk(database, [&](Event&& event, bool intact) {
        if (!intact)
            brokenId = event.id;
        return intact;
    }));
    if (brokenId != 0)
        return failure(ErrorCode::CatalogDamaged, {},
                       "ledger entry " + std::to_string(brokenId) + " breaks the chain");
    return {};
}

} // namespace cairn
