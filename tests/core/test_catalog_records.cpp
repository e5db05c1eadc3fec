// What the catalog promises about its records: durable, never renumbered, never booked twice.
#include "tests/support/catalog_bench.h"

#include <QTest>

#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

Job jobOf(Catalog& catalog, GenerationNumber number)
{
    const auto jobs = require(catalog.jobs());
    const auto at = std::ranges::find(jobs, number, &Job::generation);
    if (at == jobs.end())
        requireNoError({ErrorCode::UnknownGeneration, 0, "job", {}, number});
    return *at;
}

VerifyOutcome proof(std::initializer_list<std::uint64_t> different,
                    std::initializer_list<std::uint64_t> unreadable)
{
    VerifyOutcome outcome;
    outcome.readBack = ReadBack::Direct;
    for (const std::uint64_t chunk : different)
        outcome.different.add(chunk);
    for (const std::uint64_t chunk : unreadable)
        outcome.unreadable.add(chunk);
    return outcome;
}

} // namespace

class TestCatalogRecords : public QObject {
    Q_OBJECT

private slots:
    void whatLacksSomeOfItsSourceIsNeverGood();
    void whatAnotherProcessWroteMeanwhileIsRead();
    void aRecordIsDurableBeforeBeginReturns();
    void everyFieldComesBackAsItWasWritten();
    void aRecordSurvivesOnEitherMemberAlone();
    void numbersAreNeverGivenTwice();
    void aTargetIsNeverBookedTwice();
    void aTargetThatIsBeingReadIsBusy();
    void aNewBackupSupersedesWhatLayThere();
    void aHeldBackupIsNoTarget();
    void aHeldBackupCannotBeForgotten();
    void forgettingKeepsTheRowAndDropsItsDigests();
    void aVerificationMakesGoodAndPartialAndGoodAgain();
    void aCanceledBackupCanBeResumed();
    void aFailedBackupEndsItsJob();
    void completingNeedsEveryDigest();
    void theJournalRefusesWhatDoesNotFit();
    void aRestoreIsRecordedAndSupersedesItsTarget();
    void anInterruptedRestoreStaysToBeResumed();
    void labelsAndNotesHaveLimits();
    void unprintableContentIsKeptReadable();
    void settingsComeBack();
    void membersComeBackAndCostNoWriteWhenKnown();
    void tenThousandGenerationsArePagedNewestFirst();
    void threadsMayShareACatalog();
    void aRecoveredRecordKeepsItsNumberAndDigests();
};

// What was read is kept for the next time, as long as nobody commits anything.
void TestCatalogRecords::whatAnotherProcessWroteMeanwhileIsRead()
{
    CatalogBench bench;
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    }
    const auto reader = bench.read();
    const GenerationFilter all;
    GenerationFilter unforgotten;
    unforgotten.withForgotten = false;
    QCOMPARE(require(reader->generations(all)).size(), std::size_t{1});
    {
        const auto writer = bench.write();
        QCOMPARE(require(writer->generations(all)).size(), std::size_t{1});
        bench.makeBackup(*writer, bench.backup("root", "backup-b"));
        QCOMPARE(require(writer->generations(all)).size(), std::size_t{2});
        QCOMPARE(require(reader->generations(all)).size(), std::size_t{2});
        require(writer->setHeld(1, true));
        QVERIFY(require(reader->generations(all)).back().held);
        require(writer->setHeld(1, false));
        require(writer->forget(1));
        QCOMPARE(require(writer->generations(unforgotten)).size(), std::size_t{1});
        // Nothing at all changes in the rows between these two.
        QVERIFY(require(reader->generations(all)) == require(reader->generations(all)));
        QCOMPARE(require(reader->generations(unforgotten)).size(), std::size_t{1});
        require(writer->begin(bench.backup("root", "backup-c")));
        QCOMPARE(require(reader->generations(all)).front().state, GenerationState::Copying);
    }
    // Kept is what is stored, and not how it was shown while somebody wrote.
    QCOMPARE(require(reader->generations(all)).front().state, GenerationState::Interrupted);
}

