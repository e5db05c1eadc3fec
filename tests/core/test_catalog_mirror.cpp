// What the catalog promises about its copies: what is behind or damaged is repaired, and what grew
// apart is never merged or dropped unasked.
#include "core/catalog/management_region.h"
#include "tests/support/catalog_bench.h"
#include "tests/support/state_stride.h"

#include <QTest>

#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

// A catalog with one backup on both members; the second member then misses one more.
struct Parted {
    CatalogBench bench;
    GenerationNumber common = 0;
    GenerationNumber missed = 0;

    Parted()
    {
        const auto catalog = bench.create();
        common = bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    }
    void writeOn(std::size_t member, const std::string& target)
    {
        const auto catalog = bench.write({member});
        missed = bench.makeBackup(*catalog, bench.backup("root", target));
    }
    CatalogHistory historyOn(std::size_t member)
    {
        const auto histories = bench.read()->status().histories;
        return *std::ranges::find_if(histories, [&](const CatalogHistory& history) {
            return history.members.front() == bench.members[member];
        });
    }
};

CatalogCopyState stateOf(const CatalogStatus& status, const Uuid& member)
{
    return std::ranges::find(status.copies, member, &CatalogCopyStatus::member)->state;
}

IoObserver& observerOf(const CatalogCopy& copy)
{
    return dynamic_cast<MemoryIo&>(*copy.io).observer;
}

// From the nth call on, counted from 1, or that one alone.
IoObserver::Hook failWritesFrom(std::uint64_t nth, bool forGood)
{
    return [=](IoCall call, ByteRange, std::uint64_t index) -> std::optional<Error> {
        if (index + 1 < nth || (!forGood && index + 1 > nth))
            return std::nullopt;
        if (call == IoCall::Flush)
            return Error{ErrorCode::FlushFailed, EIO, "failing", {}, 0};
        if (call == IoCall::Write || call == IoCall::Zero)
            return Error{ErrorCode::NoSpace, ENOSPC, "failing", {}, 0};
        return std::nullopt;
    };
}

// The target lies on the first member.
GenerationNumber verifiedBackup(const CatalogBench& bench, Catalog& catalog,
                                const std::string& target)
{
    const GenerationNumber number = bench.makeBackup(catalog, bench.backup("root", target));
    VerifyOutcome outcome;
    outcome.readBack = ReadBack::Direct;
    require(catalog.recordVerification(number, outcome));
    return number;
}

} // namespace

class TestCatalogMirror : public QObject {
    Q_OBJECT

private slots:
    void aCopyThatIsBehindIsShownAndRepaired();
    void aMissingMemberIsRecordedAsStaleBeforeTheCommit();
    void aMissingMemberThatComesBackIsBehindNotDiverged();
    void aMemberThatWasAwayForVeryLongIsBehind();
    void onlyTheNewestLinksAndMilestonesAreKept();
    void membersWrittenApartAreReadOnlyWithBothHistories();
    void choosingKeepsOneHistoryAndListsWhatTheOtherHeld();
    void aHoldOfTheHistoryGivenUpStaysAndItsOtherChangesAreTold();
    void aHoldStaysHoweverMuchWasDoneBeforeIt();
    void anUnknownHistoryIsRefused();
    void aDamagedCopyIsReadAroundAndRepaired();
    void anyOneDamagedPageIsReadAroundAndRepaired();
    void aDamagedPageInEachCopyIsRepairedFromTheOther();
    void aFreshlyFormattedCopyIsFilled();
    void aForeignCopyIsNeverOverwritten();
    void aWipedCopyOfAKnownMemberIsFilledAgain();
    void aCopyThatFailsIsStaleBeforeTheWriteIsAcknowledged();
    void aCopyThatFailsPutsNoBackupInDoubt();
    void whyACopyWasNotRepairedIsTold();
    void aReaderBetweenTwoCopiesOfACommitLooksAgain();
    void theLastCopyFailingFailsTheWrite();
    void aSecondWriterIsRefused();
    void threeCopiesAgree();
};

