// What a history that was given up wrote is found, and nothing goes on over it unasked.
#include "tests/support/catalog_bench.h"

#include <QTest>

#include <algorithm>

using namespace cairn;
using namespace cairn::test;

namespace {

RegionImport wholeOf(const RegionRef& region)
{
    return {.region = region, .sizeBytes = 3 * kMiB, .detail = "3145728 bytes"};
}

// A catalog on two members with a backup; from then on each member is written alone.
struct Apart {
    CatalogBench bench;
    GenerationNumber common = 0;

    Apart()
    {
        const auto catalog = bench.create();
        common = bench.makeBackup(*catalog, bench.backup("root", "backup-a"));
    }
    // A backup that was stopped before they were written apart.
    GenerationNumber interrupt(const std::string& source, const std::string& target)
    {
        const auto catalog = bench.write();
        const auto number = require(catalog->begin(bench.backup(source, target)));
        require(catalog->abandon(number, Error{ErrorCode::Canceled, 0, {}, {}, 0}, true));
        return number;
    }
    void discardOnSecond(GenerationNumber number)
    {
        require(bench.write({1})->abandon(number, Error{ErrorCode::Canceled, 0, {}, {}, 0}, false));
    }
    void importOnSecond(const RegionRef& region)
    {
        const auto catalog = bench.write({1});
        const auto id = require(catalog->beginRegionImport(wholeOf(region)));
        require(catalog->endRegionImport(id, wholeOf(region)));
    }
    // As where the operator confirmed by the region's name that nothing is kept.
    void restoreOnSecond(const RegionRef& target)
    {
        const auto catalog = bench.write({1});
        const auto job = require(catalog->beginRestore(common, target, nullptr));
        require(catalog->recordOverwriting(job));
        require(catalog->endRestore(job, CopyOutcome{}));
    }
    GenerationNumber verifiedOnFirst(const std::string& source, const std::string& target)
    {
        const auto catalog = bench.write({0});
        const auto number = bench.makeBackup(*catalog, bench.backup(source, target));
        VerifyOutcome outcome;
        outcome.readBack = ReadBack::Direct;
        require(catalog->recordVerification(number, outcome));
        return number;
    }
    void touchFirst() { require(bench.write({0})->setSetting("a", "b")); }
    CatalogHistory historyOn(std::size_t member)
    {
        const auto histories = bench.read()->status().histories;
        return *std::ranges::find_if(histories, [&](const CatalogHistory& history) {
            return history.members.front() == bench.members[member];
        });
    }
    std::unique_ptr<Catalog> chooseFirst()
    {
        return require(Catalog::chooseHistory(bench.copies(), historyOn(0).id, bench.environment));
    }
};

std::string stateIn(Catalog& catalog, GenerationNumber number)
{
    return stateName(require(catalog.generation(number)).state);
}

} // namespace

class TestDivergence : public QObject {
    Q_OBJECT

private slots:
    void nothingGoesOnOverARegionImportOfTheOtherHistory();
    void nothingGoesOnReadingWhatTheOtherHistoryImported();
    void nothingGoesOnOverARestoreThatKeptNothing();
    void whatIsWrittenNowhereGoesOn();
    void aRegionIsFoundByItsIdentityUnderAnotherName();
    void eachRegionThatEverHadTheNameMayBeTheOne();
    void aGoodBackupWhereTheOtherHistoryImportedIsInDoubt();
    void aGoodBackupWhereTheOtherHistoryRestoredIsInDoubt();
    void aGoodBackupThatTheOtherHistoryBroughtBackIsInDoubt();
    void aHistoryNamesTheRegionsThatItAloneWrote();
};

// Incident: the import was in no list of what the other wrote, and the backup was resumed over it.
void TestDivergence::nothingGoesOnOverARegionImportOfTheOtherHistory()
{
    Apart apart;
    const auto number = apart.interrupt("root", "vault");
    apart.discardOnSecond(number);
    apart.importOnSecond(apart.bench.region("vault"));
    apart.touchFirst();
    const auto catalog = apart.chooseFirst();
    const auto ended = require(catalog->generation(number));
    QCOMPARE(stateName(ended.state), stateName(GenerationState::Failed));
    QCOMPARE(errorName(ended.failure), errorName(ErrorCode::PlanChanged));
    QVERIFY(require(catalog->jobs()).empty());
}

void TestDivergence::nothingGoesOnReadingWhatTheOtherHistoryImported()
{
    Apart apart;
    const auto number = apart.interrupt("root", "vault");
    apart.discardOnSecond(number);
    apart.importOnSecond(apart.bench.region("root"));
    apart.touchFirst();
    const auto catalog = apart.chooseFirst();
    QCOMPARE(stateIn(*catalog, number), std::string("failed"));
    QVERIFY(require(catalog->jobs()).empty());
}