void TestCatalogRecords::aRecordIsDurableBeforeBeginReturns()
{
    const CatalogBench bench(1);
    const auto catalog = bench.create();
    const auto number = require(catalog->begin(bench.backup("root", "backup-a")));
    // What is on the medium now, as after a power cut, on another computer.
    CatalogBench other(1);
    other.members = bench.members;
    other.setBytesOf(0, MemoryIo(bench.media[0]).durableContent());
    const auto found = require(other.read()->generation(number));
    QCOMPARE(found.source, bench.region("root"));
    QCOMPARE(found.target, bench.region("backup-a"));
    QCOMPARE(found.state, GenerationState::Interrupted); // Nobody writes on that computer.
}

void TestCatalogRecords::everyFieldComesBackAsItWasWritten()
{
    const CatalogBench bench;
    auto wanted = bench.backup("root", "backup-a", 5 * kGiB + 7);
    wanted.label = "before the upgrade – ü";
    wanted.note = "first line\nsecond line";
    wanted.content = {ContentKind::Recognised, "ext4", "home", "4f1e-22", 123456789};
    GenerationNumber number = 0;
    Generation before;
    {
        const auto catalog = bench.create();
        number = bench.makeBackup(*catalog, wanted);
        before = require(catalog->generation(number));
    }
    const auto after = require(bench.read()->generation(number));
    QVERIFY(after == before);
    QCOMPARE(after.label, wanted.label);
    QCOMPARE(after.note, wanted.note);
    QVERIFY(after.content == wanted.content);
    QCOMPARE(after.sizeBytes, wanted.sizeBytes);
    QCOMPARE(after.state, GenerationState::Copied);
    QCOMPARE(after.hostName, bench.environment.host.name);
    QCOMPARE(after.writtenBytes, wanted.sizeBytes);
    QVERIFY(after.finishedMs >= after.startedMs);
    const auto catalog = bench.read();
    const auto digests = require(catalog->digests(number));
    for (std::uint64_t index = 0; index < 6; ++index)
        QVERIFY(require(digests->segment(index)) ==
                CatalogBench::segment(wanted.sizeBytes, index).digests);
    QVERIFY(require(digests->segment(6)).empty());
}

void TestCatalogRecords::aRecordSurvivesOnEitherMemberAlone()
{
    const CatalogBench bench;
    GenerationNumber number = 0;
    {
        const auto catalog = bench.create();
        number = bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    }
    const auto first = require(bench.read({0})->generation(number));
    const auto second = require(bench.read({1})->generation(number));
    QVERIFY(first == second);
}

void TestCatalogRecords::numbersAreNeverGivenTwice()
{
    const CatalogBench bench;
    (void)bench.create();
    GenerationNumber last = 0;
    for (int round = 0; round < 4; ++round) {
        const auto catalog = bench.write();
        const auto number = bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
        QVERIFY(number > last);
        last = number;
        QVERIFY(catalog->forget(number).has_value());
    }
}

void TestCatalogRecords::aTargetIsNeverBookedTwice()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    require(catalog->begin(bench.backup("root", "backup-a")));
    const auto again = catalog->begin(bench.backup("home", "backup-a"));
    QCOMPARE(codeOf(again), std::string("RegionBusy"));
    QCOMPARE(require(catalog->generations()).size(), std::size_t{1});
    // A name is not an identity.
    auto renamed = bench.backup("home", "backup-a");
    renamed.target.name = "renamed meanwhile";
    QCOMPARE(codeOf(catalog->begin(renamed)), std::string("RegionBusy"));
}

void TestCatalogRecords::aTargetThatIsBeingReadIsBusy()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    require(catalog->begin(bench.backup("root", "backup-a")));
    QCOMPARE(codeOf(catalog->begin(bench.backup("home", "root"))), std::string("RegionBusy"));
    QCOMPARE(codeOf(catalog->begin(bench.backup("backup-a", "c"))), std::string("RegionBusy"));
    QCOMPARE(codeOf(catalog->begin(bench.backup("root", "root"))), std::string("SourceIsTarget"));
}

void TestCatalogRecords::aNewBackupSupersedesWhatLayThere()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    const auto first = bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    const auto kept = bench.makeBackup(*catalog, bench.backup("root", "backup-b"));
    const auto second = bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    const auto old = require(catalog->generation(first));
    QCOMPARE(old.state, GenerationState::Superseded);
    QCOMPARE(old.supersededBy, second);
    QVERIFY(require(require(catalog->digests(first))->segment(0)).empty());
    QCOMPARE(require(catalog->generation(kept)).state, GenerationState::Copied);
    GenerationFilter filter;
    filter.target = bench.region("backup-a").id;
    QCOMPARE(require(catalog->generations(filter)).size(), std::size_t{2});
}