void TestCatalogMirror::aCopyThatIsBehindIsShownAndRepaired()
{
    Parted parted;
    parted.writeOn(0, "backup-b");
    const auto before = parted.bench.bytesOf(1);
    auto status = parted.bench.read()->status();
    QCOMPARE(stateOf(status, parted.bench.members[0]), CatalogCopyState::Current);
    QCOMPARE(stateOf(status, parted.bench.members[1]), CatalogCopyState::Behind);
    QCOMPARE(status.histories.size(), std::size_t{1});
    QVERIFY(parted.bench.bytesOf(1) == before);

    const auto catalog = parted.bench.write();
    QCOMPARE(stateOf(catalog->status(), parted.bench.members[1]), CatalogCopyState::Current);
    QVERIFY(std::ranges::none_of(require(catalog->members()), &KnownMember::stale));
    const auto next = parted.bench.makeBackup(*catalog, parted.bench.backup("root", "backup-c"));
    const auto ledger = require(catalog->ledger());
    QCOMPARE(std::ranges::count(ledger.events, EventKind::MirrorRepaired, &Event::kind), 1);
    const auto alone = parted.bench.read({1});
    QCOMPARE(require(alone->generations()).size(), std::size_t{3});
    QCOMPARE(require(alone->generation(next)).state, GenerationState::Copied);
}

void TestCatalogMirror::aMissingMemberIsRecordedAsStaleBeforeTheCommit()
{
    Parted parted;
    parted.writeOn(0, "backup-b");
    const auto catalog = parted.bench.read({0});
    const auto members = require(catalog->members());
    QVERIFY(!members[0].stale);
    QVERIFY(members[1].stale);
    const auto ledger = require(catalog->ledger());
    QCOMPARE(std::ranges::count(ledger.events, EventKind::MemberStale, &Event::kind), 1);
    // Once is enough.
    parted.writeOn(0, "backup-c");
    QCOMPARE(std::ranges::count(require(parted.bench.read({0})->ledger()).events,
                                EventKind::MemberStale, &Event::kind),
             1);
}

void TestCatalogMirror::aMissingMemberThatComesBackIsBehindNotDiverged()
{
    Parted parted;
    parted.writeOn(0, "backup-b");
    parted.writeOn(0, "backup-c");
    const auto catalog = parted.bench.write();
    QCOMPARE(require(catalog->generations()).size(), std::size_t{3});
    QCOMPARE(catalog->status().histories.size(), std::size_t{1});
    require(catalog->setSetting("a", "b"));
    QVERIFY(std::ranges::none_of(require(catalog->members()), &KnownMember::stale));
}

void TestCatalogMirror::aMemberThatWasAwayForVeryLongIsBehind()
{
    Parted parted;
    parted.writeOn(0, "backup-b");
    // As if so many commits had come since that the common one is no longer among the links.
    parted.bench.tamper(parted.bench.copies({0}), "UPDATE commit_link SET id = id + 100000");
    const auto status = parted.bench.read()->status();
    QCOMPARE(stateOf(status, parted.bench.members[1]), CatalogCopyState::Behind);
    QCOMPARE(status.histories.size(), std::size_t{1});
    // The member's record must name exactly its commit.
    parted.bench.tamper(parted.bench.copies({0}), "UPDATE member SET stale_hash = zeroblob(16)");
    QCOMPARE(parted.bench.read()->status().histories.size(), std::size_t{2});
}

void TestCatalogMirror::onlyTheNewestLinksAndMilestonesAreKept()
{
    CatalogBench bench(1);
    (void)bench.create();
    // Commit 1 becomes 5119: the next one drops link 1024, were it no milestone, then 1025.
    bench.tamper("UPDATE commit_link SET id = 5119");
    bench.tamper("INSERT INTO commit_link SELECT column1, zeroblob(16), 0, 1"
                 " FROM (VALUES(1024), (1025))");
    {
        const auto catalog = bench.write();
        require(catalog->setSetting("a", "1"));
        require(catalog->setSetting("a", "2"));
    }
    QCOMPARE(bench.ask("SELECT count(*) FROM commit_link WHERE id = 1024"), std::int64_t{1});
    QCOMPARE(bench.ask("SELECT count(*) FROM commit_link WHERE id = 1025"), std::int64_t{0});
}

