// Inspects the copies of a catalog, and finds out which descends from which.
#include "core/catalog/ancestry.h"

#include "core/catalog/catalog_rows.h"
#include "core/catalog/divergence.h"
#include "core/catalog/schema.h"
#include "core/catalog/statement.h"

#include <algorithm>
#include <map>
#include <numeric>

namespace cairn {
namespace {

// The array row of the database, against what the super block says. Where its page is damaged, the
// stamps of the others tell the array too, and what they hold is of use all the same.
Result<void> checkArrayId(RegionDatabase& database, const Uuid& arrayId)
{
    auto statement = CAIRN_TRY(Statement::prepare(database, "SELECT only, id FROM array"));
    const auto stepped = statement.step();
    if (!stepped && stepped.error().code == ErrorCode::CatalogDamaged)
        return {};
    if (!CAIRN_TRY(stepped))
        return failure(ErrorCode::CatalogDamaged, {}, "no array row");
    Row row(statement, "array");
    const Uuid found = row.uuid(1);
    CAIRN_TRY(row.valid());
    if (found != arrayId)
        return failure(ErrorCode::CatalogDamaged, {}, "database of array " + found.toString());
    return {};
}

Result<void> readCopy(InspectedCopy& copy, RegionIo& io)
{
    auto database =
        CAIRN_TRY(RegionDatabase::open({&io}, {DatabaseMode::Private, copy.super->arrayId, false}));
    const auto schema = CAIRN_TRY(checkSchema(*database));
    CAIRN_TRY(checkArrayId(*database, copy.super->arrayId));
    copy.head = CAIRN_TRY(readHead(*database));
    copy.newer = schema.newer;
    copy.database = std::move(database);
    return {};
}

void setProblem(InspectedCopy& copy, Error problem)
{
    copy.state = problem.code == ErrorCode::CatalogForeign ? CatalogCopyState::Foreign
                                                           : CatalogCopyState::Damaged;
    copy.database.reset();
    copy.problem = std::move(problem);
}

// The array that most super blocks name, each on a disk that it was written for; of several, the
// one that more of them have a readable catalog of; of those, the one that the first does.
std::optional<Uuid> electArray(const std::vector<InspectedCopy>& copies)
{
    std::map<Uuid, std::pair<std::size_t, std::size_t>> votes; // All, and of readable ones.
    std::optional<Uuid> elected;
    for (const InspectedCopy& copy : copies) {
        if (!copy.super)
            continue;
        auto& [all, readable] = votes[copy.super->arrayId];
        ++all;
        if (copy.database)
            ++readable;
    }
    for (const InspectedCopy& copy : copies) {
        if (copy.super && (!elected || votes[copy.super->arrayId] > votes[*elected]))
            elected = copy.super->arrayId;
    }
    return elected;
}

void readSuper(InspectedCopy& copy, const CatalogCopy& stored)
{
    auto super = readSuperBlock(*stored.io);
    if (!super)
        return setProblem(copy, std::move(super).error());
    if (super->formatVersion > SuperBlock{}.formatVersion)
        return setProblem(copy, {ErrorCode::FormatNewer, 0, {}, {}, super->formatVersion});
    std::string why = whyOfAnotherDisk(*super, stored.member);
    copy.misplaced = !why.empty();
    if (copy.misplaced)
        return setProblem(copy,
                          {ErrorCode::CatalogForeign, 0, stored.memberName, std::move(why), 0});
    copy.super = *super;
}

// Whether the head of an older copy is a commit that the newer one descends from: it has the same
// commit, or has recorded that this member went missing at exactly that commit.
Result<bool> descendsFrom(RegionDatabase& newer, const CommitLink& older, const Uuid& olderMember)
{
    auto link = CAIRN_TRY(
        Statement::prepare(newer, "SELECT id, hash FROM commit_link WHERE id = ?", older.id));
    if (CAIRN_TRY(link.step())) {
        Row row(link, "commit_link");
        const Digest hash = row.digest(1);
        CAIRN_TRY(row.valid());
        return hash == older.hash;
    }
    for (const StoredMember& stored : CAIRN_TRY(readMembers(newer))) {
        if (stored.member.id == olderMember && stored.member.stale &&
            stored.staleCommit == older.id && stored.staleHash == older.hash)
            return true;
    }
    return false;
}

enum class Place { New, AtHead, Behind };

// Where a copy belongs among the histories found so far, all of which have at least its commits.
Result<Place> placeCopy(InspectedMirror& mirror, std::size_t index, const Uuid& member)
{
    const CommitLink& head = mirror.copies[index].head;
    for (auto& holders : mirror.holders) {
        InspectedCopy& holder = mirror.copies[holders.front()];
        if (holder.head.sameCommit(head)) {
            holders.push_back(index);
            return Place::AtHead;
        }
        if (CAIRN_TRY(descendsFrom(*holder.database, head, member)))
            return Place::Behind;
    }
    return Place::New;
}

void findHistories(InspectedMirror& mirror, const std::vector<CatalogCopy>& copies)
{
    std::vector<std::size_t> byCommits(copies.size());
    std::iota(byCommits.begin(), byCommits.end(), std::size_t{0});
    std::erase_if(byCommits, [&](std::size_t i) { return mirror.copies[i].database == nullptr; });
    std::ranges::stable_sort(byCommits, std::ranges::greater{},
                             [&](std::size_t i) { return mirror.copies[i].head.id; });
    for (const std::size_t index : byCommits) {
        InspectedCopy& copy = mirror.copies[index];
        const auto place = placeCopy(mirror, index, copies[index].member);
        if (!place) {
            // The newer copy could not be asked. Without an answer nothing is overwritten.
            mirror.holders.push_back({index});
            continue;
        }
        copy.state = *place == Place::Behind ? CatalogCopyState::Behind : CatalogCopyState::Current;
        if (*place == Place::New)
            mirror.holders.push_back({index});
    }
    for (const auto& holders : mirror.holders) {
        CatalogHistory history;
        const CommitLink& head = mirror.copies[holders.front()].head;
        history.id = head.historyId();
        history.commits = head.id;
        history.lastCommitMs = head.timeMs;
        history.lastHost = head.host;
        for (const std::size_t index : holders) {
            history.members.push_back(copies[index].member);
            if (mirror.holders.size() > 1)
                mirror.copies[index].state = CatalogCopyState::Diverged;
        }
        mirror.histories.push_back(std::move(history));
    }
}

std::unexpected<Error> worstProblem(const InspectedMirror& mirror)
{
    for (const ErrorCode code : {ErrorCode::FormatNewer, ErrorCode::ArrayBusy,
                                 ErrorCode::ReadFailed, ErrorCode::CatalogDamaged}) {
        for (const InspectedCopy& copy : mirror.copies) {
            if (copy.problem && copy.problem->code == code)
                return std::unexpected(*copy.problem);
        }
    }
    for (const InspectedCopy& copy : mirror.copies) {
        if (copy.problem)
            return std::unexpected(*copy.problem);
    }
    return failure(ErrorCode::CatalogForeign, {}, "no management region");
}

} // namespace

namespace {

Result<CommitLink> readHeadBy(RegionDatabase& database, std::string_view sql)
{
    auto statement = CAIRN_TRY(Statement::prepare(database, sql));
    if (!CAIRN_TRY(statement.step()))
        return failure(ErrorCode::CatalogDamaged, {}, "no commit");
    Row row(statement, "commit_link");
    CommitLink head{row.number(0), row.digest(1), row.timeMs(2), row.text(3)};
    CAIRN_TRY(row.valid());
    return head;
}

} // namespace

Result<CommitLink> readHead(RegionDatabase& database)
{
    auto head =
        readHeadBy(database, "SELECT c.id, c.hash, c.time_ms, h.name FROM commit_link c"
                             " LEFT JOIN host h ON h.id = c.host ORDER BY c.id DESC LIMIT 1");
    // The names of hosts lie on a page of their own.
    if (!head && head.error().code == ErrorCode::CatalogDamaged)
        head = readHeadBy(database, "SELECT id, hash, time_ms, '' FROM commit_link"
                                    " ORDER BY id DESC LIMIT 1");
    return head;
}

Result<CommitLink> addLink(RegionDatabase& database, const CommitLink& head,
                           const Environment& environment)
{
    CommitLink next;
    next.id = head.id + 1;
    next.timeMs = environment.clock.nowUnixMs();
    next.host = environment.host.name;
    std::array<std::byte, 56> bytes{};
    const std::span all(bytes);
    std::ranges::copy(head.hash.bytes, all.begin());
    for (std::size_t i = 0; i < 8; ++i)
        bytes[16 + i] = static_cast<std::byte>(next.id >> (8 * i));
    std::ranges::copy(std::as_bytes(std::span(environment.host.id.bytes)), all.begin() + 24);
    environment.random.fill(all.subspan(40, 16));
    next.hash = digestOf(bytes);
    const auto host = CAIRN_TRY(internHost(database, environment.host.id, environment.host.name));
    auto insert = CAIRN_TRY(Statement::prepare(
        database, "INSERT INTO commit_link(id, hash, time_ms, host) VALUES(?, ?, ?, ?)", next.id,
        next.hash, next.timeMs, host));
    CAIRN_TRY(insert.run());
    if (next.id > kLinksKept && (next.id - kLinksKept) % kLinkMilestone != 0) {
        auto drop = CAIRN_TRY(Statement::prepare(database, "DELETE FROM commit_link WHERE id = ?",
                                                 next.id - kLinksKept));
        CAIRN_TRY(drop.run());
    }
    return next;
}

// A management region that was wiped is no stranger's where the catalog knows its member as one
// that holds a copy: it is repaired like a damaged one.
void recogniseWiped(InspectedMirror& mirror, const std::vector<CatalogCopy>& copies)
{
    if (mirror.holders.empty())
        return;
    const auto known = readMembers(*mirror.copies[mirror.holders.front().front()].database);
    if (!known)
        return; // Without an answer nothing is overwritten.
    for (std::size_t i = 0; i < copies.size(); ++i) {
        InspectedCopy& copy = mirror.copies[i];
        const bool wiped =
            !copy.super && !copy.misplaced && copy.state == CatalogCopyState::Foreign;
        const bool ours = std::ranges::any_of(*known, [&](const StoredMember& stored) {
            return stored.member.id == copies[i].member && stored.member.holdsCatalog &&
                   !stored.member.removed;
        });
        if (wiped && ours)
            copy.state = CatalogCopyState::Damaged;
    }
}

Result<InspectedMirror> inspectMirror(const std::vector<CatalogCopy>& copies)
{
    InspectedMirror mirror;
    mirror.copies.resize(copies.size());
    for (std::size_t i = 0; i < copies.size(); ++i) {
        InspectedCopy& copy = mirror.copies[i];
        readSuper(copy, copies[i]);
        if (!copy.super)
            continue;
        if (auto read = readCopy(copy, *copies[i].io); !read)
            setProblem(copy, std::move(read).error());
    }
    const auto elected = electArray(mirror.copies);
    if (!elected)
        return worstProblem(mirror);
    mirror.arrayId = *elected;
    for (InspectedCopy& copy : mirror.copies) {
        if (copy.super && copy.super->arrayId != mirror.arrayId)
            setProblem(copy, {ErrorCode::CatalogForeign,
                              0,
                              {},
                              "of array " + copy.super->arrayId.toString(),
                              0});
    }
    findHistories(mirror, copies);
    if (mirror.histories.empty())
        return worstProblem(mirror);
    recogniseWiped(mirror, copies);
    for (std::size_t i = 0; mirror.diverged() && i < mirror.histories.size(); ++i)
        listOwnWork(mirror, i);
    return mirror;
}

} // namespace cairn