void TestCatalogRecords::aHeldBackupIsNoTarget()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    const auto number = bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    const auto other = bench.makeBackup(*catalog, bench.backup("root", "backup-b"));
    require(catalog->setHeld(number, true));
    QCOMPARE(codeOf(catalog->begin(bench.backup("home", "backup-a"))),
             std::string("GenerationHeld"));
    QCOMPARE(codeOf(catalog->beginRestore(other, bench.region("backup-a"))),
             std::string("GenerationHeld"));
    QCOMPARE(require(catalog->generation(number)).state, GenerationState::Copied);
    require(catalog->setHeld(number, false));
    QVERIFY(catalog->begin(bench.backup("home", "backup-a")).has_value());
}

void TestCatalogRecords::aHeldBackupCannotBeForgotten()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    const auto number = bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    require(catalog->setHeld(number, true));
    const auto refused = catalog->forget(number);
    QCOMPARE(codeOf(refused), std::string("GenerationHeld"));
    QCOMPARE(refused.error().amount, number);
    require(catalog->setHeld(number, false));
    QVERIFY(catalog->forget(number).has_value());
}

void TestCatalogRecords::forgettingKeepsTheRowAndDropsItsDigests()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    const auto number = bench.makeBackup(*catalog, bench.backup("root", "backup-a", 100 * kGiB));
    const auto usedBefore = catalog->status().usedBytes;
    require(catalog->forget(number));
    QVERIFY(catalog->status().usedBytes + 16 * kKiB * 100 < usedBefore + 64 * kKiB);
    QCOMPARE(require(catalog->generation(number)).state, GenerationState::Forgotten);
    QVERIFY(require(require(catalog->digests(number))->segment(0)).empty());
    QCOMPARE(codeOf(catalog->forget(number)), std::string("BackupNotUsable"));
    GenerationFilter filter;
    filter.withForgotten = false;
    QVERIFY(require(catalog->generations(filter)).empty());
}

void TestCatalogRecords::aVerificationMakesGoodAndPartialAndGoodAgain()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    const auto number = bench.makeBackup(*catalog, bench.backup("root", "backup-a", 9 * kMiB));
    require(catalog->recordVerification(number, proof({}, {})));
    QCOMPARE(require(catalog->generation(number)).state, GenerationState::Good);
    require(catalog->recordVerification(number, proof({1, 2}, {5})));
    const auto partial = require(catalog->generation(number));
    QCOMPARE(partial.state, GenerationState::Partial);
    QCOMPARE(partial.failure, ErrorCode::Unreadable);
    QCOMPARE(partial.damaged.count(), std::uint64_t{3});
    QVERIFY(partial.damaged.contains(5));
    require(catalog->recordVerification(number, proof({}, {})));
    const auto good = require(catalog->generation(number));
    QCOMPARE(good.state, GenerationState::Good);
    QVERIFY(good.damaged.empty());
    QCOMPARE(good.readBack, ReadBack::Direct);
    QVERIFY(good.verifiedMs > 0);
    const auto ledger = require(catalog->ledger());
    QCOMPARE(std::ranges::count(ledger.events, EventKind::Verified, &Event::kind), 2);
    QCOMPARE(std::ranges::count(ledger.events, EventKind::VerifyFailed, &Event::kind), 1);
}

void TestCatalogRecords::aCanceledBackupCanBeResumed()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    const auto wanted = bench.backup("root", "backup-a", 2 * kGiB);
    const auto number = require(catalog->begin(wanted));
    auto job = jobOf(*catalog, number);
    QVERIFY(job.running);
    ChunkMap done;
    done.add(3);
    const DigestSegment segment = CatalogBench::segment(wanted.sizeBytes, 0);
    require(require(catalog->journal(job.id))->record(done, {&segment, 1}));
    require(catalog->abandon(number, {ErrorCode::Canceled, 0, {}, {}, 0}, true));
    QCOMPARE(require(catalog->generation(number)).state, GenerationState::Interrupted);
    job = jobOf(*catalog, number);
    QVERIFY(!job.running);
    QVERIFY(job.done == done);
    require(catalog->recordResumed(job.id));
    QVERIFY(jobOf(*catalog, number).running);
    QCOMPARE(require(catalog->generation(number)).state, GenerationState::Copying);
    QVERIFY(require(require(catalog->journal(job.id))->segment(0)) == segment.digests);
    QCOMPARE(codeOf(catalog->recordResumed(job.id)), std::string("RegionBusy"));
}