void TestCatalogMirror::membersWrittenApartAreReadOnlyWithBothHistories()
{
    Parted parted;
    parted.writeOn(0, "backup-b");
    const auto onFirst = parted.missed;
    parted.writeOn(1, "backup-c");
    parted.writeOn(1, "backup-d");
    const auto first = parted.bench.bytesOf(0);
    const auto second = parted.bench.bytesOf(1);

    const auto refused = Catalog::openForWriting(parted.bench.copies(), parted.bench.environment);
    QCOMPARE(codeOf(refused), std::string("HistoriesDiverged"));
    const auto catalog = parted.bench.read();
    QVERIFY(!catalog->writable());
    const auto status = catalog->status();
    QCOMPARE(status.histories.size(), std::size_t{2});
    QCOMPARE(stateOf(status, parted.bench.members[0]), CatalogCopyState::Diverged);
    QCOMPARE(stateOf(status, parted.bench.members[1]), CatalogCopyState::Diverged);
    // The one with more commits is read, and each tells what it alone has.
    QVERIFY(status.histories[0].commits > status.histories[1].commits);
    QVERIFY(status.histories[0].members == std::vector{parted.bench.members[1]});
    QCOMPARE(status.histories[0].ownGenerations.size(), std::size_t{2});
    QVERIFY(status.histories[1].ownGenerations == std::vector{onFirst});
    QCOMPARE(require(catalog->generations()).size(), std::size_t{3});
    QCOMPARE(codeOf(catalog->setSetting("a", "b")), std::string("ReadOnlyArray"));
    QVERIFY(parted.bench.bytesOf(0) == first);
    QVERIFY(parted.bench.bytesOf(1) == second);
}

void TestCatalogMirror::choosingKeepsOneHistoryAndListsWhatTheOtherHeld()
{
    Parted parted;
    {
        const auto catalog = parted.bench.write({0});
        auto wanted = parted.bench.backup("root", "backup-b");
        wanted.label = "only on the first";
        parted.bench.makeBackup(*catalog, wanted);
    }
    parted.writeOn(1, "backup-c");
    const CatalogHistory kept = parted.historyOn(1);
    {
        const auto catalog = require(
            Catalog::chooseHistory(parted.bench.copies(), kept.id, parted.bench.environment));
        QCOMPARE(catalog->status().histories.size(), std::size_t{1});
        const auto events = require(catalog->ledger()).events;
        const auto chosen = std::ranges::find(events, EventKind::HistoryChosen, &Event::kind);
        QVERIFY(chosen != events.end());
        QVERIFY(chosen->detail.find("2 \"only on the first\"") != std::string::npos);
        require(catalog->setSetting("a", "b"));
    }
    for (const std::size_t member : {std::size_t{0}, std::size_t{1}}) {
        const auto catalog = parted.bench.read({member});
        const auto generations = require(catalog->generations());
        QCOMPARE(generations.size(), std::size_t{2});
        QCOMPARE(generations.front().target.name, std::string("backup-c"));
        QVERIFY(std::ranges::none_of(require(catalog->members()), &KnownMember::stale));
    }
    QCOMPARE(parted.bench.read()->status().histories.size(), std::size_t{1});
}

