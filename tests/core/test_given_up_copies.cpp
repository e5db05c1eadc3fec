// Of a region whose record went with a history that was given up, the ledger tells what it is.
#include "core/backup/given_up_copies.h"

#include <QTest>

using namespace cairn;

class TestGivenUpCopies : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void theCopyOfAGivenUpHistoryIsFound();
    void aRegionThatARecordNamesIsNone();
    void aNameThatTwoRegionsShareTellsNothing();
    void whatWasWrittenOrMadeAnewSinceIsNone();
    void namesAreFollowedThroughRenames();
};

namespace {

constexpr std::int64_t kGivenUpMs = 1'700'000'000'000;

RegionId id(std::uint8_t seed)
{
    RegionId made;
    made.uuid.bytes.fill(seed);
    return made;
}

Region backupRegion(std::uint8_t seed, const std::string& name)
{
    Region made;
    made.id = id(seed);
    made.name = name;
    made.role = RegionRole::Backup;
    return made;
}

Event entry(EventKind kind, const std::string& subject, const std::string& detail = {})
{
    Event made;
    made.kind = kind;
    made.timeMs = kGivenUpMs;
    made.subject = subject;
    made.detail = detail;
    return made;
}

Event givenUp(const std::string& subject, const std::string& what)
{
    return entry(EventKind::GivenUp, subject,
                 "in history 0123456789ab, 2023-11-14T22:13:20Z: " + what);
}

} // namespace

void TestGivenUpCopies::theCopyOfAGivenUpHistoryIsFound()
{
    const std::vector<Region> regions{backupRegion(1, "vault"), backupRegion(2, "area"),
                                      backupRegion(3, "other")};
    const std::vector<Event> events{
        entry(EventKind::HistoryChosen, "f00"), givenUp("vault", "backup-started #5"),
        givenUp("vault", "backup-copied #5"), givenUp("area", "backup-started #6: undo of 5"),
        givenUp("other", "verified #4")};
    const GivenUpCopies expected{{id(1), kGivenUpMs}, {id(2), kGivenUpMs}};
    QVERIFY(givenUpCopies(regions, {}, events) == expected);
    std::vector<Region> unmarked = regions;
    unmarked[0].role = RegionRole::Data;
    QVERIFY(!givenUpCopies(unmarked, {}, events).contains(id(1)));
}

void TestGivenUpCopies::aRegionThatARecordNamesIsNone()
{
    Generation record;
    record.number = 1;
    record.target.id = id(1);
    record.state = GenerationState::Forgotten;
    QVERIFY(
        givenUpCopies({backupRegion(1, "vault")}, {record}, {givenUp("vault", "backup-started #5")})
            .empty());
}

void TestGivenUpCopies::aNameThatTwoRegionsShareTellsNothing()
{
    QVERIFY(givenUpCopies({backupRegion(1, "vault"), backupRegion(2, "vault")}, {},
                          {givenUp("vault", "backup-started #5")})
                .empty());
}

void TestGivenUpCopies::whatWasWrittenOrMadeAnewSinceIsNone()
{
    const std::vector<Region> regions{backupRegion(1, "vault")};
    const Event told = givenUp("vault", "import-started #5");
    QVERIFY(!givenUpCopies(regions, {}, {told}).empty());
    for (const EventKind since : {EventKind::BackupStarted, EventKind::ImportStarted,
                                  EventKind::RegionRemoved, EventKind::RegionAdded})
        QVERIFY(givenUpCopies(regions, {}, {told, entry(since, "vault")}).empty());
}

void TestGivenUpCopies::namesAreFollowedThroughRenames()
{
    const std::vector<Region> regions{backupRegion(1, "cellar")};
    QVERIFY(givenUpCopies(regions, {},
                          {givenUp("vault", "backup-started #5"),
                           givenUp("attic", "region-renamed: vault"),
                           entry(EventKind::RegionRenamed, "cellar", "attic")})
                .contains(id(1)));
    QVERIFY(givenUpCopies(regions, {}, {givenUp("cellar", "backup-started")}).contains(id(1)));
}

QTEST_GUILESS_MAIN(TestGivenUpCopies)
#include "test_given_up_copies.moc"