void TestCatalogRecords::aFailedBackupEndsItsJob()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    const auto number = require(catalog->begin(bench.backup("root", "backup-a")));
    require(catalog->abandon(number, {ErrorCode::MemberFailed, 5, "sdb", "gone", 0}, false));
    const auto failed = require(catalog->generation(number));
    QCOMPARE(failed.state, GenerationState::Failed);
    QCOMPARE(failed.failure, ErrorCode::MemberFailed);
    QCOMPARE(failed.failureDetail, std::string("gone"));
    QVERIFY(require(catalog->jobs()).empty());
    QVERIFY(catalog->begin(bench.backup("root", "backup-a")).has_value());
}

void TestCatalogRecords::completingNeedsEveryDigest()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    const auto number = require(catalog->begin(bench.backup("root", "backup-a", 2 * kGiB)));
    const DigestSegment segment = CatalogBench::segment(2 * kGiB, 0);
    require(require(catalog->journal(jobOf(*catalog, number).id))->record({}, {&segment, 1}));
    QCOMPARE(codeOf(catalog->complete(number, {})), std::string("InvalidArgument"));
    QCOMPARE(require(catalog->generation(number)).state, GenerationState::Copying);
}

void TestCatalogRecords::theJournalRefusesWhatDoesNotFit()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    const auto number = require(catalog->begin(bench.backup("root", "backup-a", 3 * kMiB)));
    const auto journal = require(catalog->journal(jobOf(*catalog, number).id));
    ChunkMap beyond;
    beyond.add(3);
    QCOMPARE(codeOf(journal->record(beyond, {})), std::string("InvalidArgument"));
    const DigestSegment tooLong = CatalogBench::segment(4 * kMiB, 0);
    QCOMPARE(codeOf(journal->record({}, {&tooLong, 1})), std::string("InvalidArgument"));
    const DigestSegment second{1, {Digest{}}};
    QCOMPARE(codeOf(journal->record({}, {&second, 1})), std::string("InvalidArgument"));
    QVERIFY(jobOf(*catalog, number).done.empty());
}

void TestCatalogRecords::aRestoreIsRecordedAndSupersedesItsTarget()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    const auto number = bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    const auto lost = bench.makeBackup(*catalog, bench.backup("home", "spare"));
    QCOMPARE(codeOf(catalog->beginRestore(number, bench.region("backup-a"))),
             std::string("SourceIsTarget"));
    const auto job = require(catalog->beginRestore(number, bench.region("spare")));
    QCOMPARE(require(catalog->generation(lost)).state, GenerationState::Copied);
    QVERIFY(require(catalog->unfinished()).empty());
    require(catalog->recordOverwriting(job));
    QCOMPARE(require(catalog->generation(lost)).state, GenerationState::Superseded);
    require(catalog->recordOverwriting(job)); // Resumed, for example.
    QCOMPARE(require(catalog->unfinished()).size(), std::size_t{1});
    QCOMPARE(codeOf(catalog->begin(bench.backup("home", "backup-a"))), std::string("RegionBusy"));
    CopyOutcome outcome;
    outcome.writtenBytes = 5 * kMiB;
    outcome.zeroBytes = 2 * kMiB; // Written as well, though by other means.
    outcome.unchangedBytes = kMiB;
    require(catalog->endRestore(job, outcome));
    QVERIFY(require(catalog->jobs()).empty());
    const auto ledger = require(catalog->ledger());
    QCOMPARE(ledger.events.back().kind, EventKind::RestoreFinished);
    QCOMPARE(ledger.events.back().detail, std::string("7340032 bytes written, 1048576 unchanged"));
    QCOMPARE(require(catalog->generation(number)).state, GenerationState::Copied);
    QCOMPARE(codeOf(catalog->beginRestore(lost, bench.region("root"))),
             std::string("BackupNotUsable"));
}