void TestCatalogMirror::aHoldOfTheHistoryGivenUpStaysAndItsOtherChangesAreTold()
{
    Parted parted;
    {
        const auto catalog = parted.bench.write({0});
        parted.bench.makeBackup(*catalog, parted.bench.backup("root", "backup-b"));
        require(catalog->setHeld(parted.common, true));
        require(catalog->append({EventKind::RegionAdded, 0, "extra", {}}));
        require(catalog->setHeld(parted.common + 1, true)); // Of its own: means another elsewhere.
    }
    parted.writeOn(1, "backup-c");
    const CatalogHistory first = parted.historyOn(0);
    const CatalogHistory second = parted.historyOn(1);
    QCOMPARE(first.ownEventCount, first.ownEvents.size());
    QCOMPARE(std::ranges::count(first.ownEvents, EventKind::RegionAdded, &Event::kind), 1);
    QCOMPARE(std::ranges::count(second.ownEvents, EventKind::Held, &Event::kind), 0);
    QVERIFY(!require(parted.bench.read({1})->generation(parted.common)).held);

    require(Catalog::chooseHistory(parted.bench.copies(), second.id, parted.bench.environment));
    const auto catalog = parted.bench.read({0});
    QVERIFY(require(catalog->generation(parted.common)).held);
    QVERIFY(!require(catalog->generation(parted.common + 1)).held);
    const auto ledger = require(catalog->ledger());
    QVERIFY(ledger.chainIntact);
    QCOMPARE(std::ranges::count(ledger.events, EventKind::GivenUp, &Event::kind),
             qsizetype(first.ownEventCount));
    const auto told = std::ranges::find(ledger.events, std::string("extra"), &Event::subject);
    QVERIFY(told != ledger.events.end());
    QCOMPARE(told->kind, EventKind::GivenUp);
    QVERIFY(told->detail.find("region-added") != std::string::npos);
    for (const Event& event : ledger.events)
        QVERIFY(event.kind != EventKind::GivenUp || event.generation != parted.common + 1);
}

// Incident: of a history with more than 200 changes, only the holds among the oldest stayed.
void TestCatalogMirror::aHoldStaysHoweverMuchWasDoneBeforeIt()
{
    Parted parted;
    {
        const auto catalog = parted.bench.write({0});
        for (int n = 0; n < 201; ++n)
            require(catalog->append({EventKind::RegionAdded, 0, "x", {}}));
        require(catalog->setHeld(parted.common, true));
    }
    parted.writeOn(1, "backup-c");
    const std::string second = parted.historyOn(1).id;
    require(Catalog::chooseHistory(parted.bench.copies(), second, parted.bench.environment));
    QVERIFY(require(parted.bench.read({0})->generation(parted.common)).held);
}

void TestCatalogMirror::anUnknownHistoryIsRefused()
{
    Parted parted;
    parted.writeOn(0, "backup-b");
    parted.writeOn(1, "backup-c");
    const auto first = parted.bench.bytesOf(0);
    const auto refused =
        Catalog::chooseHistory(parted.bench.copies(), "000000000000", parted.bench.environment);
    QCOMPARE(codeOf(refused), std::string("UnknownHistory"));
    QVERIFY(parted.bench.bytesOf(0) == first);
}

void TestCatalogMirror::aDamagedCopyIsReadAroundAndRepaired()
{
    Parted parted;
    auto bytes = parted.bench.bytesOf(0);
    const auto areas = require(managementAreas(bytes.size()));
    // Page 1 and what follows it.
    std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(areas.main.offsetBytes), 3 * kPageBytes,
                std::byte{0x55});
    parted.bench.setBytesOf(0, bytes);
    const auto reading = parted.bench.read();
    QCOMPARE(stateOf(reading->status(), parted.bench.members[0]), CatalogCopyState::Damaged);
    QCOMPARE(require(reading->generation(parted.common)).state, GenerationState::Copied);
    {
        const auto catalog = parted.bench.write();
        QCOMPARE(stateOf(catalog->status(), parted.bench.members[0]), CatalogCopyState::Current);
    }
    QCOMPARE(require(parted.bench.read({0})->generation(parted.common)).state,
             GenerationState::Copied);
}