void TestDivergence::nothingGoesOnOverARestoreThatKeptNothing()
{
    Apart apart;
    const auto number = apart.interrupt("root", "vault");
    apart.discardOnSecond(number);
    apart.restoreOnSecond(apart.bench.region("vault"));
    apart.touchFirst();
    const auto catalog = apart.chooseFirst();
    QCOMPARE(stateIn(*catalog, number), std::string("failed"));
    QVERIFY(require(catalog->jobs()).empty());
}

void TestDivergence::whatIsWrittenNowhereGoesOn()
{
    Apart apart;
    const auto number = apart.interrupt("root", "vault");
    apart.discardOnSecond(number);
    apart.importOnSecond(apart.bench.region("other"));
    apart.touchFirst();
    const auto catalog = apart.chooseFirst();
    QCOMPARE(stateIn(*catalog, number), std::string("interrupted"));
    QCOMPARE(require(catalog->jobs()).size(), std::size_t{1});
}

void TestDivergence::aRegionIsFoundByItsIdentityUnderAnotherName()
{
    Apart apart;
    const auto number = apart.interrupt("root", "vault");
    apart.discardOnSecond(number);
    RegionRef renamed = apart.bench.region("vault");
    renamed.name = "cellar";
    apart.importOnSecond(renamed);
    apart.touchFirst();
    QCOMPARE(stateIn(*apart.chooseFirst(), number), std::string("failed"));
}

void TestDivergence::eachRegionThatEverHadTheNameMayBeTheOne()
{
    Apart apart;
    const auto number = apart.interrupt("root", "vault");
    apart.discardOnSecond(number);
    RegionRef namesake = apart.bench.region("another");
    namesake.name = "vault";
    apart.importOnSecond(namesake);
    apart.touchFirst();
    QCOMPARE(stateIn(*apart.chooseFirst(), number), std::string("failed"));
}

void TestDivergence::aGoodBackupWhereTheOtherHistoryImportedIsInDoubt()
{
    Apart apart;
    const auto elsewhere = apart.verifiedOnFirst("root", "spare");
    const auto number = apart.verifiedOnFirst("root", "vault");
    apart.importOnSecond(apart.bench.region("vault"));
    QCOMPARE(stateIn(*apart.bench.read(), number), std::string("copied"));
    const auto catalog = apart.chooseFirst();
    QCOMPARE(stateIn(*catalog, number), std::string("copied"));
    QCOMPARE(stateIn(*catalog, elsewhere), std::string("good"));
}

void TestDivergence::aGoodBackupWhereTheOtherHistoryRestoredIsInDoubt()
{
    Apart apart;
    const auto number = apart.verifiedOnFirst("root", "vault");
    apart.restoreOnSecond(apart.bench.region("vault"));
    QCOMPARE(stateIn(*apart.chooseFirst(), number), std::string("copied"));
}

// It is whole in both histories, but what lies there was written since the other read it back.
void TestDivergence::aGoodBackupThatTheOtherHistoryBroughtBackIsInDoubt()
{
    Apart apart;
    {
        const auto catalog = apart.bench.write({1});
        require(catalog->append({EventKind::RestoreFinished, apart.common, "backup-a", {}}));
    }
    {
        const auto catalog = apart.bench.write({0});
        VerifyOutcome outcome;
        outcome.readBack = ReadBack::Direct;
        require(catalog->recordVerification(apart.common, outcome));
    }
    QCOMPARE(stateIn(*apart.chooseFirst(), apart.common), std::string("copied"));
}

void TestDivergence::aHistoryNamesTheRegionsThatItAloneWrote()
{
    Apart apart;
    apart.importOnSecond(apart.bench.region("imported"));
    apart.restoreOnSecond(apart.bench.region("restored"));
    {
        const auto catalog = apart.bench.write({1});
        apart.bench.makeBackup(*catalog, apart.bench.backup("root", "copied"));
    }
    apart.touchFirst();
    QVERIFY(apart.historyOn(0).ownRegions.empty());
    std::vector<std::string> names;
    for (const RegionRef& region : apart.historyOn(1).ownRegions)
        names.push_back(region.name);
    std::ranges::sort(names);
    QVERIFY(names == (std::vector<std::string>{"copied", "imported", "restored"}));
}

QTEST_GUILESS_MAIN(TestDivergence)
#include "test_divergence.moc"