void TestCatalogRecords::anInterruptedRestoreStaysToBeResumed()
{
    const CatalogBench bench;
    std::uint64_t job = 0;
    {
        const auto catalog = bench.create();
        const auto number = bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
        job = require(catalog->beginRestore(number, bench.region("root")));
        ChunkMap done;
        done.add(0);
        require(require(catalog->journal(job))->record(done, {}));
        QVERIFY(require(catalog->jobs()).front().running);
    }
    const auto catalog = bench.write();
    QVERIFY(!require(catalog->jobs()).front().running);
    require(catalog->recordResumed(job));
    QVERIFY(require(catalog->jobs()).front().running);
    QCOMPARE(require(catalog->jobs()).front().done.count(), std::uint64_t{1});
    require(catalog->failRestore(job, {ErrorCode::Canceled, 0, {}, {}, 0}, false));
    QCOMPARE(require(catalog->jobs()).size(), std::size_t{1});
    require(catalog->failRestore(job, {ErrorCode::Canceled, 0, {}, {}, 0}, true));
    QVERIFY(require(catalog->jobs()).empty());
}

void TestCatalogRecords::labelsAndNotesHaveLimits()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    const auto tryLabel = [&](const std::string& label, const std::string& note) {
        auto wanted = bench.backup("root", "backup-a");
        wanted.label = label;
        wanted.note = note;
        return codeOf(catalog->begin(wanted));
    };
    const std::string invalid = "InvalidArgument";
    QCOMPARE(tryLabel(std::string(1025, 'x'), {}), invalid);
    QCOMPARE(tryLabel({}, std::string(4097, 'x')), invalid);
    QCOMPARE(tryLabel("two\nlines", {}), invalid);
    QCOMPARE(tryLabel("escape \x1b[31m", {}), invalid);
    QCOMPARE(tryLabel("C1 \xc2\x9b", {}), invalid);
    QCOMPARE(tryLabel("\xff\xfe", {}), invalid);
    QCOMPARE(tryLabel({}, "tab\t"), invalid);
    QVERIFY(require(catalog->generations()).empty());
    QCOMPARE(tryLabel(std::string(1024, 'x'), "two\nlines"), std::string());
}

void TestCatalogRecords::unprintableContentIsKeptReadable()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    auto wanted = bench.backup("root", "backup-a");
    wanted.content = {ContentKind::Recognised, "ext4", "\xff\x1b label", {}, UINT64_MAX};
    wanted.source.name = "bad \xc3 name";
    const auto number = require(catalog->begin(wanted));
    const auto found = require(catalog->generation(number));
    QVERIFY(!found.content.label.empty());
    QVERIFY(found.source.name.starts_with("bad "));
    QCOMPARE(found.content.usedBytes.value_or(0), std::uint64_t{INT64_MAX});
}

void TestCatalogRecords::settingsComeBack()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    QVERIFY(!require(catalog->setting("color")).has_value());
    require(catalog->setSetting("color", "blue"));
    require(catalog->setSetting("color", "green"));
    QCOMPARE(require(catalog->setting("color")).value_or(""), std::string("green"));
    QCOMPARE(codeOf(catalog->setSetting("", "x")), std::string("InvalidArgument"));
    QCOMPARE(codeOf(catalog->setSetting("x", std::string(65 * kKiB, 'x'))),
             std::string("InvalidArgument"));
}

void TestCatalogRecords::membersComeBackAndCostNoWriteWhenKnown()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    auto members = require(catalog->members());
    QVERIFY(members == bench.record.members);
    const auto commits = catalog->status().histories.front().commits;
    require(catalog->setMembers(members));
    QCOMPARE(catalog->status().histories.front().commits, commits);
    members[0].location = "/dev/sdq";
    require(catalog->setMembers(members));
    QVERIFY(require(catalog->members()) == members);
    QCOMPARE(catalog->status().histories.front().commits, commits + 1);
}