void TestCatalogMirror::anyOneDamagedPageIsReadAroundAndRepaired()
{
    Parted parted;
    const auto areas = require(managementAreas(parted.bench.bytesOf(0).size()));
    const auto whole = parted.bench.bytesOf(0);
    const auto pages = static_cast<std::uint64_t>(parted.bench.ask("PRAGMA page_count"));
    const auto expected = require(parted.bench.read()->ledger()).events;
    QVERIFY(pages > 20);
    for (std::uint64_t page = 0; page < pages; page += stateStride()) {
        auto bytes = whole;
        const auto start = areas.main.offsetBytes + page * kPageBytes;
        std::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(start), kPageBytes, std::byte{0});
        parted.bench.setBytesOf(0, bytes);
        {
            const auto catalog = parted.bench.read();
            QCOMPARE(require(catalog->generations()).size(), std::size_t{1});
            QVERIFY(require(catalog->ledger()).events == expected);
            const auto digests = require(catalog->digests(parted.common));
            QVERIFY(require(digests->segment(0)) == CatalogBench::segment(3 * kMiB, 0).digests);
            require(catalog->members());
        }
        (void)parted.bench.write();
        // Alone, the first member has everything again.
        const auto catalog = parted.bench.write({0});
        QVERIFY(require(catalog->ledger()).events == expected);
        QCOMPARE(require(catalog->generations()).size(), std::size_t{1});
    }
}

void TestCatalogMirror::aDamagedPageInEachCopyIsRepairedFromTheOther()
{
    Parted parted;
    const auto areas = require(managementAreas(parted.bench.bytesOf(0).size()));
    const auto damagePage = [&](std::size_t member, std::uint64_t page) {
        auto bytes = parted.bench.bytesOf(member);
        bytes[areas.main.offsetBytes + (page - 1) * kPageBytes + 100] ^= std::byte{1};
        parted.bench.setBytesOf(member, bytes);
    };
    damagePage(0, 9);
    damagePage(1, 10);
    {
        const auto catalog = parted.bench.write();
        QCOMPARE(require(catalog->generation(parted.common)).state, GenerationState::Copied);
        require(catalog->setSetting("a", "b"));
    }
    for (const std::size_t member : {std::size_t{0}, std::size_t{1}}) {
        const auto catalog = parted.bench.write({member});
        QCOMPARE(require(catalog->generation(parted.common)).state, GenerationState::Copied);
    }
}

void TestCatalogMirror::aFreshlyFormattedCopyIsFilled()
{
    Parted parted;
    const SuperBlock super{.arrayId = parted.bench.record.arrayId,
                           .memberId = parted.bench.members[1],
                           .regionBytes = parted.bench.media[1]->bytes.size()};
    MemoryIo blank(parted.bench.media[1]);
    require(formatManagementRegion(blank, super));
    QCOMPARE(stateOf(parted.bench.read()->status(), parted.bench.members[1]),
             CatalogCopyState::Damaged);
    (void)parted.bench.write();
    QCOMPARE(require(parted.bench.read({1})->generation(parted.common)).state,
             GenerationState::Copied);
}

void TestCatalogMirror::aForeignCopyIsNeverOverwritten()
{
    Parted parted;
    const CatalogBench stranger(1);
    (void)stranger.create();
    parted.bench.setBytesOf(1, stranger.bytesOf(0));
    const auto foreign = parted.bench.bytesOf(1);
    QCOMPARE(stateOf(parted.bench.read()->status(), parted.bench.members[1]),
             CatalogCopyState::Foreign);
    // Incident: with members of two arrays attached, a backup that the other one held was
    // overwritten.
    QCOMPARE(codeOf(Catalog::openForWriting(parted.bench.copies(), parted.bench.environment)),
             std::string("ForeignMember"));
    QVERIFY(parted.bench.bytesOf(1) == foreign);
    // Nor is it believed on a disk that it was not made for.
    QCOMPARE(codeOf(Catalog::openForReading(parted.bench.copies({1}), stranger.environment)),
             std::string("CatalogForeign"));
}

void TestCatalogMirror::aWipedCopyOfAKnownMemberIsFilledAgain()
{
    Parted parted;
    const std::vector<std::byte> wiped(parted.bench.bytesOf(1).size());
    parted.bench.setBytesOf(1, wiped);
    QCOMPARE(stateOf(parted.bench.read()->status(), parted.bench.members[1]),
             CatalogCopyState::Damaged);
    require(parted.bench.write()->setSetting("a", "c"));
    QCOMPARE(stateOf(parted.bench.read()->status(), parted.bench.members[1]),
             CatalogCopyState::Current);
    const auto alone =
        require(Catalog::openForReading(parted.bench.copies({1}), parted.bench.environment));
    QCOMPARE(require(alone->setting("a")), std::optional<std::string>("c"));

    // Of a member that the catalog does not know, nothing may be there that is ours.
    parted.bench.setBytesOf(1, wiped);
    auto copies = parted.bench.copies();
    copies[1].member = parted.bench.environment.host.id;
    QCOMPARE(codeOf(Catalog::openForWriting(std::move(copies), parted.bench.environment)),
             std::string("ForeignMember"));
    QVERIFY(parted.bench.bytesOf(1) == wiped);
    QCOMPARE(codeOf(Catalog::openForReading(parted.bench.copies({1}), parted.bench.environment)),
             std::string("CatalogForeign"));
}

void TestCatalogMirror::aCopyThatFailsIsStaleBeforeTheWriteIsAcknowledged()
{
    CatalogBench bench;
    (void)bench.create();
    auto copies = bench.copies();
    auto* second = dynamic_cast<MemoryIo*>(copies[1].io.get());
    {
        const auto catalog = require(Catalog::openForWriting(std::move(copies), bench.environment));
        require(catalog->setSetting("a", "1"));
        second->observer.setHook([](IoCall call, ByteRange, std::uint64_t) -> std::optional<Error> {
            if (call != IoCall::Write && call != IoCall::Flush)
                return std::nullopt;
            return Error{ErrorCode::WriteFailed, EIO, "second", {}, 0};
        });
        require(catalog->setSetting("a", "2"));
        QVERIFY(require(catalog->members())[1].stale);
        QVERIFY(stateOf(catalog->status(), bench.members[1]) != CatalogCopyState::Current);
    }
    QVERIFY(require(bench.read({0})->members())[1].stale);
    const auto catalog = bench.write();
    QCOMPARE(require(catalog->setting("a")).value_or(""), std::string("2"));
    require(catalog->setSetting("a", "3"));
    QCOMPARE(require(bench.read({1})->setting("a")).value_or(""), std::string("3"));
}

// Incident: what had been read back whole was shown as copied only, since the copy of the catalog
// on its member had failed while the backup was recorded, and seemed to have gone back in time.
void TestCatalogMirror::aCopyThatFailsPutsNoBackupInDoubt()
{
    for (const bool forGood : {true, false}) {
        std::uint64_t calls = 1;
        for (std::uint64_t nth = 1; nth <= calls; nth += stateStride()) {
            CatalogBench bench;
            (void)bench.create();
            auto copies = bench.copies();
            auto& failing = observerOf(copies[0]);
            std::vector<GenerationNumber> numbers;
            {
                const auto catalog =
                    require(Catalog::openForWriting(std::move(copies), bench.environment));
                failing.reset();
                failing.setHook(failWritesFrom(nth, forGood));
                numbers.push_back(verifiedBackup(bench, *catalog, "t1"));
                calls = failing.totalCalls();
            }
            QCOMPARE(require(bench.read()->generation(numbers.front())).state,
                     GenerationState::Good);
            // The same with a copy that cannot be repaired.
            copies = bench.copies();
            observerOf(copies[0]).setHook(failWritesFrom(1, true));
            numbers.push_back(verifiedBackup(
                bench, *require(Catalog::openForWriting(std::move(copies), bench.environment)),
                "t2"));
            for (const GenerationNumber number : numbers)
                QCOMPARE(require(bench.read()->generation(number)).state, GenerationState::Good);
            const auto catalog = bench.write();
            require(catalog->setSetting("a", "b"));
            for (const GenerationNumber number : numbers)
                QCOMPARE(require(catalog->generation(number)).state, GenerationState::Good);
        }
    }
}