void TestCatalogRecords::tenThousandGenerationsArePagedNewestFirst()
{
    const CatalogBench bench(1, 32 * kMiB);
    (void)bench.create();
    bench.tamper("INSERT INTO host(id, uuid, name) VALUES(99, zeroblob(16), 'elsewhere');"
                 "INSERT INTO region VALUES(1, zeroblob(16), zeroblob(16), 'r');"
                 "INSERT INTO backup_set VALUES(1, zeroblob(16), 'r');"
                 "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)"
                 " INSERT INTO generation SELECT i, 1, 1, 1, 1048576, 'label ' || i, '', 0, '', '',"
                 " '', NULL, 0, 0, 0, 99, 7, 0, 0, 0, 0, 0, NULL, NULL, NULL, NULL, 1 FROM n");
    const auto catalog = bench.read();
    GenerationFilter filter;
    filter.limit = 100;
    GenerationNumber expected = 10000;
    for (;;) {
        const auto page = require(catalog->generations(filter));
        if (page.empty())
            break;
        for (const Generation& generation : page)
            QCOMPARE(generation.number, expected--);
        filter.below = page.back().number;
    }
    QCOMPARE(expected, GenerationNumber{0});
    filter.source = RegionId{};
    filter.below = 501;
    QCOMPARE(require(catalog->generations(filter)).size(), std::size_t{100});
    filter.source = bench.region("unknown").id;
    QVERIFY(require(catalog->generations(filter)).empty());
}

void TestCatalogRecords::threadsMayShareACatalog()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    systemEnvironment().executor.runWorkers(4, [&](unsigned thread) {
        const std::string name = std::to_string(thread);
        for (int round = 0; round < 5; ++round) {
            bench.makeBackup(*catalog, bench.backup("source " + name, "target " + name));
            require(catalog->generations());
        }
    });
    const auto all = require(catalog->generations());
    QCOMPARE(all.size(), std::size_t{20});
    QCOMPARE(all.front().number, GenerationNumber{20});
    QVERIFY(require(catalog->ledger()).chainIntact);
}

void TestCatalogRecords::aRecoveredRecordKeepsItsNumberAndDigests()
{
    const CatalogBench bench;
    const auto catalog = bench.create();
    Generation lost;
    lost.number = 41;
    lost.source = bench.region("root");
    lost.target = bench.region("backup-a");
    lost.sizeBytes = 2 * kMiB;
    lost.hostName = "old";
    lost.state = GenerationState::Copied;
    const DigestSegment segment = CatalogBench::segment(lost.sizeBytes, 0);
    require(catalog->insertRecovered(lost, {&segment, 1}));
    const auto found = require(catalog->generation(41));
    QVERIFY(found.recovered);
    QCOMPARE(found.hostName, std::string("old"));
    QVERIFY(require(require(catalog->digests(41))->segment(0)) == segment.digests);
    QCOMPARE(codeOf(catalog->insertRecovered(lost, {})), std::string("InvalidArgument"));
    // What would make the row unreadable is refused.
    Generation wrong = lost;
    wrong.number = 43;
    wrong.damaged.add(2);
    QCOMPARE(codeOf(catalog->insertRecovered(wrong, {})), std::string("InvalidArgument"));
    QCOMPARE(require(catalog->begin(bench.backup("root", "backup-b"))), GenerationNumber{42});
}

// Whatever the row of the generation says.
void TestCatalogRecords::whatLacksSomeOfItsSourceIsNeverGood()
{
    const CatalogBench bench;
    {
        const auto catalog = bench.create();
        bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    }
    QCOMPARE(require(bench.read()->generation(1)).state, GenerationState::Copied);
    bench.tamper("INSERT INTO unreadable VALUES(1, x'0302')");
    const auto lacking = require(bench.read()->generation(1));
    QCOMPARE(lacking.state, GenerationState::Partial);
    QVERIFY(lacking.unreadable.ranges() == (std::vector<ByteRange>{{3 * 512, 2 * 512}}));
    QCOMPARE(require(bench.read()->generations()).front().state, GenerationState::Partial);
    // Beyond its end, or no map at all.
    for (const char* sectors : {"x'ffffffffffff0f01'", "x'0300'", "x'80'"}) {
        bench.tamper("UPDATE unreadable SET sectors = " + std::string(sectors));
        QCOMPARE(bench.read()->generation(1).error().code, ErrorCode::CatalogDamaged);
    }
}

QTEST_GUILESS_MAIN(TestCatalogRecords)
#include "test_catalog_records.moc"