void TestCatalogMirror::whyACopyWasNotRepairedIsTold()
{
    Parted parted;
    parted.writeOn(0, "backup-b");
    auto copies = parted.bench.copies();
    observerOf(copies[1]).setHook(failWritesFrom(1, true));
    {
        const auto catalog =
            require(Catalog::openForWriting(std::move(copies), parted.bench.environment));
        const auto status = catalog->status();
        QVERIFY(!status.copies[0].unwritten);
        QVERIFY(status.copies[1].unwritten);
        QCOMPARE(status.copies[1].unwritten->code, ErrorCode::NoSpace);
        QCOMPARE(status.copies[1].state, CatalogCopyState::Behind);
    }
    QCOMPARE(stateOf(parted.bench.read({1})->status(), parted.bench.members[1]),
             CatalogCopyState::Current);
    QVERIFY(!parted.bench.write()->status().copies[1].unwritten);
}

// Incident: while another process wrote, all being well, a reader told of a copy that was behind.
void TestCatalogMirror::aReaderBetweenTwoCopiesOfACommitLooksAgain()
{
    CatalogBench bench;
    (void)bench.create();
    auto copies = bench.copies();
    int commits = 0;
    observerOf(copies[1]).setHook(
        [&](IoCall call, ByteRange range, std::uint64_t) -> std::optional<Error> {
            // The first copy was read; this one is not locked yet.
            if (call == IoCall::Read && range.offsetBytes >= kAreasOffset && commits == 0) {
                ++commits;
                require(bench.write()->setSetting("a", "b"));
            }
            return std::nullopt;
        });
    const auto catalog = require(Catalog::openForReading(std::move(copies), bench.environment));
    QCOMPARE(commits, 1);
    for (const CatalogCopyStatus& copy : catalog->status().copies)
        QCOMPARE(copy.state, CatalogCopyState::Current);
}

void TestCatalogMirror::theLastCopyFailingFailsTheWrite()
{
    CatalogBench bench(1);
    (void)bench.create();
    auto copies = bench.copies();
    auto* only = dynamic_cast<MemoryIo*>(copies[0].io.get());
    {
        const auto catalog = require(Catalog::openForWriting(std::move(copies), bench.environment));
        require(catalog->setSetting("a", "1"));
        only->observer.setHook([](IoCall call, ByteRange, std::uint64_t) -> std::optional<Error> {
            if (call != IoCall::Write && call != IoCall::Flush && call != IoCall::Zero)
                return std::nullopt;
            return Error{ErrorCode::WriteFailed, EIO, "only", {}, 0};
        });
        QVERIFY(!catalog->setSetting("a", "2").has_value());
        QVERIFY(!catalog->setSetting("a", "2").has_value());
    }
    QCOMPARE(require(bench.read()->setting("a")).value_or(""), std::string("1"));
}

void TestCatalogMirror::aSecondWriterIsRefused()
{
    CatalogBench bench;
    {
        const auto catalog = bench.create();
        QCOMPARE(codeOf(Catalog::openForWriting(bench.copies({1}), bench.environment)),
                 std::string("ArrayBusy"));
        const auto reading = bench.read();
        QVERIFY(reading->status().writerAlive);
        require(catalog->setSetting("still", "mine"));
    }
    QVERIFY(!bench.read()->status().writerAlive);
    QVERIFY(Catalog::openForWriting(bench.copies(), bench.environment).has_value());
}

void TestCatalogMirror::threeCopiesAgree()
{
    CatalogBench bench(3);
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    }
    {
        const auto catalog = bench.write({2, 0});
        bench.makeBackup(*catalog, bench.backup("root", "backup-b"));
    }
    QCOMPARE(stateOf(bench.read()->status(), bench.members[1]), CatalogCopyState::Behind);
    require(bench.write()->setSetting("a", "b"));
    for (std::size_t member = 0; member < 3; ++member)
        QCOMPARE(require(bench.read({member})->generations()).size(), std::size_t{2});
}

QTEST_GUILESS_MAIN(TestCatalogMirror)
#include "test_catalog_mirror.moc"
